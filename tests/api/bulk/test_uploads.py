"""A file goes in, its facts are stated, and the same file comes back with what became of each row."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

import orjson
import pytest

from models.facts import Role
from streams.ledger import Ledger
from tests import facts
from tests.api.bulk import sheets
from tests.api.house import Client, House, problem_of
from tests.facts import PLATER, PRODUCER_ORG, Wire, day

KIND = "waste-stored.v1"
MORNING = datetime.fromisoformat("2025-03-04T09:30")  # As Excel has it, without a zone.
UNREGISTERED = f"提醒：场所“{PLATER}”没有登记在任何单位名下；请用“site-registered.v1”建档 [site.unregistered]"


def lots(count: int, **more: Any) -> list[Wire]:
    return [
        facts.stored(f"HW{number:05d}", at=day(1, 9, number % 60), kg="12.3", **more)
        for number in range(count)
    ]


def stated(ledger: Ledger) -> list[tuple[str, str]]:
    return [(row.stated_by, row.kind) for row in ledger.rows(0, 100_000)]


async def test_a_workbook_is_read_and_comes_back_with_receipts(house: House, client: Client) -> None:
    found = await sheets.ended(
        client, await sheets.send(client, sheets.book_of(KIND, lots(3)), name="台账.xlsx")
    )
    assert (found["state"], found["told"], found["rows_read"]) == ("done", [], 3)
    assert found["facts"] == {"accepted": 3, "known": 0, "refused": 0, "repeated": 0, "warnings": 3}
    assert stated(house.ledger) == [(PRODUCER_ORG, KIND)] * 3
    page = sheets.opened(await sheets.result(client, found)).worksheets[0]
    assert [cell.value for cell in page["A"]] == [
        "处理结果\nresult",
        *(f"已受理 {seq}；{UNREGISTERED}" for seq in (1, 2, 3)),
    ]
    assert [cell.value for cell in page[2]][2:6] == [
        "2025-03-04T09:00:00+08:00",
        PLATER,
        "HW00000",
        "900-249-08",
    ]


async def test_the_same_file_again_states_nothing_twice(house: House, client: Client) -> None:
    body = sheets.book_of(KIND, lots(5))
    await sheets.ended(client, await sheets.send(client, body))
    again = await sheets.ended(client, await sheets.send(client, body))
    assert (again["facts"]["accepted"], again["facts"]["known"]) == (0, 5)
    as_csv = sheets.csv_of(KIND, reversed(lots(6)), "gb18030", ";")
    other = await sheets.ended(client, await sheets.send(client, as_csv, media="text/csv"))
    assert (other["facts"]["accepted"], other["facts"]["known"]) == (1, 5)
    assert len(stated(house.ledger)) == 6


async def test_bad_cells_are_red_and_the_corrected_file_goes_on(house: House, client: Client) -> None:
    table = [sheets.headings(KIND), *sheets.rows(KIND, lots(4))]
    mass, code = table[0].index("重量（千克）\nmass_kg"), table[0].index("*废物代码\nwaste_code")
    table[2][mass], table[3][code] = "12.3456", "900-249"
    found = await sheets.ended(client, await sheets.send(client, sheets.book({"入库": table})))
    assert (found["facts"]["accepted"], found["facts"]["refused"]) == (2, 2)
    told = await sheets.problems(client, found)
    assert [(each["row"], each["column"], each["code"]) for each in told] == [
        (3, mass + 1, "bad_mass"),
        (4, code + 1, "bad_format"),
    ]
    book = sheets.opened(await sheets.result(client, found))
    page = book.worksheets[0]
    red = {(cell.row, cell.column) for row in page.iter_rows() for cell in row if sheets.is_red(cell)}
    assert red == {(3, mass + 2), (4, code + 2)}
    assert page["A3"].value.startswith("退回：")
    assert page["A4"].value.endswith("[bad_format]")
    page.cell(3, mass + 2).value, page.cell(4, code + 2).value = "12.345", "900-249-08"
    again = await sheets.ended(client, await sheets.send(client, sheets.saved(book)))
    assert (again["facts"]["accepted"], again["facts"]["known"], again["told"]) == (2, 2, [])
    assert len(stated(house.ledger)) == 4


async def test_a_document_of_several_rows_is_one_fact(house: House, client: Client) -> None:
    lines = [facts.line(no=1), facts.line("336-064-17", 20, 2)]
    wires = [facts.issued(facts.manifest_no(number), at=day(1), lines=lines) for number in (1, 2)]
    found = await sheets.ended(client, await sheets.send(client, sheets.book_of("manifest-issued.v1", wires)))
    assert (found["facts"]["accepted"], found["rows_read"]) == (2, 4)
    bodies = [row.data for row in house.ledger.rows(0, 10)]
    assert all(b"336-064-17" in body and b"900-249-08" in body for body in bodies)


async def test_a_dry_run_says_the_same_and_states_nothing(house: House, client: Client) -> None:
    body = sheets.book_of(KIND, [*lots(2), facts.stored("bad lot", at=day(1))])
    found = await sheets.ended(client, await sheets.send(client, body, dry_run=True))
    assert (found["facts"]["accepted"], found["facts"]["refused"], found["dry_run"]) == (2, 1, True)
    assert stated(house.ledger) == []
    page = sheets.opened(await sheets.result(client, found)).worksheets[0]
    assert page["A2"].value.startswith("可以受理；")


async def test_another_organisation_sees_no_upload_and_cannot_stop_it(client: Client) -> None:
    found = await sheets.ended(client, await sheets.send(client, sheets.book_of(KIND, lots(1))))
    for path in ("", "/problems", "/result"):
        problem_of(await client.get(f"/v1/uploads/{found['upload_id']}{path}", Role.FACILITY), 404)
    headers = {"authorization": f"Bearer {client.tokens[Role.FACILITY]}"}
    problem_of(await client.http.delete(f"/v1/uploads/{found['upload_id']}", headers=headers), 404)
    assert (await client.get("/v1/uploads", Role.FACILITY)).json() == {"uploads": []}


@pytest.mark.parametrize("role", [Role.AUDITOR])
async def test_who_states_nothing_has_nothing_to_upload(client: Client, role: Role) -> None:
    problem_of(await sheets.send(client, sheets.book_of(KIND, lots(1)), role), 403)


async def test_a_sheet_of_another_role_is_told_of_once(house: House, client: Client) -> None:
    found = await sheets.ended(
        client, await sheets.send(client, sheets.book_of(KIND, lots(3)), Role.CARRIER), Role.CARRIER
    )
    assert [told["code"] for told in found["told"]] == ["role_may_not_state"]
    assert stated(house.ledger) == []


async def test_a_book_of_an_offices_own_making_is_read(house: House, client: Client) -> None:
    """A title above the headings, Chinese headings in another order, real dates, floats in tonnes, a note, blank rows."""
    table: list[list[Any]] = [
        ["危险废物入库台账"],
        [],
        ["编号", "备注", "发生时间", "场所", "批次", "废物代码", "重量（吨）", "容器·容器类型", "容器·数量"],
        [
            "1",
            "第一批",
            MORNING,
            PLATER,
            "A-1",
            "900-249-08 废矿物油",
            0.1 + 0.2,
            "桶",
            2,
        ],
        [],
        ["2", None, date(2025, 3, 4), PLATER, 20250304001, "336-064-17", 1.5, "吨袋", 1],
    ]
    table[2][0] = "序号"
    found = await sheets.ended(client, await sheets.send(client, sheets.book({"入库": table})))
    assert (found["told"], found["facts"]["accepted"], found["rows_read"]) == ([], 2, 2)
    first, second = (orjson.loads(row.data) for row in house.ledger.rows(0, 10))
    assert (first["mass_kg"], first["occurred_at"], first["containers"]) == (
        "300",
        "2025-03-04T09:30:00+08:00",
        {"container_kind": "drum", "count": 2},
    )
    assert (second["lot"], second["mass_kg"], second["occurred_at"]) == (
        "20250304001",
        "1500",
        "2025-03-04T00:00:00+08:00",
    )
    page = (await client.get(f"/v1/uploads/{found['upload_id']}/problems", Role.PRODUCER)).json()
    assert page["problems"] == []
    assert [each["code"] for each in page["warnings"]].count("time.assumed") == 1
    shown = sheets.opened(await sheets.result(client, found)).worksheets[0]
    assert (shown["B1"].value, shown["A3"].value, shown["D4"].value) == (
        "危险废物入库台账",
        "处理结果\nresult",
        MORNING,
    )


async def test_rows_that_stand_twice_are_told_and_stated_once(house: House, client: Client) -> None:
    wire = facts.stored("HW1", at=day(1))
    table = [sheets.headings(KIND), *sheets.rows(KIND, [wire, wire, wire])]
    table[2][0] = "2"
    found = await sheets.ended(client, await sheets.send(client, sheets.book({"x": table})))
    assert (found["facts"]["accepted"], found["facts"]["repeated"]) == (2, 1)
    (told,) = await sheets.problems(client, found)
    assert (told["row"], told["code"], told["status"]) == (4, "duplicate_row", "repeated")


async def test_a_bad_heading_is_told_and_the_other_sheets_are_read(house: House, client: Client) -> None:
    good = [sheets.headings(KIND), *sheets.rows(KIND, lots(2))]
    bad = [["场所", "批次", "颜色"], ["x", "y", "z"]]
    book = sheets.book({"产生": bad, "说明书": [["随便写的"]], "入库": good, "填写说明": [["a", "b", "c"]]})
    found = await sheets.ended(client, await sheets.send(client, book))
    assert found["facts"]["accepted"] == 2
    assert {(told["sheet"], told["code"]) for told in found["told"]} == {
        ("产生", "unknown_column"),
        ("产生", "missing_column"),
        ("说明书", "unknown_sheet"),
    }
    first = sheets.opened(await sheets.result(client, found)).worksheets[0]
    assert "颜色" not in first["A1"].value
    assert "[unknown_column]" in first["A1"].value


async def test_a_csv_comes_back_with_its_first_column_and_nothing_to_evaluate(client: Client) -> None:
    body = sheets.csv_of(
        KIND, [facts.stored("HW1", at=day(1)), facts.stored("=cmd|x", at=day(1))], "gb18030", "\t"
    )
    found = await sheets.ended(
        client, await sheets.send(client, body, media="text/csv", kind=KIND, lang="en")
    )
    text = (await sheets.result(client, found)).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter="\t"))
    assert lines[0][0] == "处理结果 result"
    assert lines[1][0].startswith("accepted 1")
    assert lines[2][0].startswith("refused: ")
    assert "'=cmd|x" in lines[2]
    again = await sheets.ended(client, await sheets.send(client, text.encode(), media="text/csv"))
    assert (again["facts"]["known"], again["facts"]["refused"]) == (1, 1)
