"""GET /openapi.json: derived from the routes; nothing of it is written by hand but the words of refusals.

A route tells its answers by its return annotation (api/described.py); which refusals it may give follows from what it
asks for. The door answers by itself (api/door.py) and is described by the signature that stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, Literal

from fastapi import Body, FastAPI, Header, Query
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import Field, RootModel, TypeAdapter

from api import auth, door
from api.answers.problems import Problem
from api.answers.receipts import Receipts, Results
from api.described import plain_route
from api.links import add_links
from api.problems import CONTENT_TYPE
from models import examples
from models.facts import AnyFact, FactUnion

OPENAPI_VERSION: Final = "3.1.0"
_REF: Final = "#/components/schemas/{model}"
_KEY: Final = "key"
_WORDS: Final = {
    400: "Not strict JSON, or a header that says nothing (Feilian-For).",
    401: "No key, or not a good one.",
    403: "The key is good, but not for this.",
    404: "Not there, or not yours to see: the two are told alike.",
    406: "None of the media types asked for can be given.",
    408: "The body came too slowly.",
    409: "An event_id came back from the same organisation with other content.",
    413: "The body is larger than 1 MiB.",
    415: "Not application/json.",
    422: "What is wrong, all at once, each with its path.",
    429: "Too many requests, or too many wrong secrets; come again after Retry-After.",
    503: "The ledger is away, or this took too long; come back after Retry-After.",
}
_DOOR_REFUSALS: Final = (400, 401, 403, 408, 409, 413, 415, 422, 429, 503)
_EXAMPLES: Final = ("transport-departed.v1", "receipt-accepted.v1", "waste-stored.v1", "payment-made.v1")


class Fact(RootModel[AnyFact]):
    """A fact of any kind, as it is sent."""

    root: FactUnion


def _post_facts(
    body: Annotated[
        Fact | Annotated[list[Fact], Field(min_length=1, max_length=1000)],
        Body(openapi_examples={kind: {"value": examples.example(kind)} for kind in _EXAMPLES}),
    ],
    dry_run: Annotated[
        Literal["true", "false"], Query(description="Answer as the real call would, and write nothing.")
    ] = "false",
    prefer: Annotated[
        str | None,
        Header(description="`handling=proceed`: take the good facts of an array and report the others."),
    ] = None,
) -> Receipts | Results:
    """State one fact, or up to a thousand that are accepted together or not at all.

    The same event_id sent again is recognised: its receipt says `known`. With `Prefer: handling=proceed` each fact of an
    array is decided for itself: 201 where all were accepted, 200 where some were, 422 where none was.
    """
    raise AssertionError(body, dry_run, prefer)  # Only its signature is used.


def door_route() -> APIRoute:
    """The door for all methods, with its description; a POST never gets so far (api.app.Measured)."""
    responses: dict[int | str, Any] = {status: {} for status in _DOOR_REFUSALS}
    responses[200] = {"model": Results, "description": "Some were accepted (handling=proceed)."}
    return plain_route(
        door.PATH,
        door.post_facts,
        _post_facts,
        methods=["POST"],
        name="post_facts",
        operation_id="post_facts",
        status_code=201,
        response_description="Committed, numbered and hashed.",
        responses=responses,
    )


def install(app: FastAPI) -> None:
    """Serve the full description; it is made at the first request."""

    def described() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = description(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def description(app: FastAPI) -> dict[str, Any]:
    """The document, made anew."""
    schema = get_openapi(
        title=app.title, version=app.version, routes=app.routes, openapi_version=OPENAPI_VERSION
    )
    problem = TypeAdapter(Problem).json_schema(ref_template=_REF, mode="serialization")
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update({**problem.pop("$defs"), Problem.__name__: problem})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        _KEY: {"type": "http", "scheme": "bearer", "bearerFormat": "flk_<id>_<secret>"}
    }
    for route, operation in _operations(app, schema):
        _complete(route, operation)
    add_links(schema)
    return schema


def _operations(app: FastAPI, schema: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():
            operation = schema["paths"].get(getattr(route, "path_format", ""), {}).get(method.lower())
            if operation is not None:
                yield route, operation


def _complete(route: Any, operation: dict[str, Any]) -> None:
    """A summary, the refusals, and whether a key is needed."""
    operation["summary"] = operation.get("description", route.name).partition("\n")[0]
    calls = {getattr(call, "__module__", "") for call in _calls(route.dependant)}
    at_door = route.path_format == door.PATH and "requestBody" in operation
    with_key = at_door or auth.__name__ in calls
    responses = operation["responses"]
    declared = {int(status) for status in responses if status.isdigit() and int(status) >= 400}
    for status in sorted(declared | _refusals(route.dependant, with_key, "{" in route.path_format)):
        refusal = responses.setdefault(str(status), {})
        if "application/json" in refusal.get("content", {}) and status != 422:
            continue  # A route that tells more than a problem, such as why it is not ready.
        refusal["description"] = _WORDS[status]
        refusal["content"] = {CONTENT_TYPE: {"schema": {"$ref": _REF.format(model=Problem.__name__)}}}
    operation["responses"] = dict(sorted(responses.items()))
    if with_key:
        operation["security"] = [{_KEY: []}]


def _calls(dependant: Dependant) -> Iterable[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


def _refusals(dependant: Dependant, with_key: bool, one_of_many: bool) -> set[int]:
    """What can go wrong with a request, by what it asks for."""
    found = {400, 401, 403, 429, 503} if with_key else {503}  # 503: what takes too long is ended.
    if dependant.body_params:
        found |= {413}
    if one_of_many:
        found |= {404, 422}
    if dependant.path_params or dependant.query_params or dependant.header_params or dependant.body_params:
        found |= {422}
    return found
