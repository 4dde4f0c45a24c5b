"""Licences (经营许可证) of a holder: each line's licensed amount, what its year used, what is coming, when it is full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api import show
from api.pages.frame import Frame
from api.views.on_the_way import Load, Loads
from models.exact import beijing_date
from models.facts.registers import LicenceType
from rules.forecast import full_day
from rules.permits_licences import Licence, Terms, not_valid, slot_for, terms_on, year_start
from rules.permits_summary import taken_in_year, taken_today


@dataclass(frozen=True, slots=True)
class LicenceLineRow:
    """A line of a licence in its year. `full_on`: the day it is full at this year's pace so far; None: not this year.

    `booked_g` is issued and has not left, `moving_g` is on the way; both are loads that this line would take in today.
    """

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
    year_from: date
    booked_g: int = 0
    moving_g: int = 0
    daily_g: int = 0
    today_g: int = 0

    @property
    def tone(self) -> str:
        """How alarming the share is: at 90, 100 and above 120 per cent."""
        used = self.used_permille or 0
        return "red" if used > 1200 else "orange" if used >= 1000 else "yellow" if used >= 900 else ""

    @property
    def own_year(self) -> bool:
        """Whether its years do not begin on 1 January."""
        return (self.year_from.month, self.year_from.day) != (1, 1)


def licences_of(
    frame: Frame, site: str, held: Mapping[str, Any], now: int, loads: Loads | None = None
) -> list[LicenceLineRow]:
    """All lines of a holder's licences in force now or stopped, by number; collection and transport licences too."""
    today = beijing_date(now)
    coming = _coming(site, held, today, loads or {})
    found: list[LicenceLineRow] = []
    for subject, licence in sorted(held.items()):
        if isinstance(licence, Licence) and (terms := terms_on(licence, today.toordinal())) is not None:
            reason = not_valid(licence, terms, today.toordinal())
            stopped = None if reason is None else frame.say(f"reason.{reason}")
            found += [
                _line(site, subject, terms, number, held, stopped, now, coming.get((subject, number), Load()))
                for number in range(1, len(terms.lines) + 1)
            ]
    return found


def _coming(site: str, held: Mapping[str, Any], today: date, loads: Loads) -> dict[tuple[str, int], Load]:
    """What is booked and on the way, by the licence line that would take it in today."""
    licences = [(subject, known) for subject, known in held.items() if isinstance(known, Licence)]
    found: dict[tuple[str, int], Load] = {}
    for (destination, code), load in loads.items():
        slot = slot_for(licences, code, "", today.toordinal()) if destination == site else None
        if slot is not None:
            line = found.setdefault((slot.licence, slot.number), Load())
            line.booked_g += load.booked_g
            line.moving_g += load.moving_g
    return found


def _line(
    site: str,
    subject: str,
    terms: Terms,
    number: int,
    held: Mapping[str, Any],
    stopped: str | None,
    now: int,
    coming: Load,
) -> LicenceLineRow:
    scope, today = terms.lines[number - 1], beijing_date(now)
    first = date.fromordinal(year_start(terms.year_from, today.toordinal()))
    taken_g = taken_in_year(held, subject, number, terms, today)
    is_held = stopped is None and terms.licence_type != LicenceType.TRANSPORT
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
        full_on=full_day(first, today, taken_g, scope.yearly_g) if is_held else None,
        year_from=first,
        booked_g=coming.booked_g,
        moving_g=coming.moving_g,
        daily_g=scope.daily_g,
        today_g=taken_today(held, subject, number, now),
    )
