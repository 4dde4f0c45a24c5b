"""What is answered about uploads and templates."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from api.answers.basics import At, Words


class ToldOfFile(TypedDict):
    """What is wrong with the file as a whole (`sheet` is empty), or with one of its sheets."""

    sheet: str
    path: str
    code: str
    message: str


class UploadCounts(TypedDict):
    """Facts by what became of them; `repeated` stand twice in the file, and are stated once."""

    accepted: int
    known: int
    refused: int
    repeated: int
    warnings: int


class Upload(TypedDict):
    """An upload as it stands. `permille` of its rows are read; `result` is where the same file is when it is done."""

    upload_id: str
    name: str
    format: str
    kind: str | None
    dry_run: bool
    state: str
    size_bytes: int
    created_at: At
    ended_at: At | None
    rows_read: int
    rows_total: Annotated[int, Field(description="At most so many; blank rows count.")]
    permille: int
    facts: UploadCounts
    told: list[ToldOfFile]
    result: str | None


class Uploads(TypedDict):
    """The latest uploads of the organisation."""

    uploads: list[Upload]


class RowProblem(TypedDict):
    """What is wrong with a cell (column from 1 as it was sent; null: the row as a whole), or doubtful."""

    sheet: Annotated[int, Field(description="Which sheet of the file, from 1.")]
    row: int
    column: int | None
    status: str
    path: str
    code: str
    message: str


class RowProblems(TypedDict):
    """Problems of rows and, apart from them, warnings, in the order of the file; `next` is the `after` of the next page."""

    problems: list[RowProblem]
    warnings: list[RowProblem]
    next: int | None


class TemplateKind(TypedDict):
    """A kind of fact in a template; `csv` is its own one."""

    kind: str
    words: Words
    csv: str


class Template(TypedDict):
    """A workbook for a role, of one group of facts or of all."""

    role: str
    group: str
    words: Words
    xlsx: str
    kinds: list[TemplateKind]


class Templates(TypedDict):
    """Templates by role and group."""

    templates: list[Template]
