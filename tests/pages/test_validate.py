"""The page where facts are tried out: what the door would answer, beside the line, and nothing is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from models.examples import example
from models.facts import Role
from models.malformed import lines_of
from models.roles import MAY_STATE, may_state
from tests.facts import day
from tests.pages.conftest import logged_in
from tests.pages.world import World
from tests.streams.ledgers import stored


@pytest.fixture(scope="module")
def producer(world: World) -> Iterator[TestClient]:
    """The plater, of an application that is started: what is checked goes through the accepting thread."""
    with logged_in(world, Role.PRODUCER) as client:
        yield client


def _token(client: TestClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/validate").text)
    assert found is not None
    return found[1]


def _check(client: TestClient, body: object, **more: str) -> str:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2)
    response = client.post("/validate?lang=zh", data={"csrf": _token(client), "body": text, **more})
    assert response.status_code == 200
    return unescape(response.text)


def test_an_example_of_every_kind_can_be_taken_and_is_well_formed(
    producer: TestClient, regulator: TestClient
) -> None:
    for role, client in ((Role.PRODUCER, producer), (Role.REGULATOR, regulator)):
        for kind in sorted(MAY_STATE)[role is Role.PRODUCER :: 2]:
            shown = unescape(client.get(f"/validate?example={kind}").text)
            text = shown.partition("required>")[2].partition("</textarea>")[0]
            taken = json.loads(text)
            assert taken.keys() == example(kind).keys()
            assert taken["event_id"][14] == "7"
            assert (f'value="{kind}"' in shown) is may_state(role, kind)


def test_what_would_be_accepted_is_told_in_plain_words_and_not_written(
    world: World, producer: TestClient
) -> None:
    before = world.ledger.head().seq
    shown = _check(producer, stored(code="831-001-01"), lang="en")
    assert "会被接受：1 条" in shown
    assert "入库" in shown
    assert "waste_code.unlisted" in shown
    assert "841-001-01" in shown
    assert world.ledger.head().seq == before


def test_problems_stand_beside_their_lines(world: World, producer: TestClient) -> None:
    bad = {**stored(), "mass_kg": "1,5 t", "colour": "red"}
    text = json.dumps([stored(), bad], indent=2)
    lines = lines_of(text.encode())
    shown = _check(producer, text)
    for path, code in (("$[1].mass_kg", "bad_mass"), ("$[1].colour", "unknown_field")):
        row = next(part for part in shown.split("<tr>") if f'<span class="code">{path}</span>' in part)
        assert f'href="/errors/{code}"' in row
        assert f">{lines[path]}</td>" in row
    assert "会被拒绝：2 处问题" in shown


def test_each_for_itself_tells_what_would_be_taken(producer: TestClient) -> None:
    shown = _check(producer, [stored(), 7], each="1")
    assert "会接受 1 条，拒绝 1 条" in shown


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"a":"\\ud800"}', "[" * 5000, "null", "<script>alert(1)</script>", "１"]
)
def test_hostile_text_gets_a_verdict(producer: TestClient, body: str) -> None:
    response = producer.post("/validate", data={"csrf": _token(producer), "body": body})
    assert response.status_code == 200
    assert "<script>alert" not in response.text


def test_without_the_token_of_the_form_nothing_is_checked(producer: TestClient) -> None:
    assert producer.post("/validate", data={"body": "[]"}).status_code == 403


def test_a_stranger_is_sent_to_the_login(world: World) -> None:
    stranger = TestClient(world.app(), base_url="http://testserver", follow_redirects=False)
    assert stranger.get("/validate").status_code == 303
    assert stranger.get("/quality").status_code == 303


def test_quality_of_data_shows_ones_own_and_regulators_all(
    world: World, producer: TestClient, regulator: TestClient
) -> None:
    for client in (producer, regulator):
        for lang in ("zh", "en"):
            assert client.get(f"/quality?lang={lang}").status_code == 200


def test_lines_are_those_of_an_editor() -> None:
    text = b'{\n "a": [\n  1,\n  {"b": 2}],\n\n "c": "\xe6\xb5\x99"\n}'
    found = lines_of(text)
    assert {path: found[path] for path in ("$", "$.a", "$.a[0]", "$.a[1].b", "$.c")} == {
        "$": 1,
        "$.a": 2,
        "$.a[0]": 3,
        "$.a[1].b": 4,
        "$.c": 6,
    }
    assert lines_of(b'{\n "a": 1,\n "a": 2}')["$.a"] == 3
    assert lines_of(b"\xff") == {"$": 1}


def test_a_correction_is_shown_with_what_it_would_put_in_place(producer: TestClient, world: World) -> None:
    wire: Any = stored()
    correction = {
        "kind": "fact-corrected.v1",
        "event_id": stored()["event_id"],
        "occurred_at": wire["occurred_at"],
        "corrects": wire["event_id"],
        "reason": "incorrect-data",
        "explanation": "mistyped",
        "replacement": {**wire, "mass_kg": "170"},
    }
    assert day(1)
    shown = _check(producer, [wire, correction])
    assert "会被接受：2 条" in shown
    assert "170" in shown
