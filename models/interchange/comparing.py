"""Facts that an import would state, held against those in force: what is there, and what is told otherwise. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from models.exact import parse_instant, parse_kg
from models.interchange.report import Conflict, InForce, shown

# Of some kinds a manifest may have several: these fields say which one is meant.
_WHICH: Final[dict[str, tuple[str, ...]]] = {
    "transport-handed-over.v1": ("from_carrier_org", "to_carrier_org"),
}


def counterpart(fact: Mapping[str, Any], ours: Sequence[InForce]) -> InForce | None:
    """The fact in force that says what this one says, rightly or otherwise: of its kind, and of the same hands."""
    which = _WHICH.get(fact["kind"], ())
    same = [
        known
        for known in ours
        if known.kind == fact["kind"] and all(known.body.get(name) == fact[name] for name in which)
    ]
    exact = [known for known in same if not list(differences(fact, known, ""))]
    return next(iter((*exact, *same)), None)


def differences(fact: Mapping[str, Any], known: InForce, path: str) -> Iterator[Conflict]:
    """Each field that both tell and tell differently."""
    for name, theirs in fact.items():
        ours = known.body.get(name)
        if name in ("kind", "event_id") or ours is None:
            continue
        if name == "lines":
            yield from _lines(theirs, known, path)
        elif name == "occurred_at":
            if parse_instant(ours) != parse_instant(theirs):
                yield Conflict(path, name, ours, theirs, known.seq)
        elif name == "carriers":
            told = [shown([carrier["org"] for carrier in carriers]) for carriers in (ours, theirs)]
            if told[0] != told[1]:
                yield Conflict(path, name, told[0], told[1], known.seq)
        elif ours != theirs:
            yield Conflict(path, name, shown(ours), shown(theirs), known.seq)


def _lines(theirs: Sequence[Mapping[str, Any]], known: InForce, path: str) -> Iterator[Conflict]:
    ours = {line["line"]: line for line in known.body["lines"]}
    for line in theirs:
        number = line["line"]
        other = ours.get(number)
        if other is None:
            yield Conflict(
                path, f"lines[{number}]", "", shown(line["waste_code"]), known.seq, "line is not ours"
            )
            continue
        for name in ("waste_code", "mass_kg", "pieces", "method"):
            one, two = other.get(name), line.get(name)
            if one is None or two is None or _same(name, one, two):
                continue
            yield Conflict(
                path, f"lines[{number}].{name}", shown(one), shown(two), known.seq, _hint(name, one, two)
            )


def _same(name: str, ours: Any, theirs: Any) -> bool:
    return parse_kg(ours) == parse_kg(theirs) if name == "mass_kg" else bool(ours == theirs)


def _hint(name: str, ours: Any, theirs: Any) -> str:
    if name != "mass_kg":
        return ""
    one, two = parse_kg(ours), parse_kg(theirs)
    return (
        "a factor of exactly 1000: kilograms and tonnes mixed up?"
        if one == 1000 * two or two == 1000 * one
        else ""
    )
