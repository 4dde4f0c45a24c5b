"""Whatever is malformed gets a clear problem with path and code, and nothing is written."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.door import parsed
from api.problems import ProblemError
from models.facts import Role
from models.problems import Code
from tests import facts
from tests.api.house import Client, House, errors_of, problem_of
from tests.facts import day
from tests.streams.ledgers import seqs, stored

WHOLE = orjson.dumps(stored())


def _with(field: str, value: bytes) -> bytes:
    """A good body with one more field, spelled as given."""
    return WHOLE[:-1] + b',"' + field.encode() + b'":' + value + b"}"


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (b"", "bad_json", "$"),
        (b"{", "bad_json", "$"),
        (b"nonsense", "bad_json", "$"),
        (WHOLE[:-1], "bad_json", "$"),
        (WHOLE + b"x", "bad_json", "$"),
        (WHOLE + WHOLE, "bad_json", "$"),
        (b"{'kind':'x'}", "bad_json", "$"),
        (_with("a", b"NaN"), "bad_json", "$.a"),
        (_with("kind", b'"waste-stored.v1"'), "duplicate_key", "$.kind"),
        (_with("k\\u0069nd", b"1"), "duplicate_key", "$.kind"),
        (b"[" + WHOLE + b"," + _with("a", b'{"b":1,"b":1}') + b"]", "duplicate_key", "$[1].a.b"),
        (_with("mass", b"1.5"), "float", "$.mass"),
        (_with("mass", b"1e3"), "float", "$.mass"),
        (_with("mass", b"-0.0"), "float", "$.mass"),
        (_with("mass", b"9007199254740993"), "number_too_large", "$.mass"),
        (_with("mass", b"1" * 400), "number_too_large", "$.mass"),
        (_with("a", b'"\\u0000"'), "nul", "$.a"),
        (_with("a", b'"\x00"'), "nul", "$.a"),
        (_with("a", b'"\\ud800"'), "surrogate", "$.a"),
        (_with("a", b'"\\udc00\\ud800"'), "surrogate", "$.a"),
        (_with("a", b'"\xff"'), "bad_utf8", "$"),
        (_with("a", b'"\xed\xa0\x80"'), "bad_utf8", "$"),
        (_with("a", b'"\xc0\xaf"'), "bad_utf8", "$"),
        (b"\xef\xbb\xbf" + WHOLE, "bad_utf8", "$"),
        (WHOLE.decode().encode("utf-16"), "bad_utf8", "$"),
        (b"[" * 100_000, "too_deep", None),
        (b"[" * 40 + b"]" * 40, "too_deep", None),
        (_with("a", b'{"a":' * 5000 + b"1" + b"}" * 5000), "too_deep", None),
    ],
    ids=lambda value: None if isinstance(value, str | None) else repr(value[-30:]),
)
async def test_what_is_not_strict_json_is_refused(
    client: Client, house: House, body: bytes, code: str, path: str | None
) -> None:
    response = await client.post(body)
    problem = problem_of(response, 400)
    assert problem["code"] == code
    (error,) = problem["errors"]
    assert error["code"] == code
    assert path is None or error["path"] == path
    assert error["message"]
    assert seqs(house.ledger) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": "waste-vanished.v1"}, [("$.kind", "unknown_kind")]),
        ({"kind": "waste-stored.v2"}, [("$.kind", "unknown_kind")]),
        ({"kind": ["waste-stored.v1"]}, [("$.kind", "unknown_kind")]),
        ({"kind": None}, [("$.kind", "missing")]),
        ({"colour": "red"}, [("$.colour", "unknown_field")]),
        ({"mass_g": 180}, [("$.mass_g", "unknown_field")]),
        ({"a b": 1}, [('$["a b"]', "unknown_field")]),
        ({"site": None}, [("$.site", "wrong_type")]),
        ({"site": "330106"}, [("$.site", "bad_format")]),
        ({"site": "330106-PLATER01\n"}, [("$.site", "bad_format")]),
        ({"site": "９30106-PLATER01"}, [("$.site", "bad_format")]),
        ({"waste_code": "HW08"}, [("$.waste_code", "bad_format")]),
        ({"waste_code": 90024908}, [("$.waste_code", "wrong_type")]),
        ({"lot": ""}, [("$.lot", "bad_format")]),
        ({"event_id": "1"}, [("$.event_id", "bad_format")]),
        ({"event_id": "00000000-0000-0000-0000-000000000000"}, [("$.event_id", "bad_format")]),
        ({"mass_kg": "-1"}, [("$.mass_kg", "bad_mass")]),
        ({"mass_kg": "0"}, [("$.mass_kg", "bad_mass")]),
        ({"mass_kg": "1.2345"}, [("$.mass_kg", "bad_mass")]),
        ({"mass_kg": "1e3"}, [("$.mass_kg", "bad_mass")]),
        ({"mass_kg": " 1"}, [("$.mass_kg", "bad_mass")]),
        ({"mass_kg": "１"}, [("$.mass_kg", "bad_mass")]),
        ({"mass_kg": "99999999999"}, [("$.mass_kg", "bad_mass")]),
        ({"mass_kg": 180}, [("$.mass_kg", "bad_mass")]),
        ({"mass_kg": True}, [("$.mass_kg", "bad_mass")]),
        ({"pieces": 0}, [("$.pieces", "out_of_range")]),
        ({"pieces": "3"}, [("$.pieces", "wrong_type")]),
        ({"pieces": True}, [("$.pieces", "wrong_type")]),
        ({"occurred_at": "2025-03-04T09:00:00"}, [("$.occurred_at", "bad_instant")]),
        ({"occurred_at": "2025-03-04"}, [("$.occurred_at", "bad_instant")]),
        ({"occurred_at": "2025-02-30T09:00:00Z"}, [("$.occurred_at", "bad_instant")]),
        ({"occurred_at": 1741050000}, [("$.occurred_at", "bad_instant")]),
        ({"occurred_at": "2199-01-01T00:00:00Z"}, [("$.occurred_at", "in_the_future")]),
    ],
)
async def test_a_body_that_is_no_such_fact_is_refused_with_the_path(
    client: Client, house: House, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    wire = {**stored(), **changes}
    assert errors_of(await client.post(wire)) == expected
    batched = errors_of(await client.post([stored(), wire]))
    assert batched == [(f"$[1]{path[1:]}", code) for path, code in expected]
    assert seqs(house.ledger) == []


async def test_all_errors_of_all_facts_come_at_once(client: Client, house: House) -> None:
    bad = facts.departed(
        at=day(1),
        vehicle="",
        lines=[facts.line(kg="-1"), {**facts.line(no=2), "mass_kg": None}, {"line": 2, "colour": 1}],
    )
    found = errors_of(await client.post([stored(), bad, {**stored(), "mass_kg": "x"}, 7, None]))
    assert found == [
        ("$[1].vehicle", "bad_format"),
        ("$[1].lines[0].mass_kg", "bad_mass"),
        ("$[1].lines[1]", "no_amount"),
        ("$[1].lines[2].waste_code", "missing"),
        ("$[1].lines[2].colour", "unknown_field"),
        ("$[2].mass_kg", "bad_mass"),
        ("$[3]", "wrong_type"),
        ("$[4]", "wrong_type"),
    ]
    assert seqs(house.ledger) == []


async def test_lines_without_an_amount_and_lines_that_repeat_are_refused(client: Client) -> None:
    nothing = facts.departed(at=day(1), lines=[{"line": 1, "waste_code": "900-249-08"}])
    twice = facts.departed(at=day(1), lines=[facts.line(), facts.line()])
    found = errors_of(await client.post([nothing, twice]))
    assert found == [("$[0].lines[0]", "no_amount"), ("$[1].lines", "duplicate_line")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "empty_batch"),
        ([1] * 1001, "too_many_facts"),
        ("text", "wrong_type"),
        (None, "wrong_type"),
        (7, "wrong_type"),
        ([[]], "wrong_type"),
    ],
)
async def test_a_body_is_one_fact_or_up_to_a_thousand(client: Client, body: object, code: str) -> None:
    assert problem_of(await client.post(body), 422)["code"] == code


async def test_a_thousand_broken_facts_get_a_bounded_answer(client: Client) -> None:
    response = await client.post([{"kind": "waste-stored.v1", f"x{n}": 1} for n in range(1000)])
    assert len(errors_of(response)) <= 1100


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/xml", "application/json; charset=gbk", "multipart/form-data"],
)
async def test_only_json_is_read(client: Client, house: House, content_type: str) -> None:
    assert problem_of(await client.post(WHOLE, content_type=content_type), 415)["code"] == "not_json"
    assert seqs(house.ledger) == []


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
async def test_json_may_be_announced_in_any_spelling(client: Client, content_type: str) -> None:
    assert (await client.post(stored(), content_type=content_type)).status_code == 201


async def test_a_compressed_body_is_refused(client: Client) -> None:
    problem_of(await client.post(b"x", content_encoding="gzip"), 415)


async def test_other_methods_and_paths_are_problems_too(client: Client) -> None:
    response = await client.http.delete("/v1/facts")
    assert problem_of(response, 405)["code"] == "method_not_allowed"
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    problem_of(await client.http.get("/v1/nothing"), 404)
    problem_of(await client.http.post("/v1/facts/"), 404)


async def test_our_own_fault_is_a_problem_without_details(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(client.app.state.parts.acceptor, "submit", broken)
    response = await client.post(stored())
    assert problem_of(response, 500)["code"] == "internal"
    assert "secret" not in response.text


# Bodies that are too large or too slow, on a real port


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The house served."""
    with house.served() as address:
        yield address


