"""利用处置: facilities treat what they hold within weeks; incinerators make slag and ash."""

from deploy.simulator.cast import Facility, Lot
from deploy.simulator.journal import Wire
from deploy.simulator.producing import ship_residues
from deploy.simulator.trade import RESIDUE, Plant
from deploy.simulator.world import World, kg
from models.exact import HOUR_US

_LINES_MAX = 150
_RESIDUE_PERMILLE = 220


def treat(world: World) -> None:
    """One day of all facilities."""
    for number, facility in enumerate(world.facilities):
        if facility.plant is Plant.MEDICAL:
            _treat_what_rounds_brought(world, facility)
        elif facility.plant is not Plant.COLLECTOR and (world.today + number) % 4 == 0:
            _treat_at(world, facility, waits=2 + number % 9)
        if facility.residue_contract is not None:
            ship_residues(world, facility, facility.residue_contract)


def _treat_at(world: World, facility: Facility, waits: int) -> None:
    ready = [lot for lot in facility.held if lot.day + waits <= world.today][:_LINES_MAX]
    if not ready:
        return
    done = {lot.batch for lot in ready}
    facility.held = type(facility.held)(lot for lot in facility.held if lot.batch not in done)
    at = world.hour(world.today, 8, 12)
    body: Wire = {
        "site": facility.base.site,
        "org": facility.base.org.code,
        "own_waste": False,
        "lines": [_line(facility, number, lot) for number, lot in enumerate(ready, start=1)],
    }
    if facility.residue_contract is not None:
        body["residues"] = _residues(world, facility, sum(lot.mass_g for lot in ready))
    world.telling().tell(facility.base.org, "waste-treated.v1", at, body, lag=HOUR_US)


def _treat_what_rounds_brought(world: World, facility: Facility) -> None:
    """All that came until yesterday, by code: well within the hours that medical waste may wait."""
    brought = sorted(facility.collected)
    if not brought:
        return
    lines: list[Wire] = []
    for number, code in enumerate(brought, start=1):
        line: Wire = {"line": number, "waste_code": code, "method": facility.methods("HW01")}
        if mass_g := facility.collected[code]:
            line["mass_kg"] = kg(mass_g)
        if pieces := facility.pieces.get(code):
            line["pieces"] = pieces
        lines.append(line)
    facility.collected, facility.pieces = {}, {}
    base = facility.base
    body = {"site": base.site, "org": base.org.code, "own_waste": False, "lines": lines}
    world.telling().tell(base.org, "waste-treated.v1", world.hour(world.today, 2, 7), body, lag=HOUR_US)


def _line(facility: Facility, number: int, lot: Lot) -> Wire:
    return {
        "line": number,
        "waste_code": lot.waste_code,
        "mass_kg": kg(lot.mass_g),
        "lot": lot.batch,
        "method": facility.methods("HW" + lot.waste_code[-2:]),
    }


def _residues(world: World, facility: Facility, burnt_g: int) -> list[Wire]:
    mass_g = max(burnt_g * _RESIDUE_PERMILLE // 1000 // 10_000, 1) * 10_000
    batch = world.names.batch("CS", facility.base.site, world.days.date(world.today))
    facility.residues.append(Lot(batch, RESIDUE, mass_g, world.today))
    return [{"lot": batch, "waste_code": RESIDUE, "mass_kg": kg(mass_g)}]
