"""法: the policies under which facts are judged, recorded as facts themselves (DESIGN D12)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from models.facts.base import (
    CategoryCode,
    Day,
    DutyId,
    Fact,
    Flag,
    MassField,
    MoneyField,
    Part,
    PlaceId,
    PlateNumber,
    RegionPrefix,
    SiteId,
    TemperatureClass,
    Text,
    WasteCode,
    Weighing,
    wrong,
)
from models.facts.registers import LicenceType, SiteRole


class Unit(StrEnum):
    """What a limit's number counts."""

    YEARS = "years"
    MONTHS = "months"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    HOURS = "hours"
    MINUTES = "minutes"
    COUNT = "count"
    PERMILLE = "permille"
    KILOGRAMS = "kilograms"


class LimitName(StrEnum):
    """The closed set of limits the law knows; each has the unit(s) it may be given in (`LIMIT_UNITS`)."""

    STORAGE_TERM = "storage_term"
    STORAGE_DUE_SOON = "storage_due_soon"
    POINT_MASS = "point_mass"
    STOCK_TOLERANCE = "stock_tolerance"
    REPACK_TOLERANCE = "repack_tolerance"
    COLLECTION_INTERVAL = "collection_interval"
    COVERAGE_INTERVAL = "coverage_interval"
    SILENCE_SHARE = "silence_share"
    SILENCE_HISTORY = "silence_history"
    INTAKE_TOLERANCE = "intake_tolerance"
    INTAKE_WINDOW = "intake_window"
    RESIDUE_LEAST = "residue_least"
    RESIDUE_MOST = "residue_most"
    TRANSIT_TERM = "transit_term"
    ACCEPTANCE_TERM = "acceptance_term"
    CONFIRMATION_TERM = "confirmation_term"
    PAPER_ENTRY_TERM = "paper_entry_term"
    REFUSED_TERM = "refused_term"
    METERING_TERM = "metering_term"
    OFF_ROUTE_TERM = "off_route_term"
    LONG_STOP_TERM = "long_stop_term"
    LOCK_OPEN_TERM = "lock_open_term"
    SIGNAL_LOST_TERM = "signal_lost_term"
    CITY_INTERVAL = "city_interval"
    CLOCK_TOLERANCE = "clock_tolerance"
    NUMBER_REGION_DIGITS = "number_region_digits"
    REPEATED_WEIGHTS = "repeated_weights"
    PAYMENT_TERM = "payment_term"
    MOVEMENT_TERM = "movement_term"
    AMOUNT_TOLERANCE = "amount_tolerance"
    FLOOR_SHARE = "floor_share"
    RETAINED_SHARE = "retained_share"
    CONTRACT_TERM = "contract_term"
    LICENCE_NOTICE = "licence_notice"
    LICENCE_FULL = "licence_full"
    LICENCE_OVER = "licence_over"
    CITY_SHORTAGE = "city_shortage"
    IDLE_SHARE = "idle_share"
    LICENCE_OVER_FROM = "licence_over_from"
    TRANSFER_NOTICE_TERM = "transfer_notice_term"
    TRANSFER_OPINION_TERM = "transfer_opinion_term"
    TRANSFER_REPLY_TERM = "transfer_reply_term"
    TRANSFER_DECISION_TERM = "transfer_decision_term"
    APPROVAL_TERM = "approval_term"
    CARRIER_LICENCE_GRACE = "carrier_licence_grace"
    PLAN_OVER = "plan_over"
    PLAN_TERM = "plan_term"
    REPORT_MONTHLY_TERM = "report_monthly_term"
    REPORT_QUARTERLY_TERM = "report_quarterly_term"
    REPORT_YEARLY_TERM = "report_yearly_term"
    INSURANCE_GRACE = "insurance_grace"


