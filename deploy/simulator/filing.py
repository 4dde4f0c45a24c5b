"""管理计划 and 申报: every producer's plan at the start, the monthly reports of the key-supervised (HJ 1259)."""

from deploy.simulator.cast import Site, Stream
from deploy.simulator.journal import Wire
from deploy.simulator.world import World, kg

_REPORT_DAY = 10  # By the 15th.
_MARCH = 3


def plans(world: World) -> None:
    """管理计划备案 on day 0, and again each March."""
    streams: dict[str, list[Stream]] = {}
    for stream in world.streams:
        streams.setdefault(stream.site.site, []).append(stream)
    for site in world.producers:
        if site.site in streams:
            _plan(world, site, streams[site.site])


def _plan(world: World, site: Site, streams: list[Stream]) -> None:
    year = world.days.date(world.today).year
    lines: list[Wire] = [
        {
            "waste_code": stream.waste_code,
            "mass_kg": kg(stream.yearly_g),
            "destination": stream.contract.facility.base.site,
        }
        for stream in streams
    ]
    body = {
        "site": site.site,
        "org": site.org.code,
        "year": year,
        "filing_no": f"JH{year}{site.org.code[8:17]}",
        "lines": lines,
    }
    world.telling().tell(site.org, "plan-filed.v1", world.hour(world.today, 9, 16), body)


def file(world: World) -> None:
    """What falls due today: plans on 10 March, monthly reports on the tenth."""
    today = world.days.date(world.today)
    if today.day != _REPORT_DAY:
        return
    if today.month == _MARCH:
        plans(world)
    first = world.days.date(world.today - _REPORT_DAY).replace(day=1)
    for site in world.producers:
        if site.site in world.key_sites:
            body = {
                "site": site.site,
                "org": site.org.code,
                "period": "month",
                "period_from": first.isoformat(),
            }
            world.telling().tell(site.org, "report-filed.v1", world.hour(world.today, 9, 16), body)
