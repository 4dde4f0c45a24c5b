"""Reference data over HTTP: whole, searched, paged, by day and by the law, and not sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from api.views.reference_lists import LISTS
from models import catalogue
from models.alerts import AlertKind
from models.facts import FACT_TYPES, Role
from models.problems import Code, Warned
from models.roles import may_state
from tests.facts import code_list_published, day
from tests.pages.world import World

ROOT = "/v1/reference"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The law of the build, and an edition of the list that was published later."""
    made = World(tmp_path_factory.mktemp("reference"))
    told = code_list_published("900-249-08", "900-999-08", at=day(1))
    told["codes"][0]["listed"] = False
    told["edition"] = "2026年版"
    told["effective_from"] = "2026-06-01"
    made.post(told)
    made.settle(day(2))
    yield made
    made.databases.dispose()


@pytest.fixture
def asking(world: World) -> TestClient:
    """Somebody without a key."""
    return TestClient(world.app())


def entries(asking: TestClient, name: str, **query: Any) -> list[dict[str, Any]]:
    answer = asking.get(f"{ROOT}/{name}", params={"limit": 1000, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_the_lists_are_named_and_each_is_there(asking: TestClient) -> None:
    named = asking.get(ROOT).json()["lists"]
    assert [one["name"] for one in named] == list(LISTS)
    for one in named:
        assert entries(asking, one["name"])
        assert {"zh", "en"} == one["title"].keys()
        assert one["title"]["zh"] != f"reference.{one['name']}"
        assert asking.get(one["href"]).json()["title"] == one["title"]


def test_the_vocabulary_is_whole(asking: TestClient) -> None:
    assert {one["kind"] for one in entries(asking, "alert-kinds")} == set(AlertKind)
    assert {one["code"] for one in entries(asking, "codes")} == {*Code, *Warned}
    assert len(entries(asking, "regions")) == len(catalogue.regions())
    for one in entries(asking, "fact-kinds"):
        assert one["staters"] == [role for role in Role if may_state(role, one["kind"])]
        assert {f["name"] for f in one["fields"] if f["required"]} <= one["example"].keys()
    assert {one["kind"] for one in entries(asking, "fact-kinds")} == set(FACT_TYPES)


def test_the_national_list_is_that_of_the_day(asking: TestClient) -> None:
    before = {one["code"]: one for one in entries(asking, "waste-codes", on="2026-05-31")}
    after = {one["code"]: one for one in entries(asking, "waste-codes", on="2026-06-01")}
    assert before.keys() - after.keys() == {"900-249-08"}
    assert after.keys() - before.keys() == {"900-999-08"}
    assert after["900-999-08"]["recorded"]
    assert after["900-999-08"]["edition"] == "2026年版"
    assert after["900-999-08"]["category_zh"] == "废矿物油与含矿物油废物"
    assert not before["900-249-08"]["recorded"]
    assert len(before) == len(catalogue.waste_codes()) + len(catalogue.categories())
    assert before["900-000-08"]["name"].startswith("未列入名录")


def test_the_edition_is_told_in_a_header_too(asking: TestClient) -> None:
    answer = asking.get(f"{ROOT}/waste-codes", params={"on": "2026-06-01"})
    assert unquote(answer.headers["feilian-edition"]) == answer.json()["edition"] == "2026年版"
    assert asking.get(f"{ROOT}/waste-codes", params={"on": "2024-12-31"}).json()["edition"] == "2021"


def test_limits_tell_the_policies_of_the_day(asking: TestClient) -> None:
    (term,) = (one for one in entries(asking, "limits") if one["limit"] == "storage_term")
    assert any(policy["scope"] == {} or "region" not in policy["scope"] for policy in term["policies"])
    assert entries(asking, "limits", q="storage_term", on="1999-01-01")[0]["policies"] == []


def test_pages_follow_each_other(asking: TestClient) -> None:
    whole = entries(asking, "regions")
    found: list[Any] = []
    offset: int | None = 0
    while offset is not None:
        page = asking.get(f"{ROOT}/regions", params={"limit": 99, "offset": offset}).json()
        assert page["total"] == len(whole)
        found += page["items"]
        offset = page["next"]
    assert found == whole
    assert asking.get(f"{ROOT}/regions", params={"offset": 100_000}).json()["items"] == []


def test_what_has_not_changed_is_not_sent_again(asking: TestClient) -> None:
    first = asking.get(f"{ROOT}/waste-codes", params={"q": "fkwy"})
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=300"
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = asking.get(f"{ROOT}/waste-codes", params={"q": "fkwy"}, headers={"if-none-match": sent})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = asking.get(f"{ROOT}/waste-codes", params={"q": "fj"}, headers={"if-none-match": tag})
    assert other.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 1001},
        {"offset": -1},
        {"offset": 100_001},
        {"on": "2026-02-30"},
        {"q": "x" * 61},
    ],
)
def test_a_question_that_means_nothing_is_refused(asking: TestClient, query: dict[str, Any]) -> None:
    assert asking.get(f"{ROOT}/regions", params=query).status_code == 422


def test_an_unknown_list_is_not_there(asking: TestClient) -> None:
    assert asking.get(f"{ROOT}/planets").status_code == 404