TIME_UNITS: Final = frozenset({Unit.YEARS, Unit.DAYS, Unit.WORKING_DAYS, Unit.HOURS})
SHORT_UNITS: Final = frozenset({Unit.HOURS, Unit.MINUTES})
SHARE_UNITS: Final = frozenset({Unit.PERMILLE})
MASS_UNITS: Final = frozenset({Unit.KILOGRAMS})
# Counted back from a last day, or by the calendar alone: working days would have no meaning of their own.
CALENDAR_UNITS: Final = TIME_UNITS - {Unit.WORKING_DAYS}
COUNT_UNITS: Final = frozenset({Unit.COUNT})
DAY_UNITS: Final = frozenset({Unit.DAYS})
# Counted from the end of a report's period, or from the beginning of a plan's year.
FILING_UNITS: Final = frozenset({Unit.MONTHS, Unit.DAYS})
_IN_DAYS: Final = frozenset(
    {
        LimitName.COLLECTION_INTERVAL,
        LimitName.COVERAGE_INTERVAL,
        LimitName.SILENCE_HISTORY,
        LimitName.INTAKE_WINDOW,
    }
)
_SHARES: Final = frozenset(
    {
        LimitName.STOCK_TOLERANCE,
        LimitName.REPACK_TOLERANCE,
        LimitName.AMOUNT_TOLERANCE,
        LimitName.FLOOR_SHARE,
        LimitName.SILENCE_SHARE,
        LimitName.INTAKE_TOLERANCE,
        LimitName.RESIDUE_LEAST,
        LimitName.RESIDUE_MOST,
        LimitName.RETAINED_SHARE,
        LimitName.LICENCE_NOTICE,
        LimitName.LICENCE_FULL,
        LimitName.LICENCE_OVER,
        LimitName.LICENCE_OVER_FROM,
        LimitName.CITY_SHORTAGE,
        LimitName.IDLE_SHARE,
        LimitName.PLAN_OVER,
    }
)
_FILINGS: Final = frozenset(
    {
        LimitName.PLAN_TERM,
        LimitName.REPORT_MONTHLY_TERM,
        LimitName.REPORT_QUARTERLY_TERM,
        LimitName.REPORT_YEARLY_TERM,
    }
)


_SHORT: Final = frozenset(
    {
        LimitName.OFF_ROUTE_TERM,
        LimitName.LONG_STOP_TERM,
        LimitName.LOCK_OPEN_TERM,
        LimitName.SIGNAL_LOST_TERM,
        LimitName.CITY_INTERVAL,
        LimitName.CLOCK_TOLERANCE,
    }
)
_COUNTS: Final = frozenset({LimitName.NUMBER_REGION_DIGITS, LimitName.REPEATED_WEIGHTS})


def _units(name: LimitName) -> frozenset[Unit]:
    if name in _FILINGS:
        return FILING_UNITS
    if name is LimitName.POINT_MASS:
        return MASS_UNITS
    if name is LimitName.STORAGE_DUE_SOON:
        return CALENDAR_UNITS
    if name is LimitName.APPROVAL_TERM:
        return CALENDAR_UNITS - {Unit.HOURS}
    if name in _SHORT:
        return SHORT_UNITS
    if name in _COUNTS:
        return COUNT_UNITS
    if name in _IN_DAYS:
        return DAY_UNITS
    return SHARE_UNITS if name in _SHARES else TIME_UNITS


LIMIT_UNITS: Final[dict[LimitName, frozenset[Unit]]] = {name: _units(name) for name in LimitName}


class Scope(Part):
    """Where a policy holds; what is not named is any. The most specific policy wins.

    `site` is for one holder's own plan (a pilot collector's), `temperature` for medical waste at the disposer.
    """

    region: RegionPrefix = ""
    role: SiteRole | None = None
    category: CategoryCode | None = None
    waste_code: WasteCode | None = None
    licence_type: LicenceType | None = None
    site: SiteId | None = None
    temperature: TemperatureClass | None = None
    weighing: Weighing | None = None  # For tolerances: how the mass was found.


class Policy(Fact):
    """What every policy says: where, from when and until when it holds, and on what it rests."""

    scope: Scope = Scope()
    effective_from: Day
    effective_until: Day | None = None  # The last day it holds.
    citation: Text

    @property
    def last_day(self) -> date:
        """The last day, or the end of the calendar."""
        return self.effective_until or date.max


class LimitSet(Policy):
    """限值: a term or a share. `applies_to_stored` says whether a new storage term is meant for lots already stored."""

    kind: Literal["limit-set.v1"] = "limit-set.v1"
    limit: LimitName
    value: Annotated[int, Field(strict=True, ge=0, le=10**6)]
    unit: Unit
    duty: DutyId | None = None
    applies_to_stored: Flag = False

    def model_post_init(self, _context: object) -> None:
        """A term is not so many per mille, nor a share so many days."""
        if self.unit not in LIMIT_UNITS[self.limit]:
            units = ", ".join(sorted(LIMIT_UNITS[self.limit]))
            raise wrong("contradiction/limit_unit", limit=self.limit.value, units=units, unit=self.unit.value)


class ToleranceSet(Policy):
    """允差: by how much accepted mass may differ from loaded mass. MT 18 knows none; the default is ours."""

    kind: Literal["tolerance-set.v1"] = "tolerance-set.v1"
    permille: Annotated[int, Field(strict=True, ge=0, le=1000)]


