"""Lawful oddities of what is watched: served on the last day, a slack month, an old lot below its term, an honest count."""

from deploy.simulator.founding import new_site, register
from deploy.simulator.irregular_intake import (
    buried,
    burning_stage,
    count_of,
    sets_residue_rates,
    taken_in,
    treated_at,
)
from deploy.simulator.irregular_watch import (
    KWH,
    LABORATORY,
    MONTH_G,
    PAST_MONTHS,
    SLUDGE,
    made,
    next_month,
    open_campaign,
    reported,
    treated,
)
from deploy.simulator.odd_matter import old_lot
from deploy.simulator.stage import stage
from deploy.simulator.world import World
from models.facts import Role


def served_on_the_seventh_day(world: World) -> None:
    """A new clinic's first waste is treated on the last day of the seven that it may wait."""
    site = new_site(world, "门诊部", Role.PRODUCER, kind="12")
    register(world, site, "health-facility", world.hour(world.today, 1, 5), beds=0)
    batch = made(world, site, LABORATORY, 5_000, world.today)
    treated(world, site, LABORATORY, 5_000, batch, world.today + 7)


def slack_month(world: World) -> None:
    """Orders are few in the fifth month: a tenth of the electricity and a tenth of the sludge."""
    site = new_site(world, "电镀有限公司", Role.PRODUCER)
    register(world, site, "producer", world.hour(world.today, 1, 5))
    first = next_month(world.days.date(world.today))
    for number in range(PAST_MONTHS + 2):
        following = next_month(first)
        share = 10 if number == PAST_MONTHS else 1
        day = world.days.number(first) + 9
        batch = made(world, site, SLUDGE, MONTH_G // share, day)
        treated(world, site, SLUDGE, MONTH_G // share, batch, day + 2)
        reported(world, site, first, following, KWH // share)
        first = following


def within_its_term_at_a_campaign(world: World) -> None:
    """A campaign at a site whose lot is old and within its term: it is on no list, and is shipped after the target day."""
    scene = stage(world)
    lot = old_lot(scene, 200, scene.load_g)
    baseline = world.today + 2
    target = open_campaign(world, scene.site.site, baseline)
    scene.settled(scene.transfer(day=world.days.next_working(target + 3), lot=lot).run())


def counted_to_the_percent(world: World) -> None:
    """A plant's count is one per cent short: within the tolerance of the count, and of what it took in."""
    scene = burning_stage(world)
    lot = taken_in(scene)
    there_g = lot.mass_g * 99 // 100
    count_of(scene, lot, there_g, world.today + 2, 9)
    treated_at(scene, lot, there_g, world.today + 5)


def slag_within_the_range(world: World) -> None:
    """Where the authority set a range, a fifth of what is burnt is left as slag, and buried on the spot."""
    scene = burning_stage(world)
    sets_residue_rates(scene)
    lot = taken_in(scene)
    slag = treated_at(scene, lot, lot.mass_g, world.today + 3, lot.mass_g // 5)
    assert slag is not None
    buried(scene, slag, world.today + 5)


ODD_WATCH = (
    served_on_the_seventh_day,
    slack_month,
    within_its_term_at_a_campaign,
    counted_to_the_percent,
    slag_within_the_range,
)
