"""Facts with all the bodies they had, alike on SQLite and PostgreSQL: corrected, withdrawn, approved, and just stated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streams.told import in_force, manifest_told, names_org, site_told
from tests.facts import (
    CARRIER_ORG,
    FACILITY_ORG,
    HOSPITAL_ORG,
    KILN,
    MANIFEST,
    PRODUCER_ORG,
    accepted,
    arrived,
    corrected,
    day,
    departed,
    generated,
    issued,
)
from tests.streams.world import World, make_world


def story(world: World) -> None:
    """A departure that is corrected twice, an arrival that is withdrawn, an acceptance."""
    left, came = departed(kg=1, at=day(2)), arrived(at=day(2, 12))
    world.say_all([generated("CS", kg=5, at=day(1)), issued(kg=1, at=day(1)), left, came], day(2, 13))
    world.say(corrected(left, lines=departed(kg=2)["lines"]), day(3), CARRIER_ORG)
    world.say(corrected(left, lines=departed(kg=3)["lines"]), day(4), CARRIER_ORG)
    world.say(corrected(came, withdrawn=True), day(4), CARRIER_ORG)
    world.say(accepted(kg=3, at=day(4)), day(4))


def tell(world: World) -> list[tuple[str, list[str], bool]]:
    """Kind, the masses it had, and whether it was withdrawn."""
    return [
        (
            told.kind.removesuffix(".v1"),
            [line["mass_kg"] for said in told.versions for line in said.body.get("lines", [])],
            told.withdrawn_at is not None,
        )
        for told in manifest_told(world.ledger, MANIFEST)
    ]


WHOLE: list[Any] = [
    ("manifest-issued", ["1"], False),
    ("transport-departed", ["1", "2", "3"], False),
    ("transport-arrived", [], True),
    ("receipt-accepted", ["3"], False),
]


def check(world: World) -> None:
    story(world)
    assert tell(world) == WHOLE  # Before anything was judged.
    world.sweep(day(5))
    assert tell(world) == WHOLE
    told = manifest_told(world.ledger, MANIFEST)
    assert [fact.kind for fact in in_force(told)] == [
        "manifest-issued.v1",
        "transport-departed.v1",
        "receipt-accepted.v1",
    ]
    assert in_force(told)[1].body["lines"][0]["mass_kg"] == "3"
    leaves = {said.leaf for each in told for said in each.versions}
    assert len(leaves) == 6
    assert all(len(leaf) == 64 for leaf in leaves)
    assert all(names_org(each, PRODUCER_ORG) for each in told)
    assert not any(names_org(each, HOSPITAL_ORG) for each in told)
    assert any(names_org(each, FACILITY_ORG) for each in told)
    found, following = site_told(world.ledger, KILN, lambda _: True, 0, day(4), day(5), 10)
    assert ([each.kind for each in found], following) == (["receipt-accepted.v1"], None)
    world.databases.dispose()


def test_on_sqlite(tmp_path: Path) -> None:
    check(make_world(tmp_path))


def test_on_postgres(tmp_path: Path, postgres_url: str) -> None:
    check(make_world(tmp_path, postgres_url))


@pytest.mark.parametrize("number", ["20259999999999", "00000000000000"])
def test_an_unknown_manifest_has_no_facts(tmp_path: Path, number: str) -> None:
    world = make_world(tmp_path, policies=False)
    assert manifest_told(world.ledger, number) == []
    world.databases.dispose()
