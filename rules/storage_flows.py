"""What flowed into and out of a site's stock, by Beijing day and code: one subject a month, for the mass balance.

A flow is by how much a fact moved the balance of a code, as the books took it: a batch made and then stored counts
once, a line stated twice leaves once. So the flows of all months together are the balance, exactly and always, whatever
came late or was corrected. Called by rules.storage; read by storage_balance, storage_activity and storage_intake.

Readings: mass is attributed to the day of the fact; what was only counted in pieces and is weighed as it leaves came to
be known then (`WEIGHED`); opening stock was there before (`OPENED`), and nobody made it; what a count (of opening stock,
where it finds less than the books) or new batch codes changed is explained by nobody (`COUNTED`, `RELABELLED`). A line
whose parents gave less than it says left with all it says, and the rest came of relabelling.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any, Final

import msgspec

from models.envelope import Stated
from models.exact import BEIJING_OFFSET_US, DAY_US

MADE: Final = "made"  # 产生, or 入库 of what was never stated as made.
RESIDUE: Final = "residue"
WEIGHED: Final = "weighed"
OPENED: Final = "opened"
IN_CITY, IN_PROVINCE, IN_BEYOND = "in_city", "in_province", "in_beyond"
BACK: Final = "back"
HANDLED: Final = "handled"
OUT_CITY, OUT_PROVINCE, OUT_BEYOND = "out_city", "out_province", "out_beyond"
COUNTED: Final = "counted"
RELABELLED: Final = "relabelled"  # 分装合并, 改换批次: what it made or lost.
BURNT, ASH = "burnt", "ash"  # Told beside the balance: what incineration (D10) took, and what was left of it.
OUTFLOWS: Final = frozenset({HANDLED, OUT_CITY, OUT_PROVINCE, OUT_BEYOND})
BESIDE: Final = frozenset({BURNT, ASH})
RECEIVED: Final = frozenset({IN_CITY, IN_PROVINCE, IN_BEYOND})
SENT: Final = frozenset({OUT_CITY, OUT_PROVINCE, OUT_BEYOND})
_INCINERATION: Final = "D10"
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_PIECES: Final = "#"  # Ends the name of a flow that is counted in pieces.

Sums = dict[str, int]
Flows = dict[str, Sums]  # By code: what one fact moved.


class Month(msgspec.Struct, tag="month", omit_defaults=True):
    """By code and day of the month (two digits): grams by flow; pieces of it under the flow's name and "#".

    Outflows are positive; COUNTED and RELABELLED have the sign of what they did to the balance. `goes_on`: the site's
    latest.
    """

    codes: dict[str, dict[str, Sums]]
    goes_on: bool = False


def day_number(at: int) -> int:
    """The Beijing day of an instant, as the ordinal of its date."""
    return (at + BEIJING_OFFSET_US) // DAY_US + _EPOCH_ORDINAL


@lru_cache(maxsize=8192)
def month_day(number: int) -> tuple[str, str]:
    """The subject of a day's month, and the day in it."""
    text = date.fromordinal(number).isoformat()
    return f"month:{text[:7]}", text[8:]


def month_subject(at: int) -> str:
    """The subject of an instant's Beijing month."""
    return month_day(day_number(at))[0]


def months_between(first: int, last: int) -> Iterator[str]:
    """The subjects of the months from one day (ordinal) to another, both included."""
    day = date.fromordinal(first).replace(day=1)
    while day.toordinal() <= last:
        yield f"month:{day.isoformat()[:7]}"
        day = day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)


def pieces(flow: str) -> str:
    """The name of a flow's pieces."""
    return flow + _PIECES


def net(sums: Sums) -> tuple[int, int]:
    """By how much a day's flows moved the balance: grams and pieces."""
    grams = count = 0
    for name, amount in sums.items():
        flow = name.rstrip(_PIECES)
        if flow in BESIDE:
            continue
        signed = -amount if flow in OUTFLOWS else amount
        if name is flow or name == flow:
            grams += signed
        else:
            count += signed
    return grams, count


