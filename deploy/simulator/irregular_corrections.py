"""Errors that others have built on: corrected by request and approval; each notes every alert that follows from it."""

from deploy.simulator.irregular_custody import scaled
from deploy.simulator.journal import Wire
from deploy.simulator.stage import stage
from deploy.simulator.world import World
from models.alerts import AlertKind
from models.exact import DAY_US, HOUR_US, MINUTE_US


def load_mistyped(world: World) -> None:
    """更正须经同意: the carrier typed a tenth too little; the facility, which took the load in, approves next day."""
    scene = stage(world)
    transfer = scene.transfer().issue()
    loads = transfer.loads
    transfer.loads = [scaled(load, 900) for load in loads]
    wire = transfer.depart().departed
    transfer.loads = loads
    transfer.arrive().accept()
    number, telling = transfer.manifest_no, transfer.telling
    reason = "a tenth too little was typed at departure"
    world.journal.expect(AlertKind.MANIFEST_MASS_DIFFERS, number, number, telling.known_at, reason)
    asked = transfer.accept_at + 3 * HOUR_US
    right = {**wire, "lines": transfer.lines(loads)}
    carrier, facility = transfer.carrier.org, transfer.facility.base.org
    body: Wire = {
        "corrects": wire["event_id"],
        "corrects_stated_by": carrier.code,
        "reason": "incorrect-data",
        "explanation": "装车重量录错 the loaded mass was typed wrongly",
        "replacement": right,
    }
    request = telling.tell(carrier, "correction-requested.v1", asked, body, lag=MINUTE_US)
    answer = {"request": request["event_id"], "request_stated_by": carrier.code}
    telling.tell(facility, "correction-approved.v1", asked + DAY_US, answer, lag=MINUTE_US)
    transfer.confirm(asked + DAY_US + HOUR_US)
    scene.settled(transfer)


CORRECTIONS = (load_mistyped,)
