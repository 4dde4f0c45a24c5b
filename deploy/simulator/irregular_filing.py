"""Irregular approvals, carriers, plans, reports and insurance (permits); each notes every alert that follows from it."""

from deploy.simulator.approving import across, apply_for, approve, examine, haulier
from deploy.simulator.cast import LicenceShare, Lot
from deploy.simulator.filing import file_plan, plan_for
from deploy.simulator.founding import grant, new_facility, new_site, register
from deploy.simulator.shipping import Transfer
from deploy.simulator.stage import Stage, stage
from deploy.simulator.trade import TRADES
from deploy.simulator.world import World
from models.alerts import AlertKind
from models.exact import HOUR_US, MINUTE_US
from models.facts import Role

_WORKING_DAYS = 5
_OTHER_CODE = "900-039-49"


def _expect(world: World, kind: AlertKind, key: str, subject: str, known_at: int, reason: str) -> None:
    world.journal.expect(kind, key, subject, known_at, reason)


def _finish(scene: Stage, transfer: Transfer) -> None:
    transfer.arrive().weigh().accept()
    transfer.confirm()
    scene.settled(transfer)


def across_without_approval(world: World) -> None:
    """跨省未批先转: a lorry leaves for Jiangsu, and nobody asked."""
    scene = across(world)
    transfer = scene.transfer().issue().depart()
    subject, known_at = f"departure:{transfer.manifest_no}", transfer.telling.known_at
    reason = "out of the province without approval"
    _expect(world, AlertKind.TRANSFER_UNAPPROVED, scene.site.site, subject, known_at, reason)
    _finish(scene, transfer)


def approval_ran_out(world: World) -> None:
    """批准过期: the second load leaves after the approval's last day."""
    scene = across(world)
    last = world.days.next_working(world.today + 2)
    approval = approve(scene, 90_000_000, last)
    for day in (world.days.next_working(world.today + 1), world.days.next_working(last + 2)):
        transfer = scene.transfer(4_000_000, day=day).issue(approval_no=approval).depart(approval_no=approval)
        if day > last:
            subject, known_at = f"load:{transfer.manifest_no}", transfer.telling.known_at
            key, reason = f"approval:{approval}", "the approval had run out"
            _expect(world, AlertKind.TRANSFER_UNAPPROVED, key, subject, known_at, reason)
        _finish(scene, transfer)


def over_the_approved_weight(world: World) -> None:
    """超批准量: three loads of 4 t under an approval of 10 t; the third is over."""
    scene = across(world)
    approval = approve(scene, 10_000_000, world.today + 200)
    day = world.today
    for number in range(3):
        day = world.days.next_working(day + 1)
        transfer = scene.transfer(4_000_000, day=day).issue(approval_no=approval).depart(approval_no=approval)
        if number == 2:
            subject, known_at = f"load:{transfer.manifest_no}", transfer.telling.known_at
            key, reason = f"approval:{approval}", "12 t under an approval of 10 t"
            _expect(world, AlertKind.TRANSFER_OVER_APPROVAL, key, subject, known_at, reason)
        _finish(scene, transfer)


def late_opinion(world: World) -> None:
    """初审逾期: the origin province's opinion comes after its five working days; the rest is in time."""
    scene = across(world)
    application = apply_for(scene, 20_000_000)
    at = world.hour(world.today, 14, 16)
    examine(scene, application, "accepted", at)
    limit_at = world.days.calendar.overdue_after(at, _WORKING_DAYS)
    key, reason = f"application:{application}", "the opinion was late"
    _expect(world, AlertKind.TRANSFER_STEP_OVERDUE, key, "application", limit_at, reason)
    day = world.days.next_working(world.days.of(limit_at) + 1)
    examine(scene, application, "opinion", world.hour(day, 9, 16))
    day = world.days.next_working(day + 6)
    examine(scene, application, "reply", world.hour(day, 9, 16))
    day = world.days.next_working(day + 2)
    approve(scene, 20_000_000, day + 100, application=application, at=world.hour(day, 9, 16))


def haulier_without_licence(world: World) -> None:
    """承运人许可过期: its transport licence ran out the day before the load departs."""
    scene = stage(world)
    day = world.days.next_working(world.today + 3)
    transfer = scene.transfer(day=day)
    transfer.carrier = haulier(world, day - 1)
    transfer.plate = transfer.carrier.plates[0]
    transfer.issue().depart()
    key, subject = f"carrier:{transfer.carrier.org.code}", f"trip:{transfer.manifest_no}"
    reason = "the transport licence had run out"
    _expect(world, AlertKind.CARRIER_UNLICENSED, key, subject, transfer.telling.known_at, reason)
    _finish(scene, transfer)


