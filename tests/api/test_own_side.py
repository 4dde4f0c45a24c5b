"""Every cell of (fact x role x side), asked of the real door: one's own side is believed, another's is refused.

What is expected comes from the tables in models/; the facts are the examples of the vocabulary.
"""

import copy
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.access import SCOPES_OF, Scope
from models.examples import example
from models.facts import FACT_TYPES, Role
from models.own_side import DECIDED_ELSEWHERE, OWN_SIDE, Side
from models.roles import MAY_STATE
from streams.ledger_reading import read_fact
from streams.ledger_types import Prepared, Receipt
from streams.own_side import SiteRegister
from tests import facts
from tests.api.house import ORGS, Client, House, errors_of
from tests.facts import COLLECTOR_ORG, OTHER_FACILITY_ORG, Wire, day
from tests.streams.ledgers import fresh_id

FOREIGN_ORG, FOREIGN_SITE, NOBODYS_SITE = OTHER_FACILITY_ORG, "330206-KILN02", "330106-NOBODYS1"
TRADE = [role for role in Role if role not in (Role.REGULATOR, Role.AUDITOR, Role.VENDOR)]
CELLS = [(kind, role) for kind in sorted(OWN_SIDE) for role in TRADE if role in MAY_STATE[kind]]


def own_site(role: Role) -> str:
    return f"330106-OWN{role.upper()}"


def all_sides(kind: str) -> set[Side]:
    return {side for sides in OWN_SIDE[kind].values() for side in sides}


def of_strangers(kind: str) -> Wire:
    """The example, with strangers wherever the table looks."""
    wire = copy.deepcopy(example(kind))
    for side in all_sides(kind):
        if side.org is not None:
            wire[side.org] = [FOREIGN_ORG] if side.org == "intermediary_orgs" else FOREIGN_ORG
        if side.site is not None and (side.org is not None or side.site == "site"):
            wire[side.site] = FOREIGN_SITE
    wire.pop("at_site", None)
    return fresh(wire)


def fresh(wire: Wire) -> Wire:
    return {**wire, "event_id": fresh_id()}


