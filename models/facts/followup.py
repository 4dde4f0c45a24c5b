"""更正 and 处理: corrections of facts, and what people do about alerts."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from models.facts.base import Day, EventId, Fact, OrgId, SiteId, Text
from models.topics import Concern


class CorrectionReason(StrEnum):
    """As in EPCIS 2.0: it did not occur, or it was stated wrongly."""

    DID_NOT_OCCUR = "did-not-occur"
    INCORRECT_DATA = "incorrect-data"


class FactCorrected(Fact):
    """更正: replaces the body of an earlier fact of the same stater, or withdraws it where nothing replaces it.

    `replacement` is a whole fact of the same kind with the original's event_id; it is checked as any fact is.
    """

    kind: Literal["fact-corrected.v1"] = "fact-corrected.v1"
    corrects: EventId
    reason: CorrectionReason
    explanation: Text
    replacement: dict[str, Any] | None = None


class CorrectionRequested(Fact):
    """要求更正: its stater (where others have built on it), a party of its document or a regulator asks to correct a fact.

    With a `replacement` (a whole fact, as in a correction) an approval puts that in force; without one and with the
    reason `did-not-occur` it withdraws the fact; without either only its stater can answer, by correcting it.
    """

    kind: Literal["correction-requested.v1"] = "correction-requested.v1"
    corrects: EventId
    corrects_stated_by: OrgId
    explanation: Text
    reason: CorrectionReason | None = None
    replacement: dict[str, Any] | None = None


class CorrectionApproved(Fact):
    """同意更正: puts a requested correction in force, with the requested body.

    By whoever has not asked: the stater where another asked, else one whose later statement seals what would change.
    """

    kind: Literal["correction-approved.v1"] = "correction-approved.v1"
    request: EventId
    request_stated_by: OrgId


class CorrectionDeclined(Fact):
    """不同意更正: by whoever could approve; from the one who asked it takes the request back."""

    kind: Literal["correction-declined.v1"] = "correction-declined.v1"
    request: EventId
    request_stated_by: OrgId
    explanation: Text


class AboutAlert(Fact):
    """Which alert a follow-up is about: everything that its key needs."""

    concern: Concern
    key: Annotated[str, Field(strict=True, min_length=1, max_length=120)]
    alert_kind: Annotated[str, Field(strict=True, pattern=r"^[a-z]+\.[a-z_]+$", max_length=60)]
    subject: Annotated[str, Field(strict=True, min_length=1, max_length=160)]
    episode: Annotated[int, Field(strict=True, ge=1)]


class AlertAcknowledged(AboutAlert):
    """受理: somebody has seen it and takes it up."""

    kind: Literal["alert-acknowledged.v1"] = "alert-acknowledged.v1"
    person: Text


class AlertAssigned(AboutAlert):
    """分派: to a person, until a day."""

    kind: Literal["alert-assigned.v1"] = "alert-assigned.v1"
    person: Text
    due: Day | None = None


class Resolution(StrEnum):
    """How people found it."""

    CONFIRMED = "confirmed"
    FALSE_ALARM = "false-alarm"
    CORRECTED_IN_TIME = "corrected-in-time"
    OTHER = "other"


class AlertResolved(AboutAlert):
    """办结: with what was found."""

    kind: Literal["alert-resolved.v1"] = "alert-resolved.v1"
    resolution: Resolution
    explanation: Text


class RectificationOrdered(AboutAlert):
    """责令改正."""

    kind: Literal["rectification-ordered.v1"] = "rectification-ordered.v1"
    site: SiteId
    measure: Text
    due: Day


class RectificationAnswered(AboutAlert):
    """整改反馈."""

    kind: Literal["rectification-answered.v1"] = "rectification-answered.v1"
    answer: Text


class RectificationVerified(AboutAlert):
    """整改核查, with the day of the second look (回头看)."""

    kind: Literal["rectification-verified.v1"] = "rectification-verified.v1"
    finding: Text
    look_back: Day | None = None


class ClueRecorded(Fact):
    """线索: a tip or an inspection's lead about a site."""

    kind: Literal["clue-recorded.v1"] = "clue-recorded.v1"
    site: SiteId
    source: Text
    text: Text
