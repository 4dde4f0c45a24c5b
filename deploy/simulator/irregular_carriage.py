"""Irregular carriage (custody): carriers, hand-overs, what is seen on the way, vehicles, weighbridges and pipelines."""

from deploy.simulator.billing import invoice
from deploy.simulator.cast import Due, Lot
from deploy.simulator.irregular_custody import expect
from deploy.simulator.journal import Telling, Wire
from deploy.simulator.shipping import Load, Transfer
from deploy.simulator.stage import Stage, stage
from deploy.simulator.world import World, kg, worth
from models.alerts import AlertKind
from models.exact import DAY_US, HOUR_US, MINUTE_US
from rules.routes import pipeline_key, vehicle_key, weighbridge_key

REFUSED_DAYS = 10
METERING_DAYS = 5
_REPEATS = 5


def carrier_not_named(world: World) -> None:
    """承运人不在联单上: another haulier drives than the manifest names."""
    scene = stage(world)
    transfer = scene.transfer().issue()
    others = [c for c in world.carriers if c is not transfer.carrier]
    transfer.carrier = world.rng.choice(others)
    transfer.plate = transfer.carrier.plates[0]
    transfer.depart()
    reason = "driven by a haulier whom the manifest does not name"
    expect(world, AlertKind.MANIFEST_CARRIER_NOT_NAMED, transfer, transfer.telling.known_at, reason)
    transfer.arrive().weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def handover_left_out(world: World) -> None:
    """联运交接不连续: the second haulier arrives with a load that nobody handed over to it."""
    scene = stage(world)
    transfer = scene.transfer()
    second = world.rng.choice([c for c in world.carriers if c is not transfer.carrier])
    carriers = [
        {"org": haulier.org.code, "transport_licence_no": haulier.licence_no}
        for haulier in (transfer.carrier, second)
    ]
    transfer.issue(carriers=carriers).depart()
    transfer.carrier = second
    transfer.plate = world.lorry(second, second.plates[0], (transfer.arrive_at, scene.facility.base.site[:4]))
    transfer.arrive()
    reason = "the hand-over to the second haulier was never stated"
    expect(world, AlertKind.MANIFEST_HANDOVER_BROKEN, transfer, transfer.telling.known_at, reason)
    transfer.weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def refused_and_gone(world: World) -> None:
    """拒收废物去向不明: refused at the gate, and never heard of again."""
    transfer = stage(world).transfer().issue().depart().arrive().weigh()
    lines = transfer.lines(transfer.loads)
    body = {**transfer.body, "lines": lines, "reason": "成分不符 composition differs"}
    transfer.telling.tell(transfer.facility.base.org, "receipt-refused.v1", transfer.accept_at, body)
    since = world.days.at(world.days.of(transfer.accept_at) + REFUSED_DAYS + 1)
    reason = "refused, and neither back nor gone on after ten days"
    expect(world, AlertKind.MANIFEST_REFUSED_OUTSTANDING, transfer, since, reason)


