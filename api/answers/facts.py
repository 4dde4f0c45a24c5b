"""Facts as the ledger has them, what was said of them since, and requests for corrections."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from api.answers.basics import At, Body, Leaf, Micros, Seq


class FactRow(TypedDict):
    """A row of the ledger; `original` is what a correction found in force."""

    seq: Seq
    recorded_at: At
    recorded_at_us: Micros
    stated_by: str
    event_id: str
    kind: str
    data: Body
    original: NotRequired[Annotated[dict[str, Any], Field(description="What a correction is about.")]]


class Version(TypedDict):
    """What was said of a fact."""

    seq: Seq
    recorded_at: At
    stated_by: str
    kind: str
    data: Body


class About(TypedDict):
    """Which fact a request is about."""

    seq: Seq
    kind: str
    stated_by: str
    event_id: str


class CorrectionRequest(TypedDict):
    """A request for a correction, the fact as it was in force, and what is asked for."""

    seq: Seq
    recorded_at: At
    event_id: str
    stated_by: str
    asked_as: str
    explanation: str
    about: About
    in_force: Body | None
    replacement: Body | None
    reason: str | None
    changes: list[str]
    status: Literal["pending", "approved", "declined", "stale"]
    decided_by: Seq | None
    may_decide: list[str]


class Sealer(TypedDict):
    """Whose later statement seals a field."""

    stated_by: str
    kind: str


class Sender(TypedDict):
    """The key a fact was sent by; `via` is who sent it on the strength of a delegation."""

    key_id: str
    via: str | None


class FactAnswer(FactRow):
    """A row with all that its leaf hash is made of (docs/hashes.md), and all that was said of it since."""

    ledger_id: str
    sent_by: NotRequired[Sender | None]
    leaf: Leaf
    corrected_by: Seq | None
    in_force: Body | None
    versions: list[Version]
    requests: list[CorrectionRequest]
    sealed: dict[str, list[Sealer]]


class Corrections(TypedDict):
    """A page of requests; `next` is the `before` of the page after this one."""

    requests: list[CorrectionRequest]
    next: Seq | None