class PriceFloorSet(Policy):
    """价格下限: what a tonne costs at least where it is handled properly."""

    kind: Literal["price-floor-set.v1"] = "price-floor-set.v1"
    floor_fen: MoneyField = Field(alias="floor_yuan_per_tonne")


class CitationSet(Fact):
    """法条: where a duty stands in a law, and its penalty, by the dates of conduct."""

    kind: Literal["citation-set.v1"] = "citation-set.v1"
    duty: DutyId
    law: Text
    article: Text
    penalty_article: Text
    penalty: Text
    effective_from: Day
    effective_until: Day | None = None


class ListedCode(Part):
    """A code of a list's edition."""

    waste_code: WasteCode
    name: Text
    hazard: Text
    listed: Flag = True


class CodeListPublished(Fact):
    """名录: changes of the national list from a day on."""

    kind: Literal["code-list-published.v1"] = "code-list-published.v1"
    edition: Text
    effective_from: Day
    codes: Annotated[tuple[ListedCode, ...], Field(min_length=1, max_length=1000)]


class HolidaysPublished(Fact):
    """节假日安排: a year's days off and working weekends."""

    kind: Literal["holidays-published.v1"] = "holidays-published.v1"
    year: Annotated[int, Field(strict=True, ge=2000, le=2199)]
    off: Annotated[tuple[Day, ...], Field(max_length=100)]
    work: Annotated[tuple[Day, ...], Field(max_length=100)]
    citation: Text


class RegionTarget(Part):
    """The last day by which a region's part of a campaign is to be done."""

    region: RegionPrefix
    target_day: Day


class CampaignOpened(Policy):
    """专项行动: a campaign such as 动态清零, with its target day.

    What was over its term at 00:00 of `baseline_day` (the campaign's first day where none is given) is its list (基线台账).
    `targets` give regions a day of their own, the longest prefix first; so many `look_back_days` after its target day a
    region is looked at again (回头看).
    """

    kind: Literal["campaign-opened.v1"] = "campaign-opened.v1"
    campaign: PlaceId
    name: Text
    target_day: Day
    baseline_day: Day | None = None
    targets: Annotated[tuple[RegionTarget, ...], Field(max_length=500)] = ()
    look_back_days: Annotated[int, Field(strict=True, ge=0, le=3650)] | None = None


class EmergencyFacility(Part):
    """A facility of an emergency plan: so much a day, on the days it is planned for; every day where none is said."""

    site: SiteId
    daily_g: MassField = Field(alias="daily_kg")
    valid_from: Day | None = None
    valid_until: Day | None = None  # The last day; one before the first means no day at all.

    def takes_on(self, day: date) -> bool:
        """Whether it is planned for a day."""
        return (self.valid_from or date.min) <= day <= (self.valid_until or date.max)


class EmergencyDeclared(Policy):
    """疫情应急: the plan's facilities and vehicles replace licence checks in a region for a period (duty.epidemic).

    It is about the scope's category; about medical waste (HW01) where that names none. `expected_daily_g` is what the
    plan reckons with in the whole region. A plan is changed by declaring it again from a later day.
    """

    kind: Literal["emergency-declared.v1"] = "emergency-declared.v1"
    emergency: PlaceId
    name: Text | None = None
    facilities: Annotated[tuple[EmergencyFacility, ...], Field(max_length=500)]
    vehicles: Annotated[tuple[PlateNumber, ...], Field(max_length=2000)] = ()
    expected_daily_g: MassField | None = Field(default=None, alias="expected_daily_kg")

    @property
    def category(self) -> str:
        """The category it is about."""
        return self.scope.category or "HW01"

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.effective_from <= day <= self.last_day

    def plans(self, site: str, day: date) -> bool:
        """Whether the plan lets a facility take waste in on a day."""
        named = any(one.site == site and one.takes_on(day) for one in self.facilities)
        return named and self.holds_on(day)


class RateFormula(StrEnum):
    """利用处置率: which share of what was handled (DOMAIN 10: several definitions; the one used is printed)."""

    GENERATED = "handled_of_generated"
    OPENING_AND_GENERATED = "handled_of_opening_and_generated"
    GENERATED_AND_USED_OPENING = "handled_of_generated_and_used_opening"


class RateFormulaSet(Policy):
    """利用处置率口径: which formula a region prints."""

    kind: Literal["rate-formula-set.v1"] = "rate-formula-set.v1"
    formula: RateFormula
