"""Who looked at whose records (查阅记录)."""

from __future__ import annotations

from typing_extensions import TypedDict

from api.answers.basics import At, Seq


class ReadAnswer(TypedDict):
    """One organisation looked; `times` within some seconds. `reader` is told to its own organisation and to auditors."""

    seq: Seq
    at: At
    org: str
    role: str
    regulator: str | None
    region: str
    reader: str | None
    via: str | None
    rows: int
    times: int


class Reads(TypedDict):
    """Readings of one subject, the latest first; `next` is the `before` of the page after this one, null on the last."""

    subject: str
    reads: list[ReadAnswer]
    next: int | None
