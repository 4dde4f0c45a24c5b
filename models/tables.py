"""SQL tables, the same in PostgreSQL and SQLite: the ledger, and what is judged from it. Typed, by SQLAlchemy 2.

Masses, money and instants are BIGINT grams, fen and microseconds. On SQLite the ledger and the state are two files.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class LedgerBase(DeclarativeBase):
    """Tables that are kept safe: facts, and what accepting them needs."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        bytes: LargeBinary,
        bool: Boolean,
    }


class StateBase(DeclarativeBase):
    """Tables that can be rebuilt from the ledger."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        bytes: LargeBinary,
        bool: Boolean,
    }


class Meta(LedgerBase):
    """One row: what a ledger is, fixed when it was made. `clock` is database or driven (DESIGN D2)."""

    __tablename__ = "ledger_meta"
    one: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    ledger_id: Mapped[str]
    epoch: Mapped[str]
    shards: Mapped[int] = mapped_column(Integer)
    clock: Mapped[str]
    created_at: Mapped[int]


class Head(LedgerBase):
    """One row: the last seq, and the earliest time a later fact can have. Locked while accepting."""

    __tablename__ = "ledger_head"
    one: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int]
    recorded_at: Mapped[int]


class FactRow(LedgerBase):
    """A fact, append-only. `data` is canonical JSON as received; `original` is copied in for corrections (D11)."""

    __tablename__ = "facts"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[int]
    stated_by: Mapped[str] = mapped_column(String(18))
    event_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[bytes]
    leaf: Mapped[bytes]
    original: Mapped[bytes | None]
    __table_args__ = (
        Index("facts_stated_by_event_id", "stated_by", "event_id", unique=True),
        Index("facts_kind_seq", "kind", "seq"),
    )


class CorrectionIndex(LedgerBase):
    """The correction in force of a fact, by the fact's seq: what the next correction copies in."""

    __tablename__ = "corrections"
    original_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    correction_seq: Mapped[int]


class FactChange(LedgerBase):
    """All that was said about a fact afterwards, by the fact's seq; `decides` is the request that is answered (D11)."""

    __tablename__ = "fact_changes"
    original_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    decides: Mapped[int | None]


class DocumentParty(LedgerBase):
    """Who has stated what on a document, and when last: decides whether a correction needs approval (D11)."""

    __tablename__ = "document_parties"
    document: Mapped[str] = mapped_column(String(64), primary_key=True)
    stated_by: Mapped[str] = mapped_column(String(18), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    last_seq: Mapped[int]


class AccessKey(LedgerBase):
    """A bearer key; only the SHA-256 of its secret is kept."""

    __tablename__ = "access_keys"
    key_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    secret_sha256: Mapped[bytes]
    org: Mapped[str] = mapped_column(String(18))
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]
    created_at: Mapped[int]
    revoked_at: Mapped[int | None]
    lineage: Mapped[str] = mapped_column(String(16))  # The key_id of the first key of a row of rotated ones.
    expires_at: Mapped[int]
    last_used_at: Mapped[int | None]  # Within a minute.
    scopes: Mapped[str]  # Separated by blanks, as in OAuth.
    allow: Mapped[str]  # Address ranges (CIDR) separated by blanks; empty allows every address.
    regulator: Mapped[str | None] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(6))
    __table_args__ = (Index("access_keys_org", "org"), Index("access_keys_lineage", "lineage"))


class RelayPosition(LedgerBase):
    """How far the relay has sent, one row a stream; `token` is the lease it was sent under."""

    __tablename__ = "relay_positions"
    stream: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int]
    token: Mapped[int]


class RelayShard(LedgerBase):
    """The last seq sent to a (concern, shard), for the `prev` header and the ticks."""

    __tablename__ = "relay_shards"
    concern: Mapped[str] = mapped_column(String(16), primary_key=True)
    shard: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last_seq: Mapped[int]


class LeaseRow(StateBase):
    """Who does a job that one process does at a time; `token` grows with every change of holder."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str]
    token: Mapped[int]
    until: Mapped[int]


class Position(StateBase):
    """How far a (concern, shard) is judged. Its row is the lock that fences zombies; every commit raises `revision`."""

    __tablename__ = "positions"
    concern: Mapped[str] = mapped_column(String(16), primary_key=True)
    shard: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    applied_seq: Mapped[int]
    tick_at: Mapped[int]
    law_seq: Mapped[int]
    revision: Mapped[int]
    kafka_offset: Mapped[int | None]


class KeyRow(StateBase):
    """A key's own marks: the law it was judged under, the order of its latest fact."""

    __tablename__ = "keys"
    concern: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    shard: Mapped[int] = mapped_column(Integer)
    law_seq: Mapped[int]
    latest_at: Mapped[int]
    latest_seq: Mapped[int]
    __table_args__ = (Index("keys_shard", "concern", "shard"),)