def _headers(house: House) -> dict[str, str]:
    return {"authorization": f"Bearer {house.tokens[Role.PRODUCER]}", "content-type": "application/json"}


def test_five_megabytes_announced_are_refused_before_they_are_sent(address: str, house: House) -> None:
    port = urlsplit(address).port
    lines = [f"{name}: {value}" for name, value in _headers(house).items()]
    head = "\r\n".join(["POST /v1/facts HTTP/1.1", "host: x", *lines, "content-length: 5242880", "", ""])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
        sock.sendall(head.encode())
        answer = sock.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 413")
    assert "body_too_large" in answer
    assert "connection: close" in answer.lower()


def test_five_megabytes_get_a_problem_also_when_they_are_sent_at_once(address: str, house: House) -> None:
    body = b"[" + b"1," * 2_600_000 + b"1]"
    response = httpx.post(f"{address}/v1/facts", content=body, headers=_headers(house))
    assert problem_of(response, 413)["code"] == "body_too_large"


async def test_a_large_body_without_a_length_gets_its_problem_too(address: str, house: House) -> None:
    async def large() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b" " * 65536

    async with httpx.AsyncClient() as http:
        response = await http.post(f"{address}/v1/facts", content=large(), headers=_headers(house))
    assert problem_of(response, 413)["code"] == "body_too_large"


