"""Files as offices make them, for tests of uploads: workbooks and CSVs of facts, and what comes back of them."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import httpx
from openpyxl import Workbook, load_workbook

from api.bulk.columns import sheet_of
from api.bulk.headings import ROW_ID, extra_heading, heading, sheet_name
from api.bulk.unfold import rows_of
from models.facts import Role
from tests.api.house import Client
from tests.facts import PRODUCER_ORG, Wire

ORG = PRODUCER_ORG
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def headings(kind: str) -> list[str]:
    """The template's headings without the result's column."""
    return [extra_heading(ROW_ID, kind), *(heading(column) for column in sheet_of(kind).columns)]


def rows(kind: str, wires: Iterable[Wire]) -> list[list[Any]]:
    """Rows of facts, without row numbers."""
    return [[None, *row] for wire in wires for row in rows_of(sheet_of(kind), wire)]


def book(sheets: dict[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook of plain cells; texts that begin with = are formulas, as when typed."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, table in sheets.items():
        page = made.create_sheet(name)
        for row in table:
            page.append(list(row))
    return saved(made)


def saved(made: Workbook) -> bytes:
    """Its bytes."""
    found = io.BytesIO()
    made.save(found)
    return found.getvalue()


def book_of(kind: str, wires: Iterable[Wire]) -> bytes:
    """A workbook of one kind's facts."""
    return book({sheet_name(kind): [headings(kind), *rows(kind, wires)]})


def csv_of(kind: str, wires: Iterable[Wire], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """A CSV of one kind's facts."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([cell.replace("\n", " ") for cell in headings(kind)])
    writer.writerows(rows(kind, wires))
    return text.getvalue().encode(encoding)


async def send(
    client: Client, body: bytes, role: Role = Role.PRODUCER, media: str = XLSX, **query: Any
) -> httpx.Response:
    """Post a file."""
    headers = {"authorization": f"Bearer {client.tokens[role]}", "content-type": media}
    return await client.http.post("/v1/uploads", content=body, headers=headers, params=query)


async def ended(client: Client, answer: httpx.Response, role: Role = Role.PRODUCER) -> dict[str, Any]:
    """The upload when it is over."""
    assert answer.status_code == 202, answer.text
    return await followed(client, answer.json()["upload_id"], role)


async def followed(client: Client, upload_id: str, role: Role = Role.PRODUCER) -> dict[str, Any]:
    """As `ended`, by its id."""
    async with asyncio.timeout(100):
        while True:
            found: dict[str, Any] = (await client.get(f"/v1/uploads/{upload_id}", role)).json()
            if found["state"] in {"done", "failed", "cancelled"}:
                return found
            await asyncio.sleep(0.02)


async def problems(
    client: Client, upload: dict[str, Any], role: Role = Role.PRODUCER
) -> list[dict[str, Any]]:
    """All problems of its rows."""
    found: list[dict[str, Any]] = []
    after: int | None = -1
    while after is not None:
        page = (await client.get(f"/v1/uploads/{upload['upload_id']}/problems", role, after=after)).json()
        found, after = found + page["problems"], page["next"]
    return found


async def result(client: Client, upload: dict[str, Any], role: Role = Role.PRODUCER) -> bytes:
    """The same file back."""
    answer = await client.get(upload["result"], role)
    assert answer.status_code == 200, answer.text
    return answer.content


def opened(body: bytes) -> Any:
    """The workbook that came back."""
    return load_workbook(io.BytesIO(body))


def is_red(cell: Any) -> bool:
    """Whether a cell is marked as wrong."""
    return bool(cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb == "00F8B4AE")
