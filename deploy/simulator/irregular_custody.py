"""Irregular transfers (custody): each sets up one defect, and notes every alert that follows from it."""

from deploy.simulator.shipping import Load, Transfer
from deploy.simulator.stage import Stage, stage
from deploy.simulator.world import World
from models.alerts import AlertKind
from models.exact import DAY_US, HOUR_US, MINUTE_US

TRANSIT_US = 72 * HOUR_US
ACCEPTANCE_US = 24 * HOUR_US
WORKING_DAYS = 5


def expect(world: World, kind: AlertKind, transfer: Transfer, since: int, reason: str) -> None:
    """Note an alert about a transfer's manifest."""
    number = transfer.manifest_no
    world.journal.expect(kind, number, number, since, reason)


def lighter_on_arrival(world: World) -> None:
    """接受重量不符: a tenth less than loaded is accepted, billed and paid."""
    scene = stage(world)
    transfer = scene.transfer().issue().depart().arrive()
    less = [scaled(load, 900) for load in transfer.loads]
    transfer.weigh(less).accept(less)
    known_at = transfer.telling.known_at
    expect(world, AlertKind.MANIFEST_MASS_DIFFERS, transfer, known_at, "a tenth is missing on arrival")
    transfer.confirm()
    scene.settled(transfer)


def ten_times_typed(world: World) -> None:
    """125 t typed for 12.5: corrected by the facility the same evening."""
    scene = stage(world)
    transfer = scene.transfer().issue().depart().arrive().weigh()
    wrong = [scaled(load, 10_000) for load in transfer.loads]
    wire = transfer.accept(wrong)
    known_at = transfer.telling.known_at
    expect(world, AlertKind.MANIFEST_MASS_DIFFERS, transfer, known_at, "ten times the mass was typed")
    expect(world, AlertKind.MANIFEST_WEIGHED_DIFFERS, transfer, known_at, "and not what was weighed")
    held = transfer.facility.held.pop()
    transfer.facility.held.append(held._replace(mass_g=transfer.loaded_g))
    line = {**wire["lines"][0], "mass_kg": transfer.lines(transfer.loads)[0]["mass_kg"]}
    right = {**wire, "lines": [line]}
    org = transfer.facility.base.org
    transfer.telling.correct(org, transfer.accept_at + 2 * HOUR_US, wire, right, "小数点错位 decimal point")
    transfer.redeem(transfer.loads)
    transfer.confirm(transfer.accept_at + DAY_US)
    scene.settled(transfer)


