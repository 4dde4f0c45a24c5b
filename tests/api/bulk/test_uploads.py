"""A file goes in, its facts are stated, and the same file comes back with what became of each row."""

from __future__ import annotations

from typing import Any

import pytest

from models.facts import Role
from streams.ledger import Ledger
from tests import facts
from tests.api.bulk import sheets
from tests.api.house import Client, House, problem_of
from tests.facts import PLATER, PRODUCER_ORG, Wire, day

KIND = "waste-stored.v1"
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
