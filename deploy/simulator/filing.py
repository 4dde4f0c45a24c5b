"""管理计划 and 申报: plans at the start and each March, changed for what is new; reports by class (HJ 1259)."""

from deploy.simulator.cast import Facility, Site
from deploy.simulator.journal import Wire
from deploy.simulator.world import World, kg

_REPORT_DAY = 10  # By the 15th; plans and yearly reports on the tenth of March.
_MARCH = 3
_QUARTERS = frozenset({1, 4, 7, 10})
_ROOM = 2  # A plan is made with room: twice what is expected.
_STAGED_G = 400_000_000


def plans(world: World, hours: tuple[int, int] = (9, 16)) -> None:
    """管理计划备案 on day 0, and again each March: by night then, since what is new on the day is planned at one."""
    if not world.planned:
        for stream in world.streams:
            planned = world.planned.setdefault(stream.site.site, {})
            line = (stream.waste_code, stream.contract.facility.base.site)
            planned[line] = planned.get(line, 0) + stream.yearly_g * _ROOM
    for site in world.producers:
        if site.site in world.planned:
            file_plan(world, site, world.hour(world.today, *hours))


def file_plan(world: World, site: Site, at: int, year: int | None = None) -> None:
    """State the plan of a year with all that the site has planned so far."""
    year = year or world.days.date(world.today).year
    lines: list[Wire] = [
        {"waste_code": code, "mass_kg": kg(mass_g), "destination": destination}
        for (code, destination), mass_g in world.planned[site.site].items()
    ]
    body = {
        "site": site.site,
        "org": site.org.code,
        "year": year,
        "filing_no": f"JH{year}{site.org.code[8:17]}",
        "lines": lines,
    }
    world.telling().tell(site.org, "plan-filed.v1", at, body)


def plan_for(world: World, site: Site, code: str, facility: Facility, mass_g: int = _STAGED_G) -> None:
    """计划变更: before a code goes to a facility for the first time, this night, each change after the last."""
    planned = world.planned.setdefault(site.site, {})
    planned[code, facility.base.site] = mass_g
    file_plan(world, site, world.days.at(world.today, 1, seconds=len(planned)))


def file(world: World) -> None:
    """What falls due today: on each tenth monthly and quarterly reports, on 10 March plans and yearly ones too."""
    today = world.days.date(world.today)
    if today.day != _REPORT_DAY:
        return
    if today.month == _MARCH:
        plans(world, (0, 1))
    first = world.days.date(world.today - _REPORT_DAY).replace(day=1)
    for site in world.producers:
        if site.site in world.key_sites:
            report(world, site, "month", first.isoformat())
        elif site.site not in world.small and today.month in _QUARTERS:
            report(world, site, "quarter", first.replace(month=first.month - 2).isoformat())
        if today.month == _MARCH:
            report(world, site, "year", f"{today.year - 1}-01-01")


def report(world: World, site: Site, period: str, period_from: str) -> None:
    """申报 within office hours."""
    body = {"site": site.site, "org": site.org.code, "period": period, "period_from": period_from}
    world.telling().tell(site.org, "report-filed.v1", world.hour(world.today, 9, 16), body)
