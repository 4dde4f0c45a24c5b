"""Descriptions of what others send and read."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict
from typing_extensions import TypedDict

from api.answers.basics import Words


class SchemaOf(TypedDict):
    """Where the schema of a kind of fact is."""

    kind: str
    title: Words
    id: str
    href: str


class Schemas(TypedDict):
    """One for each kind."""

    schemas: list[SchemaOf]


Schema = TypedDict(
    "Schema",
    {
        "$schema": str,
        "$id": str,
        "title": str,
        "type": str,
        "properties": dict[str, Any],
        "required": list[str],
    },
)
Schema.__doc__ = "A JSON Schema, draft 2020-12."
Schema.__pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[attr-defined]


class AsyncApi(TypedDict):
    """An AsyncAPI document."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]

    asyncapi: str
    info: dict[str, Any]
    channels: dict[str, Any]
    operations: dict[str, Any]
    components: dict[str, Any]
