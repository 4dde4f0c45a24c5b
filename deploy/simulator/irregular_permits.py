"""Irregular destinations and amounts (permits): no licence for the code, an expired one, and too much in a year."""

from deploy.simulator.cast import Facility, LicenceShare
from deploy.simulator.founding import grant, new_facility
from deploy.simulator.shipping import Transfer
from deploy.simulator.stage import Stage, stage
from deploy.simulator.trade import TRADES
from deploy.simulator.world import World
from models.alerts import AlertKind
from models.exact import MINUTE_US

_DECEMBER = 12
_YEARLY_G = 30_000_000
# Loads against 30 t a year: 90 % is passed by the fourth, 100 % by the fifth, 120 % by the sixth.
_LOADS_G = (7_000_000, 7_000_000, 7_000_000, 7_000_000, 3_500_000, 5_500_000)
_LEVELS = {
    4: (AlertKind.LICENCE_NEARLY_USED, "nine tenths of a small licence"),
    5: (AlertKind.LICENCE_USED_UP, "the whole of a small licence"),
    6: (AlertKind.LICENCE_EXCEEDED, "more than 120 % of a small licence"),
}


def _unlicensed(world: World, transfer: Transfer, receiver: Facility, reason: str) -> None:
    """To be called once the load is accepted: only the acceptance tells the codes."""
    subject = f"manifest:{transfer.manifest_no}"
    known_at = transfer.telling.known_at
    world.journal.expect(AlertKind.RECEIPT_UNLICENSED, receiver.base.site, subject, known_at, reason)


def code_outside_the_licence(world: World) -> None:
    """无相应许可: a licensed plant takes a category that its licence does not name."""
    category = world.rng.choice(("HW06", "HW12", "HW17", "HW34"))
    takers = world.facilities_for(category)
    wrong = [f for f in world.facilities if f.is_final and not f.staged and f not in takers]
    plants = [f for f in wrong if "HW01" not in f.shares[0].categories]
    scene = stage(world, category=category, facility=world.rng.choice(plants))
    transfer = scene.transfer().issue().depart().arrive().weigh()
    transfer.accept()
    _unlicensed(world, transfer, scene.facility, "the licence does not cover the code")
    transfer.confirm()
    scene.settled(transfer)


def licence_ran_out(world: World) -> None:
    """许可过期: one load arrives on the licence's last days, the next after its end."""
    category = world.rng.choice(("HW49", "HW12", "HW09", "HW17"))
    facility = _small_plant(world, category)
    last = world.days.next_working(world.today + 4)
    _grant(world, facility, last)
    scene = stage(world, category=category, facility=facility)
    scene.settled(scene.transfer(2_000_000, day=world.days.next_working(world.today + 1)).run())
    late = scene.transfer(1_500_000, day=world.days.next_working(last + 2)).issue().depart().arrive()
    late.weigh().accept()
    _unlicensed(world, late, facility, "the licence had run out")
    late.confirm()
    scene.settled(late)


def brought_to_the_unlicensed(world: World) -> None:
    """非指定单位接受, and that one has no licence for the code: two alerts for one load."""
    scene = stage(world, category=world.rng.choice(("HW06", "HW11", "HW13")))
    takers = world.facilities_for(scene.category)
    receivers = [f for f in world.facilities if f.is_final and not f.staged and f not in takers]
    receiver = world.rng.choice([f for f in receivers if "HW01" not in f.shares[0].categories])
    transfer = scene.transfer().issue()
    transfer.bound_for = receiver.base.site
    transfer.depart().arrive(at_site=receiver.base.site)
    number, known_at = transfer.manifest_no, transfer.telling.known_at
    reason = "taken to an unlicensed plant that the manifest does not name"
    world.journal.expect(AlertKind.MANIFEST_WRONG_RECEIVER, number, number, known_at, reason)
    transfer.accept(receiver=receiver)
    _unlicensed(world, transfer, receiver, reason)
    at = transfer.accept_at + world.seconds(3600, 86400)
    transfer.telling.tell(
        transfer.facility.base.org, "manifest-confirmed.v1", at, dict(transfer.body), MINUTE_US
    )
    scene.settled(transfer)


def nearly_used(world: World) -> None:
    """许可量用九成: four loads into a small licence."""
    _fill(world, 4)


def used_up(world: World) -> None:
    """许可量用尽: a fifth one."""
    _fill(world, 5)


def exceeded(world: World) -> None:
    """超许可量20%: a sixth one."""
    _fill(world, 6)


def _fill(world: World, loads: int) -> None:
    category = world.rng.choice(("HW17", "HW34", "HW35", "HW08"))
    facility = _small_plant(world, category)
    _grant(world, facility)
    scene = stage(world, category=category, facility=facility, large=True)
    day = _start_within_one_year(world)
    for number, mass_g in enumerate(_LOADS_G[:loads], start=1):
        _one_load(scene, number, mass_g, day)
        day = world.days.next_working(day + 2)


def _one_load(scene: Stage, number: int, mass_g: int, day: int) -> None:
    transfer = scene.transfer(mass_g, day=day).issue().depart().arrive().weigh()
    transfer.accept()
    if number in _LEVELS:
        kind, reason = _LEVELS[number]
        world, facility = scene.world, scene.facility
        subject = f"licence:{facility.licence_no}#1:{world.days.date(day).year}"
        known_at = transfer.telling.known_at
        world.journal.expect(kind, facility.base.site, subject, known_at, reason)
    transfer.confirm()
    scene.settled(transfer)


def _start_within_one_year(world: World) -> int:
    """The amounts count by calendar year, so a burst must not straddle one."""
    today = world.days.date(world.today)
    if today.month == _DECEMBER:
        return world.days.next_working(world.days.number(today.replace(year=today.year + 1, month=1, day=4)))
    return world.days.next_working(world.today + 1)


def _small_plant(world: World, category: str) -> Facility:
    plant, method = TRADES[category].plants[0]
    facility = new_facility(world, plant, [LicenceShare((category,), yearly_g=_YEARLY_G, methods=(method,))])
    facility.staged = True
    return facility


def _grant(world: World, facility: Facility, last_day: int | None = None) -> None:
    until = None if last_day is None else world.days.date(last_day)
    grant(world, facility, world.days.at(world.today, 1), until)


PERMITS = (
    code_outside_the_licence,
    licence_ran_out,
    brought_to_the_unlicensed,
    nearly_used,
    used_up,
    exceeded,
)
