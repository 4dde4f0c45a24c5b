"""GET /openapi.json: FastAPI's own description, with the door (a plain route) and the schemas of all facts added."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from api import door
from models.facts import FactUnion
from models.problems import Code, Warned
from models.topics import Concern

_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"enum": [code.value for code in Code]},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/PathProblem"}},
    },
}
_PATH_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["path", "code", "message"],
    "properties": {
        "path": {"type": "string", "examples": ["$[3].lines[0].mass_kg"]},
        "code": {"enum": [code.value for code in (*Code, *Warned)]},
        "message": {"type": "string"},
    },
}
_RECEIPT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["event_id", "seq", "recorded_at", "recorded_at_us", "leaf", "status", "warnings"],
    "properties": {
        "event_id": {"type": "string", "format": "uuid"},
        "seq": {"type": "integer"},
        "recorded_at": {"type": "string", "format": "date-time"},
        "recorded_at_us": {"type": "integer", "description": "Microseconds UTC, as under the leaf hash."},
        "leaf": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "status": {"enum": ["new", "known"]},
        "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/PathProblem"}},
    },
}
_RECEIPTS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["receipts"],
    "properties": {"receipts": {"type": "array", "items": {"$ref": "#/components/schemas/Receipt"}}},
}
_REFUSALS: Final = {
    "400": "Not strict JSON.",
    "401": "No key, or not a good one.",
    "408": "The body came too slowly.",
    "409": "An event_id came back from the same organisation with other content.",
    "413": "The body is larger than 1 MiB.",
    "415": "Not application/json.",
    "422": "All problems of all facts, each with its path.",
    "503": "The ledger is away; send the same again after Retry-After.",
}


def install(app: FastAPI) -> None:
    """Serve the full description; it is made at the first request."""

    def described() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, routes=app.routes, openapi_version="3.1.0")
    facts = TypeAdapter(FactUnion).json_schema(ref_template=_REF, by_alias=True)
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(
        {
            **facts.pop("$defs"),
            "Fact": facts,
            "Problem": _PROBLEM,
            "PathProblem": _PATH_PROBLEM,
            "Receipt": _RECEIPT,
            "Receipts": _RECEIPTS,
        }
    )
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "bearerFormat": "flk_<id>_<secret>"}
    }
    schema["security"] = [{"key": []}]
    schema.setdefault("paths", {})[door.PATH] = {"post": _door()}
    return schema


def _door() -> dict[str, Any]:
    fact: dict[str, Any] = {"$ref": "#/components/schemas/Fact"}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    accepted = {"application/json": {"schema": {"$ref": "#/components/schemas/Receipts"}}}
    body = {"anyOf": [fact, {"type": "array", "items": fact, "minItems": 1, "maxItems": 1000}]}
    return {
        "operationId": "post_facts",
        "summary": "State one fact, or up to a thousand that are accepted together or not at all.",
        "description": f"Concerns that judge facts: {', '.join(Concern)}. The same event_id sent again is recognised.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "201": {"description": "Committed, numbered and hashed.", "content": accepted},
            **{code: {"description": text, "content": problem} for code, text in _REFUSALS.items()},
        },
    }
