"""Trying again: what is tried, how long is waited, what is given up; against a server that answers what it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from client import Busy, Feilian, Outbox, Patience, Receipt, Refusal, Refused, Unreachable
from client.patience import seconds_asked
from client.session import BATCH_BYTES, BATCH_FACTS, batches

Answer = int | tuple[int, dict[str, str]] | type[Exception]


@dataclass
class Server:
    """Answers in turn; the last answer for ever. Waiting costs no time, but counts."""

    answers: list[Answer]
    bodies: list[Any] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    now: float = 0.0

    def client(self, **patience: Any) -> Feilian:
        """A client of it whose jitter is always the most."""
        return Feilian(
            "http://server",
            "flk_key",
            patience=Patience(chance=lambda: 1.0, **patience),
            transport=httpx.MockTransport(self._answer),
            sleep=self._sleep,
            clock=lambda: self.now,
        )

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(orjson.loads(request.content) if request.content else None)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, type):
            raise answer("gone")
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        return httpx.Response(status, headers=headers, json=_told(status, self.bodies[-1]))


def _told(status: int, sent: Any) -> dict[str, Any]:
    if status != 201:
        return {
            "code": "invalid",
            "detail": "no",
            "errors": [{"path": "$[1].x", "code": "missing", "message": "m"}],
        }
    return {"receipts": [_receipt(fact, place) for place, fact in enumerate(sent, 1)]}


def _receipt(fact: dict[str, Any], seq: int) -> dict[str, Any]:
    return {
        "event_id": fact["event_id"],
        "status": "new",
        "seq": seq,
        "recorded_at": "",
        "leaf": "",
        "warnings": [],
    }


@pytest.mark.parametrize(
    "failure",
    [500, 502, 503, 504, 429, 408, httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError],
)
def test_what_may_pass_is_tried_again_with_the_same_event_id(failure: Answer) -> None:
    server = Server([failure, failure, 201])
    (receipt,) = server.client().send({"kind": "waste-generated.v1"})
    ids = {body[0]["event_id"] for body in server.bodies}
    assert len(server.bodies) == 3
    assert ids == {receipt.event_id}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 422])
def test_a_refusal_is_final_and_says_why(status: int) -> None:
    server = Server([status])
    with pytest.raises(Refused) as refused:
        server.client().send({"kind": "x"})
    assert len(server.bodies) == 1
    assert (refused.value.status, refused.value.code) == (status, "invalid")
    assert [(p.path, p.code) for p in refused.value.problems] == [("$[1].x", "missing")]


def test_waits_double_to_a_bound() -> None:
    server = Server([500, 500, 500, 500, 500, 201])
    server.client(first=1.0, most=5.0).send({"kind": "x"})
    assert server.waits == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_what_the_server_asks_for_is_the_least_wait() -> None:
    server = Server([(503, {"retry-after": "7"}), 201])
    server.client(first=0.5).send({"kind": "x"})
    assert server.waits == [7.5]


def test_patience_ends() -> None:
    server = Server([httpx.ConnectError])
    with pytest.raises(Unreachable) as unreachable:
        server.client(seconds=10.0, first=1.0, most=4.0).send({"kind": "x"})
    assert not isinstance(unreachable.value, Busy)
    assert server.waits == [1.0, 2.0, 4.0]  # The next would end beyond the ten seconds.


def test_a_server_that_stays_busy_is_told_apart() -> None:
    with pytest.raises(Busy):
        Server([429]).client(seconds=3.0, first=1.0).send({"kind": "x"})


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("", None), ("12", 12.0), ("soon", None), ("-3", None), ("9999999", 86_400.0)],
)
def test_retry_after_in_seconds(header: str | None, seconds: float | None) -> None:
    assert seconds_asked(header) == seconds


def test_retry_after_as_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    asked = seconds_asked(soon)
    assert asked is not None
    assert 80 < asked <= 90
    assert seconds_asked("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


def test_facts_go_in_batches_that_the_server_takes() -> None:
    facts = [{"kind": "x", "n": str(n)} for n in range(BATCH_FACTS + 1)]
    assert [len(batch) for batch in batches(facts)] == [BATCH_FACTS, 1]
    long = [{"kind": "x", "text": "危" * 100_000} for _ in range(4)]
    found = list(batches(long))
    assert [len(batch) for batch in found] == [2, 2]
    assert all(len(orjson.dumps(batch)) <= BATCH_BYTES for batch in found)


def test_a_batch_in_which_nothing_was_good_tells_each_its_own(tmp_path: Path) -> None:
    first, second = Server([422]).client().send_each([{"kind": "x"}, {"kind": "y"}])
    assert isinstance(first, Refusal)
    assert first.problems[0].path == "$"  # No path names it: what was said of the whole.
    assert isinstance(second, Refusal)
    assert [p.code for p in second.problems] == ["missing"]


def _proceeds(bad: str) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        results = []
        for place, fact in enumerate(orjson.loads(request.content), 1):
            wrong = {"errors": [{"path": "$.kind", "code": "unknown_kind", "message": "no"}]}
            results.append(wrong if fact["kind"] == bad else {"receipt": _receipt(fact, place)})
        return httpx.Response(200, json={"results": results})

    return answer


def test_an_outbox_keeps_facts_until_they_are_answered(tmp_path: Path) -> None:
    file = tmp_path / "outbox.db"
    with Outbox(file) as outbox:
        assert outbox.put([{"kind": "good", "event_id": "1"}, {"kind": "bad", "event_id": "2"}]) == 2
        assert outbox.put([{"kind": "good", "event_id": "1"}]) == 0
        with pytest.raises(Unreachable):
            list(outbox.flush(Server([httpx.ConnectError]).client(seconds=0.0)))
        assert outbox.waiting() == 2
    client = Feilian("http://server", "k", transport=httpx.MockTransport(_proceeds("bad")))
    with Outbox(file) as outbox:
        answers = dict(outbox.flush(client))
        assert isinstance(answers["1"], Receipt)
        assert isinstance(answers["2"], Refusal)
        assert outbox.waiting() == 0
        assert list(outbox.flush(client)) == []
        assert [(event_id, reasons[0].code) for event_id, reasons in outbox.refused()] == [
            ("2", "unknown_kind")
        ]