def voided_on_the_road(world: World) -> None:
    """起运后作废: the origin voids the manifest while the lorry drives, and takes that back before it arrives."""
    scene = stage(world)
    transfer = scene.transfer().issue().depart()
    body = {**transfer.body, "reason": "重复开具 issued twice"}
    way_us = transfer.arrive_at - transfer.depart_at
    at = transfer.depart_at + way_us // 3
    wire = transfer.telling.tell(scene.site.org, "manifest-voided.v1", at, body, lag=MINUTE_US)
    reason = "voided after it had left"
    expect(world, AlertKind.MANIFEST_ACTS_CONTRADICT, transfer, transfer.telling.known_at, reason)
    transfer.telling.correct(scene.site.org, at + way_us // 3, wire, None, "误作废 voided by mistake")
    transfer.arrive().weigh().accept()
    transfer.confirm(transfer.accept_at + DAY_US)
    scene.settled(transfer)


def filled_in_by_another(world: World) -> None:
    """联单由他人填写: the plant fills it in for the producer, and does not say so."""
    scene = stage(world)
    transfer = scene.transfer()
    transfer.issue_wire(scene.facility.base.org)
    reason = "filled in by the destination, which is not said"
    expect(world, AlertKind.MANIFEST_ISSUED_BY_STRANGER, transfer, transfer.telling.known_at, reason)
    transfer.depart().arrive().weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def number_of_another_city(world: World) -> None:
    """联单编号与移出地不符: the number of a city of another province."""
    scene = stage(world)
    lot = scene.lot()
    at = world.hour(world.today, 9, 12)
    number = world.names.manifest("320500", world.year(at))
    load = [Load(lot.waste_code, lot.mass_g, lot.batch)]
    transfer = Transfer(world, scene.contract, scene.site, load, at, manifest_no=number).issue()
    reason = "its number is one of another province"
    expect(world, AlertKind.MANIFEST_NUMBER_FOREIGN, transfer, transfer.telling.known_at, reason)
    transfer.depart().arrive().weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def not_as_weighed(world: World) -> None:
    """接受重量与过磅不符: the weighbridge says a tenth less, what was loaded is accepted all the same."""
    scene = stage(world)
    transfer = scene.transfer().issue().depart().arrive()
    less = [load._replace(mass_g=load.mass_g * 900 // 10_000 * 10) for load in transfer.loads]
    transfer.weigh(less).accept()
    reason = "accepted as loaded, not as weighed"
    expect(world, AlertKind.MANIFEST_WEIGHED_DIFFERS, transfer, transfer.telling.known_at, reason)
    transfer.confirm()
    scene.settled(transfer)


def a_piece_short(world: World) -> None:
    """件数不符: forty drums leave, thirty-nine arrive, as heavy as they were."""
    scene = stage(world)
    transfer = scene.transfer()
    transfer.loads = [load._replace(pieces=40) for load in transfer.loads]
    transfer.issue().depart().arrive().weigh()
    transfer.accept([load._replace(pieces=39) for load in transfer.loads])
    reason = "one drum of forty is missing"
    expect(world, AlertKind.MANIFEST_PIECES_DIFFER, transfer, transfer.telling.known_at, reason)
    transfer.confirm()
    scene.settled(transfer)


def paper_entered_late(world: World) -> None:
    """纸质联单逾期补录: everything is entered almost four weeks later."""
    scene = stage(world)
    transfer = scene.transfer()
    transfer.telling.known_at = transfer.accept_at + 25 * DAY_US
    transfer.issue(on_paper=True).depart()
    reason = "until its arrival is entered it seems to be on the road"
    expect(world, AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG, transfer, transfer.telling.known_at, reason)
    transfer.arrive()
    reason = "until its acceptance is entered it seems to stand at the gate"
    expect(world, AlertKind.MANIFEST_NOT_ACCEPTED, transfer, transfer.telling.known_at, reason)
    transfer.accept()
    reason = "entered after the tenth working day"
    expect(world, AlertKind.MANIFEST_PAPER_LATE, transfer, transfer.telling.known_at, reason)
    held = transfer.facility.held.pop()
    transfer.facility.held.append(held._replace(day=held.day + 26))
    transfer.confirm(transfer.telling.known_at + HOUR_US)
    scene.paid(scene.billed(transfer, after_days=26), after_days=1)


# Seen on the way


def _watched(world: World, observation: str, kind: AlertKind, term_us: int, reason: str) -> None:
    """Seen an hour after departure; it lasts until the load arrives, five hours after that."""
    scene = stage(world)
    transfer = scene.transfer()
    transfer.arrive_at = transfer.depart_at + 6 * HOUR_US
    transfer.accept_at = transfer.arrive_at + world.seconds(1200, 5400)
    transfer.issue().depart()
    at = transfer.depart_at + HOUR_US
    transfer.observe(observation, at)
    expect(world, kind, transfer, max(at + term_us, transfer.telling.known_at), reason)
    transfer.arrive().weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def lock_opened(world: World) -> None:
    """途中开锁."""
    _watched(world, "lock-opened", AlertKind.MANIFEST_LOCK_OPENED, 0, "the lock was opened on the way")


def off_route(world: World) -> None:
    """偏离路线."""
    reason = "off its route for hours"
    _watched(world, "off-route", AlertKind.MANIFEST_OFF_ROUTE, 30 * MINUTE_US, reason)


def long_stop(world: World) -> None:
    """途中停留."""
    _watched(world, "long-stop", AlertKind.MANIFEST_LONG_STOP, 2 * HOUR_US, "stood still for hours")


def signal_lost(world: World) -> None:
    """信号丢失."""
    reason = "no signal until it arrived"
    _watched(world, "signal-lost", AlertKind.MANIFEST_SIGNAL_LOST, 30 * MINUTE_US, reason)


# Vehicles, weighbridges, pipelines


def cloned_plate(world: World) -> None:
    """套牌: one plate leaves two cities within three minutes."""
    first_scene = stage(world)
    second_scene = _elsewhere(world, first_scene)
    first, second = first_scene.transfer(), second_scene.transfer()
    first.issue().depart()
    second.carrier, second.plate, second.on_round = first.carrier, first.plate, True
    second.depart_at = first.depart_at + 3 * MINUTE_US
    second.arrive_at = second.depart_at + 5 * HOUR_US
    second.accept_at = second.arrive_at + HOUR_US
    world.drives(
        second.plate,
        (second.depart_at, second_scene.site.site[:4]),
        (second.arrive_at, second_scene.facility.base.site[:4]),
    )
    second.issue().depart()
    known_at = max(first.telling.known_at, second.telling.known_at)
    subject = f"day:{world.days.date(world.days.of(second.depart_at)).isoformat()}"
    reason = "one plate in two cities within minutes"
    world.journal.expect(AlertKind.VEHICLE_TWO_PLACES, vehicle_key(second.plate), subject, known_at, reason)
    for scene, transfer in ((first_scene, first), (second_scene, second)):
        transfer.arrive().weigh().accept()
        transfer.confirm()
        scene.settled(transfer)


def _elsewhere(world: World, scene: Stage) -> Stage:
    """A stage in another city."""
    while True:
        other = stage(world)
        if other.site.region[:4] != scene.site.region[:4]:
            return other


def stuck_weighbridge(world: World) -> None:
    """过磅重量相同: five loads of one day weigh the same to the kilogram."""
    scene = stage(world)
    known_at = 0
    transfers = []
    for _ in range(_REPEATS):
        transfer = scene.transfer(mass_g=scene.load_g // 4 // 1000 * 1000).issue().depart().arrive()
        transfer.weigh(weighing="weighbridge")
        known_at = max(known_at, transfer.telling.known_at)
        transfers.append(transfer)
    day = world.days.date(world.today).isoformat()
    reason = "one mass again and again"
    key = weighbridge_key(scene.facility.base.site)
    world.journal.expect(AlertKind.WEIGHT_REPEATED, key, f"weights:{day}", known_at, reason)
    for transfer in transfers:
        transfer.accept()
        transfer.confirm()
        scene.settled(transfer)


def _meter(scene: Stage, end: str, mass_g: int, at: int) -> Telling:
    """管道计量 of today by one end."""
    world = scene.world
    org = scene.site.org if end == "origin" else scene.facility.base.org
    body: Wire = {
        "pipeline": "P1",
        "day": world.days.date(world.today).isoformat(),
        "metered_by": end,
        "origin": scene.site.site,
        "origin_org": scene.site.org.code,
        "destination": scene.facility.base.site,
        "destination_org": scene.facility.base.org.code,
        "lines": [{"line": 1, "waste_code": scene.code, "mass_kg": kg(mass_g)}],
        "contract_no": scene.contract.no,
    }
    telling = world.telling()
    telling.tell(org, "pipeline-metered.v1", at, body, lag=5 * MINUTE_US)
    if end == "destination":
        batch = f"P1/{body['day']}/1"
        scene.facility.held.append(Lot(batch, scene.code, mass_g, world.days.of(at) + 1))
    return telling


def metered(world: World, received_permille: int, late_days: int) -> tuple[Stage, int]:
    """A day's flow, read at the origin that night and at the other end `late_days` after; when the last was known."""
    scene = stage(world)
    lot = scene.lot()
    midnight = world.days.at(world.today + 1)
    _meter(scene, "origin", lot.mass_g, midnight + 10 * MINUTE_US)
    received_g = lot.mass_g * received_permille // 1_000_000 * 1000
    read_at = midnight + 8 * HOUR_US + late_days * DAY_US
    known_at = _meter(scene, "destination", received_g, read_at).known_at
    fen = worth(received_g, scene.contract.prices_fen[scene.code])
    due = Due("", fen, received_g, scene.code, read_at, known_at)
    scene.paid(invoice(world, scene.contract, [due], read_at + 2 * DAY_US))
    return scene, known_at


def _pipeline_subject(world: World, scene: Stage) -> tuple[str, str]:
    key = pipeline_key(scene.site.site, scene.facility.base.site)
    return key, f"P1:{world.days.date(world.today).isoformat()}"


def leaking_pipeline(world: World) -> None:
    """管道两端计量不符: a tenth is lost on the way."""
    scene, known_at = metered(world, 900, 0)
    key, subject = _pipeline_subject(world, scene)
    world.journal.expect(
        AlertKind.PIPELINE_METERS_DIFFER, key, subject, known_at, "a tenth is lost on the way"
    )


def meter_read_late(world: World) -> None:
    """管道一端未计量: the other end states it a week later."""
    scene, _ = metered(world, 1000, 7)
    key, subject = _pipeline_subject(world, scene)
    since = world.days.at(world.today + METERING_DAYS + 1)
    world.journal.expect(AlertKind.PIPELINE_UNMETERED, key, subject, since, "read a week later at one end")


CARRIAGE = (
    carrier_not_named,
    handover_left_out,
    refused_and_gone,
    voided_on_the_road,
    filled_in_by_another,
    number_of_another_city,
    not_as_weighed,
    a_piece_short,
    paper_entered_late,
    lock_opened,
    off_route,
    long_stop,
    signal_lost,
    cloned_plate,
    stuck_weighbridge,
    leaking_pipeline,
    meter_read_late,
)
