"""A manifest in the national system's field names: written from our facts, and read back. Pure; see national_fields.

Masses are tonnes as exact decimals in text, instants Beijing time, a day alone where it is 00:00.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from models.catalogue import category_of, waste_code
from models.exact import beijing_date, parse_instant, parse_kg
from models.interchange.amounts import spelled, tonnes
from models.interchange.report import InForce, Note, NoteCode, Register, shown

SOURCE: Final = "national"
DIFFERENCE_PERCENT: Final = 2
ACCEPTED, PARTLY, REFUSED = "接受", "部分接受", "拒收"
YES, NO = "是", "否"
TONNES, COUNTED = "吨", "个"

# What each kind says that has a name there; all else of a fact is told as left out.
_SAID: Final[dict[str, frozenset[str]]] = {
    "manifest-issued.v1": frozenset({"carriers", "lines"}),
    "transport-departed.v1": frozenset({"carrier_org", "vehicle", "lines", "transport_licence_no"}),
    "transport-handed-over.v1": frozenset({"from_carrier_org", "to_carrier_org", "vehicle"}),
    "transport-arrived.v1": frozenset({"carrier_org", "vehicle"}),
    "receipt-accepted.v1": frozenset({"lines"}),
    "receipt-refused.v1": frozenset({"lines", "reason"}),
    "manifest-confirmed.v1": frozenset(),
}
_COMMON: Final = frozenset(
    {
        "kind",
        "event_id",
        "occurred_at",
        "manifest_no",
        "origin",
        "origin_org",
        "destination",
        "destination_org",
    }
)
_LINE_SAID: Final = frozenset({"line", "waste_code", "mass_kg", "pieces", "method"})


@dataclass(slots=True)
class Written:
    """A document, which fact says each field (`details[0].zysl` for a line's), and what had no name there."""

    document: dict[str, Any] = field(default_factory=dict)
    says: dict[str, int] = field(default_factory=dict)
    left: list[Note] = field(default_factory=list)

    def put(self, name: str, value: str, fact: InForce) -> None:
        """One field; what is not known is left out."""
        if value:
            self.document[name] = value
            self.says[name] = fact.seq


def written(number: str, facts: Sequence[InForce], register: Register) -> Written | None:
    """A manifest's facts in force, in order of time, as a document; None where no fact is about it."""
    ordered = sorted(facts, key=lambda fact: (parse_instant(fact.body["occurred_at"]), fact.seq))
    own = [fact for fact in ordered if fact.body.get("manifest_no") == number and "origin" in fact.body]
    if not own:
        return None
    found = Written()
    first = _firsts(own)
    leading = first.get("transport-departed.v1") or first.get("manifest-issued.v1") or own[0]
    found.put("ldbh", number, leading)
    _way(found, first)
    _ends(found, leading, register)
    _receipts(found, own)
    _lines(found, own)
    _left_out(found, own, first)
    return found


def _firsts(facts: Iterable[InForce]) -> dict[str, InForce]:
    first: dict[str, InForce] = {}
    for fact in facts:
        first.setdefault(fact.kind, fact)
    return first


def _at(fact: InForce) -> str:
    return spelled(parse_instant(fact.body["occurred_at"]))


def _way(found: Written, first: Mapping[str, InForce]) -> None:
    for kind, name in (
        ("manifest-issued.v1", "ldkjsj"),
        ("transport-departed.v1", "wfycrq"),
        ("transport-departed.v1", "ysrq"),
        ("transport-arrived.v1", "ddsj"),
        ("manifest-confirmed.v1", "qrsj"),
    ):
        if kind in first:
            found.put(name, _at(first[kind]), first[kind])
    departed, issued = first.get("transport-departed.v1"), first.get("manifest-issued.v1")
    if departed is not None:
        found.put("ysdwdm", departed.body["carrier_org"], departed)
        found.put("cph", departed.body["vehicle"], departed)
        found.put("ysdwdlyszh", departed.body.get("transport_licence_no") or "", departed)
    elif issued is not None:
        carrier = issued.body["carriers"][0]
        found.put("ysdwdm", carrier["org"], issued)
        found.put("ysdwdlyszh", carrier.get("transport_licence_no") or "", issued)


def _ends(found: Written, fact: InForce, register: Register) -> None:
    body = fact.body
    for ours, region, who in (("origin", "ycsxzqhdm", "wfycdw"), ("destination", "yrsxzqhdm", "wfjsdw")):
        found.put(region, body[ours][:6], fact)
        found.put(f"{who}dm", body[f"{ours}_org"], fact)
        found.put(f"{who}mc", register.site_name(body[ours]) or register.org_name(body[f"{ours}_org"]), fact)
        found.put(f"{who}cdbh", body[ours], fact)
    if carrier := found.document.get("ysdwdm"):
        found.put("ysdwmc", register.org_name(carrier), fact)


def _receipts(found: Written, own: Sequence[InForce]) -> None:
    accepted = [fact for fact in own if fact.kind == "receipt-accepted.v1"]
    refused = [fact for fact in own if fact.kind == "receipt-refused.v1"]
    if receipt := (*accepted, *refused):
        opinion = PARTLY if accepted and refused else ACCEPTED if accepted else REFUSED
        found.put("wfjsrq", _at(receipt[0]), receipt[0])
        found.put("wfjsdwyj", opinion, receipt[0])
    if refused:
        found.put("jjyy", refused[0].body["reason"], refused[0])
    passed = [fact for fact in own if fact.kind == "transport-handed-over.v1"]
    if passed:
        found.document["jjjl"] = [
            {
                "jcysdwdm": fact.body["from_carrier_org"],
                "jsysdwdm": fact.body["to_carrier_org"],
                "cph": fact.body["vehicle"],
                "jjsj": _at(fact),
            }
            for fact in passed
        ]
        found.says |= {f"jjjl[{place}]": fact.seq for place, fact in enumerate(passed)}


@dataclass(slots=True)
class _Line:
    """A line over all facts: amounts in grams or pieces, and the facts that say so."""

    code: str
    loaded: InForce | None = None
    loaded_g: int | None = None
    loaded_pieces: int | None = None
    method: str = ""
    taken: dict[str, tuple[int, int, int]] = field(default_factory=dict)  # Name to grams, pieces, seq.


def _lines(found: Written, own: Sequence[InForce]) -> None:
    lines: dict[int, _Line] = {}
    departed = next((fact for fact in own if fact.kind == "transport-departed.v1"), None)
    loaded = departed or next((fact for fact in own if fact.kind == "manifest-issued.v1"), None)
    for line in loaded.body["lines"] if loaded is not None else ():
        lines[line["line"]] = _Line(line["waste_code"], loaded, _mass(line), line.get("pieces"))
    for fact in own:
        name = {"receipt-accepted.v1": "jssl", "receipt-refused.v1": "jjsl"}.get(fact.kind)
        for line in fact.body["lines"] if name else ():
            row = lines.setdefault(line["line"], _Line(line["waste_code"]))
            grams, pieces, seq = row.taken.get(str(name), (0, 0, fact.seq))
            row.taken[str(name)] = (grams + (_mass(line) or 0), pieces + (line.get("pieces") or 0), seq)
            row.method = row.method or line.get("method") or ""
            if line["waste_code"] != row.code:
                found.left.append(_left(fact, "waste_code", line["waste_code"]))
    found.document["details"] = [
        _detail(found, place, number, row) for place, (number, row) in enumerate(sorted(lines.items()))
    ]
    if any(row.taken for row in lines.values()):
        different = any(_differs(row) for row in lines.values())
        found.document["sfczzdcy"] = YES if different else NO
        found.says["sfczzdcy"] = next(fact.seq for fact in own if fact.kind.startswith("receipt-"))


def _detail(found: Written, place: int, number: int, row: _Line) -> dict[str, str]:
    counted = row.loaded_g is None and row.loaded_pieces is not None
    detail = {"xh": str(number), "wxfwdm": row.code, "wxfwlb": category_of(row.code)}
    if name := _listed(row):
        detail["wxfwmc"] = name
    if row.method:
        detail["lyczfs"] = row.method
    amount = row.loaded_pieces if counted else row.loaded_g
    if amount is not None:
        detail["zysl"] = _amount(amount, counted=counted)
    detail["jldw"] = COUNTED if counted else TONNES
    if not counted and row.loaded_pieces is not None:
        detail["js"] = str(row.loaded_pieces)
    seq = row.loaded.seq if row.loaded is not None else 0
    for name, (grams, pieces, by) in row.taken.items():
        if taken := pieces if counted else grams:
            detail[name] = _amount(taken, counted=counted)
            found.says[f"details[{place}].{name}"] = by
        if other := grams if counted else pieces:
            unit = "mass" if counted else "pieces"
            found.left.append(
                Note(
                    f"fact {by}",
                    NoteCode.NO_PLACE,
                    str(other),
                    f"line {number} is told in one unit only: {unit}",
                )
            )
    found.says |= {
        f"details[{place}].{name}": seq for name in ("xh", "wxfwdm", "wxfwlb", "zysl", "js") if name in detail
    }
    if "lyczfs" in detail:
        found.says[f"details[{place}].lyczfs"] = row.taken["jssl"][2] if "jssl" in row.taken else seq
    return detail


def _listed(row: _Line) -> str:
    if row.loaded is None:
        return ""
    entry = waste_code(row.code, beijing_date(parse_instant(row.loaded.body["occurred_at"])))
    return entry.name_zh if entry is not None else ""


def _mass(line: Mapping[str, Any]) -> int | None:
    return parse_kg(line["mass_kg"]) if line.get("mass_kg") is not None else None


def _amount(amount: int, *, counted: bool) -> str:
    return str(amount) if counted else tonnes(amount)


def _differs(row: _Line) -> bool:
    """Accepted and refused together against what was loaded; a line that nobody loaded differs."""
    if row.loaded is None:
        return True
    if row.loaded_g is None:
        return sum(pieces for _, pieces, _ in row.taken.values()) not in (0, row.loaded_pieces)
    taken = sum(grams for grams, _, _ in row.taken.values())
    return bool(row.taken) and abs(row.loaded_g - taken) * 100 > row.loaded_g * DIFFERENCE_PERCENT


def _left_out(found: Written, own: Sequence[InForce], first: Mapping[str, InForce]) -> None:
    departed = "transport-departed.v1" in first
    for fact in own:
        said = _SAID.get(fact.kind)
        repeated = fact.kind not in ("transport-handed-over.v1", "receipt-accepted.v1", "receipt-refused.v1")
        if said is None or (repeated and first[fact.kind] is not fact):
            found.left.append(Note(f"fact {fact.seq}", NoteCode.NO_PLACE, fact.kind, "no field tells this"))
            continue
        for name, value in fact.body.items():
            if name not in _COMMON and name not in said and value not in (None, False, [], ""):
                found.left.append(_left(fact, name, value))
        for line in fact.body.get("lines", ()):
            for name in sorted(line.keys() - _LINE_SAID):
                if line[name] not in (None, [], ""):
                    found.left.append(_left(fact, f"lines.{name}", line[name]))
        if fact.kind == "manifest-issued.v1" and departed:
            _issued_otherwise(found, fact, first["transport-departed.v1"])


def _issued_otherwise(found: Written, issued: InForce, departed: InForce) -> None:
    """One field stands for what was issued and what was loaded: the latter is told."""
    loaded = {line["line"]: line for line in departed.body["lines"]}
    for line in issued.body["lines"]:
        other = loaded.get(line["line"])
        if other is None or (_mass(other), other.get("pieces")) != (_mass(line), line.get("pieces")):
            found.left.append(_left(issued, "lines.mass_kg", line.get("mass_kg") or line.get("pieces")))
    for carrier in issued.body["carriers"][1:]:
        found.left.append(_left(issued, "carriers", carrier["org"]))


def _left(fact: InForce, name: str, value: object) -> Note:
    return Note(
        f"fact {fact.seq}.{name}", NoteCode.NO_PLACE, shown(value), f"{fact.kind}: no field tells this"
    )
