"""Loads for another province: a plant in Jiangsu, an application with its steps, an approval; hauliers with a licence."""

from deploy.simulator.cast import Carrier, LicenceShare
from deploy.simulator.founding import grant, new_facility, new_site
from deploy.simulator.journal import Wire
from deploy.simulator.stage import Stage, stage
from deploy.simulator.trade import TRADES
from deploy.simulator.world import World, kg
from models.exact import HOUR_US
from models.facts import Role

ELSEWHERE = "320100"
_YEARLY_G = 900_000_000


def across(world: World) -> Stage:
    """A pair whose plant is licensed, and lies in Jiangsu."""
    category = world.rng.choice(("HW06", "HW11", "HW13", "HW17"))
    plant, method = TRADES[category].plants[0]
    share = LicenceShare((category,), yearly_g=_YEARLY_G, methods=(method,))
    facility = new_facility(world, plant, [share], region=ELSEWHERE)
    facility.staged = True
    grant(world, facility, world.days.at(world.today, 1))
    return stage(world, category=category, facility=facility, large=True)


def _ends(scene: Stage) -> Wire:
    return {"origin": scene.site.site, "destination": scene.facility.base.site}


def _asked(scene: Stage, mass_g: int) -> Wire:
    orgs = {"origin_org": scene.site.org.code, "destination_org": scene.facility.base.org.code}
    return {**_ends(scene), **orgs, "waste_code": scene.code, "mass_kg": kg(mass_g)}


def apply_for(scene: Stage, mass_g: int) -> str:
    """跨省转移申请 of this morning, for half a year; its number."""
    world = scene.world
    number = f"SQ{world.names.contract(world.days.date(world.today).year)}"
    body = {
        "application_no": number,
        **_asked(scene, mass_g),
        "period_from": world.days.date(world.today).isoformat(),
        "period_until": world.days.date(world.today + 180).isoformat(),
    }
    at = world.hour(world.today, 9, 11)
    world.telling().tell(scene.site.org, "transfer-applied.v1", at, body, lag=HOUR_US)
    return number


def examine(scene: Stage, application: str, step: str, at: int) -> None:
    """A step of an authority."""
    world = scene.world
    body = {"application_no": application, **_ends(scene), "step": step, "authority": "浙江省生态环境厅"}
    world.telling().tell(world.regulator, "transfer-examined.v1", at, body, lag=HOUR_US)


def approve(
    scene: Stage, mass_g: int, last_day: int, *, application: str | None = None, at: int | None = None
) -> str:
    """跨省转移批准 until a day, of this night unless told when; its number."""
    world = scene.world
    at = world.days.at(world.today, 1) if at is None else at
    number = f"PZ{world.names.contract(world.year(at))}"
    body: Wire = {
        "approval_no": number,
        **_asked(scene, mass_g),
        "valid_from": world.days.date(world.days.of(at)).isoformat(),
        "valid_until": world.days.date(last_day).isoformat(),
    }
    if application is not None:
        body["application_no"] = application
    world.telling().tell(world.regulator, "transfer-approved.v1", at, body, lag=HOUR_US)
    return number


def haulier(world: World, last_day: int) -> Carrier:
    """A haulier of its own for a scene, whose transport licence holds until a day."""
    site = new_site(world, "危险品运输有限公司", Role.CARRIER)
    plates = [world.names.plate(site.region)]
    carrier = Carrier(site.org, plates, f"浙交运管许可{site.org.code[10:16]}号")
    world.orgs[site.org.code] = site.org
    body = {
        "licence_no": carrier.licence_no,
        "holder": site.site,
        "holder_org": site.org.code,
        "licence_type": "transport",
        "issuer": "浙江省交通运输厅",
        "valid_from": world.days.date(world.today - 700).isoformat(),
        "valid_until": world.days.date(last_day).isoformat(),
    }
    at = world.days.at(world.today, 2)
    world.telling().tell(world.regulator, "licence-granted.v1", at, body, lag=HOUR_US)
    return carrier