def flows_of(stated: Stated, key: str, moved: dict[str, tuple[int, int]], made: Sums | None = None) -> Flows:
    """What a fact that moved balances by so many grams and pieces was, by code.

    `made`: grams by code that its lines took from batches whose parents did not give them.
    """
    kind, body = stated.kind, stated.body
    if made:
        less = {code: (grams - made.get(code, 0), count) for code, (grams, count) in moved.items()}
        flows = flows_of(stated, key, {**{code: (-grams, 0) for code, grams in made.items()}, **less})
        for code, grams in made.items():
            flows.setdefault(code, {})[RELABELLED] = grams
        return flows
    if kind == "waste-treated.v1":
        return _treated(body, moved)
    stated_g: Sums = {}
    flow = _FLOWS.get(kind, RELABELLED)
    if kind in _OPENING and body.opening:  # type: ignore[union-attr]
        flow = OPENED
    elif kind in _CHAINED and body.parents:  # type: ignore[union-attr]
        flow = RELABELLED
    elif kind == "receipt-accepted.v1":
        flow = _near(key, body.origin, IN_CITY, IN_PROVINCE, IN_BEYOND)  # type: ignore[union-attr]
    elif kind in _LEFT:
        flow, stated_g = _left(body, key)
    found: Flows = {}
    for code, (grams, count) in moved.items():
        if grams or count:
            found[code] = _sums(flow, grams, count, stated_g.get(code, 0))
    return found


def _sums(flow: str, grams: int, count: int, stated_g: int) -> Sums:
    found: Sums = {}
    if flow in OUTFLOWS:
        left_g = max(stated_g, -grams) if count < 0 else -grams
        if left_g:
            found[flow] = left_g
        if left_g + grams:
            found[WEIGHED] = left_g + grams
        if count:
            found[pieces(flow)] = -count
        return found
    if flow in _TOLD_ANEW and count < 0 < grams:
        flow = WEIGHED
    elif flow == OPENED and grams < 0:
        flow = COUNTED
    if grams:
        found[flow] = grams
    if count:
        found[pieces(flow)] = count
    return found


def _near(key: str, other: str, city: str, province: str, beyond: str) -> str:
    if other[:4] == key[:4]:
        return city
    return province if other[:2] == key[:2] else beyond


def _left(body: Any, key: str) -> tuple[str, Sums]:
    """A departure or a round: where to, and what its lines say was weighed; at its destination, where from."""
    if body.origin != key:
        return _near(key, body.origin, IN_CITY, IN_PROVINCE, IN_BEYOND), {}
    return _near(key, body.destination, OUT_CITY, OUT_PROVINCE, OUT_BEYOND), _masses(body.lines)


def _masses(lines: Any) -> Sums:
    found: Sums = {}
    for line in lines:
        if line.mass_g is not None:
            found[line.waste_code] = found.get(line.waste_code, 0) + line.mass_g
    return found


def _treated(body: Any, moved: dict[str, tuple[int, int]]) -> Flows:
    """Lines are handled, residues made; where a code is both, the residues are what the fact says they are.

    What a line took from batches of another code is handled under theirs.
    """
    taken, made = _masses(body.lines), _masses(body.residues)
    codes = {line.waste_code for line in body.lines}
    found: Flows = {}
    for code, (grams, count) in moved.items():
        if code in made and code not in codes:
            found[code] = _sums(RESIDUE, grams, count, 0)
            continue
        residue_g = made.get(code, 0)
        sums = _sums(HANDLED, grams - residue_g, count, taken.get(code, 0))
        if residue_g:
            sums[RESIDUE] = residue_g
        found[code] = sums
    burnt = _masses(line for line in body.lines if line.method == _INCINERATION)
    for code, mass_g in burnt.items():
        found.setdefault(code, {})[BURNT] = mass_g
    if burnt:
        for code, mass_g in made.items():
            found.setdefault(code, {})[ASH] = mass_g
    return found


_CHAINED: Final = frozenset({"waste-stored.v1", "waste-released.v1"})
_LEFT: Final = frozenset({"transport-departed.v1", "waste-collected.v1", "pipeline-metered.v1"})
_FLOWS: Final = {
    "waste-generated.v1": MADE,
    "waste-stored.v1": MADE,
    "transport-returned.v1": BACK,
    "stock-taken.v1": COUNTED,
}
_TOLD_ANEW: Final = frozenset({COUNTED, RELABELLED, OPENED})
_OPENING: Final = frozenset({"waste-stored.v1", "stock-taken.v1"})


def add(month: Month, day: str, flows: Flows) -> None:
    """Keep what a fact moved; sums that come to nothing are not kept, so that no trace tells of the order."""
    for code, sums in flows.items():
        days = month.codes.setdefault(code, {})
        known = days.setdefault(day, {})
        for flow, amount in sums.items():
            total = known.get(flow, 0) + amount
            if total:
                known[flow] = total
            else:
                known.pop(flow, None)
        if not known:
            del days[day]
            if not days:
                del month.codes[code]
