"""What is in messages on Kafka beside facts (streams/alerts_out.py): instants are microseconds there, as in the ledger."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from models.alerts import AlertKind, Severity
from models.topics import Concern

MicrosUtc = Annotated[int, Field(description="Microseconds UTC.")]


class StoredAlert(TypedDict):
    """An alert as it is after a change; amounts carry their unit in their name."""

    alert_id: str
    concern: Concern
    key: str
    subject: str
    kind: AlertKind
    episode: Annotated[int, Field(ge=1)]
    severity: Severity
    condition: Literal["open", "cleared", "past", "regressed"]
    handling: str
    standing: bool
    site: str
    since: MicrosUtc
    until: MicrosUtc | None
    raised_at: MicrosUtc
    cleared_at: MicrosUtc | None
    cleared_because: str | None
    conduct_at: MicrosUtc
    basis: str
    amounts: dict[str, Any]
    parties: list[str]
    cause: str


class AlertChanged(TypedDict):
    """A change of an alert. Changes are numbered densely: skip what is not above the last `change_no`."""

    change_no: Annotated[int, Field(ge=1)]
    change: str
    changed_at: MicrosUtc
    concern: Concern
    key: str
    cause: str
    ordinal: Annotated[int, Field(ge=0)]
    alert: StoredAlert
