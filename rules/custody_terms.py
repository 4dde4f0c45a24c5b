"""Terms that a manifest is held to, worked out once for each region, code and Beijing day; for rules.custody."""

from dataclasses import dataclass, field
from typing import Any, Final

from models.alerts import AlertKind
from models.exact import BEIJING_OFFSET_US, DAY_US, HOUR_US, MINUTE_US, beijing_date
from models.facts.law import LimitName, Unit
from models.law import Case, Law, Limit
from rules.custody_manifest import Lines
from rules.resting import calendar_of

Span = tuple[AlertKind, int, int | None]  # None: it lasts.
_UNKNOWN: Final = object()


@dataclass(frozen=True, slots=True)
class Term:
    """A limit with what it means for every start on one Beijing day: so long after it, or an instant."""

    limit: Limit
    length_us: int
    over_at: int
    # Whether it counts days of a year whose calendar is not yet published, as a finding tells it.
    calendar: dict[str, int | str] = field(default_factory=dict)

    def after(self, start: int) -> int:
        """When a term that began at `start` is over."""
        return self.over_at or start + self.length_us


def term(law: Law, name: str, site: str, code: str | None, start: int) -> Term | None:
    """The term by that name at a site (or region) for a start; worked out once for each region, code and day."""
    return _known(law, name, site, code, start)  # type: ignore[no-any-return]


def number(law: Law, name: str, site: str, at: int) -> int | None:
    """A limit that is a count, at a site on the Beijing day of an instant; None where no policy sets it."""
    known: Term | None = _known(law, name, site, None, at)
    return None if known is None else known.limit.value


def _known(law: Law, name: str, site: str, code: str | None, start: int) -> Any:
    memo = law.memo
    key = ("custody", name, site[:6], code, (start + BEIJING_OFFSET_US) // DAY_US)
    known = memo.get(key, _UNKNOWN)
    if known is _UNKNOWN:
        known = memo[key] = _find_term(law, name, site[:6], code, start)
    return known


def _find_term(law: Law, name: str, region: str, code: str | None, start: int) -> Term | None:
    limit = law.limit(LimitName(name), Case(region=region, waste_code=code), beijing_date(start))
    if limit is None:
        return None
    if limit.unit is Unit.COUNT:
        return Term(limit, 0, 0)
    if limit.unit is Unit.HOURS:
        return Term(limit, limit.value * HOUR_US, 0)
    if limit.unit is Unit.MINUTES:
        return Term(limit, limit.value * MINUTE_US, 0)
    return Term(limit, 0, law.deadline(start, limit), calendar_of(law, start, limit))


def only_code(lines: Lines) -> str | None:
    """The code of a load of one kind; a mixed load falls under the terms of no one code."""
    if not lines:
        return None
    code = lines[0][1]
    return code if len(lines) == 1 or all(line[1] == code for line in lines) else None
