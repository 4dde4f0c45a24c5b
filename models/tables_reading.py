"""SQL tables of who may read and who read: where each alert belongs, and the index of the access log."""

from sqlalchemy import Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import LedgerBase, StateBase


class ReadRow(LedgerBase):
    """One reading of records-read.v1 (`seq`, `place` in it), by what was read. An index: it can be made from the facts."""

    __tablename__ = "reads"
    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(120), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)


class AlertPlace(StateBase):
    """The six digits of each region that an alert is about, and whether it is about medical waste there.

    Written with the alert: its own site, and every site that what is known of its subject names (the other end).
    """

    __tablename__ = "alert_places"
    alert_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    region: Mapped[str] = mapped_column(String(6), primary_key=True)
    medical: Mapped[bool] = mapped_column(Boolean)
    __table_args__ = (Index("alert_places_region", "region", "alert_id"),)
