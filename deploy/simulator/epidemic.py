"""疫情应急: a makeshift hospital makes more in a day than its city takes, or just what the plan was made for."""

from deploy.simulator.cast import Site
from deploy.simulator.founding import new_site, register
from deploy.simulator.journal import Wire
from deploy.simulator.trade import INFECTIOUS, Plant
from deploy.simulator.world import World, kg
from models.alerts import AlertKind
from models.exact import HOUR_US, MINUTE_US
from models.facts import Role

_MADE_G = 60_000_000
_TOO_LITTLE_G = 20_000_000
_ENOUGH_G = 100_000_000
_BEDS = 2_000


def surge(world: World) -> None:
    """应急期间日处置能力不足: 60 t before ten where the plan takes 20 t; a mobile unit on the spot treats it by evening."""
    site = _declared(world, _TOO_LITTLE_G, "surge")
    if site is not None:
        city, at = site.region[:4], world.days.at(world.today, 10)
        reason = "60 t in a day where the plan takes 20 t"
        world.journal.expect(AlertKind.CAPACITY_SURGE_SHORTFALL, "33:HW01", f"city:{city}", at, reason)
        _made_and_treated(world, site)


def plan_that_suffices(world: World) -> None:
    """Lawful: as many tonnes in a day, and a plan that takes them; nothing is wrong."""
    site = _declared(world, _ENOUGH_G, "enough")
    if site is not None:
        _made_and_treated(world, site)


def _declared(world: World, daily_g: int, name: str) -> Site | None:
    """A plan for today alone, in a city that had none yet; None where every city had one."""
    site = new_site(world, "方舱医院", Role.PRODUCER, kind="12")
    city = site.region[:4]
    if world.shortages.get(f"emergency:{city}") is not None:
        return None
    world.shortages[f"emergency:{city}"] = world.today
    register(world, site, "health-facility", world.days.at(world.today, 2), beds=_BEDS)
    plant = next(facility for facility in world.facilities if facility.plant is Plant.MEDICAL)
    today = world.days.date(world.today).isoformat()
    body: Wire = {
        "scope": {"region": city, "category": "HW01"},
        "effective_from": today,
        "effective_until": today,
        "citation": "固体废物污染环境防治法第91条；市应急预案",
        "emergency": f"{name}-{city}-{today}",
        "facilities": [{"site": plant.base.site, "daily_kg": kg(daily_g)}],
    }
    at = world.days.at(world.today, 6)
    world.telling().tell(world.regulator, "emergency-declared.v1", at, body, lag=HOUR_US)
    return site


def _made_and_treated(world: World, site: Site) -> None:
    """产生, known at ten to the second, and 自行处置 in the evening."""
    at = world.days.at(world.today, 10) - 5 * MINUTE_US
    batch = world.names.batch("CS", site.site, world.days.date(world.today))
    made = {"site": site.site, "lot": batch, "waste_code": INFECTIOUS, "mass_kg": kg(_MADE_G)}
    telling = world.telling()
    telling.tell(site.org, "waste-generated.v1", at, made, lag=5 * MINUTE_US)
    line = {"line": 1, "waste_code": INFECTIOUS, "lot": batch, "mass_kg": kg(_MADE_G), "method": "Y12"}
    treated = {"site": site.site, "org": site.org.code, "own_waste": True, "lines": [line]}
    telling.tell(site.org, "waste-treated.v1", world.hour(world.today, 17, 20), treated)
