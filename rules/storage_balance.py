"""物料平衡: the mass balance of a site, and of a region by summing its sites, over any period of Beijing days; pure.

opening + opened + generated + received + returned = handled + sent + closing + unexplained

holds exactly, always, by code: each number comes from the months that rules.storage keeps (storage_flows), opening and
closing from what the books say now less what flowed since. What nobody explains is shown as `unexplained`, never dropped,
and by name: what counts found missing, and what was lost under new batch codes (below zero: found, or made); pieces that
were never weighed are counted apart. A region's `between` is what its sites sent one another and did not take in (on the
way, or a difference of scales). Pages, questions over HTTP and rules.capacity's rate ask here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from models.catalogue import category_of
from models.facts.law import RateFormula
from rules.storage_flows import (
    BACK,
    COUNTED,
    HANDLED,
    IN_BEYOND,
    IN_CITY,
    IN_PROVINCE,
    MADE,
    OPENED,
    OUT_BEYOND,
    OUT_CITY,
    OUT_PROVINCE,
    RELABELLED,
    RESIDUE,
    WEIGHED,
    Month,
    Sums,
    net,
    pieces,
)
from rules.storage_subjects import Stock

_PIECES_IN: Final = (MADE, RESIDUE, OPENED, IN_CITY, IN_PROVINCE, IN_BEYOND, BACK)
_PIECES_OUT: Final = (HANDLED, OUT_CITY, OUT_PROVINCE, OUT_BEYOND)


@dataclass(slots=True)
class Line:
    """Grams of a code (or of several, added up) in a period; `_pieces` are those of lots that were never weighed.

    `generated_g` is 产生 with residues of treatment and what was first weighed as it left; `opened_g` an opening stock
    declared in the period; `received_g` comes from other sites, `returned_g` came back to its origin; `_out_g` parts
    cross the border that the balance is about (a site's own where it is one site's).
    """

    opening_g: int = 0
    generated_g: int = 0
    residues_g: int = 0  # Of the generated.
    opened_g: int = 0
    received_g: int = 0
    received_outside_g: int = 0  # Of the received.
    returned_g: int = 0
    handled_g: int = 0
    sent_g: int = 0
    sent_outside_g: int = 0  # Of the sent.
    closing_g: int = 0
    unexplained_g: int = 0
    counted_g: int = 0  # Of the unexplained: missing in stock-takes.
    relabelled_g: int = 0  # Of the unexplained: lost in repacking and under new batch codes.
    opening_pieces: int = 0
    came_pieces: int = 0
    went_pieces: int = 0
    closing_pieces: int = 0
    unexplained_pieces: int = 0

    @property
    def between_g(self) -> int:
        """What was sent within the border less what was taken in from within."""
        return (self.sent_g - self.sent_outside_g) - (self.received_g - self.received_outside_g)

    def add(self, other: "Line") -> None:
        """Another code or site beside this one."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not any(getattr(self, field.name) for field in fields(self))


def balance(subjects: Mapping[str, Any], first: date, last: date, border: int = 4) -> dict[str, Line]:
    """A site's lines by code over the days `first` to `last`, from its "month:" and "code:" subjects.

    Months from that of `first` on must be among them; earlier ones are not needed. `border` is how many digits of the
    region the balance is about: 4 a city, 2 a province, 0 everything; sites beyond it are outside.
    """
    flows: dict[str, _Flows] = {}
    for name, value in subjects.items():
        if type(value) is Stock:
            known = flows.setdefault(name.removeprefix("code:"), _Flows())
            known.now_g, known.now_pieces = value.mass_g, value.pieces
        elif type(value) is Month:
            for code, sums, is_within in _since(name, value, first, last):
                flows.setdefault(code, _Flows()).take(sums, is_within=is_within)
    lines = {code: known.line(border) for code, known in flows.items()}
    return {code: line for code, line in sorted(lines.items()) if not line.is_empty()}


def _since(name: str, month: Month, first: date, last: date) -> Iterator[tuple[str, Sums, bool]]:
    """What flowed from `first` on, by code; and whether it was by `last`."""
    start, end = first.isoformat(), last.isoformat()
    label = name.removeprefix("month:")
    if label < start[:7]:
        return
    for code, days in month.codes.items():
        for day, sums in days.items():
            known = f"{label}-{day}"
            if known >= start:
                yield code, sums, known <= end


