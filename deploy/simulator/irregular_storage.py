"""Irregular storage: forgotten drums, stock that was never made or is not there, old stock, a full point, a missed round."""

from deploy.simulator.cast import Lot
from deploy.simulator.founding import POINT
from deploy.simulator.medical import Rounds, Ward
from deploy.simulator.stage import Stage, small_stage, stage
from deploy.simulator.world import World, kg
from models.alerts import AlertKind
from models.exact import DAY_US, HOUR_US, add_years, beijing_midnight

MEDICAL_US = 48 * HOUR_US


def _found(scene: Stage, age_days: int) -> tuple[Lot, int, int]:
    """A drum stored so many days ago and stated only now; its lot, and when it is due soon and over."""
    world = scene.world
    day = world.today - age_days
    stored_on = world.days.date(day)
    lot = Lot(world.names.batch("RK", scene.site.site, stored_on), scene.code, scene.load_g, day)
    body = {
        "site": scene.site.site,
        "lot": lot.batch,
        "waste_code": lot.waste_code,
        "mass_kg": kg(lot.mass_g),
    }
    telling = world.telling(world.hour(world.today, 8, 9))
    telling.tell(scene.site.org, "waste-stored.v1", world.hour(day, 9, 16), body, lag=0)
    last_day = beijing_midnight(add_years(stored_on, 1))
    due_at, over_at = last_day - 30 * DAY_US, last_day + DAY_US
    if due_at < telling.known_at:
        due_at = telling.known_at
    return lot, due_at, over_at


def _expect(scene: Stage, kind: AlertKind, subject: str, raised_at: int, reason: str) -> None:
    scene.world.journal.expect(kind, scene.site.site, subject, raised_at, reason)


def _shipped(scene: Stage, lot: Lot, after: int, days: int) -> None:
    world = scene.world
    day = world.days.next_working(world.days.of(after) + days)
    transfer = scene.transfer(day=day, lot=lot)
    scene.settled(transfer.run())


def drum_due_soon(world: World) -> None:
    """即将超期: found three weeks before it is due soon, shipped in time."""
    scene = stage(world)
    lot, due_at, _ = _found(scene, world.rng.randrange(318, 330))
    _expect(
        scene, AlertKind.STORAGE_DUE_SOON, f"lot:{lot.batch}", due_at, "an old drum, shipped within the term"
    )
    _shipped(scene, lot, due_at, world.rng.randrange(3, 12))


def drum_over_limit(world: World) -> None:
    """超期贮存: found when it is due soon already, shipped some days too late."""
    scene = stage(world)
    lot, due_at, over_at = _found(scene, world.rng.randrange(345, 360))
    subject = f"lot:{lot.batch}"
    _expect(scene, AlertKind.STORAGE_DUE_SOON, subject, due_at, "an old drum, shipped too late")
    _expect(scene, AlertKind.STORAGE_OVER_LIMIT, subject, over_at, "an old drum, shipped too late")
    _shipped(scene, lot, over_at, world.rng.randrange(3, 9))


def drum_forgotten(world: World) -> None:
    """超期贮存: found, and left where it is."""
    scene = stage(world)
    lot, due_at, over_at = _found(scene, world.rng.randrange(330, 355))
    subject = f"lot:{lot.batch}"
    _expect(scene, AlertKind.STORAGE_DUE_SOON, subject, due_at, "an old drum, never shipped")
    _expect(scene, AlertKind.STORAGE_OVER_LIMIT, subject, over_at, "an old drum, never shipped")


