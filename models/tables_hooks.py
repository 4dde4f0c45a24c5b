"""Tables of what goes out: webhook endpoints, their deliveries and dead letters, e-mail subscriptions, positions.

They are the organisations' own wishes and cannot be rebuilt, so they live with the ledger. What people set and how far
a reader was told are rows apart, so that neither writer undoes the other.
"""

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import LedgerBase


class HookRow(LedgerBase):
    """A webhook endpoint. The secrets are used for every signature, so they are kept, and shown once.

    Role, regulator, region and via are those of the key it was made with: they say what it may be told.
    `wanted` is a models.hooks.Filter as JSON; every change by people raises `revision`.
    """

    __tablename__ = "hooks"
    hook_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    org: Mapped[str] = mapped_column(String(18))
    role: Mapped[str] = mapped_column(String(16))
    regulator: Mapped[str | None] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(6))
    via: Mapped[str | None] = mapped_column(String(18))
    name: Mapped[str]
    url: Mapped[str]
    body: Mapped[str] = mapped_column(String(8))
    wanted: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(10))
    state_reason: Mapped[str]
    state_at: Mapped[int]
    secret: Mapped[str]
    old_secret: Mapped[str | None]
    old_secret_until: Mapped[int | None]
    created_at: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(40))
    revision: Mapped[int] = mapped_column(Integer)
    __table_args__ = (Index("hooks_org", "org"),)


class NotifyPosition(LedgerBase):
    """How far an endpoint or a subscription was told (models.hooks.Position); `token` is the lease it was written under."""

    __tablename__ = "notify_positions"
    reader: Mapped[str] = mapped_column(String(20), primary_key=True)
    change_no: Mapped[int]
    changed_at: Mapped[int]
    seq: Mapped[int]
    attempts: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[int]
    failing_since: Mapped[int | None]
    due_at: Mapped[int | None]
    token: Mapped[int]


class HookDelivery(LedgerBase):
    """One try to deliver a message; the last few hundred of an endpoint are kept. `status` is that of the answer."""

    __tablename__ = "hook_deliveries"
    hook_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    webhook_id: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(24))
    position: Mapped[int]
    attempt: Mapped[int] = mapped_column(Integer)
    at: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(12))
    status: Mapped[int | None] = mapped_column(Integer)
    latency_ms: Mapped[int] = mapped_column(Integer)
    error: Mapped[str]


class HookDeadLetter(LedgerBase):
    """A message that its endpoint refused while it took others: kept whole, to be sent again when somebody says so."""

    __tablename__ = "hook_dead_letters"
    hook_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    webhook_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    type: Mapped[str] = mapped_column(String(24))
    stream: Mapped[str] = mapped_column(String(8))
    position: Mapped[int]
    body: Mapped[bytes]
    dead_at: Mapped[int]
    attempts: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str]
    state: Mapped[str] = mapped_column(String(10))
    state_at: Mapped[int]


class MailSubscription(LedgerBase):
    """Who gets e-mail of what. `confirm_sha256` is the hash of the token that was sent; `leave_token` is in every mail."""

    __tablename__ = "mail_subscriptions"
    subscription_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    org: Mapped[str] = mapped_column(String(18))
    role: Mapped[str] = mapped_column(String(16))
    regulator: Mapped[str | None] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(6))
    via: Mapped[str | None] = mapped_column(String(18))
    address: Mapped[str] = mapped_column(String(254))
    lang: Mapped[str] = mapped_column(String(2))
    wanted: Mapped[bytes]
    minutes: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    confirm_sha256: Mapped[bytes | None]
    confirm_until: Mapped[int | None]
    leave_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(40))
    revision: Mapped[int] = mapped_column(Integer)
    __table_args__ = (Index("mail_subscriptions_org", "org", "address"),)
