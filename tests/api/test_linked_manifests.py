"""A refused load that goes on links two manifests; the parties of one see of the other only what names them."""

from api.reach_rows import own_rows
from models.canonical import canonical
from models.envelope import Row
from models.facts import Role
from tests.api.reaches import reach
from tests.facts import (
    COLLECTOR_ORG,
    FACILITY_ORG,
    MANIFEST,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    PRODUCER_ORG,
    REGULATOR_ORG,
    Wire,
    day,
    departed,
    manifest_no,
    refused,
    stater,
)

ONWARD = manifest_no(2)


def rows_of(*wires: Wire) -> list[Row]:
    return [
        Row(seq, day(9), stater(wire), wire["event_id"], wire["kind"], canonical(wire))
        for seq, wire in enumerate(wires, start=1)
    ]


ROWS = rows_of(
    departed(at=day(1)),
    refused(at=day(2)),
    departed(
        ONWARD,
        at=day(3),
        onward_of=MANIFEST,
        destination=OTHER_KILN,
        destination_org=OTHER_FACILITY_ORG,
        carrier_org=COLLECTOR_ORG,
    ),
)


def seen(org: str | None) -> list[int]:
    reader = reach(Role.REGULATOR) if org is None else reach(Role.FACILITY, org)
    return [row.seq for row in reader.manifest_rows(MANIFEST, ROWS)]


def test_who_sees_what() -> None:
    assert seen(None) == [1, 2, 3]
    assert seen(PRODUCER_ORG) == [1, 2, 3]
    assert seen(FACILITY_ORG) == [1, 2]
    assert seen(OTHER_FACILITY_ORG) == [1, 2, 3]
    assert seen(REGULATOR_ORG) == [1, 2]


def test_only_its_own_facts_open_a_manifest() -> None:
    assert [row.seq for row in own_rows(ROWS, MANIFEST)] == [1, 2]
    assert [row.seq for row in own_rows(ROWS, ONWARD)] == [3]
    assert not any(OTHER_FACILITY_ORG.encode() in row.data for row in own_rows(ROWS, MANIFEST))
