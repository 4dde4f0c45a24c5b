"""How software that conforms acts in each scenario; written with the client, and the example for those who use another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from client.errors import Refused
from client.identity import new_event_id
from client.session import Feilian

Given = Mapping[str, Any]
ALERT_POLLS_MAX: Final = 50


class Sandbox:
    """A client for each role, and the sandbox's clock."""

    def __init__(self, clients: Mapping[str, Feilian]) -> None:
        self.producer, self.carrier, self.facility = (
            clients["producer"],
            clients["carrier"],
            clients["facility"],
        )

    def now(self) -> datetime:
        """The sandbox's time."""
        return datetime.fromisoformat(self.producer.get("/v1/sandbox/clock")["now"])

    def drive(self, to: datetime) -> None:
        """Drive the clock on."""
        self.producer.post("/v1/sandbox/clock", {"to": to.isoformat()})

    def start(self, name: str) -> dict[str, Any]:
        """Begin a scenario: what to use."""
        given: dict[str, Any] = self.producer.post(f"/v1/sandbox/scenarios/{name}/start", {})["given"]
        return given

    def finish(self, name: str) -> dict[str, Any]:
        """Have it judged."""
        return self.producer.post(f"/v1/sandbox/scenarios/{name}/finish", {})

    def run(self, name: str) -> dict[str, Any]:
        """Begin a scenario, act as software that conforms, and have it judged."""
        ACTS[name](self, self.start(name))
        return self.finish(name)


def _generated(given: Given, lot: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "waste-generated.v1",
        "event_id": new_event_id(),
        "occurred_at": at,
        "site": given["site"],
        "lot": lot,
        "waste_code": given["waste_code"],
        "mass_kg": given["mass_kg"],
        **more,
    }


def _state_lots(sandbox: Sandbox, given: Given) -> None:
    at = sandbox.now().isoformat()
    sandbox.producer.send(*(_generated(given, lot, at) for lot in given["lots"]))


def _mend(sandbox: Sandbox, given: Given) -> None:
    draft = {**given["draft"], "event_id": new_event_id()}
    try:
        sandbox.producer.send(draft)
    except Refused as refused:
        wrong = {problem.path.rsplit(".", 1)[-1] for problem in refused.problems}
        right = {"waste_code": "336-064-17", "mass_kg": "12.346"}
        sandbox.producer.send({**draft, **{name: right[name] for name in wrong}})


def _together(sandbox: Sandbox, given: Given) -> None:
    at = sandbox.now().isoformat()
    facts = [_generated(given, lot, at) for lot in given["lots"]]
    for fact in facts:
        if fact["lot"] == given["bad_lot"]:
            fact["mass_kg"] = given["bad_mass_kg"]
    list(sandbox.producer.send_each(facts))


def _warned(sandbox: Sandbox, given: Given) -> None:
    at = sandbox.now().isoformat()
    doubtful = _generated(given, given["lots"][0], at, waste_code=given["doubtful_code"])
    (receipt,) = sandbox.producer.send(doubtful)
    if receipt.warnings:
        sandbox.producer.send(_corrected(sandbox, {**doubtful, "waste_code": given["right_code"]}))


def _corrected(sandbox: Sandbox, right: Mapping[str, Any]) -> dict[str, Any]:
    """A fact corrected by who stated it; the replacement keeps the event_id."""
    return {
        "kind": "fact-corrected.v1",
        "event_id": new_event_id(),
        "occurred_at": sandbox.now().isoformat(),
        "corrects": right["event_id"],
        "reason": "incorrect-data",
        "explanation": "mistyped",
        "replacement": dict(right),
    }


def _on_manifest(given: Given, kind: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "event_id": new_event_id(),
        "occurred_at": at.isoformat(),
        **{
            name: given[name]
            for name in ("manifest_no", "origin", "origin_org", "destination", "destination_org")
        },
        **more,
    }


