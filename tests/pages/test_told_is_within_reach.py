"""What is sent is never more than what its reader may ask for (api/reach.py), over a little province of facts and alerts."""

from __future__ import annotations

import pytest

from api.reach import Reach, reach_of
from api.registers import Registers
from api.views.names import Names
from models.access import RegulatorKind
from models.facts import Role
from streams.changes import changes_after
from streams.hook_events import may_be_told_of_change, may_be_told_of_fact
from streams.keys import Holder
from tests.facts import (
    AUDITOR_ORG,
    CARRIER_ORG,
    FACILITY_ORG,
    HOSPITAL_ORG,
    PRODUCER_ORG,
    REGULATOR_ORG,
    TRADER_ORG,
)
from tests.pages.world import World


def regulator(kind: RegulatorKind | None, region: str) -> Holder:
    return Holder("key", REGULATOR_ORG, Role.REGULATOR, "", regulator=kind, region=region)


HOLDERS = [
    Holder("key", PRODUCER_ORG, Role.PRODUCER, ""),
    Holder("key", HOSPITAL_ORG, Role.PRODUCER, ""),
    Holder("key", CARRIER_ORG, Role.CARRIER, ""),
    Holder("key", FACILITY_ORG, Role.FACILITY, ""),
    Holder("key", TRADER_ORG, Role.INTERMEDIARY, ""),
    Holder("key", AUDITOR_ORG, Role.AUDITOR, ""),
    *(
        regulator(kind, region)
        for kind in (None, *RegulatorKind)
        for region in ("", "33", "3306", "330106", "32")
    ),
]


def reach(world: World, holder: Holder) -> Reach:
    names = Names(world.databases.ledger)
    names.refresh()
    return reach_of(holder, Registers(world.ledger, names))


def test_every_fact_that_is_sent_may_be_read(world: World) -> None:
    # Who read what is told to nobody; other tests of this world have read in it.
    rows = [row for row in world.ledger.rows(0, 100_000) if row.kind != "records-read.v1"]
    told = {}
    for number, holder in enumerate(HOLDERS):
        within = reach(world, holder)
        sent = [row for row in rows if may_be_told_of_fact(holder, row)]
        assert [row.seq for row in sent if not within.row(row)] == [], holder
        told[number] = len(sent)
    assert all(told[number] for number in range(6))
    assert told[6] == len(rows)  # The environment's regulator of the whole country.


def test_every_change_that_is_sent_may_be_read(world: World) -> None:
    changes = changes_after(world.databases.state, 0, 100_000)
    assert len(changes) > 20
    told = 0
    for holder in HOLDERS:
        within = reach(world, holder)
        for change in changes:
            if may_be_told_of_change(holder, change):
                told += 1
                assert within.alert(change.alert, change.places), (holder, change)
    assert told > len(changes)


@pytest.mark.parametrize("breadth", ["police"])
def test_the_police_are_sent_no_alert(world: World, breadth: str) -> None:
    holder = regulator(RegulatorKind(breadth), "")
    changes = changes_after(world.databases.state, 0, 100_000)
    assert not any(may_be_told_of_change(holder, change) for change in changes)
