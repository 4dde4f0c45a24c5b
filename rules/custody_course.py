"""Whether the acts on a manifest, its number and whoever filled it in agree with one another; for rules.custody.

Sources: MT 15 (the number's digits), MT 20 (paper entered within ten working days), DOMAIN 1 (void only before loading;
collectors fill in for small producers). None of these acts is refused: each is believed, and shown as a contradiction.
"""

from typing import Final, NamedTuple

from models.catalogue.exemptions import Stage, exempts
from models.exact import BEIJING_OFFSET_US, DAY_US, beijing_date
from models.law import Law
from rules.custody_manifest import Departure, Issue, Manifest, first, first_movement, named_ends
from rules.custody_terms import Term, number, only_code, term

_NUMBER_YEAR: Final = slice(0, 4)
_NUMBER_REGION: Final = slice(4, 8)


class Contradiction(NamedTuple):
    """Two acts that cannot both be so; `until` where it came to an end. The reason has words in both languages."""

    since: int
    until: int | None
    reason: str


def is_exempt(manifest: Manifest, stage: Stage) -> bool:
    """Whether an issue or a departure claims an item of the annex that exempts this stage for all its lines, on its day."""
    claiming: list[Issue | Departure] = [*manifest.issued, *manifest.departed]
    return any(_exempts(statement, stage) for statement in claiming if statement.claims)


def _exempts(statement: Issue | Departure, stage: Stage) -> bool:
    day = beijing_date(statement.at)
    return any(
        all(exempts(claim, stage, line[1], day) for line in statement.lines) for claim in statement.claims
    )


# Acts that contradict one another


def contradictions(manifest: Manifest, law: Law) -> list[Contradiction]:
    """In the order of their beginnings; none in an ordinary life."""
    found: list[Contradiction] = []
    if manifest.departed:
        _received_before_departure(manifest, law, found)
    if manifest.confirmed:
        _confirmed_unreceived(manifest, law, found)
    if manifest.voided:
        _voided_too_late(manifest, found)
    if len(found) > 1:
        found.sort()
    return found


def _tolerance_us(manifest: Manifest, law: Law, at: int) -> int:
    """By how much the clocks of two parties may differ."""
    ends = named_ends(manifest)
    known = term(law, "clock_tolerance", ends[0][0] if ends else "", None, at)
    return 0 if known is None else known.length_us


def _received_before_departure(manifest: Manifest, law: Law, found: list[Contradiction]) -> None:
    """Arrived, weighed, accepted or refused, by event time, before the first departure."""
    left_at = manifest.departed[0].at
    there_at = first(manifest.arrived, manifest.weighed, manifest.accepted, manifest.refused)
    if there_at is None or there_at >= left_at:
        return
    if left_at - there_at > _tolerance_us(manifest, law, left_at):
        found.append(Contradiction(left_at, None, "received_before_departure"))


def _confirmed_unreceived(manifest: Manifest, law: Law, found: list[Contradiction]) -> None:
    """Confirmed, and neither accepted, refused nor returned by then; over once it is."""
    at = manifest.confirmed[0].at
    taken_at = first(manifest.accepted, manifest.refused, manifest.returned)
    if taken_at is None:
        found.append(Contradiction(at, None, "confirmed_unreceived"))
    elif taken_at > at and taken_at - at > _tolerance_us(manifest, law, at):
        found.append(Contradiction(at, taken_at, "confirmed_unreceived"))


def _voided_too_late(manifest: Manifest, found: list[Contradiction]) -> None:
    """A void at or after the first movement has no effect."""
    moved = first_movement(manifest)
    late = [void.at for void in manifest.voided if moved is not None and void.at >= moved]
    if late:
        found.append(Contradiction(late[0], None, "voided_too_late"))


# Who filled it in, and when


def strange_issuer(manifest: Manifest) -> tuple[int, str] | None:
    """When and by whom it was filled in who may not: neither the origin nor, where declared, the destination."""
    for issue in manifest.issued:
        if issue.stated_by == issue.ends[1] or (issue.reverse_filled and issue.stated_by == issue.ends[3]):
            continue
        return issue.at, issue.stated_by
    return None


class PaperEntry(NamedTuple):
    """A transfer on paper that is now entered: when it ended and when the last of it was recorded."""

    ended_at: int
    entered_at: int
    term: Term


def paper_entry(manifest: Manifest, law: Law) -> PaperEntry | None:
    """The entry of a paper manifest, complete once issue and receipt are recorded; None before, or without a term."""
    on_paper = [issue for issue in manifest.issued if issue.on_paper]
    ended_at = first(manifest.accepted, manifest.refused) if on_paper else None
    if ended_at is None:
        return None
    issue = on_paper[0]
    known = term(law, "paper_entry_term", issue.ends[0], only_code(issue.lines), ended_at)
    receipt = manifest.accepted[0].recorded_at if manifest.accepted else issue.recorded_at
    return None if known is None else PaperEntry(ended_at, max(issue.recorded_at, receipt), known)


# Its number


class Foreign(NamedTuple):
    """A number whose digits are of another year or region than its issue."""

    at: int
    origin: str
    number_year: int
    year: int
    number_region: str
    region: str


def foreign_number(manifest_no: str, manifest: Manifest, law: Law) -> Foreign | None:
    """MT 15: year, and province and city of the origin, as far as the policy compares them (0 digits: not at all)."""
    issue = manifest.issued[0]
    origin = issue.ends[0]
    wanted = _wanted(law, origin, issue.at)
    if manifest_no.startswith(wanted):
        return None
    year, said_year = beijing_date(issue.at).year, int(manifest_no[_NUMBER_YEAR])
    said = manifest_no[_NUMBER_REGION][: len(wanted) - 4]
    return Foreign(issue.at, origin, said_year, year, said, origin[:4])


def _wanted(law: Law, origin: str, at: int) -> str:
    """How numbers of a day and an origin begin; empty where nothing is compared. Worked out once for region and day."""
    memo = law.memo
    key = ("custody", "number", origin[:6], (at + BEIJING_OFFSET_US) // DAY_US)
    wanted: str | None = memo.get(key)
    if wanted is None:
        digits = number(law, "number_region_digits", origin, at)
        wanted = memo[key] = f"{beijing_date(at).year}{origin[: min(digits, 4)]}" if digits else ""
    return wanted
