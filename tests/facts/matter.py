"""产生, 贮存, 收集: what a site makes, stores, counts and has collected."""

from typing import Any, Final

from models.exact import format_instant
from tests.facts.base import (
    CARRIER_ORG,
    FACILITY_ORG,
    HOSPITAL,
    HOSPITAL_ORG,
    INFECTIOUS,
    KILN,
    OIL,
    PLATE,
    PLATER,
    Amount,
    When,
    Wire,
    amount_of,
    day,
    fact,
    instant,
    kilograms,
    lines_of,
)

_MONTH: Final = (day(0, 0), day(31, 0))


def generated(
    lot: str,
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    site: str = PLATER,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """产生."""
    return fact("waste-generated.v1", at, site=site, lot=lot, waste_code=code, **amount_of(kg, more))


def stored(
    lot: str,
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    site: str = PLATER,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """入库."""
    return fact("waste-stored.v1", at, site=site, lot=lot, waste_code=code, **amount_of(kg, more))


def released(
    lot: str,
    code: str = OIL,
    kg: Amount | None = 180,
    *,
    site: str = PLATER,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """出库."""
    return fact("waste-released.v1", at, site=site, lot=lot, waste_code=code, **amount_of(kg, more))


def repacked(
    inputs: dict[str, Amount],
    outputs: dict[str, Amount],
    code: str = OIL,
    *,
    site: str = PLATER,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """分装合并: lots and kilograms in, lots and kilograms of one code out."""
    took = [{"lot": lot, "mass_kg": kilograms(kg)} for lot, kg in inputs.items()]
    made = [{"lot": lot, "waste_code": code, "mass_kg": kilograms(kg)} for lot, kg in outputs.items()]
    return fact("lot-repacked.v1", at, **{"site": site, "inputs": took, "outputs": made, **more})


def counted(code: str = OIL, kg: Amount = 180, **more: Any) -> Wire:
    """One count of a stock-take; `lot`, `stored_since` as wanted."""
    return {"waste_code": code, "mass_kg": kilograms(kg), **more}


def stock_taken(counts: list[Wire], *, site: str = PLATER, at: When | None = None, **more: Any) -> Wire:
    """盘点."""
    return fact("stock-taken.v1", at, **{"site": site, "counts": counts, **more})


def activity(
    amount: int = 13_500,
    measure: str = "bed_days",
    *,
    period_from: When = _MONTH[0],
    period_until: When = _MONTH[1],
    at: When | None = None,
    **more: Any,
) -> Wire:
    """生产活动, by default a hospital's bed-days billed by the kiln."""
    period = {
        "period_from": format_instant(instant(period_from)),
        "period_until": format_instant(instant(period_until)),
    }
    who = {"site": HOSPITAL, "org": HOSPITAL_ORG, "destination_org": FACILITY_ORG}
    return fact("activity-reported.v1", at, **{"measure": measure, "amount": amount, **period, **who, **more})


def collected(
    code: str = INFECTIOUS,
    kg: Amount | None = 25,
    *,
    lines: list[Wire] | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """收集: a medical round took waste from the hospital to the kiln, without a manifest unless given."""
    who = {
        "origin": HOSPITAL,
        "origin_org": HOSPITAL_ORG,
        "destination": KILN,
        "destination_org": FACILITY_ORG,
        "carrier_org": CARRIER_ORG,
        "vehicle": PLATE,
        "round_id": "R1",
    }
    return fact("waste-collected.v1", at, **{**who, "lines": lines_of(lines, code, kg), **more})


def collection_missed(at: When | None = None, **more: Any) -> Wire:
    """未收运."""
    who = {
        "origin": HOSPITAL,
        "origin_org": HOSPITAL_ORG,
        "destination_org": FACILITY_ORG,
        "reason": "road closed",
    }
    return fact("collection-missed.v1", at, **{**who, **more})
