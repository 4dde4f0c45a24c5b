"""The state of a province and category: its subjects, and worked out from them the needs of the province, and of those
cities that a policy or an emergency asks about; for rules.capacity.

Need of a day is what the 365 days up to it made, less own treatment, less what went out, plus what came in (DOMAIN 7).
What is worked out is kept beside the subjects and never stored.
"""

from typing import Final

from models.facts.law import EmergencyDeclared, LimitName, LimitSet, Policy
from models.law import Law
from rules.capacity_needs import Needs
from rules.capacity_rooms import city_policies, city_rooms, province_rooms
from rules.capacity_subjects import (
    FROM_CITY,
    IN,
    OUT,
    PROVINCE,
    TO_CITY,
    City,
    Month,
    Movement,
    Province,
    Subject,
    add_flow,
    city_of,
    city_subject,
    forget_day_without_sums,
    holder_of,
    month_subject,
    sums_of,
)
from rules.capacity_surge import Surge, plans_of
from rules.contract import State
from rules.permits_licences import Licence

# What a day's sums add to the need of the province, where what goes from city to city evens out, and of a city:
# generated, own treatment, out, in, to and from other cities, treated for others. The third is where nobody is licensed.
_PROVINCE: Final = (1, -1, -1, 1, 0, 0, 0)
_CITY: Final = (1, -1, -1, 1, -1, 1, 0)
_ALL: Final = ""