class _Flows:
    """Sums of one code: in the period by flow, after it in all, and what there is now."""

    __slots__ = ("after_g", "after_pieces", "now_g", "now_pieces", "within")

    def __init__(self) -> None:
        self.now_g = self.now_pieces = self.after_g = self.after_pieces = 0
        self.within: Sums = {}

    def take(self, sums: Sums, *, is_within: bool) -> None:
        if not is_within:
            grams, count = net(sums)
            self.after_g += grams
            self.after_pieces += count
            return
        for flow, amount in sums.items():
            self.within[flow] = self.within.get(flow, 0) + amount

    def line(self, border: int) -> Line:
        of = self.within.get
        moved_g, moved_pieces = net(self.within)
        line = Line(
            generated_g=of(MADE, 0) + of(RESIDUE, 0) + of(WEIGHED, 0),
            residues_g=of(RESIDUE, 0),
            opened_g=of(OPENED, 0),
            received_g=sum(of(flow, 0) for flow in (IN_CITY, IN_PROVINCE, IN_BEYOND)),
            received_outside_g=sum(of(flow, 0) for flow in _outside(border, IN_CITY, IN_PROVINCE, IN_BEYOND)),
            returned_g=of(BACK, 0),
            handled_g=of(HANDLED, 0),
            sent_g=sum(of(flow, 0) for flow in (OUT_CITY, OUT_PROVINCE, OUT_BEYOND)),
            sent_outside_g=sum(of(flow, 0) for flow in _outside(border, OUT_CITY, OUT_PROVINCE, OUT_BEYOND)),
            closing_g=self.now_g - self.after_g,
            unexplained_g=-of(COUNTED, 0) - of(RELABELLED, 0),
            counted_g=-of(COUNTED, 0),
            relabelled_g=-of(RELABELLED, 0),
            came_pieces=sum(of(pieces(flow), 0) for flow in _PIECES_IN),
            went_pieces=sum(of(pieces(flow), 0) for flow in _PIECES_OUT),
            closing_pieces=self.now_pieces - self.after_pieces,
            unexplained_pieces=-sum(of(pieces(flow), 0) for flow in (COUNTED, RELABELLED, WEIGHED)),
        )
        line.opening_g = line.closing_g - moved_g
        line.opening_pieces = line.closing_pieces - moved_pieces
        return line


def _outside(border: int, city: str, province: str, beyond: str) -> tuple[str, ...]:
    """Which flows cross a border of so many digits; none does where everything is meant."""
    if border > 2:
        return (province, beyond) if border <= 4 else (city, province, beyond)
    return (beyond,) if border else ()


def by_category(lines: Mapping[str, Line]) -> dict[str, Line]:
    """The same by category (HW and two digits)."""
    found: dict[str, Line] = {}
    for code, line in lines.items():
        found.setdefault(category_of(code), Line()).add(line)
    return dict(sorted(found.items()))


def summed(sites: Iterable[Mapping[str, Line]]) -> dict[str, Line]:
    """The lines of several sites added up by code."""
    found: dict[str, Line] = {}
    for lines in sites:
        for code, line in lines.items():
            found.setdefault(code, Line()).add(line)
    return dict(sorted(found.items()))


def total(lines: Iterable[Line]) -> Line:
    """All of them added up."""
    whole = Line()
    for line in lines:
        whole.add(line)
    return whole


def handled_permyriad(line: Line, formula: RateFormula) -> int | None:
    """利用处置率 in hundredths of a percent, half rounded up; None where its base is nothing.

    Handled within and sent outside, over a base that the formula names (DOMAIN 10 has several: print the one used). Old
    stock counts whole, or only so far as it was used up, as the statistics of ordinary waste have it.
    """
    opening_g = line.opening_g + line.opened_g
    base_g = {
        RateFormula.GENERATED: line.generated_g,
        RateFormula.OPENING_AND_GENERATED: opening_g + line.generated_g,
        RateFormula.GENERATED_AND_USED_OPENING: line.generated_g + max(0, opening_g - line.closing_g),
    }[formula]
    if base_g <= 0:
        return None
    done_g = line.handled_g + line.sent_outside_g
    return (done_g * 20_000 + base_g) // (2 * base_g)
