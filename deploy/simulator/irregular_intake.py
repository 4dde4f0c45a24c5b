"""Irregular intake: a plant where a fifth of what it took in is not there, an incinerator that leaves no slag."""

from deploy.simulator.cast import Facility, LicenceShare, Lot
from deploy.simulator.founding import grant, new_facility
from deploy.simulator.irregular_watch import next_month
from deploy.simulator.journal import Wire
from deploy.simulator.stage import Stage, stage
from deploy.simulator.trade import RESIDUE, TRADES, Plant
from deploy.simulator.world import World, kg
from models.alerts import AlertKind
from models.exact import HOUR_US

_BURNT = ("HW06", "HW11", "HW13")
_LOAD_G = 5_000_000
LEAST_PERMILLE, MOST_PERMILLE = 150, 350


def burning_stage(world: World) -> Stage:
    """A pair with an incinerator of its own, which serves this scene only and sends no residues on."""
    category = world.rng.choice(_BURNT)
    plant, method = TRADES[category].plants[0]
    assert plant is Plant.INCINERATION
    facility = new_facility(
        world, plant, [LicenceShare((category,), yearly_g=300_000_000, methods=(method,))]
    )
    facility.staged = True
    grant(world, facility, world.days.at(world.today, 1))
    return stage(world, category=category, facility=facility, large=True)


def taken_in(scene: Stage) -> Lot:
    """A lawful load, paid for, taken out of the plant's own agenda; its lot there."""
    scene.settled(scene.transfer(_LOAD_G).run())
    return scene.facility.held.pop()


def count_of(scene: Stage, lot: Lot, mass_g: int, day: int, hour: int) -> int:
    """盘点 of that lot at the plant; when it is known."""
    count = {"waste_code": lot.waste_code, "lot": lot.batch, "mass_kg": kg(mass_g)}
    base, telling = scene.facility.base, scene.world.telling()
    at = scene.world.hour(day, hour, hour + 1)
    telling.tell(base.org, "stock-taken.v1", at, {"site": base.site, "counts": [count]})
    return telling.known_at


def treated_at(scene: Stage, lot: Lot, mass_g: int, day: int, residue_g: int = 0) -> Lot | None:
    """焚烧 of a lot at the plant, and the slag that it leaves, where it leaves any."""
    world, facility = scene.world, scene.facility
    line: Wire = {
        "line": 1,
        "waste_code": lot.waste_code,
        "mass_kg": kg(mass_g),
        "lot": lot.batch,
        "method": "D10",
    }
    batch = world.names.batch("CS", facility.base.site, world.days.date(day))
    residues = [{"lot": batch, "waste_code": RESIDUE, "mass_kg": kg(residue_g)}] if residue_g else []
    _treat(world, facility, day, line, own=False, residues=residues)
    return Lot(batch, RESIDUE, residue_g, day) if residue_g else None


def buried(scene: Stage, slag: Lot, day: int) -> None:
    """填埋 of slag on the plant's own ground."""
    line: Wire = {
        "line": 1,
        "waste_code": RESIDUE,
        "mass_kg": kg(slag.mass_g),
        "lot": slag.batch,
        "method": "D1",
    }
    _treat(scene.world, scene.facility, day, line, own=True)


def _treat(
    world: World, facility: Facility, day: int, line: Wire, *, own: bool, residues: list[Wire] | None = None
) -> None:
    base = facility.base
    body: Wire = {"site": base.site, "org": base.org.code, "own_waste": own, "lines": [line]}
    if residues:
        body["residues"] = residues
    world.telling().tell(base.org, "waste-treated.v1", world.hour(day, 9, 11), body, lag=HOUR_US)


def sets_residue_rates(scene: Stage) -> None:
    """灰渣率 of this plant by the authority, from today on."""
    world, site = scene.world, scene.facility.base.site
    for limit, permille in (("residue_least", LEAST_PERMILLE), ("residue_most", MOST_PERMILLE)):
        body: Wire = {
            "limit": limit,
            "value": permille,
            "unit": "permille",
            "scope": {"region": site[:6], "site": site},
            "effective_from": world.days.date(world.today).isoformat(),
            "citation": "市生态环境局焚烧灰渣率核查通知",
        }
        world.telling().tell(world.regulator, "limit-set.v1", world.hour(world.today, 6, 7), body)


def missing_at_a_plant(world: World) -> None:
    """接收量去向不明: the day after a load a count misses a fifth of it; a week later all of it is found again."""
    scene = burning_stage(world)
    lot = taken_in(scene)
    site = scene.facility.base.site
    first = world.today + 2
    known_at = count_of(scene, lot, lot.mass_g * 4 // 5, first, 9)
    reason = "a count finds a fifth of what was taken in missing"
    world.journal.expect(AlertKind.STORAGE_COUNT_DIFFERS, site, f"counted:{lot.waste_code}", known_at, reason)
    world.journal.expect(AlertKind.INTAKE_UNACCOUNTED, site, "intake", known_at, reason)
    count_of(scene, lot, lot.mass_g, first + 7, 9)
    treated_at(scene, lot, lot.mass_g, first + 9)


def no_slag(world: World) -> None:
    """残渣率异常: where the authority set a range, a load is burnt and no slag is stated of it."""
    scene = burning_stage(world)
    sets_residue_rates(scene)
    lot = taken_in(scene)
    day = world.today + 3
    treated_at(scene, lot, lot.mass_g, day)
    burnt_on = world.days.date(day)
    raised_at = world.days.at(world.days.number(next_month(burnt_on)))
    subject = f"month:{burnt_on.isoformat()[:7]}"
    reason = "five tonnes burnt and no slag stated"
    world.journal.expect(AlertKind.RESIDUE_OUT_OF_RANGE, scene.facility.base.site, subject, raised_at, reason)


INTAKE = (missing_at_a_plant, no_slag)
