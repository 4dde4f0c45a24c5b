"""The page of uploads: a template, a file sent by the form, its progress, the same file back; in both languages."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from models.facts import Role
from tests import facts
from tests.api.bulk.sheets import book_of, csv_of
from tests.facts import FACILITY_ORG, day
from tests.pages.browsing import log_in, token_of
from tests.pages.world import World

KIND = "waste-stored.v1"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, clock="database")


def send(client: TestClient, name: str, body: bytes, **fields: str) -> str:
    """Send the form; the address of the upload."""
    token = token_of(client, "/uploads")
    answer = client.post(
        f"/uploads?csrf={token}", files={"file": (name, body)}, data=fields, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def over(client: TestClient, path: str) -> str:
    """The page of an upload when it is over."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        text = str(client.get(f"/fragments{path}").text)
        if "hx-trigger" not in text:
            return str(client.get(path).text)
        time.sleep(0.02)
    raise AssertionError("the upload did not end")


def test_a_file_goes_in_by_the_form_and_comes_back(world: World) -> None:
    with TestClient(world.app()) as client:
        log_in(client, world.key(Role.PRODUCER))
        shown = client.get("/uploads").text
        assert "还没有上传过文件" in shown
        assert "/v1/templates/producer.xlsx?group=transport" in shown
        template = load_workbook(io.BytesIO(client.get("/v1/templates/producer.xlsx").content))
        assert "入库" in template.sheetnames
        wires = [facts.stored("HW1", at=day(1)), facts.stored("bad lot", at=day(1))]
        path = send(client, "九月台账.xlsx", book_of(KIND, wires))
        text = over(client, path)
        assert "九月台账.xlsx" in text
        assert "已完成" in text
        assert "bad_format" in text
        result = client.get(f"{path}/result")
        assert "%E5%A4%84%E7%90%86%E7%BB%93%E6%9E%9C.xlsx" in result.headers["content-disposition"]
        page = load_workbook(io.BytesIO(result.content)).worksheets[0]
        assert str(page["A3"].value).startswith("退回：")
        english = client.get(f"{path}?lang=en").text
        assert "Why rows were refused" in english
        assert "九月台账.xlsx" in client.get("/uploads").text


def test_a_csv_without_a_mark_is_read_as_what_was_chosen(world: World) -> None:
    with TestClient(world.app()) as client:
        log_in(client, world.key(Role.PRODUCER))
        body = csv_of(KIND, [facts.stored("HW1", at=day(1))]).replace(b" @waste-stored.v1", b"")
        assert "unknown_sheet" in over(client, send(client, "a.csv", body))
        assert "已受理" in over(client, send(client, "a.csv", body, kind=KIND))
    assert world.ledger.head().seq > 0


def test_what_is_wrong_with_a_form_is_told_beside_it(world: World) -> None:
    with TestClient(world.app()) as client:
        log_in(client, world.key(Role.PRODUCER))
        token = token_of(client, "/uploads")
        answer = client.post(f"/uploads?csrf={token}", files={"file": ("a.xlsx", b"")})
        assert answer.status_code == 422
        assert 'id="file-wrong"' in answer.text
        assert client.post("/uploads", files={"file": ("a.xlsx", b"x")}).status_code == 403
        headers = {"origin": "https://elsewhere.example"}
        assert (
            client.post(f"/uploads?csrf={token}", files={"file": ("a", b"x")}, headers=headers).status_code
            == 403
        )


def test_others_see_none_of_it_and_auditors_have_no_such_page(world: World) -> None:
    with TestClient(world.app()) as client:
        log_in(client, world.key(Role.PRODUCER))
        path = send(client, "a.xlsx", book_of(KIND, [facts.stored("HW1", at=day(1))]))
        over(client, path)
        log_in(client, world.key(Role.FACILITY, FACILITY_ORG))
        for address in (path, f"{path}/result", f"/fragments{path}"):
            assert client.get(address).status_code == 404
        log_in(client, world.key(Role.AUDITOR))
        assert client.get("/uploads").status_code == 403
        assert 'href="/uploads"' not in client.get("/").text