async def test_an_endless_body_is_cut_off(address: str, house: House) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 500_000_000:
            sent += 65536
            yield b" " * 65536

    async with httpx.AsyncClient() as http:
        with contextlib.suppress(httpx.TransportError):
            response = await http.post(f"{address}/v1/facts", content=endless(), headers=_headers(house))
            problem_of(response, 413)
    assert sent < 50_000_000


async def test_a_body_of_just_one_mebibyte_is_read(client: Client) -> None:
    wire = orjson.dumps(stored())
    assert (await client.post(wire + b" " * (1024 * 1024 - len(wire)))).status_code == 201
    problem_of(await client.post(wire + b" " * (1024 * 1024 - len(wire) + 1)), 413)


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Any) -> None:
    house = House(tmp_path, more={"body_seconds_max": 1})
    with house.served() as address:
        port = urlsplit(address).port
        lines = [f"{name}: {value}" for name, value in _headers(house).items()]
        head = "\r\n".join(["POST /v1/facts HTTP/1.1", "host: x", *lines, "content-length: 100", "", "{"])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            started = time.monotonic()
            sock.sendall(head.encode())
            answer = sock.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 408")
    assert time.monotonic() - started < 8


# Anything at all


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(sorted(stored())), value=_JSON)
def test_any_value_in_any_field_is_taken_or_refused_and_never_breaks(
    tmp_path_factory: pytest.TempPathFactory, field: str, value: Any
) -> None:
    house = _shared_house(tmp_path_factory)

    async def post() -> httpx.Response:
        async with house.client() as client:
            return await client.post({**stored(), field: value})

    try:
        response = asyncio.run(post())
    except TypeError:
        return  # An integer that orjson does not write.
    assert response.status_code in (201, 400, 409, 422), response.text
    if response.status_code != 201:
        codes = {code.value for code in Code}
        assert all(error["code"] in codes for error in response.json()["errors"])


_HOUSES: list[House] = []


def _shared_house(factory: pytest.TempPathFactory) -> House:
    if not _HOUSES:
        _HOUSES.append(House(factory.mktemp("house")))
    return _HOUSES[0]


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_json_or_a_problem_with_a_place(body: bytes) -> None:
    try:
        parsed(body)
    except ProblemError as error:
        found = error
    else:
        return
    assert found.status == 400
    assert found.problems[0].path.startswith("$")
