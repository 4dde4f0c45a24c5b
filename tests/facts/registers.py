"""登记: sites, licences (of the kiln), approvals, extensions, plans, reports, credit."""

from typing import Any

from tests.facts.base import (
    FACILITY_ORG,
    KILN,
    OIL,
    ORG_OF_SITE,
    PLATER,
    PRODUCER_ORG,
    TRADER_ORG,
    Amount,
    When,
    Wire,
    fact,
    kilograms,
)


def site_registered(
    site: str = PLATER, role: str = "producer", *, at: When | None = None, **more: Any
) -> Wire:
    """建档; roles: producer, health-facility, collector, facility."""
    who = {"site": site, "org": ORG_OF_SITE.get(site, PRODUCER_ORG), "name": f"site {site}", "role": role}
    return fact("site-registered.v1", at, **{**who, **more})


def intermediary_registered(org_id: str = TRADER_ORG, *, at: When | None = None, **more: Any) -> Wire:
    """中间人登记."""
    return fact("intermediary-registered.v1", at, **{"org": org_id, "name": "a trader", **more})


def scope(*categories: str, tonnes: int = 20_000, **more: Any) -> Wire:
    """A licence line: categories (HW08 where none is given) sharing so many tonnes a year; `only_codes`, `except_codes`."""
    return {"categories": list(categories) or ["HW08"], "yearly_kg": str(tonnes * 1000), **more}


def _licence_terms(no: str, lines: list[Wire] | None) -> Wire:
    return {
        "licence_no": no,
        "holder": KILN,
        "holder_org": FACILITY_ORG,
        "licence_type": "comprehensive",
        "issuer": "浙江省生态环境厅",
        "valid_from": "2024-01-01",
        "valid_until": "2028-12-31",
        "lines": lines or [scope("HW08", "HW17", "HW01")],
    }


def licence_granted(
    no: str = "3306040001", *, lines: list[Wire] | None = None, at: When | None = None, **more: Any
) -> Wire:
    """许可证颁发, to the kiln."""
    return fact("licence-granted.v1", at, **{**_licence_terms(no, lines), **more})


def licence_changed(
    no: str = "3306040001",
    effective_from: str = "2025-07-01",
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """许可证变更."""
    terms = {**_licence_terms(no, lines), "effective_from": effective_from}
    return fact("licence-changed.v1", at, **{**terms, **more})


def licence_ended(
    no: str = "3306040001",
    ending: str = "revoked",
    effective_from: str = "2025-07-01",
    *,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """许可证暂停、恢复、吊销、注销: suspended, resumed, revoked, surrendered."""
    who = {"licence_no": no, "holder": KILN, "holder_org": FACILITY_ORG}
    return fact("licence-ended.v1", at, **{**who, "ending": ending, "effective_from": effective_from, **more})


_ENDS = {
    "origin": PLATER,
    "destination": "320106-KILN09",
    "origin_org": PRODUCER_ORG,
    "destination_org": FACILITY_ORG,
}


def transfer_applied(
    no: str = "S1", code: str = OIL, kg: Amount = 500_000, *, at: When | None = None, **more: Any
) -> Wire:
    """跨省转移申请, from the plater to a kiln in Jiangsu."""
    asked = {"waste_code": code, "mass_kg": kilograms(kg)}
    period = {"period_from": "2025-01-01", "period_until": "2025-12-31"}
    return fact("transfer-applied.v1", at, **{"application_no": no, **_ENDS, **asked, **period, **more})


def transfer_examined(step: str, no: str = "S1", *, at: When | None = None, **more: Any) -> Wire:
    """跨省转移审查: incomplete, supplemented, accepted, opinion, reply, declined, withdrawn."""
    ends = {"origin": _ENDS["origin"], "destination": _ENDS["destination"]}
    who = {"application_no": no, **ends, "step": step, "authority": "浙江省生态环境厅"}
    return fact("transfer-examined.v1", at, **{**who, **more})


def transfer_approved(
    no: str = "A1", code: str = OIL, kg: Amount = 500_000, *, at: When | None = None, **more: Any
) -> Wire:
    """跨省转移批准."""
    term = {"valid_from": "2025-01-01", "valid_until": "2025-12-31"}
    return fact(
        "transfer-approved.v1",
        at,
        **{"approval_no": no, **_ENDS, "waste_code": code, "mass_kg": kilograms(kg), **term, **more},
    )


def extension_granted(
    valid_until: str,
    *,
    site: str = PLATER,
    lot: str | None = None,
    code: str | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """延期贮存批准."""
    what = {
        "site": site,
        "lot": lot,
        "waste_code": code,
        "valid_until": valid_until,
        "authority": "杭州市生态环境局",
    }
    return fact("extension-granted.v1", at, **{**what, **more})


def extension_refused(
    *,
    site: str = PLATER,
    lot: str | None = None,
    code: str | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """不予延期."""
    what = {"site": site, "lot": lot, "waste_code": code}
    return fact(
        "extension-refused.v1",
        at,
        **{**what, "authority": "杭州市生态环境局", "reason": "capacity is there", **more},
    )


def plan_filed(
    year: int = 2025, code: str = OIL, kg: Amount = 10_000, *, at: When | None = None, **more: Any
) -> Wire:
    """管理计划备案."""
    who = {"site": PLATER, "org": PRODUCER_ORG, "year": year, "filing_no": f"P{year}"}
    return fact(
        "plan-filed.v1", at, **{**who, "lines": [{"waste_code": code, "mass_kg": kilograms(kg)}], **more}
    )


def report_filed(
    period: str = "month", period_from: str = "2025-03-01", *, at: When | None = None, **more: Any
) -> Wire:
    """申报."""
    who = {"site": PLATER, "org": PRODUCER_ORG, "period": period, "period_from": period_from}
    return fact("report-filed.v1", at, **{**who, **more})


def credit_rated(
    grade: str = "B", *, org_id: str = PRODUCER_ORG, at: When | None = None, **more: Any
) -> Wire:
    """环境信用评价."""
    who = {"org": org_id, "province": "33", "grade": grade, "authority": "浙江省生态环境厅"}
    return fact("credit-rated.v1", at, **{**who, **more})


def insured(
    valid_from: str, valid_until: str, *, site: str = PLATER, at: When | None = None, **more: Any
) -> Wire:
    """环境污染责任保险."""
    who = {"site": site, "org": ORG_OF_SITE.get(site, PRODUCER_ORG), "insurer": "人保财险", "policy_no": "B1"}
    term = {"valid_from": valid_from, "valid_until": valid_until}
    return fact("insurance-registered.v1", at, **{**who, **term, **more})