def of_side(kind: str, side: Side, org: str, site: str) -> Wire:
    """Strangers everywhere but on this side."""
    wire = of_strangers(kind)
    if side.org is not None:
        wire[side.org] = [FOREIGN_ORG, org] if side.org == "intermediary_orgs" else org
    if side.site is not None:
        wire[side.site] = site
    return fresh(wire)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A door where each role has a site, the strangers have one, and one belongs to nobody."""
    async with House(tmp_path).client() as client:
        sites = [facts.site_registered(own_site(role), org=ORGS[role], at=day(0)) for role in TRADE]
        sites.append(facts.site_registered(FOREIGN_SITE, org=FOREIGN_ORG, at=day(0)))
        assert (await client.post(sites, Role.REGULATOR)).status_code == 201
        yield client


def test_the_tables_know_the_same_cells() -> None:
    """Each kind that a trader may state has its sides for each such role, or is decided elsewhere; nothing else has."""
    trading = {(kind, role) for kind, roles in MAY_STATE.items() for role in roles if role in TRADE}
    told = {(kind, role) for kind, sides in OWN_SIDE.items() for role in sides}
    assert told | {(kind, role) for kind, role in trading if kind in DECIDED_ELSEWHERE} == trading
    assert not OWN_SIDE.keys() & DECIDED_ELSEWHERE
    for kind in OWN_SIDE:
        for side in all_sides(kind):
            assert {side.org, side.site} - {None} <= FACT_TYPES[kind].model_fields.keys(), (kind, side)


def _asked(kind: str, role: Role) -> Iterator[tuple[str, Wire, list[tuple[str, str]]]]:
    """What is sent in a cell, and which problems (or, where it begins with "warned", warnings) it meets."""
    org, site, sides = ORGS[role], own_site(role), OWN_SIDE[kind][role]
    if not sides:
        yield "strangers", of_strangers(kind), []
        return
    first = sides[0]
    if first.org is not None:
        yield "strangers", of_strangers(kind), [(f"$.{first.org}", "not_your_side")]
    for side in sides:
        yield f"own {side}", of_side(kind, side, org, site), []
        if side.site is not None:
            foreign = of_side(kind, side, org, FOREIGN_SITE)
            yield f"own {side} at a stranger's site", foreign, [(f"$.{side.site}", "not_your_site")]
            nobodys = of_side(kind, side, org, NOBODYS_SITE)
            warned = [] if kind == "site-registered.v1" else [(f"$.{side.site}", "site.unregistered")]
            yield f"warned {side}", nobodys, warned


@pytest.mark.parametrize(("kind", "role"), CELLS)
async def test_a_cell(client: Client, kind: str, role: Role) -> None:
    for what, wire, expected in _asked(kind, role):
        response = await client.post(wire, role)
        if what.startswith("warned"):
            assert response.status_code == 201, (what, response.text)
            (receipt,) = response.json()["receipts"]
            doubts = [(w["path"], w["code"]) for w in receipt["warnings"] if w["code"] == "site.unregistered"]
            assert doubts == expected, what
        elif expected:
            assert errors_of(response) == expected, (what, wire)
        else:
            assert response.status_code == 201, (what, response.text)


@pytest.mark.parametrize("kind", sorted(set(MAY_STATE) - DECIDED_ELSEWHERE))
async def test_a_role_outside_the_table_states_nothing_even_of_its_own(client: Client, kind: str) -> None:
    for role in Role:
        if role in MAY_STATE[kind] or Scope.FACTS_WRITE not in SCOPES_OF[role]:
            continue
        wire = fresh(copy.deepcopy(example(kind)))
        assert ("$.kind", "role_may_not_state") in errors_of(await client.post(wire, role)), role


@pytest.mark.parametrize("kind", sorted(kind for kind in OWN_SIDE if Role.REGULATOR in MAY_STATE[kind]))
async def test_a_regulator_states_of_others(client: Client, kind: str) -> None:
    assert (await client.post(of_strangers(kind), Role.REGULATOR)).status_code == 201


# The register


def registered(site: str, org: str, **more: Any) -> Wire:
    return facts.site_registered(site, org=org, event_id=fresh_id(), at=day(1), **more)


def generated(site: str) -> Wire:
    return facts.generated("HWCS20250101001", at=day(2), site=site, event_id=fresh_id())


async def test_who_registers_first_has_the_site_and_only_a_regulator_moves_it(client: Client) -> None:
    site, producer = "330106-FRESH1", ORGS[Role.PRODUCER]
    taken = await client.post(registered(site, ORGS[Role.FACILITY]), Role.FACILITY)
    assert taken.status_code == 201
    assert errors_of(await client.post(registered(site, producer))) == [("$.site", "not_your_site")]
    assert errors_of(await client.post(generated(site))) == [("$.site", "not_your_site")]
    assert (await client.post(registered(site, producer), Role.REGULATOR)).status_code == 201
    assert (await client.post(generated(site))).status_code == 201
    assert errors_of(await client.post(generated(site), Role.FACILITY)) == [("$.site", "not_your_site")]


async def test_a_site_counts_from_the_registration_in_the_same_batch_on(client: Client) -> None:
    site = "330106-FRESH2"
    response = await client.post(
        [generated(site), registered(site, ORGS[Role.PRODUCER]), generated(site)], Role.PRODUCER
    )
    codes = [[w["code"] for w in receipt["warnings"]] for receipt in response.json()["receipts"]]
    assert ["site.unregistered" in found for found in codes] == [True, False, False]


async def test_a_registration_that_is_withdrawn_or_corrected_counts_no_more(client: Client) -> None:
    site, role = "330106-FRESH3", Role.FACILITY
    mine = registered(site, ORGS[role])
    await client.post(mine, role)
    away = {**facts.corrected(mine, day(3), withdrawn=True), "event_id": fresh_id()}
    assert (await client.post(away, role)).status_code == 201
    assert (await client.post(registered(site, ORGS[Role.PRODUCER]))).status_code == 201
    assert errors_of(await client.post(generated(site), role)) == [("$.site", "not_your_site")]


async def test_a_replacement_may_not_speak_for_another_either(client: Client) -> None:
    wire = generated(own_site(Role.PRODUCER))
    await client.post(wire)
    moved = facts.corrected(wire, day(3), site=FOREIGN_SITE)
    assert errors_of(await client.post(moved)) == [("$.replacement.site", "not_your_site")]
    assert (await client.post(facts.corrected(wire, day(3), mass_kg="7"))).status_code == 201


async def test_another_process_knows_a_registration_within_seconds(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.client() as one, house.client() as other:
        wire = registered("330106-FRESH4", COLLECTOR_ORG)
        assert (await one.post(generated("330106-FRESH4"))).status_code == 201
        assert (await other.post(wire, Role.REGULATOR)).status_code == 201
        one.app.state.parts.sites.refresh()
        refused = await one.post(generated("330106-FRESH4"))
        assert errors_of(refused) == [("$.site", "not_your_site")]


async def test_a_right_role_at_another_place_is_believed(client: Client) -> None:
    """DESIGN 8: a facility takes in what is addressed to another, and says so; the alert is the law's business."""
    own = own_site(Role.FACILITY)
    wire = of_side("receipt-accepted.v1", Side("receiver_org", "receiver"), ORGS[Role.FACILITY], own)
    assert wire["destination_org"] == FOREIGN_ORG
    assert (await client.post(wire, Role.FACILITY)).status_code == 201


