"""Need and licensed capacity of a province (产能): balances, rates, and what there is to say of one category."""

from __future__ import annotations

from typing_extensions import TypedDict

from api.answers.basics import DayText, Grams
from models.facts.law import RateFormula


class CityFlows(TypedDict):
    """A city's part of a balance."""

    city: str
    generated_g: Grams
    own_g: Grams
    others_g: Grams
    out_g: Grams
    in_g: Grams
    need_g: Grams


class Balance(TypedDict):
    """Need of the trailing year against licensed capacity, of one category."""

    province: str
    category: str
    generated_g: Grams
    own_g: Grams
    others_g: Grams
    out_g: Grams
    in_g: Grams
    need_g: Grams
    capacity_g: Grams
    shared_g: Grams
    is_short: bool
    cities: list[CityFlows]


class BalancesAnswer(TypedDict):
    """All categories, the tightest first."""

    province: str
    balances: list[Balance]


class Rate(TypedDict):
    """利用处置率 with its formula; `basis_points` is null of nothing."""

    region: str
    formula: RateFormula
    handled_g: Grams
    generated_g: Grams
    opening_g: Grams
    base_g: Grams
    basis_points: int | None
    basis: str


class RateAnswer(Rate):
    """The rate of a span of days."""

    since: DayText
    until: DayText


class Flow(TypedDict):
    """What went from city to city."""

    origin: str
    destination: str
    mass_g: Grams


class MonthNeed(TypedDict):
    """Need of a month."""

    month: str
    need_g: Grams


class MonthExpected(TypedDict):
    """What is expected of a month, and between what."""

    month: str
    low_g: Grams
    mid_g: Grams
    high_g: Grams


class SurgeDay(TypedDict):
    """A day of an emergency."""

    day: DayText
    need_g: Grams
    capacity_g: Grams
    planned_g: Grams
    expected_g: Grams | None
    shortfall_g: Grams
    expected_shortfall_g: Grams | None


class Emergency(TypedDict):
    """An emergency in a region by day, the latest first."""

    region: str
    emergency: str
    vehicles: list[str]
    days: list[SurgeDay]


class Line(TypedDict):
    """A licensed line and what it took in a year."""

    holder: str
    licence_no: str
    line: int
    categories: list[str]
    only_codes: list[str]
    except_codes: list[str]
    methods: list[str]
    yearly_g: Grams
    daily_g: Grams | None
    taken_g: Grams
    valid_until: DayText


class UsedLine(Line):
    """A line with what is on the way to it, and when its year is full."""

    idle: bool
    booked_g: Grams
    in_transit_g: Grams
    this_year_g: Grams
    full_earliest: DayText | None
    full_latest: DayText | None


class StockToClear(TypedDict):
    """Stock over its term and due by it against what is to spare."""

    over_g: Grams
    due_g: Grams
    spare_daily_g: Grams
    late_g: Grams
    days: int | None


class CategoryAnswer(TypedDict):
    """All that is to say of one category of a province."""

    province: str
    category: str
    day: DayText
    since: DayText
    rates: list[Rate]
    flows: list[Flow]
    need_by_month: list[MonthNeed]
    forecast: list[MonthExpected]
    emergencies: list[Emergency]
    lines: list[UsedLine]
    idle_permille: int
    licensed_by_method_g: dict[str, Grams]
    added_in_a_year_g: Grams
    stock_to_clear: StockToClear


class SpareLine(Line):
    """A line with room, and how near it is."""

    nearness: int
    spare_g: Grams


class SpareAnswer(TypedDict):
    """Lines with room, the nearest first."""

    near: str
    lines: list[SpareLine]
    left_out: int
