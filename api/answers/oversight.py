"""Mass balances, clearing campaigns, coverage of collection; and which policies hold."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from api.answers.basics import At, DayText, Grams, Seq
from models.facts.law import RateFormula


class BalanceLine(TypedDict):
    """opening + generated + opened + received + returned = handled + sent + closing + unexplained."""

    opening_g: Grams
    generated_g: Grams
    residues_g: Grams
    opened_g: Grams
    received_g: Grams
    received_outside_g: Grams
    returned_g: Grams
    handled_g: Grams
    sent_g: Grams
    sent_outside_g: Grams
    closing_g: Grams
    unexplained_g: Grams
    counted_g: Grams
    relabelled_g: Grams
    opening_pieces: int
    came_pieces: int
    went_pieces: int
    closing_pieces: int
    unexplained_pieces: int
    between_g: Grams


class CodeBalance(BalanceLine):
    """The balance of a code, or of a category."""

    waste_code: NotRequired[str]
    category: NotRequired[str]


class PartBalance(BalanceLine):
    """The balance of a part of the region."""

    region: str


class HandledRate(TypedDict):
    """利用处置率 by the region's formula; null of nothing."""

    formula: RateFormula
    permyriad: int | None


# A member is called `from`, which is no name in Python.
MassBalanceAnswer = TypedDict(
    "MassBalanceAnswer",
    {
        "region": str,
        "site": str | None,
        "from": DayText,
        "until": DayText,
        "lines": list[CodeBalance],
        "parts": list[PartBalance],
        "total": BalanceLine,
        "rate": HandledRate,
    },
)


class Campaign(TypedDict):
    """专项行动: what it is about, and by when."""

    campaign: str
    name: str
    region: str
    citation: str
    baseline_at: At
    recorded_at: At
    target_day: DayText
    targets: dict[str, DayText]
    look_back_days: int | None


class CampaignsAnswer(TypedDict):
    """All campaigns recorded, the latest baseline first."""

    campaigns: list[Campaign]


class ListedLot(TypedDict):
    """A lot on a campaign's list."""

    site: str
    lot: str
    waste_code: str
    listed_g: Grams
    over_since: At
    target_at: At
    cleared_at: At | None
    look_back_at: At | None
    alert_id: str


class LeftToClear(TypedDict):
    """How much of the list is left at an instant."""

    at: At
    lots: int
    mass_g: Grams


class OverTerm(TypedDict):
    """A lot over its term since the list was frozen."""

    site: str
    lot: str | None
    waste_code: str | None
    mass_g: Grams | None
    over_since: At
    alert_id: str


class CampaignAnswer(Campaign):
    """A campaign's list as known then and now, its burn-down, what is new and what regressed."""

    known_then: list[ListedLot]
    listed: list[ListedLot]
    burn_down: list[LeftToClear]
    new: list[OverTerm]
    regressed: list[OverTerm]


class CoverageShare(TypedDict):
    """Sites served of those registered."""

    registered: int
    served: int
    silent: int


class Unserved(TypedDict):
    """A site that was not visited within its days."""

    site: str
    role: str
    days: int
    visited_at: At | None
    waiting_at: At | None


class CoverageAnswer(TypedDict):
    """Small sources and clinics served, in all and by region."""

    at: At
    total: CoverageShare
    regions: dict[str, CoverageShare]
    unserved: list[Unserved]


class Overridden(TypedDict):
    """A policy that gives way."""

    seq: Seq
    scope: dict[str, Any]


class PolicyInForce(TypedDict):
    """A policy as it was recorded (its own members beside these), and the others that cover the case and give way."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]  # As pydantic asks for it.

    seq: Seq
    kind: str
    scope: dict[str, Any]
    effective_from: DayText
    effective_until: DayText | None
    citation: str
    overrides: list[Overridden]


class CodeStanding(TypedDict):
    """What the national list says of a code on the day."""

    waste_code: str
    category: str
    category_in_use: bool
    edition: str
    listed: bool
    recorded: bool
    name: str
    hazard: str
    moved_to: str | None


class DayStanding(TypedDict):
    """Whether the day is a working day, and whether its year's calendar is recorded or only assumed."""

    year: int
    is_working_day: bool
    is_provisional: bool


class LawAnswer(TypedDict):
    """Policies in force on a day for a case, by what they are about."""

    day: DayText
    law_seq: Annotated[int, Field(ge=0)]
    policies: dict[str, PolicyInForce]
    waste_code: CodeStanding | None
    calendar: DayStanding
