"""The conformance kit: our own client passes all twelve, and software that does it wrong fails where it should."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.sandbox.scenarios import SCENARIOS
from client import Refused, new_event_id
from client.kit import ACTS, Sandbox
from client.kit.acts import _depart, _generated, _line, _on_manifest
from tests.client.boxes import box

Act = Callable[[Sandbox, dict[str, Any]], None]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One for all tests of this file: scenarios use names of their own each time."""
    with box(tmp_path_factory.mktemp("sandbox")) as found:
        yield found


def test_there_are_twelve_and_an_act_for_each() -> None:
    assert len(SCENARIOS) == 12
    assert {scenario.name for scenario in SCENARIOS} == ACTS.keys()


@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS])
def test_our_own_client_conforms(sandbox: Sandbox, name: str) -> None:
    told = sandbox.run(name)
    assert [check for check in told["checks"] if not check["passed"]] == []
    assert len(told["checks"]) > 1
    assert told["passed"]


def _nothing(_sandbox: Sandbox, _given: dict[str, Any]) -> None:
    """Software that does nothing."""


@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS])
def test_nobody_passes_by_doing_nothing(sandbox: Sandbox, name: str) -> None:
    sandbox.start(name)
    assert not sandbox.finish(name)["passed"]


# Software that does it wrong


def _one(sandbox: Sandbox, given: dict[str, Any], place: int = 0, **more: Any) -> dict[str, Any]:
    return _generated(given, given["lots"][place], sandbox.now().isoformat(), **more)


def _with_v4(sandbox: Sandbox, given: dict[str, Any]) -> None:
    sandbox.producer.send(_one(sandbox, given, event_id="7f2b1c0e-3a52-4c1b-9d6e-0123456789ab"))


def _other_mass(sandbox: Sandbox, given: dict[str, Any]) -> None:
    sandbox.producer.send(_one(sandbox, given, mass_kg="120.6"))


def _one_by_one(sandbox: Sandbox, given: dict[str, Any]) -> None:
    for place in range(len(given["lots"])):
        sandbox.producer.send(_one(sandbox, given, place))


def _raw(sandbox: Sandbox, fact: dict[str, Any]) -> None:
    """One try, without our client's patience."""
    http = sandbox.producer._http
    with suppress(httpx.TransportError):
        http.post("/v1/facts", json=[fact])


def _new_id_each_time(sandbox: Sandbox, given: dict[str, Any]) -> None:
    for _ in range(2):
        _raw(sandbox, _one(sandbox, given, event_id=new_event_id()))


def _at_once(sandbox: Sandbox, given: dict[str, Any]) -> None:
    fact = _one(sandbox, given)
    _raw(sandbox, fact)
    _raw(sandbox, fact)


def _again_and_again(sandbox: Sandbox, given: dict[str, Any]) -> None:
    draft = {**given["draft"], "event_id": new_event_id()}
    for _ in range(3):
        with suppress(Refused):
            sandbox.producer.send(draft)
    sandbox.producer.send({**draft, "waste_code": "336-064-17", "mass_kg": "12.346"})


def _never_the_draft(sandbox: Sandbox, given: dict[str, Any]) -> None:
    right = {"waste_code": "336-064-17", "mass_kg": "12.346", "event_id": new_event_id()}
    sandbox.producer.send({**given["draft"], **right})


def _doubt_ignored(sandbox: Sandbox, given: dict[str, Any]) -> None:
    sandbox.producer.send(_one(sandbox, given, waste_code=given["doubtful_code"]))


def _right_from_the_start(sandbox: Sandbox, given: dict[str, Any]) -> None:
    sandbox.producer.send(_one(sandbox, given))


def _unconfirmed(sandbox: Sandbox, given: dict[str, Any]) -> None:
    at = sandbox.now()
    _depart(sandbox, given, at - timedelta(minutes=1))
    sandbox.facility.send(_on_manifest(given, "receipt-accepted.v1", at, lines=[_line(given)]))


def _ends_with_less(sandbox: Sandbox, given: dict[str, Any]) -> None:
    at = sandbox.now()
    _depart(sandbox, given, at - timedelta(minutes=2))
    sandbox.facility.send(
        _on_manifest(given, "receipt-weighed.v1", at - timedelta(minutes=2), lines=[_line(given)]),
        _on_manifest(given, "receipt-accepted.v1", at - timedelta(minutes=1), lines=[_line(given, "8000")]),
        _on_manifest(given, "manifest-confirmed.v1", at),
    )


def _never_looks(sandbox: Sandbox, given: dict[str, Any]) -> None:
    at = sandbox.now()
    _depart(sandbox, given, at)
    sandbox.facility.send(_on_manifest(given, "receipt-accepted.v1", at, lines=[_line(given, "8000")]))


def _all_at_the_end(sandbox: Sandbox, given: dict[str, Any]) -> None:
    for place in reversed(range(len(given["lots"]))):
        sandbox.producer.send(_one(sandbox, given, place))


WRONG: list[tuple[str, Act, set[str]]] = [
    ("first-fact", _with_v4, {"uuid_v7"}),
    ("first-fact", _other_mass, {"as_given"}),
    ("batch", _one_by_one, {"few_requests"}),
    ("lost-answer", _new_id_each_time, {"each_once", "same_event_id"}),
    ("busy-server", _at_once, {"waited"}),
    ("refused-then-mended", _again_and_again, {"draft_sent"}),
    ("refused-then-mended", _never_the_draft, {"draft_sent"}),
    ("warned", _doubt_ignored, {"corrected"}),
    ("warned", _right_from_the_start, {"doubtful_code_stated", "corrected"}),
    ("whole-manifest", _unconfirmed, {"all_acts"}),
    ("whole-manifest", _ends_with_less, {"no_alert"}),
    ("difference", _never_looks, {"read", "cleared", "corrected"}),
    ("offline", _all_at_the_end, {"times_kept", "in_order"}),
]


@pytest.mark.parametrize(("name", "act", "failed"), WRONG, ids=[f"{n}{act.__name__}" for n, act, _ in WRONG])
def test_software_that_does_it_wrong_fails_where_it_should(
    sandbox: Sandbox, name: str, act: Act, failed: set[str]
) -> None:
    act(sandbox, sandbox.start(name))
    told = sandbox.finish(name)
    assert {check["check"] for check in told["checks"] if not check["passed"]} == failed


def test_the_report_says_what_was_seen(sandbox: Sandbox) -> None:
    sandbox.run("first-fact")
    told = sandbox.producer.get("/v1/sandbox/report")
    row = next(row for row in told["scenarios"] if row["scenario"] == "first-fact")
    assert row["verdict"] == "passed"
    words = sandbox.producer.text("/v1/sandbox/report", format="md", lang="en")
    assert "**first-fact** A first fact: passed" in words


def test_the_clock_goes_on_and_never_back(sandbox: Sandbox) -> None:
    before = sandbox.now()
    sandbox.drive(before + timedelta(hours=3))
    assert sandbox.now() >= before + timedelta(hours=3)
    for wrong in (before, before + timedelta(days=4000)):
        with pytest.raises(Refused) as refused:
            sandbox.drive(wrong)
        assert refused.value.code == "out_of_range"


def test_a_scenario_that_is_none_is_not_found(sandbox: Sandbox) -> None:
    with pytest.raises(Refused) as refused:
        sandbox.start("no-such-scenario")
    assert refused.value.status == 404
