"""How often each organisation was warned of what; beside models.tables. Written by the accepting transaction."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import LedgerBase


class WarningCount(LedgerBase):
    """How many doubts of a code new facts of a kind gave on a day (Beijing, by recorded_at), as ISO date."""

    __tablename__ = "warnings_counted"
    org: Mapped[str] = mapped_column(String(18), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]
    __table_args__ = (Index("warnings_counted_day", "day"),)
