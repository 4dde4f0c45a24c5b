"""What breaks and what does not: a table of pairs, for what others send, for what they read, and for whole documents."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from deploy import breaking
from deploy.breaking import Comparer, Way

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
MAP = {"type": "object"}


def thing(required: list[str] | None = None, more: bool = True, **properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties, "required": required or []}
    return found if more else {**found, "additionalProperties": False}


# What was, what is, whether it breaks those who send it, and those who read it.
PAIRS: list[tuple[str, Any, Any, bool, bool]] = [
    ("the same", thing(a=TEXT), thing(a=TEXT), False, False),
    ("words only", {**TEXT, "title": "A"}, {**TEXT, "title": "B", "description": "c"}, False, False),
    ("a member more", thing(a=TEXT), thing(a=TEXT, b=TEXT), False, False),
    ("a member more, closed", thing(more=False, a=TEXT), thing(more=False, a=TEXT, b=TEXT), False, False),
    ("a member less, open", thing(a=TEXT), thing(), False, True),
    ("a member less, closed", thing(more=False, a=TEXT), thing(more=False), True, True),
    ("a member is required", thing(a=TEXT), thing(["a"], a=TEXT), True, False),
    ("a new member is required", thing(), thing(["a"], a=TEXT), True, False),
    ("a member is required no more", thing(["a"], a=TEXT), thing(a=TEXT), False, True),
    ("closed now", thing(a=TEXT), thing(more=False, a=TEXT), True, False),
    ("open now", thing(more=False, a=TEXT), thing(a=TEXT), False, False),
    ("another type", TEXT, NUMBER, True, True),
    ("a wider type", NUMBER, {"type": "number"}, False, True),
    ("a narrower type", {"type": "number"}, NUMBER, True, False),
    ("null too", TEXT, {"anyOf": [TEXT, {"type": "null"}]}, False, True),
    ("null no more", {"anyOf": [TEXT, {"type": "null"}]}, TEXT, True, False),
    ("null too, as types", TEXT, {"type": ["string", "null"]}, False, True),
    ("any type", TEXT, {}, False, True),
    ("from any type", {}, TEXT, True, False),
    ("a name more", {"enum": ["a"]}, {"enum": ["a", "b"]}, False, False),
    ("a name less", {"enum": ["a", "b"]}, {"enum": ["a"]}, True, True),
    ("a set is closed", TEXT, {**TEXT, "enum": ["a"]}, True, False),
    ("a set is opened", {**TEXT, "enum": ["a"]}, TEXT, False, True),
    ("another constant", {"const": "a"}, {"const": "b"}, True, True),
    ("longer", {**TEXT, "maxLength": 4}, {**TEXT, "maxLength": 5}, False, True),
    ("shorter", {**TEXT, "maxLength": 5}, {**TEXT, "maxLength": 4}, True, False),
    ("bounded", TEXT, {**TEXT, "maxLength": 4}, True, False),
    ("unbounded", {**TEXT, "maxLength": 4}, TEXT, False, True),
    ("a higher least", {**NUMBER, "minimum": 1}, {**NUMBER, "minimum": 2}, True, False),
    ("a lower least", {**NUMBER, "minimum": 2}, {**NUMBER, "minimum": 1}, False, True),
    ("another pattern", {**TEXT, "pattern": "^a$"}, {**TEXT, "pattern": "^b$"}, True, True),
    ("a pattern", TEXT, {**TEXT, "pattern": "^a$"}, True, False),
    ("no pattern", {**TEXT, "pattern": "^a$"}, TEXT, False, True),
    ("another format", {**TEXT, "format": "date"}, {**TEXT, "format": "date-time"}, True, True),
    (
        "items of another type",
        {"type": "array", "items": TEXT},
        {"type": "array", "items": NUMBER},
        True,
        True,
    ),
    ("items told", {"type": "array"}, {"type": "array", "items": TEXT}, True, False),
    ("deep inside", thing(a=thing(b=TEXT)), thing(a=thing(b=NUMBER)), True, True),
    (
        "values by name",
        {**MAP, "additionalProperties": TEXT},
        {**MAP, "additionalProperties": NUMBER},
        True,
        True,
    ),
    ("a form more", {"oneOf": [TEXT]}, {"oneOf": [TEXT, NUMBER]}, False, True),
    ("a form less", {"oneOf": [TEXT, NUMBER]}, {"oneOf": [NUMBER]}, True, False),
    (
        "one kind of two changed",
        {"oneOf": [thing(kind={"const": "a"}, x=TEXT), thing(kind={"const": "b"}, x=TEXT)]},
        {"oneOf": [thing(kind={"const": "a"}, x=TEXT), thing(kind={"const": "b"}, x=NUMBER)]},
        True,
        True,
    ),
    (
        "all of it",
        {"allOf": [thing(a=TEXT), thing(b=TEXT)]},
        {"allOf": [thing(a=TEXT), thing(b=NUMBER)]},
        True,
        True,
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "sent", "read"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_what_breaks_whom(name: str, old: Any, new: Any, sent: bool, read: bool) -> None:
    assert bool(Comparer({}, {}).schemas(old, new, "it", Way.SENT)) is sent, name
    assert bool(Comparer({}, {}).schemas(old, new, "it", Way.READ)) is read, name


def test_references_are_followed_in_their_own_document_and_cycles_end() -> None:
    def document(leaf: Any) -> dict[str, Any]:
        tree = {"type": "object", "properties": {"leaf": leaf, "next": {"$ref": "#/defs/tree"}}}
        return {"defs": {"tree": tree}}

    compare = Comparer(document(TEXT), document(NUMBER))
    ref = {"$ref": "#/defs/tree"}
    (found,) = compare.schemas(ref, ref, "it", Way.SENT)
    assert str(found) == "it.leaf: was string, is integer"
    assert Comparer(document(TEXT), document(TEXT)).schemas(ref, ref, "it", Way.READ) == []


PARAMETER = {"in": "query", "name": "q", "required": False, "schema": TEXT}
OPERATION: dict[str, Any] = {
    "operationId": "ask",
    "parameters": [PARAMETER],
    "requestBody": {"content": {"application/json": {"schema": thing(a=TEXT)}}},
    "responses": {
        "200": {"headers": {"ETag": {}}, "content": {"application/json": {"schema": thing(["a"], a=TEXT)}}},
        "404": {"content": {"application/problem+json": {"schema": TEXT}}},
    },
}
DOCUMENT: dict[str, Any] = {"paths": {"/a": {"get": OPERATION}}}


def changed(*path: Any, to: Any = None, gone: bool = False) -> dict[str, Any]:
    """The document with one place changed."""
    document = deepcopy(DOCUMENT)
    place: Any = document["paths"]["/a"]["get"]
    for step in path[:-1]:
        place = place[step]
    if gone:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return document


JSON = ("content", "application/json")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (DOCUMENT, ""),
        ({"paths": {}}, "GET /a: is gone"),
        ({"paths": {"/a": {"post": OPERATION}}}, "GET /a: is gone"),
        ({"paths": {**DOCUMENT["paths"], "/b": {}}}, ""),
        (changed("parameters", to=[]), "GET /a query.q: is gone"),
        (changed("parameters", 0, "required", to=True), "GET /a query.q: has become required"),
        (changed("parameters", 0, "schema", to=NUMBER), "GET /a query.q: was string, is integer"),
        (changed("parameters", to=[PARAMETER, {**PARAMETER, "name": "r"}]), ""),
        (
            changed("parameters", to=[PARAMETER, {**PARAMETER, "name": "r", "required": True}]),
            "query.r: has become",
        ),
        (changed("requestBody", "required", to=True), "GET /a body: has become required"),
        (changed("requestBody", *JSON, gone=True), "GET /a body application/json: is gone"),
        (changed("requestBody", *JSON, "schema", to=thing(["b"])), "GET /a body.b: has become required"),
        (changed("responses", "200", gone=True), "GET /a 200: is gone"),
        (changed("responses", "404", gone=True), ""),
        (changed("responses", "200", "headers", to={}), "GET /a 200 ETag: is gone"),
        (changed("responses", "200", *JSON, gone=True), "GET /a 200 application/json: is gone"),
        (changed("responses", "200", *JSON, "schema", to=thing()), "GET /a 200.a: is gone"),
        (changed("responses", "200", *JSON, "schema", to=thing(["a", "b"], a=TEXT, b=TEXT)), ""),
        (changed("security", to=[{"key": []}]), "GET /a: needs a key now"),
        (changed("operationId", to="other"), "GET /a: was called ask, is other"),
    ],
)
def test_documents_of_http(new: dict[str, Any], said: str) -> None:
    found = breaking.openapi(DOCUMENT, new)
    assert [said in str(one) for one in found] == ([True] if said else [])


def channels(**channel: Any) -> dict[str, Any]:
    told = {
        "address": "waste.a",
        "messages": {"m": {"payload": thing(["a"], a=TEXT), "headers": thing(["seq"])}},
    }
    return {"channels": {"a": {**told, **channel}}}


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (channels(), ""),
        ({"channels": {}}, "a: is gone"),
        (channels(address="waste.b"), "a: was waste.a, is waste.b"),
        (channels(messages={}), "a m: is gone"),
        (
            channels(messages={"m": {"payload": thing(["a"], a=NUMBER), "headers": thing(["seq"])}}),
            "payload.a: was string",
        ),
        (
            channels(
                messages={"m": {"payload": thing(["a"], a=TEXT, b=TEXT), "headers": thing(["seq"])}, "n": {}}
            ),
            "",
        ),
    ],
)
def test_documents_of_topics(new: dict[str, Any], said: str) -> None:
    found = breaking.asyncapi(channels(), new)
    assert [said in str(one) for one in found] == ([True] if said else [])


def test_a_kind_of_fact_never_goes_and_takes_what_it_took() -> None:
    old = {"a": thing(more=False, x=TEXT), "b": TEXT}
    assert [str(one) for one in breaking.facts(old, {"a": thing(more=False)})] == [
        "a.x: is gone",
        "b: is gone",
    ]
    assert breaking.facts(old, {**old, "c": NUMBER}) == []
