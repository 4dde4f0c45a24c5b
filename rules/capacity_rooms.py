"""What licences allow in a category, by the day from which they do: a year and a day, of a province or a city; pure.

Comprehensive licences valid and not stopped that day; each line once, shared or not (DOMAIN 5, 7). Collection licences
dispose of nothing. A medical facility's scale is a day's where its licence says so; else a day is a 365th of the year.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from models.facts.law import LimitName, LimitSet
from models.facts.registers import LicenceType
from models.law import Case, Law
from rules.capacity_needs import IGNORED_G, UNLIMITED_G, Room
from rules.capacity_subjects import holder_of
from rules.permits_licences import Licence, Scope, valid_terms

Licences = Mapping[str, Licence]  # By subject.
DAYS_A_YEAR: Final = 365


def turns_of(licences: Iterable[Licence]) -> set[int]:
    """Days on which what licences allow may become another; 0 is always one."""
    days = {0}
    for licence in licences:
        days.update(ending.start for ending in licence.endings)
        for terms in licence.terms:
            days.update((terms.start, terms.valid_from, terms.valid_until + 1))
    return days


def lines_on(licence: Licence, category: str, day: int) -> list[Scope]:
    """The lines by which a licence disposes of a category on a day."""
    terms = valid_terms(licence, day)
    if terms is None or terms.licence_type != LicenceType.COMPREHENSIVE:
        return []
    return [line for line in terms.lines if category in line.categories]


def daily_g_of(line: Scope) -> int:
    """What a line takes a day."""
    return line.daily_g or line.yearly_g // DAYS_A_YEAR


def licensed_g(licences: Iterable[Licence], category: str, day: int) -> tuple[int, int]:
    """Grams a year, and how much of them other categories share."""
    capacity_g = shared_g = 0
    for licence in licences:
        for line in lines_on(licence, category, day):
            capacity_g += line.yearly_g
            shared_g += line.yearly_g if len(line.categories) > 1 else 0
    return capacity_g, shared_g


def province_rooms(licences: Licences, category: str) -> list[Room]:
    """Rooms of a province: a need above them, and above what is ignored, is a shortage."""
    found: list[Room] = []
    for day in sorted(turns_of(licences.values())):
        capacity_g, shared_g = licensed_g(licences.values(), category, day)
        if not found or found[-1][1:3] != (capacity_g, shared_g):
            found.append(Room(day, capacity_g, shared_g, max(capacity_g, IGNORED_G)))
    return found


def city_policies(law: Law, city: str, category: str) -> tuple[LimitSet, ...]:
    """The policies that ask for a city's shortages on some day, the one that wins first; nearly always none."""
    case = Case(f"{city}00", waste_code=f"900-000-{category[2:]}")
    return law.limits(LimitName.CITY_SHORTAGE, case)


def city_rooms(licences: Licences, city: str, category: str, policies: tuple[LimitSet, ...]) -> list[Room]:
    """Rooms of a city: a need is a shortage above a policy's share of what is licensed there, while a policy holds."""
    held = [licence for subject, licence in licences.items() if holder_of(subject)[:4] == city]
    days = turns_of(held)
    for policy in policies:
        days.add(policy.effective_from.toordinal())
        if policy.effective_until is not None:
            days.add(policy.effective_until.toordinal() + 1)
    found: list[Room] = []
    for day in sorted(days):
        capacity_g, shared_g = licensed_g(held, category, day)
        most_g, basis = _most_of(policies, capacity_g, day)
        room = Room(day, capacity_g, shared_g, most_g, basis)
        if not found or found[-1][1:] != room[1:]:
            found.append(room)
    return found


def _most_of(policies: tuple[LimitSet, ...], capacity_g: int, ordinal: int) -> tuple[int, str]:
    day = date.fromordinal(max(ordinal, 1))
    for policy in policies:
        if policy.effective_from <= day <= policy.last_day:
            return max(capacity_g * policy.value // 1000, IGNORED_G), policy.citation
    return UNLIMITED_G, ""
