"""The page of reference data: for everybody, in both languages, whatever is asked."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.views.reference_lists import LISTS
from tests.pages.world import World


@pytest.fixture
def stranger(world: World) -> TestClient:
    """Somebody who is not logged in."""
    return TestClient(world.app())


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_shown_in_both_languages(stranger: TestClient, name: str, lang: str) -> None:
    answer = stranger.get("/reference", params={"list": name, "lang": lang})
    assert answer.status_code == 200
    assert LISTS[name].title[lang] in answer.text  # type: ignore[literal-required]
    assert "<tbody>" in answer.text
    assert "reference." not in answer.text.replace("/reference", "")


def test_a_query_finds_and_rows_come_alone(stranger: TestClient) -> None:
    rows = stranger.get("/reference/rows", params={"q": "336064"}).text
    assert "336-064-17" in rows
    assert "<html" not in rows
    assert "没有找到" in stranger.get("/reference/rows", params={"q": "xyzzy"}).text


def test_who_is_logged_in_keeps_the_menu(regulator: TestClient) -> None:
    assert 'aria-current="page">基础数据' in regulator.get("/reference").text


@pytest.mark.parametrize(
    "query",
    [
        {"list": "planets"},
        {"list": "../etc"},
        {"q": '"><script>alert(1)</script>'},
        {"q": "x" * 10_000},
        {"on": "yesterday"},
        {"on": "0001-01-01"},
        {"on": "9999-12-31"},
    ],
)
def test_odd_questions_are_answered(stranger: TestClient, query: dict[str, str]) -> None:
    answer = stranger.get("/reference", params=query)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
