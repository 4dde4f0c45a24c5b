"""Tables of credentials: organisations, delegations, token keys, and by which key a fact was sent. Kept with the ledger."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import LedgerBase


class Organisation(LedgerBase):
    """An organisation that is known by name; its sites are told by the facts that register them."""

    __tablename__ = "organisations"
    org: Mapped[str] = mapped_column(String(18), primary_key=True)
    name: Mapped[str]
    added_at: Mapped[int]


class Delegation(LedgerBase):
    """委托: an organisation lets another act for it in one of its roles, from an instant until another."""

    __tablename__ = "delegations"
    delegation_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    org: Mapped[str] = mapped_column(String(18))
    delegate: Mapped[str] = mapped_column(String(18))
    role: Mapped[str] = mapped_column(String(16))
    scopes: Mapped[str]  # Separated by blanks.
    created_at: Mapped[int]
    created_by: Mapped[str]  # The key or user that gave it; "cli" where an operator did.
    valid_from: Mapped[int]
    expires_at: Mapped[int]
    revoked_at: Mapped[int | None]
    __table_args__ = (
        Index("delegations_delegate", "delegate", "org"),
        Index("delegations_org", "org"),
    )


class TokenKey(LedgerBase):
    """A key that signs access tokens until `signs_until`, and is believed until `ends_at`; private, so never shown."""

    __tablename__ = "token_keys"
    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    jwk: Mapped[str]
    created_at: Mapped[int]
    signs_until: Mapped[int]
    ends_at: Mapped[int]


class FactSender(LedgerBase):
    """By which key facts `first_seq` to `last_seq` were sent, and for whom by whom where that was delegated."""

    __tablename__ = "fact_senders"
    first_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_seq: Mapped[int]
    key_id: Mapped[str] = mapped_column(String(16))
    via: Mapped[str | None] = mapped_column(String(18))