def scaled(load: Load, permille: int) -> Load:
    """The load with another mass, to ten grams."""
    return load._replace(mass_g=load.mass_g * permille // 10_000 * 10)


def long_on_the_road(world: World) -> None:
    """运输超时: arrives after four days, then goes its ordinary way."""
    scene = stage(world)
    transfer = scene.transfer()
    transfer.arrive_at = transfer.depart_at + world.seconds(80 * 3600, 100 * 3600)
    transfer.accept_at = transfer.arrive_at + world.seconds(1200, 5400)
    transfer.issue().depart().arrive().weigh().accept()
    transfer.confirm()
    since = transfer.depart_at + TRANSIT_US
    expect(world, AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG, transfer, since, "more than 72 hours on the way")
    scene.settled(transfer)


def never_seen_again(world: World) -> None:
    """运输超时: the lorry never arrives anywhere."""
    transfer = stage(world).transfer().issue().depart()
    since = transfer.depart_at + TRANSIT_US
    expect(world, AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG, transfer, since, "never arrived")


def left_at_the_gate(world: World) -> None:
    """运抵未验收: accepted only on the third day."""
    scene = stage(world)
    transfer = scene.transfer()
    transfer.accept_at = transfer.arrive_at + world.seconds(40 * 3600, 50 * 3600)
    transfer.issue().depart().arrive().accept()
    transfer.confirm()
    since = transfer.arrive_at + ACCEPTANCE_US
    expect(world, AlertKind.MANIFEST_NOT_ACCEPTED, transfer, since, "at the gate for more than a day")
    scene.settled(transfer)


def never_accepted(world: World) -> None:
    """运抵未验收: weighed, and then nothing more is said."""
    transfer = stage(world).transfer().issue().depart().arrive()
    since = transfer.arrive_at + ACCEPTANCE_US
    expect(world, AlertKind.MANIFEST_NOT_ACCEPTED, transfer, since, "arrived, never accepted or refused")


def confirmed_late(world: World) -> None:
    """逾期确认: two or three days after the fifth working day."""
    scene, transfer, overdue_at = _accepted(world)
    transfer.confirm(overdue_at + world.seconds(2 * 86400, 4 * 86400))
    reason = "confirmed after the fifth working day"
    expect(world, AlertKind.MANIFEST_NOT_CONFIRMED, transfer, overdue_at, reason)
    scene.settled(transfer)


def confirmed_by_event_time_only(world: World) -> None:
    """逾期确认: said to be confirmed in time, but the ledger got it the day after (DESIGN 3)."""
    scene, transfer, overdue_at = _accepted(world)
    org = transfer.facility.base.org
    said = overdue_at - HOUR_US
    transfer.telling.tell(org, "manifest-confirmed.v1", said, dict(transfer.body), lag=26 * HOUR_US)
    reason = "the confirmation reached the ledger a day late"
    expect(world, AlertKind.MANIFEST_NOT_CONFIRMED, transfer, overdue_at, reason)
    scene.settled(transfer)


def _accepted(world: World) -> tuple[Stage, Transfer, int]:
    scene = stage(world)
    transfer = scene.transfer().issue().depart().arrive().weigh()
    transfer.accept()
    return scene, transfer, world.days.calendar.overdue_after(transfer.accept_at, WORKING_DAYS)


def number_of_another(world: World) -> None:
    """联单编号重复: a clerk uses the number of a finished transfer for a second one, which then takes place."""
    first_scene, second_scene = stage(world), stage(world)
    first = first_scene.transfer().run()
    first_scene.settled(first)
    later = world.days.next_working(world.today + 6)
    lot = second_scene.lot(day=later)
    load = Load(lot.waste_code, lot.mass_g, lot.batch)
    second = Transfer(
        world,
        second_scene.contract,
        second_scene.site,
        [load],
        world.hour(later, 10, 12),
        manifest_no=first.manifest_no,
    )
    second.issue()
    reason = "the number of a finished transfer was used again"
    expect(world, AlertKind.MANIFEST_NUMBER_REUSED, second, second.telling.known_at, reason)
    second.depart()
    reason = "until the second load is accepted, its mass is missing under the number"
    expect(world, AlertKind.MANIFEST_MASS_DIFFERS, second, second.telling.known_at, reason)
    second.arrive().weigh().accept()
    second.confirm()
    second_scene.settled(second)


def number_mistyped(world: World) -> None:
    """联单编号重复: issued under another's number, withdrawn the next morning."""
    first_scene, second_scene = stage(world), stage(world)
    first = first_scene.transfer().run()
    first_scene.settled(first)
    at = world.hour(world.days.next_working(world.today + 7), 10, 12)
    load = [Load(second_scene.code, second_scene.load_g)]
    second = Transfer(
        world, second_scene.contract, second_scene.site, load, at, manifest_no=first.manifest_no
    )
    wire = second.issue_wire()
    reason = "issued under the number of another transfer, withdrawn the next morning"
    expect(world, AlertKind.MANIFEST_NUMBER_REUSED, second, second.telling.known_at, reason)
    second.telling.correct(
        second_scene.site.org, at + 22 * HOUR_US, wire, None, "编号录错 wrong number typed"
    )


def brought_elsewhere(world: World) -> None:
    """非指定单位接受: another licensed plant takes the load."""
    scene = stage(world, category=world.rng.choice(("HW49", "HW06", "HW17", "HW34")))
    others = [f for f in world.facilities_for(scene.category) if f is not scene.facility and f.is_final]
    receiver = world.rng.choice(others)
    transfer = scene.transfer().issue()
    transfer.bound_for = receiver.base.site
    transfer.depart().arrive(at_site=receiver.base.site)
    reason = "taken to a plant that the manifest does not name"
    expect(world, AlertKind.MANIFEST_WRONG_RECEIVER, transfer, transfer.telling.known_at, reason)
    transfer.accept(receiver=receiver)
    at = transfer.accept_at + world.seconds(3600, 2 * 86400)
    transfer.telling.tell(
        transfer.facility.base.org, "manifest-confirmed.v1", at, dict(transfer.body), MINUTE_US
    )
    scene.settled(transfer)


CUSTODY = (
    lighter_on_arrival,
    ten_times_typed,
    long_on_the_road,
    never_seen_again,
    left_at_the_gate,
    never_accepted,
    confirmed_late,
    confirmed_by_event_time_only,
    number_of_another,
    number_mistyped,
    brought_elsewhere,
)
