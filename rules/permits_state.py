"""The state of a licence holder: its subjects, with its licences at hand; for rules.permits and its parts."""

from datetime import date

import msgspec

from models.facts.law import LimitName
from models.facts.registers import LicenceType
from models.law import Case, Law
from rules.contract import State
from rules.permits_amounts import Shares, Year
from rules.permits_licences import Licence, Slot, slot_for, terms_on
from rules.permits_receipts import Delivery

_SLOTS_MAX = 4096


class Approval(msgspec.Struct, array_like=True, order=True):
    """跨省转移批准: kept for the concern's next depth."""

    at: int
    seq: int
    waste_code: str
    mass_g: int
    valid_from: int
    valid_until: int


class Approvals(msgspec.Struct, tag="approvals"):
    """All statements of one approval number."""

    stated: list[Approval] = []


Subject = Licence | Delivery | Year | Approvals


class Holder(State[Subject]):
    """Subjects of one key."""

    __slots__ = ("_shares", "_slots", "licences")

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.licences: dict[str, Licence] = {}
        self._slots: dict[tuple[str, int], Slot | None] = {}
        self._shares: dict[tuple[str, int], tuple[Law, Shares]] = {}

    def attach(self, subject: str, value: Subject) -> None:
        """A subject comes to be, or is loaded."""
        super().attach(subject, value)
        if isinstance(value, Licence):
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

    def slot(self, code: str, day: int) -> Slot | None:
        """The licence line that takes a code in on a day."""
        key = (code, day)
        if key in self._slots:
            return self._slots[key]
        if len(self._slots) > _SLOTS_MAX:
            self._slots.clear()
        found = self._slots[key] = slot_for(self.licences.items(), code, day)
        return found

    def shares(self, law: Law, licence_subject: str, year: int) -> Shares:
        """Notice, full and over in permille: the policies of 1 January, so that a year is counted under one rule."""
        known = self._shares.get((licence_subject, year))
        if known is not None and known[0] is law:
            return known[1]
        found = self._find_shares(law, licence_subject, year)
        self._shares[licence_subject, year] = (law, found)
        return found

    def _find_shares(self, law: Law, licence_subject: str, year: int) -> Shares:
        licence = self.licences.get(licence_subject)
        terms = terms_on(licence, date(year, 12, 31).toordinal()) if licence is not None else None
        licence_type = LicenceType(terms.licence_type) if terms is not None else None
        case = Case(region=self.key[:6], licence_type=licence_type)
        names = (LimitName.LICENCE_NOTICE, LimitName.LICENCE_FULL, LimitName.LICENCE_OVER)
        limits = [law.limit(name, case, date(year, 1, 1)) for name in names]
        notice, full, over = [limit.value if limit is not None else None for limit in limits]
        return notice, full, over


def year_subject(slot: Slot) -> str:
    """The subject of a licence line in a year."""
    return f"{slot[0]}#{slot[1]}:{slot[3]}"


def parts_of(subject: str) -> tuple[str, int, int]:
    """Licence subject, line number and year of a year's subject."""
    licence, _, rest = subject.partition("#")
    number, _, year = rest.partition(":")
    return licence, int(number), int(year)