def outside_the_plan(world: World) -> None:
    """超出管理计划: the year's plan is on file, and the code is not in it."""
    scene = stage(world, planned=False)
    if scene.site.site in world.planned:
        file_plan(world, scene.site, world.days.at(world.today, 1))
    else:
        plan_for(world, scene.site, _OTHER_CODE, scene.facility)
    transfer = scene.transfer().issue().depart()
    subject, known_at = f"departure:{transfer.manifest_no}", transfer.telling.known_at
    _expect(world, AlertKind.PLAN_OUTSIDE, scene.site.site, subject, known_at, "the code is not planned")
    _finish(scene, transfer)
    world.planned.setdefault(scene.site.site, {})[scene.code, scene.facility.base.site] = 10**9


def more_than_planned(world: World) -> None:
    """超计划量: the first load is heavier than the year's plan."""
    scene = stage(world, planned=False)
    plan_for(world, scene.site, scene.code, scene.facility, scene.load_g - 10_000)
    transfer = scene.transfer().issue().depart()
    subject = f"planned:{world.year(transfer.depart_at)}:{scene.code}"
    known_at = transfer.telling.known_at
    _expect(world, AlertKind.PLAN_EXCEEDED, scene.site.site, subject, known_at, "more than planned")
    _finish(scene, transfer)


def never_files(world: World) -> None:
    """申报逾期: a key-supervised firm starts up and files nothing at all."""
    site = new_site(world, "电镀有限公司", Role.PRODUCER)
    register(world, site, "producer", world.hour(world.today, 6, 7), producer_class="key")
    today = world.days.date(world.today)
    month = today.year * 12 + today.month - 1 + (0 if today.day == 1 else 1)
    due = today.replace(year=(month + 1) // 12, month=(month + 1) % 12 + 1, day=16)
    reason = "no report was ever filed"
    _expect(world, AlertKind.REPORT_OVERDUE, site.site, "site", world.days.at(world.days.number(due)), reason)
    april = today.replace(year=today.year + 1, month=4, day=1)
    no_plan = world.days.at(world.days.number(april))
    _expect(world, AlertKind.PLAN_NOT_FILED, site.site, "site", no_plan, "no plan was ever filed")


def insurance_ran_out(world: World) -> None:
    """保险中断: a policy ends, the next one begins four days later."""
    site = world.rng.choice([one for one in world.producers if one.site not in world.insured])
    world.insured.add(site.site)
    last = world.today + 3
    insure(world, site.site, site.org.code, world.today - 300, last)
    gap_at = world.days.at(last + 1)
    _expect(world, AlertKind.INSURANCE_GAP, site.site, "site", gap_at, "four days without insurance")
    insure(world, site.site, site.org.code, last + 5, last + 2000, world.hour(last + 3, 9, 16))


def insure(world: World, site: str, org: str, first: int, last: int, at: int | None = None) -> None:
    """投保, stated today unless told when."""
    body = {
        "site": site,
        "org": org,
        "insurer": "人保财险",
        "policy_no": f"PZ{world.names.contract(world.days.date(world.today).year)}",
        "valid_from": world.days.date(first).isoformat(),
        "valid_until": world.days.date(last).isoformat(),
    }
    at = world.hour(world.today, 9, 12) if at is None else at
    world.telling().tell(world.regulator, "insurance-registered.v1", at, body, lag=HOUR_US)


def too_much_in_a_day(world: World) -> None:
    """超日处理能力: two loads of 6 t on one day against 10 t a day."""
    category = world.rng.choice(("HW06", "HW11", "HW13"))
    plant, method = TRADES[category].plants[0]
    share = LicenceShare((category,), yearly_g=300_000_000, methods=(method,), daily_g=10_000_000)
    facility = new_facility(world, plant, [share])
    facility.staged = True
    grant(world, facility, world.days.at(world.today, 1))
    scene = stage(world, category=category, facility=facility, large=True)
    first, second = scene.transfer(6_000_000), _second(scene)
    for transfer in (first, second):
        transfer.issue().depart().arrive().weigh().accept()
    subject = f"day:{world.days.date(world.days.of(first.accept_at)).isoformat()}"
    known_at = max(first.telling.known_at, second.telling.known_at)
    reason = "12 t on a day against 10 t"
    _expect(world, AlertKind.LICENCE_DAY_EXCEEDED, facility.base.site, subject, known_at, reason)
    for transfer in (first, second):
        transfer.confirm()
        scene.settled(transfer)


def _second(scene: Stage) -> Transfer:
    lot: Lot = scene.lot(6_000_000)
    transfer = scene.transfer(lot=lot)
    transfer.depart_at += 10 * MINUTE_US
    return transfer


FILING = (
    across_without_approval,
    approval_ran_out,
    over_the_approved_weight,
    late_opinion,
    haulier_without_licence,
    outside_the_plan,
    more_than_planned,
    never_files,
    insurance_ran_out,
    too_much_in_a_day,
)
