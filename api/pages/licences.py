"""Licences (经营许可证) of a holder: each line's licensed amount, what the year has used of it, and when it will be full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api import show
from api.pages.frame import Frame
from models.exact import beijing_date
from rules.forecast import full_day
from rules.permits_amounts import Year
from rules.permits_licences import Licence, Terms, ending_on, terms_on


@dataclass(frozen=True, slots=True)
class LicenceLineRow:
    """A line of a licence in a year. `full_on`: the day it is full at this year's pace so far; None: not this year."""

    site: str
    licence_no: str
    licence_type: str
    valid_until: date
    stopped: str | None
    number: int
    categories: tuple[str, ...]
    yearly_g: int
    taken_g: int
    used_permille: int | None
    full_on: date | None

    @property
    def tone(self) -> str:
        """How alarming the share is: at 90, 100 and above 120 per cent."""
        used = self.used_permille or 0
        return "red" if used > 1200 else "orange" if used >= 1000 else "yellow" if used >= 900 else ""


def licences_of(frame: Frame, site: str, held: Mapping[str, Any], now: int) -> list[LicenceLineRow]:
    """All lines of a holder's licences in force now or stopped, by number; collection and transport licences too."""
    today = beijing_date(now)
    found: list[LicenceLineRow] = []
    for subject, licence in sorted(held.items()):
        if isinstance(licence, Licence) and (terms := terms_on(licence, today.toordinal())) is not None:
            stopped = _stopped(frame, licence, terms, today)
            found += [
                _line(site, subject, terms, number, held, stopped, now)
                for number in range(1, len(terms.lines) + 1)
            ]
    return found


def _stopped(frame: Frame, licence: Licence, terms: Terms, today: date) -> str | None:
    """Why the licence does not hold today; None where it does."""
    ending = ending_on(licence, today.toordinal())
    if ending is not None:
        return frame.say(f"reason.{ending}")
    if today.toordinal() > terms.valid_until:
        return frame.say("reason.lapsed")
    return frame.say("reason.not_yet_valid") if today.toordinal() < terms.valid_from else None


def _line(
    site: str, subject: str, terms: Terms, number: int, held: Mapping[str, Any], stopped: str | None, now: int
) -> LicenceLineRow:
    scope, today = terms.lines[number - 1], beijing_date(now)
    year = held.get(f"{subject}#{number}:{today.year}")
    taken_g = year.total_g if isinstance(year, Year) else 0
    return LicenceLineRow(
        site=site,
        licence_no=subject.removeprefix("licence:"),
        licence_type=terms.licence_type,
        valid_until=date.fromordinal(terms.valid_until),
        stopped=stopped,
        number=number,
        categories=tuple(scope.categories),
        yearly_g=scope.yearly_g,
        taken_g=taken_g,
        used_permille=show.permille_of(taken_g, scope.yearly_g),
        full_on=full_day(date(today.year, 1, 1), today, taken_g, scope.yearly_g) if stopped is None else None,
    )
