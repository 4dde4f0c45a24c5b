"""Health, metrics and the machine-readable description."""

from __future__ import annotations

from typing import Any

import jsonschema
import orjson
import pytest
from fastapi.routing import iter_route_contexts

from models.facts import FACT_TYPES, Role
from models.problems import Code
from models.settings import Settings
from streams.databases import open_databases
from streams.ledger import Ledger
from tests import facts
from tests.api.house import Client, House
from tests.facts import day
from tests.streams.ledgers import stored


async def test_health_asks_nothing_and_readiness_gives_reasons(client: Client) -> None:
    assert (await client.http.get("/healthz")).json() == {"status": "ok"}
    ready = await client.http.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"ledger": None, "state": None})
    client.app.state.parts.readiness["judging"] = lambda: "the judge is asleep"
    late = await client.http.get("/readyz")
    assert (late.status_code, late.json()["checks"]["judging"]) == (503, "the judge is asleep")
    assert late.headers["retry-after"]


async def test_a_process_without_a_ledger_is_alive_and_not_ready(tmp_path: Any) -> None:
    house = House(tmp_path)
    empty = open_databases(Settings(data_dir=tmp_path / "empty"))
    house.ledger = Ledger(empty)
    async with house.client() as client:
        assert (await client.http.get("/healthz")).status_code == 200
        ready = await client.http.get("/readyz")
        assert ready.status_code == 503
        assert "feilian init" in ready.json()["checks"]["ledger"]


async def test_metrics_count_what_happened_by_route_and_not_by_path(client: Client) -> None:
    await client.post(stored())
    await client.get("/v1/facts/1")
    await client.http.get("/v1/no/such/path")
    text = (await client.http.get("/metrics")).text
    assert 'feilian_http_requests_total{code="201",method="POST",route="/v1/facts"}' in text
    assert 'route="/v1/facts/{seq}"' in text
    assert 'feilian_facts_accepted_total{kind="waste-stored.v1"}' in text
    assert "/no/such/path" not in text


@pytest.fixture
async def description(client: Client) -> dict[str, Any]:
    """The description as served."""
    response = await client.http.get("/openapi.json")
    found: dict[str, Any] = orjson.loads(response.content)
    return found


def _facts_schema(description: dict[str, Any]) -> dict[str, Any]:
    return {"$ref": "#/components/schemas/Fact", "components": description["components"]}


def _endpoints(client: Client) -> set[tuple[str, str]]:
    """Path and method of all that answers over HTTP, but pages (by where they are written) and the description itself."""
    return {
        (str(getattr(route, "path_format", route.path)), method.lower())
        for route in iter_route_contexts(client.app.routes)
        if route.path != client.app.openapi_url and not route.endpoint.__module__.startswith("api.pages")
        for method in route.methods or ()
        if method != "HEAD"
    }


def _described(description: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method): operation
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    }


async def test_the_description_names_every_question(client: Client, description: dict[str, Any]) -> None:
    """What it must name is asked of the code, so that nobody has to remember; the door and /v1/alerts are surely there."""
    endpoints = _endpoints(client)
    assert {("/v1/facts", "post"), ("/v1/alerts", "get"), ("/metrics", "get")} <= endpoints
    assert _described(description).keys() == endpoints


async def test_every_question_says_what_it_answers(description: dict[str, Any]) -> None:
    for endpoint, operation in _described(description).items():
        assert operation.get("description"), endpoint
        assert {"200", "201", "202", "204"} & operation["responses"].keys(), endpoint


async def test_the_description_names_every_refusal(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    assert schemas["Problem"]["properties"]["code"] == {"$ref": "#/components/schemas/Code"}
    assert set(schemas["Code"]["enum"]) == {code.value for code in Code}


async def test_operations_have_short_names_of_their_own(description: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in _described(description).values()]
    assert len(set(names)) == len(names)
    assert {"post_facts", "alerts", "manifest"} <= set(names)


async def test_the_description_of_facts_is_the_facts(description: dict[str, Any]) -> None:
    mapping = description["components"]["schemas"]["Fact"]["discriminator"]["mapping"]
    assert mapping.keys() == FACT_TYPES.keys()
    schema = _facts_schema(description)
    jsonschema.validate(facts.departed(at=day(1)), schema)
    for broken in ({}, {**facts.departed(at=day(1)), "colour": 1}, {**stored(), "mass_kg": 180}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema)


async def test_every_reference_in_the_description_leads_somewhere(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    text = orjson.dumps(description).decode()
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= schemas.keys()


async def test_every_status_that_the_door_answers_is_described(
    client: Client, description: dict[str, Any]
) -> None:
    described = description["paths"]["/v1/facts"]["post"]["responses"].keys()
    wire = stored()
    answers = [
        await client.post(wire),
        await client.post({**wire, "mass_kg": "1"}),
        await client.post(b"{"),
        await client.post({}),
        await client.post(wire, authorization=""),
        await client.post(wire, content_type="text/plain"),
        await client.post(wire, Role.AUDITOR),
    ]
    assert {str(answer.status_code) for answer in answers} == {
        "201",
        "409",
        "400",
        "422",
        "401",
        "403",
        "415",
    }
    assert {str(answer.status_code) for answer in answers} <= described