def test_of_many_who_wait_for_the_register_one_reads_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = SiteRegister(house.ledger)
    asked: list[int] = []
    begun, may_go_on = threading.Event(), threading.Event()
    rows_about = house.ledger.rows_about

    def slowly(kinds: frozenset[str], after: int, upto: int) -> Any:
        asked.append(upto)
        begun.set()
        may_go_on.wait(10)
        return rows_about(kinds, after, upto)

    monkeypatch.setattr(type(house.ledger), "rows_about", lambda _self, *given: slowly(*given))
    first = threading.Thread(target=register.refresh)
    first.start()
    assert begun.wait(10)
    others = [threading.Thread(target=register.refresh) for _ in range(20)]
    for other in others:
        other.start()
    time.sleep(0.2)  # All of them stand before the lock.
    may_go_on.set()
    for thread in (first, *others):
        thread.join(10)
    assert register.loaded
    assert len(asked) == 1
    register.outdate()
    assert not register.loaded
    register.refresh()
    assert register.loaded
    assert len(asked) == 2


async def test_what_this_process_accepted_is_known_without_a_read(house: House) -> None:
    wire = registered("330106-LEARN1", COLLECTOR_ORG)
    fact = read_fact(wire)
    assert isinstance(fact, Prepared)
    register = SiteRegister(house.ledger)
    register.refresh()

    def receipt(seq: int, *, known: bool = False) -> list[Receipt]:
        return [Receipt(fact.event_id, seq, 0, b"", known)]

    head = house.ledger.head().seq
    register.learn(COLLECTOR_ORG, [fact], receipt(head + 1, known=True))
    register.learn(COLLECTOR_ORG, [fact], receipt(head))  # Read already, and perhaps corrected since.
    assert "330106-LEARN1" not in register.owners
    register.learn(COLLECTOR_ORG, [fact], receipt(head + 1))
    assert register.owners["330106-LEARN1"] == COLLECTOR_ORG
    assert register.loaded
    correction = read_fact(facts.corrected(wire, day(3), name="another"))
    assert isinstance(correction, Prepared)
    register.learn(COLLECTOR_ORG, [correction], [Receipt(correction.event_id, head + 2, 0, b"", False)])
    assert not register.loaded
