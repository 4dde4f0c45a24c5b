"""产生 and 贮存: every stream makes its lots, and ships them by the lorry-load or before they grow old."""

from deploy.simulator.billing import settle
from deploy.simulator.cast import Contract, Facility, Lot, Stream
from deploy.simulator.collecting import collect
from deploy.simulator.shipping import Load, Transfer
from deploy.simulator.trade import Plant
from deploy.simulator.world import World, kg
from models.exact import HOUR_US

_GRAIN_G = 10_000
_RESIDUE_LOAD_G = 18_000_000
_RESIDUE_DAYS_MAX = 200


def produce(world: World) -> None:
    """One day of all streams."""
    working = world.days.working(world.today)
    for stream in world.streams:
        if world.today < stream.phase or not (working or stream.every_days <= 5):
            continue
        stream.phase = world.today + stream.every_days
        _make(world, stream)
    if working:
        _ship_what_is_due(world)


def _make(world: World, stream: Stream) -> None:
    rng = world.rng
    usual = stream.yearly_g * stream.every_days // 365
    mass_g = max(usual * rng.randrange(800, 1201) // 1000 // _GRAIN_G, 1) * _GRAIN_G
    lot = new_lot(world, stream, mass_g, rng.random() < 0.35)
    stream.stock.append(lot)
    stream.stock_g += mass_g


def new_lot(world: World, stream: Stream, mass_g: int, stored: bool) -> Lot:
    """产生 in the morning, and 入库 of the same batch where the site keeps that ledger."""
    site = stream.site
    at = world.hour(world.today, 7, 16)
    batch = world.names.batch("CS", site.site, world.days.date(world.today))
    body = {"site": site.site, "lot": batch, "waste_code": stream.waste_code, "mass_kg": kg(mass_g)}
    telling = world.telling()
    telling.tell(site.org, "waste-generated.v1", at, body)
    if stored:
        telling.tell(site.org, "waste-stored.v1", at + world.seconds(600, 3600), dict(body))
    return Lot(batch, stream.waste_code, mass_g, world.today)


def _ship_what_is_due(world: World) -> None:
    today = world.today
    for stream in world.streams:
        if stream.stock_g >= stream.load_g or (
            stream.stock and today - stream.stock[0].day > stream.days_max
        ):
            _send(world, stream)


def _send(world: World, stream: Stream) -> None:
    if not open_for(world, stream.contract.facility):
        return
    if stream.own_permille and world.rng.randrange(1000) < stream.own_permille:
        _treat_own(world, stream)
        return
    loads = take(stream, stream.load_g, world.today)
    if loads and stream.contract.facility.plant is Plant.COLLECTOR:
        collect(world, stream, loads)
    elif loads:
        settle(
            world, Transfer(world, stream.contract, stream.site, loads, world.hour(world.today, 8, 12)).run()
        )


def open_for(world: World, facility: Facility) -> bool:
    """Whether a facility takes anything today; a suspended one does not."""
    return facility.closed_until <= world.today


def take(stream: Stream, wanted_g: int, today: int) -> list[Load]:
    """Oldest first from what was stored before today, the last lot in part; unnamed where the site names no lots."""
    loads: list[Load] = []
    while wanted_g > 0 and stream.stock and stream.stock[0].day < today:
        lot = stream.stock[0]
        mass_g = min(lot.mass_g, wanted_g // _GRAIN_G * _GRAIN_G)
        if mass_g == 0:
            break
        if mass_g == lot.mass_g:
            stream.stock.pop(0)
        else:
            stream.stock[0] = lot._replace(mass_g=lot.mass_g - mass_g)
        wanted_g -= mass_g
        stream.stock_g -= mass_g
        loads.append(Load(lot.waste_code, mass_g, lot.batch))
    if loads and not stream.names_lots:
        return [Load(stream.waste_code, sum(load.mass_g for load in loads))]
    return loads


def _treat_own(world: World, stream: Stream) -> None:
    """自行利用处置 of a lorry-load's worth."""
    loads = take(stream, stream.load_g, world.today)
    lines = [
        {"line": n, "waste_code": load.waste_code, "mass_kg": kg(load.mass_g), "method": "R6"}
        | ({"lot": load.lot} if load.lot else {})
        for n, load in enumerate(loads, start=1)
    ]
    site = stream.site
    if lines:
        body = {"site": site.site, "org": site.org.code, "own_waste": True, "lines": lines}
        world.telling().tell(site.org, "waste-treated.v1", world.hour(world.today, 8, 17), body, lag=HOUR_US)


def ship_residues(world: World, facility: Facility, contract: Contract) -> None:
    """An incinerator's slag and ash go out like any producer's waste."""
    ready = [lot for lot in facility.residues if lot.day < world.today]
    is_old = bool(ready) and world.today - ready[0].day > _RESIDUE_DAYS_MAX
    enough = is_old or sum(lot.mass_g for lot in ready) >= _RESIDUE_LOAD_G
    if not enough or not world.days.working(world.today):
        return
    facility.residues = [lot for lot in facility.residues if lot not in ready]
    loads = [Load(lot.waste_code, lot.mass_g, lot.batch) for lot in ready]
    settle(world, Transfer(world, contract, facility.base, loads, world.hour(world.today, 8, 12)).run())
