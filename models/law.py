"""The law book: policies in force as of a seq, folded from law facts, looked up by scope and day (DESIGN D12)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple, TypeAlias, cast

from models.calendar import WorkCalendar
from models.catalogue import category_of
from models.envelope import Stated
from models.exact import DAY_US, HOUR_US, MINUTE_US, add_years, beijing_date, beijing_midnight
from models.facts.base import Fact, TemperatureClass, Weighing
from models.facts.law import (
    CampaignOpened,
    CitationSet,
    CodeListPublished,
    EmergencyDeclared,
    HolidaysPublished,
    LimitName,
    LimitSet,
    ListedCode,
    Policy,
    PriceFloorSet,
    RateFormulaSet,
    Scope,
    ToleranceSet,
    Unit,
)
from models.facts.registers import LicenceType, SiteRole

# What a lookup is about: a limit by its name, another law fact by its type.
Matter: TypeAlias = LimitName | type[Fact]


class Case(NamedTuple):
    """What a policy is looked up for: a region (six digits or fewer), and what is known of role, code and licence.

    `site` is given only where the book speaks of that site (`Law.names_site`), so that equal cases are cached together.
    """

    region: str
    role: SiteRole | None = None
    waste_code: str | None = None
    licence_type: LicenceType | None = None
    temperature: TemperatureClass | None = None
    site: str | None = None
    weighing: Weighing | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in force: `value` in `unit`, and on what it rests."""

    name: LimitName
    value: int
    unit: Unit
    duty: str | None
    citation: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A recorded policy with its seq, which breaks ties: the later one wins among equally specific ones."""

    seq: int
    policy: Policy


def _matches(scope: Scope, case: Case) -> bool:
    code = case.waste_code
    return (
        case.region.startswith(scope.region)
        and (scope.role is None or scope.role == case.role)
        and (scope.category is None or (code is not None and category_of(code) == scope.category))
        and (scope.waste_code is None or scope.waste_code == code)
        and (scope.licence_type is None or scope.licence_type == case.licence_type)
        and (scope.temperature is None or scope.temperature == case.temperature)
        and (scope.site is None or scope.site == case.site)
        and (scope.weighing is None or scope.weighing == case.weighing)
    )


def _specificity(entry: Entry) -> tuple[bool, bool, bool, bool, bool, bool, bool, int, date, int]:
    """Site, code, temperature, category, weighing, licence type, role, region; then the later day, then the later seq."""
    scope, policy = entry.policy.scope, entry.policy
    return (
        scope.site is not None,
        scope.waste_code is not None,
        scope.temperature is not None,
        scope.category is not None,
        scope.weighing is not None,
        scope.licence_type is not None,
        scope.role is not None,
        len(scope.region),
        policy.effective_from,
        entry.seq,
    )


def _is_about(policy: Policy, what: LimitName | type[Policy]) -> bool:
    return type(policy) is what or (isinstance(policy, LimitSet) and policy.limit == what)


def _for_stored(policy: Policy) -> bool:
    return isinstance(policy, LimitSet) and policy.applies_to_stored


def _replaces(new: Policy, old: Policy) -> bool:
    """The same policy said again from the same day takes the old one's place."""
    same_limit = not isinstance(new, LimitSet) or (isinstance(old, LimitSet) and new.limit == old.limit)
    return (
        type(new) is type(old)
        and same_limit
        and new.scope == old.scope
        and new.effective_from == old.effective_from
    )


