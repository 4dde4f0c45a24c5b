"""Where a batch came from and where it went (HJ 1259 6.3), walked both ways over the subjects of a site; pure.

Called by the API and the pages with a way to load subjects by name; `rules.storage` offers it.
"""

from collections.abc import Callable, Iterable, Mapping
from re import compile as pattern
from typing import Any, Final, Literal

from rules.storage_subjects import Leaving, Link, Lot
from rules.storage_terms import batch_of

Load = Callable[[set[str]], Mapping[str, Any]]
Way = Literal["both", "before", "after"]
STEPS_MAX: Final = 500
_BROUGHT: Final = pattern(
    r"([0-9]{14}|.+/[1-8][0-9]{5}-[^/]+/[0-9]+)/[0-9]+"
)  # A manifest's line, or a round's.


def lineage(load: Load, start: str, way: Way = "both") -> dict[str, Any] | None:
    """The lots and documents that matter of a subject came from and went to; None where the subject is not known.

    `lots`: lot, waste_code, stored_at (microseconds), mass_g or pieces that are left, stored_g or stored_pieces in all,
    containers. `steps`: at, from, to, mass_g or pieces, each once, in order of time; names are subjects ("lot:A",
    "leaving:<manifest or round>") or what became of matter: "treated", "counted", "owed". `brought_by`: the documents
    (without "leaving:") that lots before came in on from other sites; `sent_on`: those that matter left on. A cycle is
    walked once; beyond 500 subjects the rest is left out (`more`). `way` walks one way only.
    """
    known = dict(load({start}))
    if start not in known:
        return None
    alone = ({start}, False)
    before, more_before = _walk(load, known, start, _givers) if way != "after" else alone
    after, more_after = _walk(load, known, start, _takers) if way != "before" else alone
    steps = {step for name in before for step in _steps_into(name, known)} if way != "after" else set()
    if way != "before":
        steps |= {step for name in after for step in _steps_out_of(name, known)}
    met = before | after
    return {
        "subject": start,
        "lots": [_lot(name, known[name]) for name in sorted(met) if isinstance(known.get(name), Lot)],
        "steps": [_step(known, *step) for step in sorted(steps)],
        "brought_by": sorted({no for name in before for no in _documents(known.get(name))}),
        "sent_on": sorted(name[8:] for name in after if name.startswith("leaving:")),
        "more": more_before or more_after,
    }


def _documents(value: Any) -> Iterable[str]:
    """What a lot came in on: its own statements say so, whatever batch code the receiver gave it."""
    if isinstance(value, Lot):
        for source, _, _ in value.said:
            if (found := _BROUGHT.fullmatch(source)) is not None:
                yield found[1]


def _walk(
    load: Load, known: dict[str, Any], start: str, towards: Callable[[Any], Iterable[str]]
) -> tuple[set[str], bool]:
    met, edge = {start}, {start}
    while edge and len(met) < STEPS_MAX:
        wanted = {name for name in edge if name not in known}
        if wanted:
            known |= load(wanted)
        edge = {other for name in edge for other in towards(known.get(name)) if ":" in other} - met
        met |= edge
    known |= load({name for name in met if name not in known})
    return met, bool(edge)


def _givers(value: Any) -> Iterable[str]:
    links = value.came_from if isinstance(value, Lot) else value.gave if isinstance(value, Leaving) else ()
    return (link.name for link in links)


def _takers(value: Any) -> Iterable[str]:
    return (link.name for link in value.went_to) if isinstance(value, Lot) else ()


_Row = tuple[int, int, str, str, int]


def _steps_into(name: str, known: Mapping[str, Any]) -> Iterable[_Row]:
    value = known.get(name)
    links: Iterable[Link] = ()
    if isinstance(value, Lot):
        links = value.came_from
    elif isinstance(value, Leaving):
        links = value.gave
    return ((link.at, link.seq, link.name, name, link.amount) for link in links)


def _steps_out_of(name: str, known: Mapping[str, Any]) -> Iterable[_Row]:
    value = known.get(name)
    links = value.went_to if isinstance(value, Lot) else ()
    return ((link.at, link.seq, name, link.name, link.amount) for link in links)


def _step(
    known: Mapping[str, Any], at: int, _seq: int, giver: str, taker: str, amount: int
) -> dict[str, Any]:
    lot = known.get(giver)
    weighed = not isinstance(lot, Lot) or lot.weighed
    return {
        "at": at,
        "from": giver,
        "to": taker,
        "mass_g": amount if weighed else None,
        "pieces": None if weighed else amount,
    }


def containers_of(lot: Lot) -> dict[str, Any] | None:
    """What a lot is in, as stated last."""
    if not lot.containers:
        return None
    last = lot.containers[-1]
    return {"container_kind": last.kind, "count": last.count, "ids": list(last.ids)}


def _lot(name: str, lot: Lot) -> dict[str, Any]:
    return {
        "subject": name,
        "lot": batch_of(name),
        "waste_code": lot.code,
        "stored_at": lot.since or None,
        "mass_g": lot.left if lot.weighed else None,
        "pieces": None if lot.weighed else lot.left,
        "stored_g": lot.total if lot.weighed else None,
        "stored_pieces": None if lot.weighed else lot.total,
        "containers": containers_of(lot),
    }
