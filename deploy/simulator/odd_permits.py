"""Lawful oddities of permits: approved loads, licensed hauliers, cover without a gap. All must stay silent."""

from deploy.simulator.approving import across, apply_for, approve, examine, haulier
from deploy.simulator.irregular_filing import insure
from deploy.simulator.shipping import Transfer
from deploy.simulator.stage import stage
from deploy.simulator.world import World


def approved_to_the_gram(world: World) -> None:
    """Two loads of 4 t under an approval of 8 t, the second on its last day."""
    scene = across(world)
    first = world.days.next_working(world.today + 1)
    last = world.days.next_working(first + 3)
    approval = approve(scene, 8_000_000, last)
    for day in (first, last):
        transfer: Transfer = scene.transfer(4_000_000, day=day).issue(approval_no=approval)
        transfer.depart(approval_no=approval).arrive().weigh().accept()
        transfer.confirm()
        scene.settled(transfer)


def examined_on_the_last_day(world: World) -> None:
    """Opinion on the fifth working day, reply on the tenth, decision on the fifth."""
    scene = across(world)
    application = apply_for(scene, 20_000_000)
    at = world.hour(world.today, 14, 16)
    examine(scene, application, "accepted", at)
    for step, days in (("opinion", 5), ("reply", 10)):
        at = world.hour(world.days.of(world.days.calendar.overdue_after(at, days)) - 1, 16, 22)
        examine(scene, application, step, at)
    day = world.days.of(world.days.calendar.overdue_after(at, 5)) - 1
    approve(scene, 20_000_000, day + 100, application=application, at=world.hour(day, 16, 22))


def licensed_haulier(world: World) -> None:
    """A haulier on the last day of its transport licence."""
    scene = stage(world)
    day = world.days.next_working(world.today + 3)
    transfer = scene.transfer(day=day)
    transfer.carrier = haulier(world, day)
    transfer.plate = transfer.carrier.plates[0]
    scene.settled(transfer.run())


def renewed_in_time(world: World) -> None:
    """A policy follows upon the other, and was taken out before."""
    free = [one for one in world.producers if one.site not in world.insured]
    site = world.rng.choice(free)
    world.insured.add(site.site)
    last = world.today + 40
    insure(world, site.site, site.org.code, world.today - 200, last)
    insure(world, site.site, site.org.code, last + 1, last + 2000, world.hour(last - 20, 9, 16))


ODD_PERMITS = (approved_to_the_gram, examined_on_the_last_day, licensed_haulier, renewed_in_time)
