"""Every link of the description is followed, from a judged province: what it names is there, and is what it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from api.links import LINKS
from models.examples import example
from models.facts import Role
from tests.facts import (
    CARRIER_ORG,
    SLUDGE,
    accepted,
    campaign_opened,
    correction_requested,
    departed,
    manifest_no,
    transfer_applied,
    transfer_approved,
)
from tests.pages.province import CORRECTED, END, all_facts
from tests.pages.world import World, in_order

# Where to begin: operations that need nothing, and parameters that no link leads to.
BEGIN: Final[dict[str, dict[str, str]]] = {
    **{name: {} for name in ("post_facts", "alerts", "corrections", "all_campaigns")},
    **{name: {} for name in ("law", "fact_kinds", "schemas", "limits")},
    "manifest": {"number": CORRECTED},
    "balances": {"province": "33"},
}
A_FACT: Final = {
    **example("clue-recorded.v1"),
    "event_id": "0199a1c0-7000-7000-8000-00000000f001",
    "occurred_at": "2026-04-01T09:00:00.000000+08:00",
}
AT_MOST: Final = 12  # Of one list.
HOUR_US: Final = 3_600_000_000


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A regulator of the judged province, in which something of everything that is linked to is on record."""
    made = World(tmp_path_factory.mktemp("links"))
    left = departed(manifest_no(900, year=2026), SLUDGE, 900, at=END - 2 * HOUR_US)
    taken = accepted(manifest_no(900, year=2026), SLUDGE, 900, at=END - HOUR_US)
    more = (
        left,
        taken,
        campaign_opened(at=END - HOUR_US),
        transfer_applied(at=END - HOUR_US),
        transfer_approved(at=END - HOUR_US),
        correction_requested(left, CARRIER_ORG, at=END, reason="did-not-occur"),
    )
    made.post(*in_order((*all_facts(), *more)))
    made.settle(END)
    with TestClient(made.app(), headers={"Authorization": f"Bearer {made.key(Role.REGULATOR)}"}) as client:
        yield client
    made.databases.dispose()


def pointed(body: Any, pointer: str) -> list[str]:
    """What the pointer finds, at every place of a list where it names the first."""
    found = [body]
    for step in pointer.strip("/").split("/"):
        if step == "0":
            found = [one for many in found for one in many]
        else:
            found = [one[step] for one in found if isinstance(one, dict) and one.get(step) is not None]
    return [str(one) for one in found]


class Follower:
    """Asks sources with what was led to before, and follows the description's links from their answers."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.operations = {
            operation["operationId"]: (method, path, operation)
            for path, methods in client.get("/openapi.json").json()["paths"].items()
            for method, operation in methods.items()
        }
        self.known = defaultdict[str, list[dict[str, str]]](list, {key: [one] for key, one in BEGIN.items()})
        self.answers: dict[str, Any] = {}
        self.led: set[tuple[str, str]] = set()

    def ask(self, operation: str, values: dict[str, str]) -> Any:
        """The answer, which must be a good one; asked once."""
        method, path, _ = self.operations[operation]
        query = {name: one for name, one in values.items() if f"{{{name}}}" not in path}
        at = path.format(**values) + (f"?{urlencode(query)}" if query else "")
        if at not in self.answers:
            answer = self.client.get(at) if method == "get" else self.client.post(at, json=A_FACT)
            assert answer.status_code in (200, 201), (operation, values, answer.text[:300])
            self.answers[at] = answer
        return self.answers[at]

    def follow(self) -> set[tuple[str, str]]:
        """Source and name of all links that led somewhere."""
        before = -1
        while len(self.answers) > before:
            before = len(self.answers)
            for source, (_, _, operation) in self.operations.items():
                for response in operation["responses"].values():
                    for name, link in response.get("links", {}).items():
                        for values in self.known[source][:AT_MOST]:
                            self._follow((source, name), link, values)
        return self.led

    def _follow(self, which: tuple[str, str], link: dict[str, Any], values: dict[str, str]) -> None:
        expressions: dict[str, str] = link["parameters"]
        given = {name: values[name] for name, said in expressions.items() if said == f"$request.path.{name}"}
        (name,) = expressions.keys() - given.keys()
        body = self.ask(which[0], values).json()
        for value in pointed(body, expressions[name].removeprefix("$response.body#"))[:AT_MOST]:
            if name == "site" and "-" not in value:
                continue  # An alert about a whole region names it where others name a site.
            target = {**given, name: value}
            self.ask(link["operationId"], target)
            self.led.add(which)
            if target not in self.known[link["operationId"]]:
                self.known[link["operationId"]].append(target)


def test_every_link_leads_where_it_says(client: TestClient) -> None:
    followed = Follower(client).follow()
    assert {(link.source, link.name) for link in LINKS} == followed
