"""What goes out by webhook and e-mail: types of events, filters, states, outcomes. Used by streams, consumers and api."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from models.alerts import AlertKind, Severity
from models.envelope import Row
from models.facts import APPROVED, CORRECTED, DECLINED, REQUESTED
from models.facts.base import RegionPrefix, SiteId


class EventType(StrEnum):
    """事件类型: what a message tells. The first group are the changes of alerts (DESIGN D13), by their own names."""

    ALERT_RAISED = "alert.raised"
    ALERT_UPDATED = "alert.updated"
    ALERT_CLEARED = "alert.cleared"
    ALERT_REGRESSED = "alert.regressed"
    ALERT_PAST = "alert.past"
    ALERT_WITHDRAWN = "alert.withdrawn"
    ALERT_HANDLED = "alert.handled"
    FACT_ACCEPTED = "fact.accepted"
    CORRECTION_MADE = "correction.made"  # In force: its stater corrected it alone.
    CORRECTION_REQUESTED = "correction.requested"
    CORRECTION_APPROVED = "correction.approved"  # In force with the requested body.
    CORRECTION_DECLINED = "correction.declined"


PING: Final = "hook.ping"
ALERT_TYPES: Final = frozenset(kind for kind in EventType if kind.startswith("alert."))
OF_CORRECTIONS: Final = {
    CORRECTED: EventType.CORRECTION_MADE,
    REQUESTED: EventType.CORRECTION_REQUESTED,
    APPROVED: EventType.CORRECTION_APPROVED,
    DECLINED: EventType.CORRECTION_DECLINED,
}


def type_of_fact(row: Row) -> EventType:
    """A correction and what is said of one has a type of its own; every other fact is `fact.accepted`."""
    return OF_CORRECTIONS.get(row.kind, EventType.FACT_ACCEPTED)


class Stream(StrEnum):
    """Where a message comes from, and what its position counts: changes by change_no, facts by seq."""

    CHANGES = "changes"
    FACTS = "facts"


class HookState(StrEnum):
    """启用 / 暂停 / 停用: a disabled endpoint was disabled by us, and keeps its place until it is enabled again."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class HookBody(StrEnum):
    """精简 / 完整: a thin message names what it is about, a full one carries it."""

    THIN = "thin"
    FULL = "full"


class Outcome(StrEnum):
    """What became of one try to deliver."""

    DELIVERED = "delivered"
    REFUSED = "refused"  # It answered, with anything but 2xx.
    GONE = "gone"  # 410: it wants nothing any more.
    UNREACHED = "unreached"  # No connection, no TLS, no answer in time.
    FORBIDDEN = "forbidden"  # Its name leads to an address that we do not post to.


class DeadState(StrEnum):
    """待处理 / 待重发 / 已送达: what becomes of a dead letter."""

    WAITING = "waiting"
    QUEUED = "queued"
    DELIVERED = "delivered"


class MailState(StrEnum):
    """待确认 / 有效 / 停用: nothing but the request to confirm goes to an address that has not confirmed."""

    PENDING = "pending"
    ACTIVE = "active"
    BOUNCED = "bounced"


class Filter(BaseModel):
    """Which events are wanted: all conditions hold together, and an empty one admits all.

    `kinds`, `severities`, `region` and `sites` are about alerts, and `region` and `sites` about the sites that a fact
    names too. `own` asks for facts that the organisation stated itself, which it otherwise is not told of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: Annotated[tuple[EventType, ...], Field(max_length=len(EventType))] = ()
    kinds: Annotated[tuple[AlertKind, ...], Field(max_length=len(AlertKind))] = ()
    severities: Annotated[tuple[Severity, ...], Field(max_length=len(Severity))] = ()
    region: RegionPrefix = ""
    sites: Annotated[tuple[SiteId, ...], Field(max_length=200)] = ()
    own: Annotated[bool, Field(strict=True)] = False


@dataclass(frozen=True, slots=True)
class Position:
    """How far one reader (an endpoint or a subscription) was told, and how its trying goes.

    `changed_at` is that of the last change told: after a rebuild change numbers begin anew, and it says where to go on.
    `attempts` counts failures of the message that is next, which is not tried before `next_at`; `failing_since` is when
    the last success was followed by a failure, and `due_at` when a digest is. Real microseconds UTC.
    """

    change_no: int
    changed_at: int
    seq: int
    attempts: int = 0
    next_at: int = 0
    failing_since: int | None = None
    due_at: int | None = None
