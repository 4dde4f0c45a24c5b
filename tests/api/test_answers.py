"""Answers are what is described: every route tells a type, and the guard of all tests (tests/api/conform.py) can fail."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.api.conform import JSON, PROBLEM, Described, strict
from tests.api.house import Client


def _successes(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path} {status} {media}": content.get("schema", {})
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        for media, content in answer.get("content", {}).items()
        if status < "300"
    }


async def test_every_json_answer_has_a_type_of_its_own(client: Client) -> None:
    told = _successes(client.app.openapi())
    assert len(told) > 20
    vague = {route for route, schema in told.items() if JSON in route and not _is_told(schema)}
    assert vague == set()


def _is_told(schema: dict[str, Any]) -> bool:
    """A reference, a list of them, an object that names its members, or one of several such."""
    items = schema.get("items")
    if choices := schema.get("anyOf"):
        return all(_is_told(choice) for choice in choices)
    return "$ref" in schema or "properties" in schema or (items is not None and _is_told(items))


async def test_nothing_described_may_hold_just_anything(client: Client) -> None:
    """An object without named members is told on purpose: a fact's body, amounts, a table by name."""
    description = client.app.openapi()
    for name, schema in description["components"]["schemas"].items():
        for member, told in schema.get("properties", {}).items():
            assert told != {} or "description" in told, f"{name}.{member}"


@pytest.mark.parametrize(
    ("status", "media", "body"),
    [
        (200, JSON, {"status": "fine"}),
        (200, JSON, {"status": "ok", "more": 1}),
        (200, JSON, {}),
        (201, JSON, {"status": "ok"}),
        (500, PROBLEM, {"status": "ok"}),
        (418, PROBLEM, {"type": "t", "title": "t", "status": 418, "detail": "d", "code": "teapot"}),
    ],
)
async def test_the_guard_sees_what_is_not_as_described(
    client: Client, status: int, media: str, body: Any
) -> None:
    described = Described(client.app.openapi())
    described.check("/healthz", "get", 200, JSON, b'{"status":"ok"}')
    with pytest.raises(AssertionError):
        described.check("/healthz", "get", status, media, orjson.dumps(body))


def test_strict_closes_objects_but_those_that_say_they_are_open() -> None:
    closed = {"type": "object", "properties": {"a": {"type": "object", "properties": {}}}}
    opened = {"type": "object", "properties": {}, "additionalProperties": True}
    assert strict(closed)["properties"]["a"]["additionalProperties"] is False
    assert strict(opened) == opened
