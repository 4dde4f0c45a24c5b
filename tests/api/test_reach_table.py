"""Every GET route for every role and kind of regulator, by one table; what is foreign and what is unknown are the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import select
from starlette.testclient import TestClient

from models.tables import AlertRow, FactRow
from streams.databases import reading
from streams.keys import create_key
from tests.api.reach_table import EVERY, OPEN, POLICE_ORG, READERS, TABLE, Asked
from tests.facts import (
    CARRIER_ORG,
    PLATER,
    REGULATOR_ORG,
    campaign_opened,
    case_exported,
    licence_granted,
    transfer_applied,
    transfer_approved,
)
from tests.pages.browsing import log_in
from tests.pages.province import END, SHORT, all_facts
from tests.pages.world import World, in_order

API = Path(__file__).parents[2] / "api"
ROWS = [(path, asked) for path, rows in TABLE.items() for asked in rows]


class Province:
    """The little province with a case handed over, an application and an approval; its readers' keys."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        approved = transfer_approved(at=END)
        more = [
            transfer_applied(at=END),
            approved,
            licence_granted(
                "T1", licence_type="transport", holder="330604-TRUCK01", holder_org=CARRIER_ORG, at=END
            ),
            campaign_opened("zero-2026", at=END),
            case_exported(POLICE_ORG, sites=[PLATER], manifests=[SHORT], at=END),
        ]
        self.world.post(*in_order(all_facts()))
        for wire in more:
            self.world.post(wire, stated_by=REGULATOR_ORG)
        self.world.settle(END)
        self.app = self.world.app()
        self.client = TestClient(self.app, base_url="http://testserver", follow_redirects=False)
        self.browsers: dict[str, TestClient] = {}
        self.tokens = {
            name: create_key(
                self.world.databases, who.org, who.role, name, regulator=who.regulator, region=who.region
            )[1]
            for name, who in READERS.items()
        }
        with reading(self.world.databases.state) as connection:
            alert = connection.execute(
                select(AlertRow.alert_id).where(AlertRow.key == PLATER, AlertRow.concern == "storage")
            ).scalars()
            self.ids = {"{alert}": next(iter(sorted(alert))), "{approval}": approved["approval_no"]}
        with reading(self.world.databases.ledger) as connection:
            rows = connection.execute(
                select(FactRow.seq, FactRow.data).where(FactRow.kind == "transport-departed.v1")
            )
            seq = next(seq for seq, data in rows if SHORT.encode() in bytes(data))
            self.ids["{departure}"] = str(seq)

    def url(self, asked: str) -> str:
        for name, value in self.ids.items():
            asked = asked.replace(name, value)
        return asked

    def ask(self, name: str, url: str) -> httpx.Response:
        answer: httpx.Response
        if url.startswith("/v1"):
            answer = self.client.get(url, headers={"authorization": f"Bearer {self.tokens[name]}"})
        else:
            answer = self._browser(name).get(url)
        return answer

    def _browser(self, name: str) -> TestClient:
        if name not in self.browsers:
            browser = TestClient(self.app, base_url="http://testserver", follow_redirects=False)
            assert log_in(browser, self.tokens[name]).status_code == 303
            self.browsers[name] = browser
        return self.browsers[name]


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Made once."""
    made = Province(tmp_path_factory.mktemp("reach"))
    yield made
    made.world.databases.dispose()


def test_every_route_stands_in_the_table(province: Province) -> None:
    routes = {
        str(route.path)
        for route in iter_route_contexts(province.app.routes)
        if "GET" in (route.methods or ())
    }
    missing = {path for path in routes if path not in TABLE and not path.startswith(OPEN)}
    assert missing == set(), "say in tests/api/reach_table.py who gets it"
    assert TABLE.keys() <= routes


@pytest.mark.parametrize(("path", "asked"), ROWS, ids=[f"{path} {asked.url}" for path, asked in ROWS])
def test_each_reader_gets_what_the_table_says(province: Province, path: str, asked: Asked) -> None:
    url = province.url(asked.url)
    got = {name: province.ask(name, url).status_code for name in READERS}
    wanted = {name: asked.given if name in asked.allowed else asked.otherwise for name in READERS}
    if path.startswith("/v1/capacity"):  # Another province is as one that is not there.
        wanted["xinjiang"] = 404
    assert got == wanted


@pytest.mark.parametrize(
    "asked",
    [asked for _, asked in ROWS if asked.unknown],
    ids=[asked.url for _, asked in ROWS if asked.unknown],
)
def test_foreign_and_unknown_are_told_alike(province: Province, asked: Asked) -> None:
    foreign, unknown = province.url(asked.url), asked.unknown
    for name in sorted(EVERY - asked.allowed):
        one, other = province.ask(name, foreign), province.ask(name, unknown)
        assert one.status_code == other.status_code == 404, name
        assert _told(one, foreign) == _told(other, unknown), name
        assert dict(one.headers).keys() == dict(other.headers).keys()


def _told(response: httpx.Response, url: str) -> str:
    """The body without the ids that were asked for."""
    # The token of the session is random: a short part of the address may stand in it by chance.
    text = re.sub(r'"[0-9a-f]{64}"', "", response.text)
    for part in sorted(re.split(r"[/?=:&]", url), key=len, reverse=True):
        if len(part) > 1 and part not in {
            "v1",
            "sites",
            "site",
            "manifests",
            "manifest",
            "alerts",
            "facts",
            "settlement",
        }:
            text = text.replace(part, "*")
    return text


def test_a_route_without_a_key_tells_nothing(province: Province) -> None:
    for path, asked in ROWS:
        answer = province.client.get(province.url(asked.url))
        assert answer.status_code == (401 if path.startswith("/v1") else 303), path


# That nothing else decides


_DECIDERS = {"reach.py", "auth.py", "registers.py", "asking.py"}
# An organisation's own things, found by its own code: nobody else's can be asked for.
_OWN = {
    "access.py",
    "acting.py",
    "door.py",
    "keys.py",
    "oauth.py",
    "organisation.py",
    "organisation_delegations.py",
    "organisation_keys.py",
    "regulators.py",
    "store.py",
    "taking.py",
    "uploads.py",
    "work.py",
}


def _compares(tree: ast.AST) -> Iterator[str]:
    """Comparisons of organisations and roles of whoever asks."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                text = ast.unparse(side)
                if re.search(r"\b(holder|viewer|reach\.holder|bounds)\.(org|role|regulator|region)\b", text):
                    yield ast.unparse(node)


def test_no_route_decides_for_itself() -> None:
    found = {
        f"{path.relative_to(API)}: {text}"
        for path in API.rglob("*.py")
        if path.name not in _DECIDERS | _OWN
        for text in _compares(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()


def test_nobody_asks_for_a_role_that_reads_all() -> None:
    for path in API.rglob("*.py"):
        assert "READS_ALL" not in path.read_text(encoding="utf-8"), path
