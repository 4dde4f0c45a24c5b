"""GET /v1/schemas: the JSON Schema of every fact, and GET /asyncapi.json: what is on the topics. No key needed."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse

from api import asyncapi
from api.answers.schemas import AsyncApi, Schema, Schemas
from api.described import DescribedRoute
from api.problems import not_found
from api.reference import RESPONSES, IfNoneMatch, tagged
from api.views.reference_lists import words
from api.views.schemas import fact_schema, schema_id
from models.facts import FACT_TYPES

router = APIRouter(route_class=DescribedRoute)


class SchemaResponse(JSONResponse):
    """A JSON Schema."""

    media_type = "application/schema+json"


@router.get("/v1/schemas", response_model=Schemas, responses=RESPONSES)
def schemas(if_none_match: IfNoneMatch = None) -> Response:
    """The kinds of facts, each with the address of its schema."""
    found: list[dict[str, Any]] = [
        {"kind": kind, "title": words(kind), "id": schema_id(kind), "href": f"/v1/schemas/{kind}"}
        for kind in FACT_TYPES
    ]
    return tagged(orjson.dumps({"schemas": found}), if_none_match)


@router.get("/v1/schemas/{kind}", response_model=Schema, response_class=SchemaResponse, responses=RESPONSES)
def schema(
    kind: Annotated[str, Path(pattern=r"^[a-z]+(-[a-z]+)*\.v[1-9][0-9]?$", max_length=60)],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """JSON Schema (draft 2020-12) of one kind of fact: what it takes, the door takes, but for rules over several members."""
    if kind not in FACT_TYPES:
        raise not_found(f'kind "{kind}"')
    body = orjson.dumps(fact_schema(kind))
    return tagged(body, if_none_match, media_type=SchemaResponse.media_type)


@router.get("/asyncapi.json", response_model=AsyncApi, responses=RESPONSES, name="asyncapi")
def topics(if_none_match: IfNoneMatch = None) -> Response:
    """AsyncAPI 3: the topics of Kafka, their messages, headers, keys and partitions."""
    return tagged(orjson.dumps(asyncapi.document()), if_none_match)
