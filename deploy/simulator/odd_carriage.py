"""Lawful oddities on the way: filled in by the collector, refused and gone on, estimated, metered, a tunnel. All silent."""

from deploy.simulator.irregular_carriage import metered
from deploy.simulator.shipping import Transfer
from deploy.simulator.stage import stage
from deploy.simulator.world import World
from models.exact import DAY_US, HOUR_US, MINUTE_US


def filled_in_by_the_collector(world: World) -> None:
    """反向填报: the plant fills the manifest in for a small producer, and says so."""
    scene = stage(world)
    transfer = scene.transfer()
    transfer.issue_wire(scene.facility.base.org, reverse_filled=True)
    transfer.depart().arrive().weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def refused_and_gone_on(world: World) -> None:
    """拒收转运: refused for a damaged drum, repacked at the gate, and accepted there under a new manifest the next day."""
    scene = stage(world)
    lot = scene.lot()
    first = scene.transfer(lot=lot).issue().depart().arrive().weigh()
    body = {**first.body, "lines": first.lines(first.loads), "reason": "包装破损 packaging damaged"}
    first.telling.tell(first.facility.base.org, "receipt-refused.v1", first.accept_at, body)
    again = Transfer(
        world, scene.contract, scene.site, first.loads, first.accept_at + DAY_US, carrier=first.carrier
    )
    again.telling.known_at = first.telling.known_at
    link = {"onward_of": first.manifest_no}
    again.issue(**link).depart(**link).arrive().weigh().accept()
    again.confirm()
    scene.settled(again)


def estimated_in_the_yard(world: World) -> None:
    """估算: the origin has no scale and says so; the weighbridge finds 6 % less."""
    scene = stage(world)
    transfer = scene.transfer().issue().depart(weighing="estimated").arrive()
    less = [load._replace(mass_g=load.mass_g * 940 // 10_000 * 10) for load in transfer.loads]
    transfer.weigh(less, weighing="weighbridge").accept(less, weighing="weighbridge")
    transfer.confirm()
    scene.settled(transfer)


def through_a_tunnel(world: World) -> None:
    """信号短暂丢失: no signal for twenty minutes, then a short stop at a gate."""
    scene = stage(world)
    transfer = scene.transfer()
    transfer.arrive_at = transfer.depart_at + 4 * HOUR_US
    transfer.accept_at = transfer.arrive_at + HOUR_US
    transfer.issue().depart()
    transfer.observe("signal-lost", transfer.depart_at + HOUR_US)
    transfer.observe("signal-back", transfer.depart_at + 80 * MINUTE_US)
    stop = transfer.depart_at + 2 * HOUR_US
    transfer.observe("long-stop", stop, until=stop + 40 * MINUTE_US)
    transfer.arrive().weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def clocks_apart(world: World) -> None:
    """The plant's clock is slow: by event time it confirmed forty minutes before it accepted."""
    scene = stage(world)
    transfer = scene.transfer().issue().depart().arrive().weigh()
    transfer.accept()
    transfer.confirm(transfer.accept_at - 40 * MINUTE_US)
    scene.settled(transfer)


def metered_alike(world: World) -> None:
    """管道: both meters agree within one per cent."""
    metered(world, 993, 0)


ODD_CARRIAGE = (
    filled_in_by_the_collector,
    refused_and_gone_on,
    estimated_in_the_yard,
    through_a_tunnel,
    clocks_apart,
    metered_alike,
)
