"""Irregular quiet: a clinic nobody comes to, a warm store, silent sludge while the meter runs, a target day missed."""

from datetime import date

from deploy.simulator.cast import Site
from deploy.simulator.founding import new_site, register
from deploy.simulator.irregular_storage import _found, _shipped
from deploy.simulator.journal import Wire
from deploy.simulator.stage import Stage, stage
from deploy.simulator.trade import INFECTIOUS
from deploy.simulator.world import World, kg
from models.alerts import AlertKind
from models.exact import HOUR_US
from models.facts import Role

_WAITS_DAYS = 7
LABORATORY, SLUDGE = "900-047-49", "336-064-17"
MONTH_G, KWH = 600_000, 80_000
_WARM, _COLD = "warm", "cold"
PAST_MONTHS = 4  # Any four in a row have the ninety days that there must be to compare with.


def forgotten_clinic(world: World) -> None:
    """未收运: a new clinic's first waste waits for eleven days; then it is treated on the spot, as it may be."""
    site = new_site(world, "门诊部", Role.PRODUCER, kind="12")
    register(world, site, "health-facility", world.hour(world.today, 1, 5), beds=0)
    batch = made(world, site, LABORATORY, 5_000, world.today)
    since = world.days.at(world.today + _WAITS_DAYS + 1)
    reason = "nobody came to a clinic for a week"
    world.journal.expect(AlertKind.COLLECTION_OVERDUE, site.site, "rounds", since, reason)
    treated(world, site, LABORATORY, 5_000, batch, world.today + 11)


def silent_generation(world: World) -> None:
    """产废骤减: sludge as ever for four months, none in the fifth, and as ever in the sixth; the same kWh in all."""
    site = new_site(world, "电镀有限公司", Role.PRODUCER)
    register(world, site, "producer", world.hour(world.today, 1, 5))
    first = next_month(world.days.date(world.today))
    for number in range(PAST_MONTHS + 2):
        following = next_month(first)
        silent = number == PAST_MONTHS
        if not silent:
            day = world.days.number(first) + 9
            batch = made(world, site, SLUDGE, MONTH_G, day)
            treated(world, site, SLUDGE, MONTH_G, batch, day + 2)
        known_at = reported(world, site, first, following)
        if silent:
            reason = "no sludge in a month with as much electricity as ever"
            world.journal.expect(AlertKind.GENERATION_SILENT, site.site, "activity:kwh", known_at, reason)
        first = following


def warm_store(world: World) -> None:
    """医疗废物贮存温度: two bins reach a disposer's store; the warm one is over after 24 hours, the cold one never is."""
    site = new_site(world, "医疗废物处置有限公司", Role.FACILITY)
    places = [{"place": name, "place_type": "store", "temperature": name} for name in (_WARM, _COLD)]
    register(world, site, "facility", world.hour(world.today, 1, 5), places=places)
    stored_at = world.hour(world.today, 9, 10)
    bins = {}
    for place in (_WARM, _COLD):
        bins[place] = world.names.batch("RK", site.site, world.days.date(world.today))
        body = {"site": site.site, "lot": bins[place], "waste_code": INFECTIOUS, "mass_kg": kg(12_000)}
        telling = world.telling()
        telling.tell(site.org, "waste-stored.v1", stored_at, {**body, "place": place}, lag=0)
    reason = "a bin of infectious waste stood warm for more than 24 hours"
    over_at = stored_at + 24 * HOUR_US
    world.journal.expect(AlertKind.STORAGE_OVER_LIMIT, site.site, f"lot:{bins[_WARM]}", over_at, reason)
    for place, hours in ((_WARM, 30), (_COLD, 60)):
        line = {
            "line": 1,
            "waste_code": INFECTIOUS,
            "mass_kg": kg(12_000),
            "lot": bins[place],
            "method": "D10",
        }
        done: Wire = {"site": site.site, "org": site.org.code, "own_waste": True, "lines": [line]}
        world.telling().tell(site.org, "waste-treated.v1", stored_at + hours * HOUR_US, done, lag=HOUR_US)


def next_month(day: date) -> date:
    """The first of the month after a day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def made(world: World, site: Site, code: str, mass_g: int, day: int) -> str:
    """产生 of a batch on a day; its code."""
    batch = world.names.batch("CS", site.site, world.days.date(day))
    body = {"site": site.site, "lot": batch, "waste_code": code, "mass_kg": kg(mass_g)}
    world.telling().tell(site.org, "waste-generated.v1", world.hour(day, 9, 10), body)
    return batch


def treated(world: World, site: Site, code: str, mass_g: int, batch: str, day: int) -> None:
    """利用处置 of a batch on the spot."""
    line = {"line": 1, "waste_code": code, "mass_kg": kg(mass_g), "lot": batch, "method": "R5"}
    body = {"site": site.site, "org": site.org.code, "own_waste": True, "lines": [line]}
    world.telling().tell(site.org, "waste-treated.v1", world.hour(day, 14, 16), body, lag=HOUR_US)


def reported(world: World, site: Site, since: date, until: date, amount: int = KWH) -> int:
    """A month's electricity, stated on the third day after it; when that is known."""
    instants = [world.journal.instant(world.days.at(world.days.number(day))) for day in (since, until)]
    body = {
        "site": site.site,
        "org": site.org.code,
        "period_from": instants[0],
        "period_until": instants[1],
        "measure": "kwh",
        "amount": amount,
    }
    telling = world.telling()
    at = world.hour(world.days.number(until) + 2, 9, 12)
    telling.tell(site.org, "activity-reported.v1", at, body)
    return telling.known_at


def open_campaign(world: World, site: str, baseline: int) -> int:
    """专项行动 at one site, which freezes its list on a day; the target day, twenty days on."""
    target = baseline + 20
    body = {
        "campaign": f"QL-{site}",
        "name": "危险废物贮存动态清零",
        "scope": {"site": site},
        "effective_from": world.days.date(baseline).isoformat(),
        "target_day": world.days.date(target).isoformat(),
        "look_back_days": 60,
        "citation": "市生态环境局清零行动通知",
    }
    world.telling().tell(world.regulator, "campaign-opened.v1", world.hour(baseline, 9, 10), body)
    return target


def missed_by_a_campaign(world: World) -> None:
    """专项行动未清零: over its term when a campaign at the site freezes its list, shipped only after the target day."""
    scene = stage(world)
    lot, due_at, over_at = _found(scene, world.rng.randrange(345, 360))
    subject, reason = f"lot:{lot.batch}", "an old drum on a campaign's list"
    _expect(scene, AlertKind.STORAGE_DUE_SOON, subject, due_at, reason)
    _expect(scene, AlertKind.STORAGE_OVER_LIMIT, subject, over_at, reason)
    baseline = world.days.of(over_at) + 2
    target = open_campaign(world, scene.site.site, baseline)
    missed_at = world.days.at(target + 1)
    _expect(scene, AlertKind.CAMPAIGN_NOT_CLEARED, subject, missed_at, reason)
    _shipped(scene, lot, missed_at, world.rng.randrange(3, 9))


def _expect(scene: Stage, kind: AlertKind, subject: str, raised_at: int, reason: str) -> None:
    scene.world.journal.expect(kind, scene.site.site, subject, raised_at, reason)


WATCH = (forgotten_clinic, silent_generation, missed_by_a_campaign, warm_store)
