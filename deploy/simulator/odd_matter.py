"""Lawful oddities in matter: late but in time, milk runs, repacking, refusals, paper, counts. All must stay silent."""

from deploy.simulator.cast import Lot
from deploy.simulator.irregular_custody import WORKING_DAYS
from deploy.simulator.journal import Wire
from deploy.simulator.shipping import Load, Transfer
from deploy.simulator.stage import Stage, stage
from deploy.simulator.world import World, kg
from models.exact import DAY_US, HOUR_US, MINUTE_US, add_years


def late_but_in_time(world: World) -> None:
    """70 hours on the road, 23 at the gate, confirmed in the last hour of the fifth working day."""
    scene = stage(world)
    transfer = scene.transfer()
    transfer.arrive_at = transfer.depart_at + 70 * HOUR_US
    transfer.accept_at = transfer.arrive_at + 22 * HOUR_US
    transfer.issue().depart().arrive().accept()
    overdue_at = world.days.calendar.overdue_after(transfer.accept_at, WORKING_DAYS)
    transfer.confirm(overdue_at - 30 * MINUTE_US)
    scene.settled(transfer)


def small_loss(world: World) -> None:
    """1.9 % evaporates or sticks to the tank: within the tolerance."""
    scene = stage(world)
    transfer = scene.transfer().issue().depart().arrive()
    less = [load._replace(mass_g=load.mass_g - load.mass_g * 19 // 1000) for load in transfer.loads]
    transfer.weigh(less).accept(less)
    transfer.confirm()
    scene.settled(transfer)


def milk_run(world: World) -> None:
    """One lorry, one trip, three origins with a manifest each (MT 16)."""
    first = stage(world)
    scenes = [first]
    scenes += [stage(world, category=first.category, facility=first.facility) for _ in range(2)]
    carrier = world.carrier()
    trip = world.names.round(world.days.date(world.today))
    left_at = world.hour(world.today, 9, 12)
    stops = [(left_at + n * 20 * MINUTE_US, scene.site.site[:4]) for n, scene in enumerate(scenes)]
    stops.append((left_at + 270 * MINUTE_US, first.facility.base.site[:4]))
    plate = world.lorry(carrier, carrier.plates[0], *stops)
    for number, scene in enumerate(scenes):
        transfer = scene.transfer()
        transfer.carrier = carrier
        transfer.plate, transfer.on_round = plate, True
        transfer.depart_at = left_at + number * 20 * MINUTE_US
        transfer.arrive_at = left_at + world.seconds(4 * 3600, 5 * 3600)
        transfer.accept_at = transfer.arrive_at + world.seconds(1200, 5400)
        scene.settled(transfer.run(trip_id=trip))


def repacked(world: World) -> None:
    """分装合并: three old lots become one drum, which is shipped before the oldest of them is due soon."""
    scene = stage(world)
    site = scene.site
    share_g = max(scene.load_g // 3 // 1000, 1) * 1000
    ages = (world.rng.randrange(200, 280), 90, 20)
    parts = [old_lot(scene, age, share_g) for age in ages]
    drum = Lot(
        world.names.batch("RK", site.site, world.days.date(world.today)), scene.code, 3 * share_g, world.today
    )
    body: Wire = {
        "site": site.site,
        "inputs": [{"lot": lot.batch, "mass_kg": kg(lot.mass_g)} for lot in parts],
        "outputs": [{"lot": drum.batch, "waste_code": drum.waste_code, "mass_kg": kg(drum.mass_g)}],
    }
    at = world.hour(world.today, 11, 14)
    world.telling().tell(site.org, "lot-repacked.v1", at, body, lag=HOUR_US)
    day = world.days.next_working(world.today + 5)
    scene.settled(scene.transfer(day=day, lot=drum).run())


def old_lot(scene: Stage, age_days: int, mass_g: int) -> Lot:
    """A lot stored some time ago, stated this morning."""
    world = scene.world
    day = world.today - age_days
    lot = Lot(world.names.batch("RK", scene.site.site, world.days.date(day)), scene.code, mass_g, day)
    body = {"site": scene.site.site, "lot": lot.batch, "waste_code": lot.waste_code, "mass_kg": kg(mass_g)}
    telling = world.telling(world.hour(world.today, 8, 9))
    telling.tell(scene.site.org, "waste-stored.v1", world.hour(day, 9, 16), body, lag=0)
    return lot


def extension(world: World) -> None:
    """延期: an old drum whose longer storage was approved before it fell due soon; shipped within the extension."""
    scene = stage(world)
    lot = old_lot(scene, 325, scene.load_g)
    until = add_years(world.days.date(lot.day), 1).replace(day=1).toordinal() - world.days.first.toordinal()
    body: Wire = {
        "site": scene.site.site,
        "lot": lot.batch,
        "valid_until": world.days.date(until + 120).isoformat(),
        "authority": "市生态环境局",
    }
    at = world.hour(world.today, 10, 12)
    world.telling().tell(world.regulator, "extension-granted.v1", at, body, lag=HOUR_US)
    day = world.days.next_working(world.today + 60)
    scene.settled(scene.transfer(day=day, lot=lot).run())


def refused_and_returned(world: World) -> None:
    """拒收退回: the wrong drums; they come back and go out again under a new manifest."""
    scene = stage(world)
    lot = scene.lot()
    first = scene.transfer(lot=lot).issue().depart().arrive().weigh()
    lines = first.lines(first.loads)
    org = first.facility.base.org
    body = {**first.body, "lines": lines, "reason": "包装破损 packaging damaged"}
    first.telling.tell(org, "receipt-refused.v1", first.accept_at, body)
    back_at = first.accept_at + 20 * HOUR_US
    first.telling.tell(scene.site.org, "transport-returned.v1", back_at, {**first.body, "lines": lines})
    day = world.days.next_working(world.days.of(back_at) + 3)
    scene.settled(scene.transfer(day=day, lot=lot).run())


def refused_in_part(world: World) -> None:
    """部分拒收: two of five tonnes are refused and come back; accepted and refused make up the load."""
    scene = stage(world)
    transfer = scene.transfer().issue().depart().arrive().weigh()
    (load,) = transfer.loads
    refused = load._replace(mass_g=load.mass_g * 2 // 5 // 1000 * 1000)
    taken = [load._replace(mass_g=load.mass_g - refused.mass_g)]
    org = transfer.facility.base.org
    body = {**transfer.body, "lines": transfer.lines([refused]), "reason": "成分不符 composition differs"}
    transfer.telling.tell(org, "receipt-refused.v1", transfer.accept_at, body, lag=5 * MINUTE_US)
    transfer.accept(taken)
    transfer.confirm(transfer.accept_at + 6 * HOUR_US)
    back_at = transfer.accept_at + 22 * HOUR_US
    back = {**transfer.body, "lines": transfer.lines([refused])}
    transfer.telling.tell(scene.site.org, "transport-returned.v1", back_at, back)
    scene.settled(transfer)
    day = world.days.next_working(world.days.of(back_at) + 3)
    again = Lot(str(load.lot), load.waste_code, refused.mass_g, world.today)
    scene.settled(scene.transfer(day=day, lot=again).run())


def voided_and_reissued(world: World) -> None:
    """联单作废 before departure; a new number is used for the load."""
    scene = stage(world)
    lot = scene.lot()
    load = [Load(lot.waste_code, lot.mass_g, lot.batch)]
    void = Transfer(world, scene.contract, scene.site, load, world.hour(world.today, 9, 11)).issue()
    body = {**void.body, "reason": "车辆更换 another lorry"}
    void.telling.tell(scene.site.org, "manifest-voided.v1", void.depart_at + HOUR_US, body)
    day = world.days.next_working(world.today + 1)
    scene.settled(scene.transfer(day=day, lot=lot).run())


def two_carriers(world: World) -> None:
    """联运: handed over to a second haulier on the way (MT 17)."""
    scene = stage(world)
    second = world.carrier()
    transfer = scene.transfer()
    carriers = [
        {"org": haulier.org.code, "transport_licence_no": haulier.licence_no}
        for haulier in (transfer.carrier, second)
    ]
    transfer.issue(carriers=carriers).depart()
    plate = world.lorry(second, second.plates[0], (transfer.arrive_at, scene.facility.base.site[:4]))
    body = {
        **transfer.body,
        "from_carrier_org": transfer.carrier.org.code,
        "to_carrier_org": second.org.code,
        "vehicle": plate,
    }
    at = transfer.depart_at + 50 * MINUTE_US
    transfer.telling.tell(second.org, "transport-handed-over.v1", at, body, lag=MINUTE_US)
    transfer.carrier, transfer.plate = second, plate
    transfer.arrive().weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def said_twice(world: World) -> None:
    """The facility states the same acceptance and confirmation again under new ids: counted once."""
    scene = stage(world)
    transfer = scene.transfer().issue().depart().arrive().weigh()
    wire = transfer.accept()
    again = {name: value for name, value in wire.items() if name not in {"event_id", "occurred_at", "kind"}}
    org = transfer.facility.base.org
    transfer.telling.tell(org, "receipt-accepted.v1", transfer.accept_at, again)
    transfer.confirm().confirm()
    scene.settled(transfer)


def on_paper(world: World) -> None:
    """纸质联单: the net was down; everything is entered the next morning (MT 20)."""
    scene = stage(world)
    transfer = scene.transfer()
    transfer.telling.known_at = transfer.depart_at + 22 * HOUR_US
    transfer.issue(on_paper=True).depart().arrive().weigh().accept()
    transfer.confirm(transfer.depart_at + 3 * DAY_US)
    scene.settled(transfer)


def counted(world: World) -> None:
    """盘点: a count that agrees with the ledger."""
    scene = stage(world)
    lot = scene.lot()
    count = {"waste_code": lot.waste_code, "lot": lot.batch, "mass_kg": kg(lot.mass_g)}
    body: Wire = {"site": scene.site.site, "place": "scene-1", "counts": [count]}
    at = world.hour(world.today, 15, 17)
    world.telling().tell(scene.site.org, "stock-taken.v1", at, body)
    day = world.days.next_working(world.today + 2)
    scene.settled(scene.transfer(day=day, lot=lot).run())


def chained(world: World) -> None:
    """产生 -> 入库 -> 出库 -> 委外 under four batch codes, each naming the one before (HJ 1259)."""
    scene = stage(world)
    lot = scene.lot()
    site, day = scene.site, world.days.date(world.today)
    telling = world.telling()
    for hour, letters, kind in ((9, "RK", "waste-stored.v1"), (11, "CK", "waste-released.v1")):
        batch = world.names.batch(letters, site.site, day)
        body: Wire = {
            "site": site.site,
            "lot": batch,
            "waste_code": lot.waste_code,
            "mass_kg": kg(lot.mass_g),
            "parents": [lot.batch],
        }
        telling.tell(site.org, kind, world.hour(world.today, hour, hour + 1), body, lag=5 * MINUTE_US)
        lot = lot._replace(batch=batch)
    day_out = world.days.next_working(world.today + 1)
    scene.settled(scene.transfer(day=day_out, lot=lot).run())


def counted_nearly(world: World) -> None:
    """盘点 one percent below the books: within the tolerance; the books are set, and what was counted goes out."""
    scene = stage(world)
    lot = scene.lot()
    there = lot._replace(mass_g=lot.mass_g * 99 // 100 // 1000 * 1000)
    count = {"waste_code": lot.waste_code, "lot": lot.batch, "mass_kg": kg(there.mass_g)}
    body: Wire = {"site": scene.site.site, "counts": [count]}
    world.telling().tell(scene.site.org, "stock-taken.v1", world.hour(world.today, 15, 17), body)
    day = world.days.next_working(world.today + 2)
    scene.settled(scene.transfer(day=day, lot=there).run())


ODD_MATTER = (
    late_but_in_time,
    small_loss,
    milk_run,
    repacked,
    extension,
    refused_and_returned,
    refused_in_part,
    voided_and_reissued,
    two_carriers,
    said_twice,
    on_paper,
    counted,
    chained,
    counted_nearly,
)
