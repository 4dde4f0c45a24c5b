"""The schema of a fact takes what the door takes: bodies changed in every way, and both asked (docs/contracts.md)."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.asyncapi import _full
from api.views.schemas import BEYOND_SCHEMA, DIALECT, fact_schema, schema_id
from models.examples import example
from models.facts import FACT_TYPES
from models.problems import Code
from streams.ledger_reading import read_fact
from streams.ledger_types import Prepared
from tests.api.house import House

KINDS = sorted(FACT_TYPES)
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**40, 10**13, "", " ", "x", "x" * 41, "废" * 501, "\n", "0", "0.000", "0.001", "1.0000",
    "1e3", "-1", "01", "1000000000.001", "10000000000000.01", "٣", "2026-02-30", "2026-02-28", "2026-13-01", "0000-01-01",
    "2026-11-20T08:30:00", "2026-11-20T08:30:00Z", "2026-11-20t08:30:00z", "2026-11-20T24:00:00+08:00",
    "2026-02-29T08:30:00+08:00", "2026-11-20T08:30:60Z", "2026-11-20T08:30:00.1234567Z", "2026-11-20T08:30:00+08:00\n",
    "900-249-08", "900-249-08\n", "９00-249-08", "91330604MATRUCK16Q", "91330604matruck16q", "HW08", "33", "330106",
    "930106-PLATER01", "20253301000001", "2025330100000", "浙D12345", "R1", "tonne", "weighbridge", [], {}, [None], ["x"],
    {"line": 1}, [[]], [{}],
)  # fmt: skip


@lru_cache(maxsize=100)
def validator(kind: str) -> Any:
    return jsonschema_rs.Draft202012Validator(fact_schema(kind), validate_formats=True)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a body, all the way down."""
    found: list[tuple[Any, ...]] = []
    if isinstance(value, dict):
        for name, part in value.items():
            found += [(*path, name), *places(part, (*path, name))]
    if isinstance(value, list):
        for number, part in enumerate(value):
            found += [(*path, number), *places(part, (*path, number))]
    return found


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """A real fact with up to three things changed: taken away, replaced by something odd, added, or said twice."""
    kind = draw(st.sampled_from(KINDS))
    body: dict[str, Any] = deepcopy(draw(st.sampled_from([example(kind), _full(kind)])))
    for _ in range(draw(st.integers(0, 3))):
        spots = [path for path in places(body) if path != ("kind",)]
        *way, last = draw(st.sampled_from(spots))
        holder: Any = body
        for step in way:
            holder = holder[step]
        act = draw(st.sampled_from(["drop", "odd", "add", "again"]))
        if act == "drop":
            del holder[last]
        elif act == "odd":
            holder[last] = deepcopy(draw(st.sampled_from(ODD)))
        elif act == "add" and isinstance(holder, dict):
            name = draw(st.sampled_from(["colour", "lot", "place", "pieces", "Kind"]))
            holder[name] = deepcopy(draw(st.sampled_from(ODD)))
        elif isinstance(holder, list):
            holder.append(deepcopy(holder[last]))
    return body


def is_beyond(problem: Any) -> bool:
    """Whether no schema could tell it."""
    return problem.code in BEYOND_SCHEMA or problem.path.startswith("$.replacement")


@settings(max_examples=600, deadline=None)
@given(bodies())
def test_schema_and_door_agree_but_for_rules_over_several_members(body: dict[str, Any]) -> None:
    read = read_fact(body)
    taken = validator(body["kind"]).is_valid(body)
    if isinstance(read, Prepared):
        assert taken
        return
    by_itself = [problem for problem in read if not is_beyond(problem)]
    assert taken == (not by_itself), by_itself


def test_an_instant_beyond_the_edges_is_the_one_spelling_that_only_the_door_refuses() -> None:
    body = {**example("manifest-confirmed.v1"), "occurred_at": "1969-12-31T00:00:00Z"}
    assert validator("manifest-confirmed.v1").is_valid(body)
    (problem,) = read_fact(body)  # type: ignore[misc]
    assert problem.code is Code.BAD_INSTANT


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_says_who_it_is_and_takes_its_example(kind: str) -> None:
    schema = fact_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert (schema["$schema"], schema["$id"]) == (DIALECT, schema_id(kind))
    assert schema["description"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in schema["title"])
    for shown in (*schema["examples"], _full(kind)):
        validator(kind).validate(shown)
        jsonschema.Draft202012Validator(schema).validate(shown)


def test_schemas_over_http(house: House) -> None:
    asking = TestClient(house.app())
    told = asking.get("/v1/schemas").json()["schemas"]
    assert [one["kind"] for one in told] == list(FACT_TYPES)
    for one in told[:3]:
        answer = asking.get(one["href"])
        assert answer.headers["content-type"] == "application/schema+json"
        assert answer.json() == fact_schema(one["kind"])
        assert answer.json()["$id"] == one["id"]
        again = asking.get(one["href"], headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
    assert asking.get("/v1/schemas/waste-vanished.v1").status_code == 404
    assert asking.get("/v1/schemas/..%2f").status_code in (404, 422)