class Balance(State[Subject]):
    """The subjects of a key, with the needs of its regions: "" is the province, others are cities of four digits.

    Where no licence was ever stated, the ledger is not this province's, and what is brought in is no need. `touched`
    are the subjects that changes so far may have given other findings; whoever makes changes takes them.
    """

    __slots__ = (
        "_asks_cities",
        "_counted",
        "_known",
        "_law",
        "_needs",
        "_policies",
        "_surges",
        "category",
        "licences",
        "province",
        "touched",
    )

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.province, self.category = key[:2], key[3:]
        self.touched: set[str] = set()
        self.licences: dict[str, Licence] = {}
        self._known: dict[str, int] = {}  # How many months and licences there are of a city.
        self._needs: dict[str, Needs] = {_ALL: Needs()}
        self._counted: set[str] = set()  # Regions whose rooms are those of the licences.
        self._policies: dict[str, tuple[LimitSet, ...]] = {}
        self._surges: dict[str, Surge] = {}
        self._law: Law | None = None
        self._asks_cities = False

    def attend(self, law: Law) -> None:
        """Know whether the law asks about cities at all."""
        if law is not self._law:
            self._law, self._asks_cities = law, asks_cities(law)

    def judged_region(self, subject: str, law: Law) -> str | None:
        """Which needs a subject's findings are about; None where it has none."""
        if subject == PROVINCE:
            return _ALL
        self.attend(law)
        if self._asks_cities and type(self.subjects[subject]) is City:
            return city_of(subject)
        return None

    # Subjects

    def attach(self, subject: str, value: Subject) -> None:
        """A subject comes to memory; what follows from it with it."""
        self.subjects[subject] = value
        if type(value) is Month:
            self._count(city_of(subject), 1)
            self._add_month(subject, value, 1)
        elif type(value) is Licence:
            self._count(holder_of(subject)[:4], 1)
            self.licences[subject] = value
            self._licences_changed()

    def detach(self, subject: str) -> None:
        """A subject leaves."""
        value = self.subjects.pop(subject)
        if type(value) is Month:
            self._count(city_of(subject), -1)
            self._add_month(subject, value, -1)
        elif type(value) is Licence:
            self._count(holder_of(subject)[:4], -1)
            del self.licences[subject]
            self._licences_changed()

    def _count(self, city: str, more: int) -> None:
        """Know so many more subjects of a city; the first and the last one make and end its subject, and the province's."""
        left = self._known.get(city, 0) + more
        if left == 0:
            del self._known[city]
        else:
            self._known[city] = left

    def mark(self, city: str) -> None:
        """Keep the subjects of findings as long as anything is known of what they are about."""
        subject = city_subject(city)
        if (city in self._known) is not (subject in self.subjects):
            self._make_or_end(subject, City())
        if bool(self._known) is not (PROVINCE in self.subjects):
            self._make_or_end(PROVINCE, Province())

    def _make_or_end(self, subject: str, value: Subject) -> None:
        self.touched.add(subject)
        if self.subjects.pop(subject, None) is None:
            self.subjects[subject] = value

    # Changes

    def add(self, city: str, day: int, which: int, mass_g: int) -> None:
        """So much more in a city's sum of a day, or less."""
        subject, month = self._month(city, day)
        sums = sums_of(month, day)
        sums[which] += mass_g
        self._shift(city, day, which, mass_g)
        if not sums[which]:
            forget_day_without_sums(month, day)
            self._end_empty(subject, month)

    def move(self, movement: Movement, mass_g: int) -> None:
        """So much more, or less, from a city to a site."""
        origin, receiver, day = movement
        city = receiver[:4]
        leaves, comes = origin[:2] == self.province, city[:2] == self.province
        if origin != city:
            if leaves:
                self.add(origin, day, TO_CITY if comes else OUT, mass_g)
            if comes:
                self.add(city, day, FROM_CITY if leaves else IN, mass_g)
        subject, month = self._month(city if comes else origin, day)
        add_flow(month, movement, mass_g)
        self._end_empty(subject, month)

    def _month(self, city: str, day: int) -> tuple[str, Month]:
        subject = month_subject(city, day)
        self.noted.add(subject)
        month = self.subjects.get(subject)
        if month is None:
            month = Month({}, {})
            self.attach(subject, month)
            self.mark(city)
        assert type(month) is Month
        return subject, month

    def _end_empty(self, subject: str, month: Month) -> None:
        if not month.days and not month.flows:
            self.detach(subject)
            self.mark(city_of(subject))

    def _shift(self, city: str, day: int, which: int, mass_g: int) -> None:
        if _CITY[which] and (which != IN or self.licences):
            if _PROVINCE[which]:
                self._shift_region(_ALL, day, _PROVINCE[which] * mass_g)
                self.touched.add(PROVINCE)
            # Also where no policy asks any more: needs that were once summed are asked again by the next policy.
            if city in self._needs:
                self._shift_region(city, day, _CITY[which] * mass_g)
            if self._asks_cities:
                self.touched.add(city_subject(city))

    def _shift_region(self, region: str, day: int, rise_g: int) -> None:
        self._needs[region].shift(day, rise_g)
        if self._surges and region in self._surges:
            self._surges[region].changed(day)

    def license(self, subject: str, licence: Licence) -> None:
        """What is stated of a licence changed; one of which nothing is stated ceases to be."""
        city = holder_of(subject)[:4]
        if subject in self.subjects:
            self.detach(subject)
        if licence.terms or licence.endings:
            self.attach(subject, licence)
        self.mark(city)
        self.noted.add(subject)
        self.touched.add(PROVINCE)
        if self._asks_cities:
            self.touched.update(
                map(city_subject, self._known)
            )  # What is brought in counts from the first licence on.
            self.touched.add(city_subject(city))

    # What follows

    def _licences_changed(self) -> None:
        """What licences allow is counted anew; so are needs where the first licence came or the last one went."""
        self._counted.clear()
        self._surges.clear()
        if len(self.licences) <= 1:
            self._needs = {_ALL: self._summed(_ALL)}

    def _summed(self, region: str) -> Needs:
        needs = Needs()
        for subject, value in self.subjects.items():
            if type(value) is Month:
                self._add_to(region, needs, subject, value, 1)
        return needs

    def _add_month(self, subject: str, month: Month, sign: int) -> None:
        if month.days:
            self._surges.clear()
            for region, needs in self._needs.items():
                self._add_to(region, needs, subject, month, sign)

    def _add_to(self, region: str, needs: Needs, subject: str, month: Month, sign: int) -> None:
        if region not in (_ALL, city_of(subject)):
            return
        signs = _CITY if region else _PROVINCE
        for day, sums in month.days.items():
            net_g = sum(one * mass_g for one, mass_g in zip(signs, sums, strict=True))
            needs.shift(int(day), sign * (net_g if self.licences else net_g - sums[IN]))

    def needs(self, region: str, law: Law) -> Needs:
        """The needs of the province ("") or of a city, held against its rooms."""
        needs = self._needs.get(region)
        if region == _ALL and region in self._counted and needs is not None:
            return needs  # The ordinary path.
        if needs is None:
            needs = self._needs[region] = self._summed(region)
        policies = city_policies(law, region, self.category) if region else ()
        if region not in self._counted or policies != self._policies.get(region, ()):
            self._counted.add(region)
            self._policies[region] = policies
            needs.hold_against(
                city_rooms(self.licences, region, self.category, policies)
                if region
                else province_rooms(self.licences, self.category)
            )
        return needs

    def surge(self, region: str, law: Law) -> Surge | None:
        """The emergencies of the province or of a city; None where there never was one."""
        place = region or self.province
        plans = plans_of(law, place, self.category)
        if not plans:
            return None
        known = self._surges.get(region)
        if known is None or known.plans != plans:
            needs = self.needs(region, law)
            known = self._surges[region] = Surge(needs, plans, self.licences, place, self.category)
        return known


def asks_cities(law: Law) -> bool:
    """Whether any policy or emergency is about cities; what is touched depends on it, and what is kept does not."""
    key = ("capacity", "asks_cities")
    found = law.memo.get(key)
    if found is None:
        found = law.memo[key] = any(_is_about_cities(entry.policy) for entry in law.policies)
    return bool(found)


def _is_about_cities(policy: Policy) -> bool:
    if isinstance(policy, LimitSet):
        return policy.limit is LimitName.CITY_SHORTAGE
    return isinstance(policy, EmergencyDeclared) and len(policy.scope.region) == 4
