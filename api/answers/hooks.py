"""What is answered about webhooks, mail subscriptions and feeds."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from api.answers.basics import At
from models.hooks import DeadState, Filter, HookBody, HookState, MailState, Outcome

Place = Annotated[int, Field(ge=0)]


class Progress(TypedDict):
    """How far an endpoint was told. `attempts` are failures of the message that is next; it is tried again at `next_at`."""

    change_no: Place
    seq: Place
    attempts: Place
    next_at: At | None
    failing_since: At | None


class Hook(TypedDict):
    """A webhook endpoint. `secret` is there only in the answer that makes it."""

    hook_id: str
    url: str
    name: str
    body: HookBody
    wanted: Filter
    state: HookState
    state_reason: Annotated[str, Field(description="gone or failing, where we disabled it; else empty.")]
    state_at: At
    created_at: At
    created_by: str
    old_secret_until: Annotated[
        At | None, Field(description="Until when the secret before this one signs too.")
    ]
    progress: Progress
    secret: NotRequired[Annotated[str, Field(pattern="^whsec_")]]


class Hooks(TypedDict):
    """An organisation's endpoints."""

    hooks: list[Hook]


class Try(TypedDict):
    """What came of one post. `status` is that of the answer, null where there was none."""

    outcome: Outcome
    status: int | None
    latency_ms: Place
    error: str


class Delivery(Try):
    """One try to deliver a message; `position` is its change_no or seq, 0 for a ping."""

    webhook_id: str
    type: str
    position: Place
    attempt: Annotated[int, Field(ge=1)]
    at: At


class Deliveries(TypedDict):
    """The last tries, the latest first."""

    deliveries: list[Delivery]


class DeadLetter(TypedDict):
    """A message that was put aside, since its endpoint refused it while it took others."""

    webhook_id: str
    type: str
    position: Place
    dead_at: At
    attempts: Place
    status: int | None
    error: str
    state: DeadState
    state_at: At
    body: Annotated[dict[str, Any], Field(description="What was sent, and will be.")]


class DeadLetters(TypedDict):
    """Those put aside, the earliest first; `next` is the cursor of the page after this one, null on the last."""

    dead_letters: list[DeadLetter]
    next: str | None


class Queued(TypedDict):
    """How many messages will be sent again."""

    queued: Place


class Subscription(TypedDict):
    """Who gets e-mail of what."""

    subscription_id: str
    address: str
    lang: str
    wanted: Filter
    minutes: Place
    state: MailState
    created_at: At


class Subscriptions(TypedDict):
    """An organisation's subscriptions."""

    subscriptions: list[Subscription]


class FactRow(TypedDict):
    """A fact as the ledger keeps it; `original` is what a correction found in force."""

    seq: Place
    recorded_at: At
    recorded_at_us: int
    stated_by: str
    event_id: str
    kind: str
    data: dict[str, Any]
    original: NotRequired[dict[str, Any]]


class FactFeed(TypedDict):
    """Facts in order. Ask again with `after` = `next`, which has moved over what is not yours; at once where `more`."""

    facts: list[FactRow]
    next: Place
    more: bool


class ChangeRow(TypedDict):
    """What happened to an alert; `alert` is the alert after it."""

    change_no: Place
    change: str
    changed_at: At
    cause: str
    alert: dict[str, Any]


class ChangeFeed(TypedDict):
    """Changes of alerts in order. Ask again with `after` = `next`; at once where `more`."""

    changes: list[ChangeRow]
    next: Place
    more: bool
