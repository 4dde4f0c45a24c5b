"""Shortages (capacity): rare wastes for which the province has too little licensed room, for a while."""

from deploy.simulator.cast import Facility, LicenceShare, Lot
from deploy.simulator.founding import grant
from deploy.simulator.journal import Wire
from deploy.simulator.shipping import Load, Transfer
from deploy.simulator.stage import Stage, rare_stage
from deploy.simulator.trade import ASBESTOS, CHROME, MERCURY, Plant
from deploy.simulator.world import World, kg
from models.alerts import AlertKind
from models.exact import HOUR_US, MINUTE_US

_LOT_G = 8_000_000
_EVER = 100_000


def _expect(world: World, category: str, raised_at: int, reason: str) -> None:
    world.journal.expect(AlertKind.CAPACITY_SHORTAGE, f"33:{category}", "province", raised_at, reason)


def _plants(world: World, plant: Plant) -> list[Facility]:
    return [facility for facility in world.facilities if facility.plant is plant]


def _first_within(world: World, category: str, days: int) -> bool:
    """Whether a shortage of this category was not played so many days back; what it made still counts for a year."""
    last = world.shortages.get(category, -_EVER)
    if world.today - last < days:
        return False
    world.shortages[category] = world.today
    return True


def nobody_licensed(world: World) -> None:
    """产能不足: a demolition makes asbestos, and nobody may take it until a landfill is licensed three weeks later."""
    landfill = _plants(world, Plant.LANDFILL)[0]
    if not _first_within(world, "HW36", _EVER):
        return
    scene = rare_stage(world, ASBESTOS, landfill, 2000)
    lots = [_made(scene, world.today)]
    _expect(world, "HW36", world.days.at(world.today, 10), "made where nobody is licensed for it")
    day = world.days.next_working(world.today + 20)
    room = Facility(landfill.base, landfill.plant, [LicenceShare(("HW36",), 0, 300_000_000, ("D16",))])
    grant(world, room, world.days.at(day, 9), valid_from=world.days.date(day))
    _ship(scene, lots, world.days.next_working(day + 3))


def more_than_the_plant_takes(world: World) -> None:
    """产能不足: six lots of chrome sludge against 40 t a year, until the producer treats two of them itself."""
    (plant,) = _plants(world, Plant.CHROME)
    if not _first_within(world, "HW21", 400):
        return
    scene = rare_stage(world, CHROME, plant, 1800)
    lots = [_made(scene, world.today + number) for number in range(6)]
    _expect(world, "HW21", world.days.at(world.today + 5, 10), "48 t made against 40 t licensed")
    later = world.days.next_working(world.today + 20)
    _treat_own(scene, lots[:2], later)
    for number in (2, 4):
        _ship(scene, lots[number : number + 2], world.days.next_working(later + 2 * number))


def plant_suspended(world: World) -> None:
    """产能不足: the larger of two mercury plants is suspended for three weeks."""
    large = _plants(world, Plant.MERCURY)[1]
    first = rare_stage(world, MERCURY, large, 6000)
    lots = [_made(first, world.today + number) for number in range(3)]
    ship = world.days.next_working(world.today + 4)
    _ship(first, lots[:2], ship)
    stop = world.days.next_working(ship + 4)  # Not of today: a long holiday would put both on one day.
    _ending(world, large, "suspended", stop)
    _expect(world, "HW29", world.days.at(stop), "the larger plant is suspended")
    again = world.days.next_working(stop + 21)
    _ending(world, large, "resumed", again)
    _ship(first, lots[2:], world.days.next_working(again + 3))


def _ending(world: World, facility: Facility, ending: str, day: int) -> None:
    """许可证暂停或恢复, decided the afternoon before."""
    body: Wire = {
        "licence_no": facility.licence_no,
        "holder": facility.base.site,
        "holder_org": facility.base.org.code,
        "effective_from": world.days.date(day).isoformat(),
        "ending": ending,
        "categories": ["HW29"],
    }
    at = world.days.at(day - 1, 15)
    world.telling().tell(world.regulator, "licence-ended.v1", at, body, lag=HOUR_US)


def _made(scene: Stage, day: int) -> Lot:
    """产生, known at ten in the morning to the second, as shortages begin there."""
    world = scene.world
    at = world.days.at(day, 10) - 5 * MINUTE_US
    batch = world.names.batch("CS", scene.site.site, world.days.date(day))
    body = {"site": scene.site.site, "lot": batch, "waste_code": scene.code, "mass_kg": kg(_LOT_G)}
    world.telling().tell(scene.site.org, "waste-generated.v1", at, body, lag=5 * MINUTE_US)
    return Lot(batch, scene.code, _LOT_G, day)


def _ship(scene: Stage, lots: list[Lot], day: int) -> None:
    world = scene.world
    loads = [Load(lot.waste_code, lot.mass_g, lot.batch) for lot in lots]
    transfer = Transfer(world, scene.contract, scene.site, loads, world.hour(day, 9, 12))
    scene.settled(transfer.run())


def _treat_own(scene: Stage, lots: list[Lot], day: int) -> None:
    lines = [
        {"line": n, "waste_code": lot.waste_code, "lot": lot.batch, "mass_kg": kg(lot.mass_g), "method": "R5"}
        for n, lot in enumerate(lots, start=1)
    ]
    site = scene.site
    body = {"site": site.site, "org": site.org.code, "own_waste": True, "lines": lines}
    at = scene.world.hour(day, 9, 16)
    scene.world.telling().tell(site.org, "waste-treated.v1", at, body, lag=HOUR_US)


CAPACITY = (nobody_licensed, more_than_the_plant_takes, plant_suspended)
