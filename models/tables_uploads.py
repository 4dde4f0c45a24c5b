"""SQL tables of uploads: whose file, how far it is read, and in pieces the file, what became of its rows, and the result.

They are kept beside the facts, since an upload that was begun is finished after a restart, by whichever process.
"""

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import LedgerBase


class UploadRow(LedgerBase):
    """批量上传: one file of an organisation. Instants are microseconds UTC by the clock of credentials, not the ledger's.

    `claimed_by` is the worker that reads it until `claimed_until`; another one goes on after that, from `groups_done`.
    `told` is canonical JSON: what is wrong with the file as a whole, or with one of its sheets.
    """

    __tablename__ = "uploads"
    upload_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    org: Mapped[str] = mapped_column(String(18))
    role: Mapped[str] = mapped_column(String(16))
    stated: Mapped[bytes]  # Canonical JSON: what its worker needs to know of who speaks.
    name: Mapped[str]
    format: Mapped[str] = mapped_column(String(4))
    kind: Mapped[str | None] = mapped_column(String(40))
    lang: Mapped[str] = mapped_column(String(2))
    dry_run: Mapped[bool]
    state: Mapped[str] = mapped_column(String(12))
    size_bytes: Mapped[int]
    sha256: Mapped[bytes]
    created_at: Mapped[int]
    ended_at: Mapped[int | None]
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[int]
    groups_done: Mapped[int]
    rows_total: Mapped[int]
    rows_read: Mapped[int]
    facts_accepted: Mapped[int]
    facts_known: Mapped[int]
    facts_refused: Mapped[int]
    facts_repeated: Mapped[int]
    warnings: Mapped[int]
    told: Mapped[bytes]
    __table_args__ = (
        Index("uploads_org", "org", "created_at"),
        Index("uploads_state", "state", "claimed_until"),
    )


class UploadPiece(LedgerBase):
    """A piece of an upload: of its `file`, of its `outcomes` (canonical JSON, one group of rows each), of its `result`."""

    __tablename__ = "upload_pieces"
    upload_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    part: Mapped[str] = mapped_column(String(8), primary_key=True)
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[bytes]