class KeyFact(StateBase):
    """Which ledger rows a key was judged from: what a refold reads."""

    __tablename__ = "key_facts"
    concern: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class SubjectRow(StateBase):
    """One subject's state as canonical JSON. `is_open` rows are loaded with their key, others when named."""

    __tablename__ = "subjects"
    concern: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    subject: Mapped[str] = mapped_column(String(160), primary_key=True)
    shard: Mapped[int] = mapped_column(Integer)
    is_open: Mapped[bool]
    next_change_at: Mapped[int | None]
    body: Mapped[bytes]
    __table_args__ = (
        Index(
            "subjects_due",
            "concern",
            "shard",
            "next_change_at",
            postgresql_where=text("next_change_at IS NOT NULL"),
            sqlite_where=text("next_change_at IS NOT NULL"),
        ),
    )


class AlertRow(StateBase):
    """An alert: the latest episodes and the earlier ones. `condition` is judged, `handling` is people's (D13).

    `standing`: the law still finds it, lasting or over; false where later knowledge took its ground away.
    `amounts` and `parties` are canonical JSON.
    """

    __tablename__ = "alerts"
    alert_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    concern: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(120))
    shard: Mapped[int] = mapped_column(Integer)
    subject: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(40))
    episode: Mapped[int] = mapped_column(Integer)
    severity: Mapped[str] = mapped_column(String(8))
    condition: Mapped[str] = mapped_column(String(10))
    handling: Mapped[str] = mapped_column(String(12))
    standing: Mapped[bool]
    site: Mapped[str] = mapped_column(String(31))
    since: Mapped[int]
    until: Mapped[int | None]
    raised_at: Mapped[int]
    cleared_at: Mapped[int | None]
    cleared_because: Mapped[str | None] = mapped_column(String(12))
    conduct_at: Mapped[int]
    basis: Mapped[str]
    amounts: Mapped[bytes]
    parties: Mapped[bytes]
    cause: Mapped[str] = mapped_column(String(24))
    __table_args__ = (
        Index("alerts_key", "concern", "key"),
        Index("alerts_open", "condition", "severity", "raised_at"),
        Index("alerts_kind", "kind", "raised_at"),
        Index("alerts_site", "site"),
        Index("alerts_raised", "raised_at", "alert_id"),
    )


class AlertChange(StateBase):
    """What happened to an alert, in the order of its key; the publisher gives dense `change_no` (D13)."""

    __tablename__ = "alert_changes"
    concern: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    cause: Mapped[str] = mapped_column(
        String(24), primary_key=True
    )  # "s<seq>", "t<instant>" or "l<law seq>".
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    alert_id: Mapped[str] = mapped_column(String(32))
    change: Mapped[str] = mapped_column(String(12))
    changed_at: Mapped[int]
    body: Mapped[bytes]  # The alert row after the change, as canonical JSON.
    change_no: Mapped[int | None]
    __table_args__ = (
        Index("alert_changes_no", "change_no", unique=True),
        Index("alert_changes_alert", "alert_id"),
        Index(
            "alert_changes_unnumbered",
            "changed_at",
            postgresql_where=text("change_no IS NULL"),
            sqlite_where=text("change_no IS NULL"),
        ),
    )


class Parked(StateBase):
    """A key whose rule crashed: nothing from `from_seq` on is judged until it is retried (D14)."""

    __tablename__ = "parked"
    concern: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    shard: Mapped[int] = mapped_column(Integer)
    from_seq: Mapped[int]
    error: Mapped[str]
    parked_at: Mapped[int]


class AlertsOut(StateBase):
    """How far a reader outside the database (waste.alerts) has been told, by change_no."""

    __tablename__ = "alerts_out"
    reader: Mapped[str] = mapped_column(String(40), primary_key=True)
    change_no: Mapped[int]


# Parts with files of their own; imported last, since they build on the bases above.
from models import (  # noqa: E402
    tables_hooks,  # noqa: F401
    tables_keys,  # noqa: F401
    tables_people,  # noqa: F401
    tables_reading,  # noqa: F401
    tables_uploads,  # noqa: F401
    tables_warnings,  # noqa: F401
)
