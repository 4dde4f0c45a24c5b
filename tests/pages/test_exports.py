"""Lists taken away as files: what the page shows, nothing of others, nothing that a spreadsheet would evaluate."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from models.facts import Role
from tests.facts import FACILITY_ORG, HOSPITAL_ORG
from tests.pages.world import World

DANGEROUS = tuple("=+-@＝＋－＠\t\r\0")


def table(client: TestClient, path: str, key: str = "") -> list[list[str]]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("name", ["alerts", "storage"])
def test_the_same_list_in_both_forms(regulator: TestClient, name: str) -> None:
    rows = table(regulator, f"/v1/{name}.csv")
    assert len(rows) > 1
    book = load_workbook(io.BytesIO(regulator.get(f"/v1/{name}.xlsx").content))
    page = book.worksheets[0]
    assert page.max_row == len(rows)
    for row in page.iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            assert not (isinstance(cell.value, str) and cell.value.startswith(DANGEROUS)), cell.value
    for told in rows[1:]:
        assert len(told) == len(rows[0])
        assert not [cell for cell in told if cell.startswith(DANGEROUS) and not cell.lstrip("-").isdigit()]


def test_filters_and_language_are_those_of_the_page(regulator: TestClient) -> None:
    every, red = (table(regulator, f"/v1/alerts.csv?condition=all{more}") for more in ("", "&severity=red"))
    assert 1 < len(red) < len(every)
    assert {row[0] for row in red[1:]} == {"红色"}
    english = table(regulator, "/v1/alerts.csv?severity=red&lang=en")
    assert english[0][0] == "Severity"
    over = table(regulator, "/v1/storage.csv?show=over")
    assert all(int(row[8]) <= 0 for row in over[1:])


def test_an_organisation_takes_away_what_concerns_it_alone(world: World, regulator: TestClient) -> None:
    every = {row[-1] for row in table(regulator, "/v1/alerts.csv?condition=all")[1:]}
    client = TestClient(world.app())
    for org in (FACILITY_ORG, HOSPITAL_ORG):
        key = world.key(Role.FACILITY, org)
        own = {row[-1] for row in table(client, "/v1/alerts.csv?condition=all", key)[1:]}
        assert own < every
    assert client.get("/v1/alerts.csv").status_code == 401
    assert client.get("/v1/alerts.pdf", headers={"authorization": f"Bearer {key}"}).status_code == 422