@dataclass(frozen=True)
class Law:
    """The policy book as of `seq`. Immutable; its lookups are cached, since every fact asks the same few questions."""

    seq: int = 0
    policies: tuple[Entry, ...] = ()
    citations: tuple[CitationSet, ...] = ()
    lists: tuple[CodeListPublished, ...] = ()
    calendar: WorkCalendar = field(
        default_factory=lambda: WorkCalendar(frozenset(), frozenset(), frozenset())
    )
    _cache: dict[object, object] = field(default_factory=dict, compare=False, repr=False)

    def having(self, stated: Stated) -> "Law":
        """The book with one more law fact in it; a fact of another kind is a programming error."""
        body = stated.body
        if isinstance(body, CitationSet):
            kept = tuple(
                c for c in self.citations if (c.duty, c.effective_from) != (body.duty, body.effective_from)
            )
            return self._with(stated.seq, citations=(*kept, body))
        if isinstance(body, HolidaysPublished):
            calendar = self.calendar.with_year(body.year, frozenset(body.off), frozenset(body.work))
            return self._with(stated.seq, calendar=calendar)
        if isinstance(body, CodeListPublished):
            return self._with(stated.seq, lists=(*self.lists, body))
        if isinstance(body, Policy):
            kept_policies = tuple(e for e in self.policies if not _replaces(body, e.policy))
            return self._with(stated.seq, policies=(*kept_policies, Entry(stated.seq, body)))
        raise TypeError(f'"{stated.kind}" is not a law fact')

    def _with(self, seq: int, **changes: object) -> "Law":
        return replace(self, seq=seq, _cache={}, **changes)  # type: ignore[arg-type]

    def as_of(self, seq: int) -> "Law":
        """The same policies, as of another seq (a correction of a law fact is itself later)."""
        return self._with(seq)

    def recorded(self) -> tuple[Policy, ...]:
        """All policies of this edition, those in force and the others, in the order of their recording."""
        return tuple(entry.policy for entry in self.policies)

    @property
    def memo(self) -> dict[object, Any]:
        """What rules worked out from this book alone; their keys are tuples that begin with the concern."""
        return self._cache

    def names_site(self, site: str) -> bool:
        """Whether any policy is for this site alone."""
        found = self._cache.get("sites")
        if found is None:
            found = self._cache["sites"] = frozenset(entry.policy.scope.site for entry in self.policies)
        return site in cast("frozenset[str | None]", found)

    def limit(self, name: LimitName, case: Case, day: date, *, stored: bool = False) -> Limit | None:
        """The limit for a case on a day, most specific first; None where no policy speaks.

        With `stored`, policies recorded as meant for lots already stored are in force whatever the lot's first day.
        """
        key = ("limits", name, case)
        rows: list[tuple[date, date, bool, Limit]] | None = self._cache.get(key)  # type: ignore[assignment]
        if rows is None:
            rows = self._cache[key] = [self._row_of(policy) for policy in self._candidates(name, case)]
        for first_day, last_day, for_stored, limit in rows:
            if day <= last_day and (first_day <= day or (stored and for_stored)):
                return limit
        return None

    def _row_of(self, policy: Policy) -> tuple[date, date, bool, Limit]:
        """What `limit` looks at, read once."""
        limit = self._limit_of(cast("LimitSet", policy))
        return policy.effective_from, policy.last_day, _for_stored(policy), limit

    def limits(self, name: LimitName, case: Case) -> tuple[LimitSet, ...]:
        """The limits that cover a case on some day, the one that wins first; for what is counted by day."""
        return cast("tuple[LimitSet, ...]", self._candidates(name, case))

    def _limit_of(self, policy: LimitSet) -> Limit:
        key = ("limit", id(policy))
        if key not in self._cache:
            self._cache[key] = Limit(policy.limit, policy.value, policy.unit, policy.duty, policy.citation)
        return cast("Limit", self._cache[key])

    def _candidates(self, what: LimitName | type[Policy], case: Case) -> tuple[Policy, ...]:
        """The policies on a matter that cover a case on some day, the one that wins first."""
        key = (what, case)
        found = self._cache.get(key)
        if found is None:
            entries = [entry for entry in self._about(what) if _matches(entry.policy.scope, case)]
            entries.sort(key=_specificity, reverse=True)
            found = self._cache[key] = tuple(entry.policy for entry in entries)
        return cast("tuple[Policy, ...]", found)

    def _about(self, what: LimitName | type[Policy]) -> list[Entry]:
        key = ("about", what)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = [e for e in self.policies if _is_about(e.policy, what)]
        return cast("list[Entry]", found)

    def _best(self, wanted: type[Policy], case: Case, day: date) -> Policy | None:
        for policy in self._candidates(wanted, case):
            if policy.effective_from <= day <= policy.last_day:
                return policy
        return None

    def in_force(self, case: Case, day: date) -> dict[Matter, tuple[Entry, ...]]:
        """All policies that cover a case on a day, by what they are about, the one that holds first; for questions."""
        found: dict[Matter, list[Entry]] = {}
        for entry in sorted(self.policies, key=_specificity, reverse=True):
            policy = entry.policy
            if policy.effective_from <= day <= policy.last_day and _matches(policy.scope, case):
                matter = policy.limit if isinstance(policy, LimitSet) else type(policy)
                found.setdefault(matter, []).append(entry)
        return {matter: tuple(entries) for matter, entries in found.items()}

    def tolerance_permille(self, case: Case, day: date) -> int:
        """By how many thousandths accepted mass may differ from loaded mass; 0 where no policy speaks (MT 18)."""
        policy = self._best(ToleranceSet, case, day)
        return policy.permille if isinstance(policy, ToleranceSet) else 0

    def floor_fen_per_tonne(self, case: Case, day: date) -> int | None:
        """The price floor of a code at a place on a day; None where there is none (recoverable waste may be bought)."""
        policy = self._best(PriceFloorSet, case, day)
        return policy.floor_fen if isinstance(policy, PriceFloorSet) and policy.floor_fen else None

    def campaign(self, case: Case, day: date) -> CampaignOpened | None:
        """The campaign that a case falls under on a day."""
        policy = self._best(CampaignOpened, case, day)
        return policy if isinstance(policy, CampaignOpened) else None

    @property
    def campaigns(self) -> bool:
        """Whether any campaign was ever opened: spares the asking."""
        known = self._cache.get("campaigns")
        if known is None:
            known = any(type(entry.policy) is CampaignOpened for entry in self.policies)
            self._cache["campaigns"] = known
        return bool(known)

    def campaigns_of(self, case: Case) -> tuple[CampaignOpened, ...]:
        """All campaigns that a case falls under on some day, the most specific first."""
        return cast("tuple[CampaignOpened, ...]", self._candidates(CampaignOpened, case))

    def emergency(self, case: Case, day: date) -> EmergencyDeclared | None:
        """The emergency in force at a place on a day."""
        policy = self._best(EmergencyDeclared, case, day)
        return policy if isinstance(policy, EmergencyDeclared) else None

    def emergencies(self, region: str) -> tuple[EmergencyDeclared, ...]:
        """Every plan ever in force in a region or in a part of it, the later one first; for what is counted by day."""
        key = ("emergencies", region)
        found = self._cache.get(key)
        if found is None:
            entries = [
                entry
                for entry in self.policies
                if isinstance(entry.policy, EmergencyDeclared)
                and (
                    entry.policy.scope.region.startswith(region)
                    or region.startswith(entry.policy.scope.region)
                )
            ]
            entries.sort(key=_specificity, reverse=True)
            found = self._cache[key] = tuple(entry.policy for entry in entries)
        return cast("tuple[EmergencyDeclared, ...]", found)

    def rate_formula(self, case: Case, day: date) -> RateFormulaSet | None:
        """How 利用处置率 is reckoned at a place on a day; None where no policy speaks."""
        policy = self._best(RateFormulaSet, case, day)
        return policy if isinstance(policy, RateFormulaSet) else None

    def citation(self, duty: str, conduct_at: int) -> CitationSet | None:
        """Where a duty stood on the day of the conduct (DOMAIN 0; CODE 1057); of several the one that began last."""
        day = beijing_date(conduct_at)
        covering = [
            row
            for row in self.citations
            if row.duty == duty and row.effective_from <= day <= (row.effective_until or date.max)
        ]
        return max(covering, key=lambda row: row.effective_from, default=None)

    def listed(self, waste_code: str, day: date) -> ListedCode | None:
        """What recorded editions say of a code on a day, the latest edition first; None where they are silent."""
        found = self._edition(waste_code, day)
        return None if found is None else found[1]

    def edition_of(self, waste_code: str, day: date) -> str | None:
        """The name of the recorded edition that speaks of a code on a day."""
        found = self._edition(waste_code, day)
        return None if found is None else found[0].edition

    def _edition(self, waste_code: str, day: date) -> tuple[CodeListPublished, ListedCode] | None:
        """Of two editions from one day the one recorded later speaks."""
        begun = [edition for edition in reversed(self.lists) if edition.effective_from <= day]
        for edition in sorted(begun, key=lambda e: e.effective_from, reverse=True):
            for code in edition.codes:
                if code.waste_code == waste_code:
                    return edition, code
        return None

    def is_provisional(self, start: int, limit: Limit) -> bool:
        """Whether a term that began at `start` counts days of a year whose calendar is not recorded."""
        if limit.unit is not Unit.WORKING_DAYS:
            return False
        return self.calendar.is_provisional_between(start, self.deadline(start, limit))

    def deadline(self, start: int, limit: Limit) -> int:
        """The first instant at which a term that began at `start` is over (microseconds).

        Hours and minutes run by the instant; days, working days and years do not count the first day and are over from 00:00
        Beijing after the last one (DESIGN 8).
        """
        if limit.unit is Unit.HOURS:
            return start + limit.value * HOUR_US
        if limit.unit is Unit.MINUTES:
            return start + limit.value * MINUTE_US
        if limit.unit is Unit.WORKING_DAYS:
            return self.calendar.overdue_after(start, limit.value)
        first = beijing_date(start)
        if limit.unit is Unit.YEARS:
            return beijing_midnight(add_years(first, limit.value)) + DAY_US
        return beijing_midnight(first) + (limit.value + 1) * DAY_US


def law_of(facts: Iterable[Stated]) -> Law:
    """The book that these law facts make, in their order."""
    law = Law()
    for stated in facts:
        law = law.having(stated)
    return law
