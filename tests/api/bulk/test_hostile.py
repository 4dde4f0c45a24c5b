"""Files that nobody should open, and cells that are not what they seem: refused with a code, never a crash."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.bulk.cells import Number
from api.bulk.csvfile import CsvFile
from api.bulk.told import Unreadable
from api.bulk.workbook import Workbook
from models.facts import Role
from models.problems import Code
from models.settings import Settings
from tests import facts
from tests.api.bulk import sheets
from tests.api.house import Client, House, problem_of
from tests.facts import day

KIND = "waste-stored.v1"
BOUND = 50_000_000
GOOD = sheets.book_of(KIND, [facts.stored("HW1", at=day(1))])
SHEET = "xl/worksheets/sheet1.xml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def repacked(change: Callable[[dict[str, bytes]], None], body: bytes = GOOD) -> bytes:
    """The workbook with some of its parts changed."""
    parts = {
        name: zipfile.ZipFile(io.BytesIO(body)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(body)).namelist()
    }
    change(parts)
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return found.getvalue()


def with_part(name: str, part: bytes) -> bytes:
    return repacked(lambda parts: parts.update({name: part}))


def of_rows(rows: str) -> bytes:
    """A workbook whose first sheet has these rows, as XML."""
    return with_part(SHEET, f'<worksheet xmlns="{SPACE}"><sheetData>{rows}</sheetData></worksheet>'.encode())


def read(tmp_path: Path, body: bytes, bound: int = BOUND) -> list[tuple[int, list[Any]]]:
    path = tmp_path / "sent.xlsx"
    path.write_bytes(body)
    book = Workbook(path, bound)
    try:
        return [row for _, rows in book.sheets() for row in rows()]
    finally:
        book.close()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"PK\x03\x04 and nothing more", Code.NOT_A_TABLE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100, Code.NOT_A_TABLE),
        (GOOD[:-40], Code.NOT_A_TABLE),
        (with_part("xl/vbaProject.bin", b"x"), Code.UNSAFE_FILE),
        (with_part("xl/macrosheets/sheet1.xml", b"x"), Code.UNSAFE_FILE),
        (with_part("xl/media/bomb.bin", b"\0" * (BOUND + 1)), Code.UNSAFE_FILE),
        (with_part("xl/styles.xml", b"\0" * 20_000_000), Code.UNSAFE_FILE),
        (with_part(SHEET, f"{DOCTYPE}<worksheet xmlns='{SPACE}'>&b;</worksheet>".encode()), Code.UNSAFE_FILE),
        (with_part("xl/workbook.xml", f"{DOCTYPE}<workbook/>".encode()), Code.UNSAFE_FILE),
        (with_part(SHEET, b"<worksheet"), Code.NOT_A_TABLE),
        (with_part(SHEET, b"\xff\xfe<\0w\0"), Code.NOT_A_TABLE),
        (of_rows('<row r="1"><c r="XFD1"><v>1</v></c></row>'), Code.NOT_A_TABLE),
        (of_rows(f'<row r="1"><c t="inlineStr"><is><t>{"x" * 40_000}</t></is></c></row>'), Code.UNSAFE_FILE),
        (repacked(lambda parts: parts.__delitem__("xl/workbook.xml")), Code.NOT_A_TABLE),
        (repacked(lambda parts: parts.update({f"x/{n}": b"" for n in range(2_001)})), Code.UNSAFE_FILE),
    ],
    ids=range(15),
)
def test_what_nobody_should_open_is_refused(tmp_path: Path, body: bytes, code: Code) -> None:
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, body)
    assert caught.value.problem.code is code


def test_an_archive_that_lies_about_its_sizes_gives_no_more_than_it_tells(tmp_path: Path) -> None:
    """A member that says it is small is read no further than that, however much is packed."""
    body = bytearray(with_part("xl/styles.xml", b" " * 5_000_000 + b"<styleSheet/>"))
    size = (5_000_013).to_bytes(4, "little")
    assert body.count(size) >= 1
    with pytest.raises(Unreadable):
        read(tmp_path, bytes(body).replace(size, (100).to_bytes(4, "little")))


def test_a_million_empty_rows_and_a_cell_in_the_last_corner_cost_nothing(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{number}"><c r="A{number}" s="1"/></row>' for number in range(2, 200_000))
    first, last = (
        '<row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1048576"><c r="KN1048576"><v>2</v></c></row>',
    )
    found = read(tmp_path, of_rows(first + empty + last))
    assert [(number, [cell for cell in cells if cell]) for number, cells in found] == [
        (1, [Number("1")]),
        (1_048_576, [Number("2")]),
    ]


def test_cells_without_references_and_text_of_all_sorts_are_read(tmp_path: Path) -> None:
    first = (
        '<c t="inlineStr"><is><r><t>废</t></r><rPh sb="0" eb="1"><t>fei</t></rPh>'
        '<r><t xml:space="preserve"> 物</t></r></is></c><c t="b"><v>1</v></c>'
    )
    rest = '<c t="str"><v>a_x000D_b_xD800_</v></c><c><v>1.50</v></c><c t="s"><v>99</v></c><c t="e"><v>#N/A</v></c>'
    rows = f"<row>{first}{rest}</row>"
    ((number, cells),) = read(tmp_path, of_rows(rows))
    assert (number, cells[:4]) == (1, ["废 物", True, "a_x000D_b_xD800_", Number("1.50")])
    assert [cell.code for cell in cells[4:]] == [Code.BAD_FORMAT, Code.BAD_FORMAT]


async def test_a_formula_is_never_evaluated_nor_its_kept_value_taken(house: House, client: Client) -> None:
    table = [sheets.headings(KIND), *sheets.rows(KIND, [facts.stored("HW1", at=day(1))])]
    mass = table[0].index("重量（千克）\nmass_kg")
    table[1][mass] = "=1+1"
    kept = repacked(
        lambda parts: parts.update(
            {SHEET: parts[SHEET].replace(b"<v />", b"<v>2</v>").replace(b"<v></v>", b"<v>2</v>")}
        ),
        sheets.book({"入库": table}),
    )
    found = await sheets.ended(client, await sheets.send(client, kept))
    (told,) = await sheets.problems(client, found)
    assert (told["code"], told["column"], found["facts"]["refused"]) == ("formula", mass + 1, 1)
    page = sheets.opened(await sheets.result(client, found)).worksheets[0]
    cell = page.cell(2, mass + 2)
    assert (cell.value, cell.data_type, sheets.is_red(cell)) == ("'=1+1", "s", True)
    assert house.ledger.head().seq == 0


@pytest.mark.parametrize(
    ("body", "encoding", "delimiter"),
    [
        ("场所,批次\n", "utf-8", ","),
        ("场所;批次,次;x\n", "utf-8-sig", ";"),
        ("场所\t批次\n", "gb18030", "\t"),
        ("场所\t批次\n", "utf-16", "\t"),
        ('"a,b,c";批次\n', "gb18030", ";"),
    ],
)
def test_a_csv_is_known_by_its_bytes(tmp_path: Path, body: str, encoding: str, delimiter: str) -> None:
    path = tmp_path / "sent.csv"
    path.write_bytes(body.encode(encoding))
    found = CsvFile(path)
    assert found.delimiter == delimiter
    assert [cell for _, cells in found.rows() for cell in cells if "批次" in str(cell)]


@pytest.mark.parametrize(
    "body", [b"\x81\x20\xff\xff", b"a,b\n\0\0\0", b"\x89PNG\r\n\x1a\n\0\xff\xff", b"," * 400]
)
async def test_what_is_no_text_is_told_and_never_a_crash(client: Client, body: bytes) -> None:
    found = await sheets.ended(client, await sheets.send(client, body, media="text/csv"))
    assert found["state"] == "failed"
    assert found["told"][0]["code"] in {"bad_utf8", "not_a_table", "empty_file", "unknown_sheet"}
    problem_of(await client.get(f"/v1/uploads/{found['upload_id']}/result", Role.PRODUCER), 409)


async def test_a_body_over_the_bound_is_refused_and_forgotten(tmp_path: Path) -> None:
    house = House(tmp_path, more={"upload_bytes_max": 3_000_000})
    async with house.client() as client:
        answer = await sheets.send(client, b"x" * 3_000_001, media="text/csv")
        assert problem_of(answer, 413)["code"] == "body_too_large"
        assert problem_of(await sheets.send(client, b""), 422)["code"] == "empty_file"
        assert (
            problem_of(await sheets.send(client, b"x", media="application/json"), 415)["code"]
            == "not_a_table"
        )
        assert (await client.get("/v1/uploads", Role.PRODUCER)).json() == {"uploads": []}


async def test_too_many_rows_are_refused_before_anything_is_stated(tmp_path: Path) -> None:
    house = House(tmp_path, more={"upload_rows_max": 3})
    async with house.client() as client:
        wires = [facts.stored(f"HW{number}", at=day(1)) for number in range(4)]
        found = await sheets.ended(client, await sheets.send(client, sheets.book_of(KIND, wires)))
        assert (found["state"], found["told"][0]["code"]) == ("failed", "too_many_rows")
        assert house.ledger.head().seq == 0
        found = await sheets.ended(client, await sheets.send(client, sheets.book_of(KIND, wires[:3])))
        assert found["facts"]["accepted"] == 3


def test_the_bounds_are_those_that_the_documents_tell() -> None:
    assert (Settings().upload_bytes_max, Settings().upload_rows_max) == (64 * 1024 * 1024, 200_000)