def _line(given: Given, mass_kg: str | None = None, **more: Any) -> dict[str, Any]:
    return {"line": 1, "waste_code": given["waste_code"], "mass_kg": mass_kg or given["mass_kg"], **more}


def _depart(sandbox: Sandbox, given: Given, at: datetime, **line: Any) -> None:
    """Issued and departed by the origin, arrived by the carrier, a minute apart and ending at `at`."""
    lines = [_line(given, **line)]
    carried = {"carrier_org": given["carrier_org"], "vehicle": given["vehicle"]}
    carrier = {"org": given["carrier_org"], "transport_licence_no": "3301060099"}
    minute = timedelta(minutes=1)
    sandbox.producer.send(
        _on_manifest(given, "manifest-issued.v1", at - 3 * minute, carriers=[carrier], lines=lines),
        _on_manifest(given, "transport-departed.v1", at - 2 * minute, lines=lines, **carried),
    )
    sandbox.carrier.send(_on_manifest(given, "transport-arrived.v1", at - minute, **carried))


def _whole(sandbox: Sandbox, given: Given) -> None:
    at = sandbox.now()
    _depart(sandbox, given, at - timedelta(minutes=2))
    lines = [_line(given)]
    sandbox.facility.send(
        _on_manifest(given, "receipt-weighed.v1", at - timedelta(minutes=2), lines=lines),
        _on_manifest(given, "receipt-accepted.v1", at - timedelta(minutes=1), lines=lines),
        _on_manifest(given, "manifest-confirmed.v1", at),
    )


def _difference(sandbox: Sandbox, given: Given) -> None:
    at = sandbox.now()
    _depart(sandbox, given, at)
    accepted = _on_manifest(given, "receipt-accepted.v1", at, lines=[_line(given, "8000")])
    sandbox.facility.send(accepted)
    _see(sandbox.facility, "manifest.mass_differs", given["manifest_no"])
    sandbox.facility.send(_corrected(sandbox, {**accepted, "lines": [_line(given)]}))


def _see(client: Feilian, kind: str, subject: str) -> None:
    """Read alerts of a kind until the one about a subject is among them."""
    after = 0
    for _ in range(ALERT_POLLS_MAX):
        page = client.changes_after(after, wait=2)
        after = page.cursor
        for change in page.items:
            alert = change.alert
            if alert["kind"] == kind and subject in f"{alert['key']} {alert['subject']}":
                return


def _offline(sandbox: Sandbox, given: Given) -> None:
    for lot, at in zip(given["lots"], given["occurred_at"], strict=True):
        sandbox.producer.send(_generated(given, lot, at))


def _year(sandbox: Sandbox, given: Given) -> None:
    lot = given["lots"][0]
    fact = {
        "kind": "waste-generated.v1",
        "event_id": new_event_id(),
        "occurred_at": sandbox.now().isoformat(),
        "site": given["origin"],
        "lot": lot,
        "waste_code": given["waste_code"],
        "mass_kg": given["mass_kg"],
    }
    sandbox.producer.send(fact)
    sandbox.drive(sandbox.now() + timedelta(days=given["days"]))
    _see(sandbox.producer, "storage.over_limit", f"lot:{lot}")
    _depart(sandbox, given, sandbox.now(), lot=lot)


def _follow(sandbox: Sandbox, given: Given) -> None:
    wanted, after = set(given["manifests"]), 0
    while wanted:
        page = sandbox.producer.facts_after(after, wait=2)
        wanted -= {str(fact.data.get("manifest_no")) for fact in page.items}
        after = page.cursor


ACTS: Final[dict[str, Callable[[Sandbox, Given], None]]] = {
    "first-fact": _state_lots,
    "batch": _state_lots,
    "lost-answer": _state_lots,
    "busy-server": _state_lots,
    "refused-then-mended": _mend,
    "good-and-bad-together": _together,
    "warned": _warned,
    "whole-manifest": _whole,
    "difference": _difference,
    "offline": _offline,
    "year-in-store": _year,
    "following": _follow,
}
