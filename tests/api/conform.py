"""Every answer that a test's application gives is held against its description, and more strictly than a client may.

Added to the application by tests.api.house and tests.pages.world. An answer that is not described as it is fails the
test that asked for it: describe it in api/answers/ and name it by `response_model=`.
"""

from __future__ import annotations

from typing import Any, Final

import jsonschema_rs
import orjson
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"


class Described:
    """What an application says that it answers."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._schemas = strict(description)
        self._validators: dict[str, Any] = {}

    def check(self, path: str, method: str, status: int, media: str, body: bytes) -> None:
        """AssertionError where an answer is not what is described for its route; what has no route is a problem."""
        operation = self._schemas["paths"].get(path, {}).get(method, {})
        told = operation.get("responses", {}).get(str(status), {}).get("content", {}).get(media, {})
        if status >= 400 and media == PROBLEM:
            told = {"schema": {"$ref": "#/components/schemas/Problem"}}
        schema = told.get("schema")
        if schema is None:
            assert not operation or media != JSON, f"{method} {path} answers {status}, which is not described"
            return
        error = next(iter(self._validator(schema).iter_errors(orjson.loads(body))), None)
        assert error is None, f"{method} {path} {status} at {error.instance_path}: {error.message}"

    def _validator(self, schema: dict[str, Any]) -> Any:
        key = orjson.dumps(schema).decode()
        if key not in self._validators:
            whole = {**schema, "components": self._schemas["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._validators[key]


def strict(value: Any) -> Any:
    """The same description where an object has no member that is not told, unless it says that it may have more."""
    if isinstance(value, list):
        return [strict(part) for part in value]
    if not isinstance(value, dict):
        return value
    found = {name: strict(part) for name, part in value.items()}
    if value.get("type") == "object" and "properties" in value and "additionalProperties" not in value:
        found["additionalProperties"] = False
    return found


class Conforming:
    """An application whose JSON answers are checked before they are sent."""

    def __init__(self, app: ASGIApp, of: FastAPI) -> None:
        self._app = app
        self._of = of
        self._described: Described | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        # A head has no body to be held against anything.
        if scope["type"] != "http" or scope["method"] == "HEAD":
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        body = b""

        async def sending(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start" and _media(message) in (JSON, PROBLEM):
                held.append(message)
                return
            if not held:
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            start = held.pop()
            path = getattr(scope.get("route"), "path_format", "") or scope["path"]
            self._described = self._described or described(self._of)
            self._described.check(path, scope["method"].lower(), start["status"], _media(start), body)
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, sending)


def _media(start: Message) -> str:
    headers = dict(start["headers"])
    return str(headers.get(b"content-type", b"").decode().partition(";")[0])


_DESCRIBED: Final[dict[tuple[str, ...], Described]] = {}


def described(app: FastAPI) -> Described:
    """The description of an application; made once for all that have the same routes, since making it takes a second."""
    routes = tuple(str(route.path) for route in iter_route_contexts(app.routes))
    if routes not in _DESCRIBED:
        _DESCRIBED[routes] = Described(app.openapi())
    return _DESCRIBED[routes]


def conforming(app: FastAPI) -> FastAPI:
    """The same application, its answers held against its description."""
    app.add_middleware(Conforming, of=app)
    return app
