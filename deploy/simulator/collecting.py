"""小微收运: the collector fetches small producers' waste in rounds, without manifests, and sends it on in loads."""

from deploy.simulator.billing import invoice, pay, settle
from deploy.simulator.cast import Due, Facility, Stream
from deploy.simulator.journal import Wire
from deploy.simulator.shipping import Load, Transfer
from deploy.simulator.trade import Plant
from deploy.simulator.world import World, kg, worth
from models.exact import MINUTE_US

_LOAD_G = 6_000_000
_WAIT_DAYS = 45


def collect(world: World, stream: Stream, loads: list[Load]) -> None:
    """收集 from one small producer, on some vehicle's round."""
    facility = stream.contract.facility
    carrier = world.carrier()
    round_id = world.names.round(world.days.date(world.today))
    at = world.hour(world.today, 8, 15)
    body: Wire = {
        "origin": stream.site.site,
        "origin_org": stream.site.org.code,
        "destination": facility.base.site,
        "destination_org": facility.base.org.code,
        "carrier_org": carrier.org.code,
        "vehicle": world.rng.choice(carrier.plates),
        "round_id": round_id,
        "lines": [_line(n, load) for n, load in enumerate(loads, start=1)],
    }
    telling = world.telling()
    telling.tell(carrier.org, "waste-collected.v1", at, body, lag=20 * MINUTE_US)
    mass_g = sum(load.mass_g for load in loads)
    code = stream.waste_code
    facility.collected[code] = facility.collected.get(code, 0) + mass_g
    facility.onward_due.setdefault(code, world.today + _WAIT_DAYS)
    due = Due("", worth(mass_g, stream.contract.prices_fen[code]), mass_g, code, at, telling.known_at)
    bill = invoice(world, stream.contract, [due], at + world.seconds(86400, 6 * 86400))
    pay(world, [bill], bill.issued_at + world.seconds(2 * 86400, 18 * 86400))


def _line(number: int, load: Load) -> Wire:
    line: Wire = {"line": number, "waste_code": load.waste_code, "mass_kg": kg(load.mass_g)}
    return line | ({"lot": load.lot} if load.lot else {})


def send_on(world: World) -> None:
    """What came until yesterday, by code: a load, or what there is after 45 days (LIC 20 gives 90 working days)."""
    if not world.days.working(world.today):
        return
    for facility in world.facilities:
        if facility.plant is Plant.COLLECTOR:
            for code in sorted(facility.collected):
                _send_code(world, facility, code)


def _send_code(world: World, facility: Facility, code: str) -> None:
    mass_g = facility.collected[code]
    if mass_g < _LOAD_G and world.today < facility.onward_due[code]:
        return
    del facility.collected[code], facility.onward_due[code]
    at = world.hour(world.today, 8, 12)
    transfer = Transfer(world, facility.onward[code], facility.base, [Load(code, mass_g)], at)
    settle(world, transfer.run())