def more_than_was_there(world: World) -> None:
    """库存为负: a quarter more leaves than was ever made; nobody explains it."""
    scene = stage(world)
    lot = scene.lot(scene.load_g * 4 // 5 // 1000 * 1000)
    transfer = scene.transfer(scene.load_g, lot=lot).issue().depart()
    reason = "a quarter more left than was made"
    _expect(scene, AlertKind.STORAGE_BELOW_ZERO, f"code:{lot.waste_code}", transfer.telling.known_at, reason)
    transfer.arrive().weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def stated_after_it_left(world: World) -> None:
    """库存为负: a whole lot leaves before anybody states that it was made; stated the next day."""
    scene = stage(world)
    at = world.hour(world.today, 7, 8)
    lot = Lot(
        world.names.batch("CS", scene.site.site, world.days.date(world.today)),
        scene.code,
        scene.load_g,
        world.today,
    )
    transfer = scene.transfer(lot=lot).issue().depart()
    reason = "left before it was stated as made"
    _expect(scene, AlertKind.STORAGE_BELOW_ZERO, f"code:{lot.waste_code}", transfer.telling.known_at, reason)
    body = {
        "site": scene.site.site,
        "lot": lot.batch,
        "waste_code": lot.waste_code,
        "mass_kg": kg(lot.mass_g),
    }
    world.telling().tell(scene.site.org, "waste-generated.v1", at, body, lag=26 * HOUR_US)
    transfer.arrive().weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def _tell(scene: Stage, kind: str, at: int, **body: object) -> int:
    """The site states something at once; when the ledger knew."""
    telling = scene.world.telling()
    telling.tell(scene.site.org, kind, at, {"site": scene.site.site, **body}, lag=0)
    return telling.known_at


def count_misses_a_tenth(world: World) -> None:
    """盘点不符: a count of the lot finds a tenth missing; what was counted is shipped."""
    scene = stage(world)
    lot = scene.lot()
    counted = lot._replace(mass_g=lot.mass_g * 9 // 10 // 1000 * 1000)
    count = {"waste_code": lot.waste_code, "lot": lot.batch, "mass_kg": kg(counted.mass_g)}
    known_at = _tell(scene, "stock-taken.v1", world.hour(world.today, 15, 17), counts=[count])
    subject = f"counted:{lot.waste_code}"
    _expect(scene, AlertKind.STORAGE_COUNT_DIFFERS, subject, known_at, "a count finds a tenth missing")
    _shipped(scene, counted, known_at, 2)


def opening_of_unknown_age(world: World) -> None:
    """期初库存不明: old stock without a date, declared some days later, shipped in time."""
    scene = stage(world)
    day = world.today
    lot = Lot(
        world.names.batch("RK", scene.site.site, world.days.date(day)), scene.code, scene.load_g, world.today
    )
    body = {"lot": lot.batch, "waste_code": lot.waste_code, "mass_kg": kg(lot.mass_g), "opening": True}
    known_at = _tell(scene, "waste-stored.v1", world.hour(day, 9, 11), **body)
    subject = f"lot:{lot.batch}"
    _expect(scene, AlertKind.STORAGE_AGE_UNKNOWN, subject, known_at, "opening stock without a date")
    declared = world.days.next_working(day + 6)
    since = world.journal.instant(world.hour(day - 90, 9, 16))
    _tell(scene, "waste-stored.v1", world.hour(declared, 9, 11), **body, stored_since=since)
    _shipped(scene, lot, world.hour(declared, 12, 13), 3)


def point_too_full(world: World) -> None:
    """贮存点超量: more than three tonnes at a storage point for two days."""
    scene = small_stage(world)
    parts = []
    for hour in (9, 10):
        batch = world.names.batch("RK", scene.site.site, world.days.date(world.today))
        lot = Lot(batch, scene.code, 1_600_000, world.today)
        body = {"lot": batch, "waste_code": scene.code, "mass_kg": kg(lot.mass_g), "place": POINT}
        known_at = _tell(scene, "waste-stored.v1", world.hour(world.today, hour, hour + 1), **body)
        parts.append(lot)
    reason = "3.2 t at a storage point"
    _expect(scene, AlertKind.STORAGE_POINT_OVERFULL, f"place:{POINT}", known_at, reason)
    for days, lot in enumerate(parts, start=2):
        _shipped(scene, lot, known_at, days)


def repacked_into_more(world: World) -> None:
    """改换批次不符: a lot of a tonne less is repacked into a full load; nobody says where the rest came from."""
    scene = stage(world)
    lot = scene.lot(scene.load_g * 4 // 5 // 1000 * 1000)
    batch = world.names.batch("RK", scene.site.site, world.days.date(world.today))
    drum = Lot(batch, scene.code, scene.load_g, world.today)
    known_at = _tell(
        scene,
        "lot-repacked.v1",
        world.hour(world.today, 13, 15),
        inputs=[{"lot": lot.batch, "mass_kg": kg(lot.mass_g)}],
        outputs=[{"lot": drum.batch, "waste_code": drum.waste_code, "mass_kg": kg(drum.mass_g)}],
    )
    subject = f"lot:{drum.batch}"
    _expect(scene, AlertKind.STORAGE_REPACK_DIFFERS, subject, known_at, "a fifth came from nowhere")
    _shipped(scene, drum, known_at, 3)


def missed_round(world: World, rounds: Rounds) -> None:
    """未收运: a hospital's round does not come; what waits there passes 48 hours before the next one."""
    hospitals = [ward for ward in rounds.wards if not ward.is_clinic and not ward.missed]
    if hospitals:
        world.rng.choice(hospitals).missed = _note_missed


def _note_missed(world: World, ward: Ward) -> None:
    for waits in ward.waiting:
        reason = "the medical round did not come"
        raised_at = waits.made_at + MEDICAL_US
        subject = f"lot:{waits.lot}"
        world.journal.expect(AlertKind.STORAGE_OVER_LIMIT, ward.site.site, subject, raised_at, reason)


STORAGE = (
    drum_due_soon,
    drum_over_limit,
    drum_forgotten,
    more_than_was_there,
    stated_after_it_left,
    count_misses_a_tenth,
    opening_of_unknown_age,
    point_too_full,
    repacked_into_more,
)
