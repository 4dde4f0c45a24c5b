"""The state of a site in permits: its subjects, with its licences at hand; for rules.permits and its parts."""

from datetime import date
from functools import lru_cache

import msgspec

from models.exact import add_years
from models.facts.law import LimitName
from models.facts.registers import LicenceType
from models.law import Case, Law
from rules.contract import State
from rules.permits_amounts import Shares, Year
from rules.permits_applications import Application
from rules.permits_approvals import Approvals, Load
from rules.permits_carriers import Trip
from rules.permits_filings import SiteFile
from rules.permits_licences import Licence, Slot, next_year, slot_for, stretch, terms_on
from rules.permits_plans import Departure, Plan, Planned
from rules.permits_receipts import Delivery

_SLOTS_MAX = 4096


class DayTotal(msgspec.Struct, tag="day", gc=False):
    """What lines with a daily ceiling took in on a day, in grams by `licence:<no>#<line>`."""

    taken_g: dict[str, int] = {}


Subject = (
    Licence
    | Delivery
    | Year
    | DayTotal
    | Departure
    | Plan
    | Planned
    | SiteFile
    | Approvals
    | Load
    | Trip
    | Application
)


class Holder(State[Subject]):
    """Subjects of one key."""

    __slots__ = ("_shares", "_slots", "is_site", "licences")

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.is_site = key[:1].isdigit()
        self.licences: dict[str, Licence] = {}
        # By code and method: from which day on, before which day, and the slot in between.
        self._slots: dict[tuple[str, str], tuple[int, int, Slot | None]] = {}
        self._shares: dict[tuple[str, int], tuple[Law, Shares]] = {}

    def attach(self, subject: str, value: Subject) -> None:
        """A subject comes to be, or is loaded."""
        super().attach(subject, value)
        if type(value) is Licence:
            self.licences[subject] = value
            self.forget_slots()

    def detach(self, subject: str) -> None:
        """A subject leaves memory, or ceases to be."""
        super().detach(subject)
        if self.licences.pop(subject, None) is not None:
            self.forget_slots()

    def forget_slots(self) -> None:
        """The licences changed."""
        self._slots.clear()
        self._shares.clear()

    def slot(self, code: str, method: str, day: int) -> Slot | None:
        """The licence line that takes a code in on a day, to be treated in a way ("": not said)."""
        known = self._slots.get((code, method))
        if known is not None and known[0] <= day < known[1]:
            return known[2]
        if len(self._slots) > _SLOTS_MAX:
            self._slots.clear()
        found = slot_for(self.licences.items(), code, method, day)
        first, end = stretch(self.licences.values(), day)
        if found is not None:
            first, end = max(first, found.year), min(end, next_year(self.licences[found.licence], found, day))
        self._slots[code, method] = (first, end, found)
        return found

    def shares(self, law: Law, licence_subject: str, year: int) -> Shares:
        """Notice, full and over in permille, under the policies of the year's first day: one rule for the whole year."""
        known = self._shares.get((licence_subject, year))
        if known is not None and known[0] is law:
            return known[1]
        found = self._find_shares(law, licence_subject, year)
        self._shares[licence_subject, year] = (law, found)
        return found

    def _find_shares(self, law: Law, licence_subject: str, year: int) -> Shares:
        licence = self.licences.get(licence_subject)
        first = date.fromordinal(year)
        terms = terms_on(licence, add_years(first, 1).toordinal() - 1) if licence is not None else None
        licence_type = LicenceType(terms.licence_type) if terms is not None else None
        case = Case(region=self.key[:6], licence_type=licence_type)
        names = (LimitName.LICENCE_NOTICE, LimitName.LICENCE_FULL, LimitName.LICENCE_OVER)
        notice, full, over = [_value(law, name, case, first) for name in names]
        over_from = _value(law, LimitName.LICENCE_OVER_FROM, case, first)
        return notice, full, over if over_from is None else -over_from


def _value(law: Law, name: LimitName, case: Case, day: date) -> int | None:
    limit = law.limit(name, case, day)
    return None if limit is None else limit.value


@lru_cache(maxsize=4096)
def year_subject(slot: Slot) -> str:
    """The subject of a licence line in a year: `...:2025`, or by its first day where that is not 1 January."""
    first = date.fromordinal(slot.year)
    name = first.year if (first.month, first.day) == (1, 1) else first.isoformat()
    return f"{slot.licence}#{slot.number}:{name}"


def parts_of(subject: str) -> tuple[str, int, int]:
    """Licence subject, line number and first day of a year's subject."""
    licence, _, rest = subject.partition("#")
    number, _, name = rest.partition(":")
    first = date.fromisoformat(name) if "-" in name else date(int(name), 1, 1)
    return licence, int(number), first.toordinal()
