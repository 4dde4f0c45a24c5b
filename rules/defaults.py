"""The policies a new ledger starts with, as the law facts that `feilian init` records (DESIGN D12). Data, no decisions.

Each default says on what it rests. A policy of ours (a tolerance, a term no law names) says so in its citation.
"""

from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

from models.canonical import canonical
from models.catalogue import categories, duties, duty_ids, holidays
from models.exact import beijing_midnight, format_instant

# The ledger's own voice: defaults are stated by nobody else.
SYSTEM_ORG: Final = "FE1L1AN00000000000"
_NAMESPACE: Final = UUID("6c1f7a52-8a0f-5d3e-9a34-0f2f4d6a7b11")
_START: Final = "2020-01-01"
_HJ_1259: Final = "2022-10-01"
_OURS: Final = "Feilian default 系统缺省"
# Bought from the producer rather than paid for: a zero or negative price is no sign (DOMAIN 6).
RECOVERABLE: Final = frozenset({"HW08", "HW22", "HW31", "HW46", "HW50"})
_FLOOR_YUAN: Final = "1000.00"

Wire = dict[str, Any]


def _fact(kind: str, body: Wire, effective_from: str) -> Wire:
    """A law fact whose id follows from its content, so that recording it again is recognised."""
    wire = {
        "kind": kind,
        "occurred_at": format_instant(beijing_midnight(date.fromisoformat(effective_from))),
        **body,
    }
    return {"event_id": str(uuid5(_NAMESPACE, canonical(wire).decode())), **wire}


def renewed(wire: Wire, day: date) -> Wire:
    """A default policy that takes effect on another day; as another fact it has another id."""
    body = {name: value for name, value in wire.items() if name not in {"event_id", "kind", "occurred_at"}}
    return _fact(wire["kind"], {**body, "effective_from": day.isoformat()}, day.isoformat())


def _limit(
    limit: str,
    value: int,
    unit: str,
    citation: str,
    scope: Wire | None = None,
    duty: str | None = None,
    since: str = _START,
) -> Wire:
    body: Wire = {
        "limit": limit,
        "value": value,
        "unit": unit,
        "citation": citation,
        "effective_from": since,
    }
    if scope:
        body["scope"] = scope
    if duty:
        body["duty"] = duty
    return _fact("limit-set.v1", body, since)


def limits() -> list[Wire]:
    """Terms and shares; DESIGN 8 lists the readings they stand for."""
    one_year = "一年 one year"
    licensed = f"duty.storage_one_year: {one_year}"
    campaign = f"动态清零 clearing campaign: {one_year} (policy; provinces may set their own)"
    medical = "MWR 17: 2 days, read as 48 hours from the first generation or storage"
    disposer = "GB39707 5.4.6: 24 hours at 5 °C or above, 72 hours below; read as 72 hours where no temperature is recorded"
    by_class = (
        ("warm", 24, "GB39707 5.4.6: 24 hours at 5 °C or above"),
        ("cold", 72, "GB39707 5.4.6: 72 hours below 5 °C"),
        ("cold-remote", 168, "GB39707 5.4.6: 168 hours below 5 °C, disinfected, in remote areas"),
    )
    found = [
        _limit("storage_term", 1, "years", campaign),
        _limit("storage_term", 1, "years", licensed, {"role": "facility"}, "duty.storage_one_year"),
        _limit("storage_term", 1, "years", licensed, {"role": "collector"}, "duty.storage_one_year"),
        _limit("storage_term", 48, "hours", medical, {"category": "HW01"}, "duty.medical_handover"),
        _limit("point_mass", 3000, "kilograms", "GB18597 8.3.5: 3 t", duty="duty.store_to_standard"),
        _limit("stock_tolerance", 20, "permille", f"{_OURS}: 2 % of what the books say"),
        _limit("repack_tolerance", 20, "permille", f"{_OURS}: 2 % of what the parents gave"),
        _limit("storage_due_soon", 30, "days", f"{_OURS}: 30 days before the last day"),
        _limit(
            "collection_interval",
            7,
            "days",
            f"{_OURS}: waste waits at most 7 days for a round; MWR 25 has two days for medical waste, judged by lot",
            {"role": "health-facility"},
        ),
        _limit("silence_share", 200, "permille", f"{_OURS}: under a fifth of the site's own past"),
        _limit("silence_history", 90, "days", f"{_OURS}: at least 90 days of activity to compare with"),
        _limit("intake_tolerance", 50, "permille", f"{_OURS}: 5 % of what was taken in"),
        _limit("intake_window", 365, "days", f"{_OURS}: the year up to the stock-take"),
        _limit("transit_term", 72, "hours", f"{_OURS}: 72 hours on the way"),
        _limit(
            "acceptance_term",
            24,
            "hours",
            f"{_OURS}: 24 hours from arrival; MT 18 starts its clock at acceptance",
        ),
        _limit("confirmation_term", 5, "working_days", "MT 18: five working days", duty="duty.manifest"),
        *_custody_limits(),
        _limit("payment_term", 30, "days", f"{_OURS}: paid within 30 days of acceptance"),
        _limit("movement_term", 30, "days", f"{_OURS}: moved within 30 days of payment"),
        _limit("amount_tolerance", 50, "permille", f"{_OURS}: 5 % of accepted mass x contract price"),
        _limit("floor_share", 500, "permille", "MIN19 item 5; half of the floor is ours"),
        _limit(
            "retained_share",
            200,
            "permille",
            f"{_OURS}: go-betweens keep 50 to 200 of 3,000; a fifth is ours",
        ),
        _limit("contract_term", 30, "days", "MT 10: a written contract; 30 days to record it are ours"),
        _limit("licence_notice", 900, "permille", f"{_OURS}: notice at 90 %"),
        _limit("licence_full", 1000, "permille", f"{_OURS}: notice at 100 %; it breaks no article by itself"),
        _limit(
            "licence_over", 1200, "permille", "LIC 12, 23: more than the scale by 20 %", duty="duty.licence"
        ),
        _limit("idle_share", 100, "permille", f"{_OURS}: idle below a tenth of the yearly amount"),
        *_transfer_clocks(),
        *_filing_terms(),
    ]
    for code in ("841-001-01", "841-002-01", "841-003-01"):
        scope = {"waste_code": code, "role": "facility"}
        found.append(_limit("storage_term", 72, "hours", disposer, scope, "duty.medical_handover"))
        for temperature, hours, citation in by_class:
            narrow = {**scope, "temperature": temperature}
            found.append(_limit("storage_term", hours, "hours", citation, narrow, "duty.medical_handover"))
    # LIC 3 and 20: vehicle workshops' waste oil and households' NiCd cells; a pilot collector's other waste is not meant.
    for what in ({"category": "HW08"}, {"waste_code": "900-044-49"}):
        scope = {"licence_type": "collection", **what}
        found.append(_limit("storage_term", 90, "working_days", "LIC 20: collection licence", scope))
    for code in ("841-004-01", "841-005-01"):
        scope = {"waste_code": code, "role": "facility"}
        found.append(
            _limit(
                "storage_term",
                1,
                "years",
                f"GB39707 5.4.7: as GB18597; {licensed}",
                scope,
                "duty.storage_one_year",
            )
        )
    return found


def _transfer_clocks() -> list[Wire]:
    """Cross-province approval: the steps of MT 23 to 26, the term of MT 27."""
    terms = (
        ("transfer_notice_term", 5, "MT 23: an incomplete file is notified within five working days"),
        ("transfer_opinion_term", 5, "MT 24: the origin province's opinion, five working days"),
        ("transfer_reply_term", 10, "MT 25: the destination province's reply, ten working days"),
        ("transfer_decision_term", 5, "MT 26: the decision, five working days from the reply"),
    )
    duty = "duty.cross_province"
    found = [_limit(name, days, "working_days", citation, duty=duty) for name, days, citation in terms]
    return [*found, _limit("approval_term", 1, "years", "MT 27: twelve months at most", duty=duty)]


def _filing_terms() -> list[Wire]:
    """Plans and reports by HJ 1259, in force since 2022-10-01; a plan's mass is a forecast, so over it is a notice."""
    terms = (
        ("plan_term", 3, "months", "HJ 1259 5: the plan is filed by 31 March"),
        ("report_monthly_term", 15, "days", "HJ 1259: key-supervised, by the 15th of the next month"),
        ("report_quarterly_term", 15, "days", "HJ 1259: simplified, by the 15th after the quarter"),
        ("report_yearly_term", 3, "months", "HJ 1259: every class, by 31 March"),
    )
    duty = "duty.plan_ledger"
    found = [
        _limit(name, value, unit, citation, duty=duty, since=_HJ_1259)
        for name, value, unit, citation in terms
    ]
    return [*found, _limit("plan_over", 1000, "permille", f"{_OURS}: notice above the planned mass")]


def _custody_limits() -> list[Wire]:
    """What a manifest, a vehicle and a pipeline are held to beside the first terms."""
    found = [
        _limit("paper_entry_term", 10, "working_days", "MT 20: ten working days", duty="duty.manifest"),
        _limit("refused_term", 10, "days", f"{_OURS}: a refused load is back or gone on within 10 days"),
        _limit("metering_term", 5, "days", f"{_OURS}: both meters of a pipeline's day within 5 days; MT 19"),
        _limit("off_route_term", 30, "minutes", f"{_OURS}: 30 minutes off the route"),
        _limit("long_stop_term", 2, "hours", f"{_OURS}: a stop of 2 hours on the way"),
        _limit("lock_open_term", 0, "minutes", f"{_OURS}: the lock stays closed on the way"),
        _limit("signal_lost_term", 30, "minutes", f"{_OURS}: 30 minutes without a signal"),
        _limit("city_interval", 10, "minutes", f"{_OURS}: 10 minutes at least from one city to another"),
        _limit("clock_tolerance", 60, "minutes", f"{_OURS}: clocks of two parties differ by an hour at most"),
        _limit("repeated_weights", 5, "count", f"{_OURS}: the same mass on a weighbridge 5 times in a row"),
        _limit("number_region_digits", 4, "count", "MT 15: province and city of the origin"),
    ]
    unsaid = "MT 15: which digits stand for a municipality's city is not said, so its province alone"
    municipalities = ("11", "12", "31", "50")
    return found + [
        _limit("number_region_digits", 2, "count", unsaid, {"region": region}) for region in municipalities
    ]


def tolerances() -> list[Wire]:
    """MT 18 knows no tolerance; 2 %, and 10 % where a mass is said to be estimated, are ours and labelled so."""
    body = {"permille": 20, "citation": f"{_OURS}: 2 %; MT 18 knows no tolerance", "effective_from": _START}
    estimated = {
        "permille": 100,
        "citation": f"{_OURS}: 10 % of an estimated mass",
        "effective_from": _START,
        "scope": {"weighing": "estimated"},
    }
    return [_fact("tolerance-set.v1", body, _START), _fact("tolerance-set.v1", estimated, _START)]


def rate_formulas() -> list[Wire]:
    """利用处置率 has several definitions; where a bureau sets none, old stock is in the base, so that 100 % is the most."""
    body = {
        "formula": "handled_of_opening_and_generated",
        "citation": f"{_OURS}: handled over opening stock and generated",
        "effective_from": _START,
    }
    return [_fact("rate-formula-set.v1", body, _START)]


def price_floors() -> list[Wire]:
    """A floor for each category that is paid for; recoverable ones and medical waste (priced by bed) have none."""
    found = []
    for category in categories():
        if not category.in_use or category.category in RECOVERABLE or category.category == "HW01":
            continue
        body = {
            "scope": {"category": category.category},
            "floor_yuan_per_tonne": _FLOOR_YUAN,
            "citation": f"{_OURS}: caps of 1,600 to 3,500 CNY/t go down freely; below 1,000 no proper handling is known",
            "effective_from": _START,
        }
        found.append(_fact("price-floor-set.v1", body, _START))
    return found


def citations() -> list[Wire]:
    """Where each duty stands, by date of conduct: SWL until 2026-08-14, CODE after."""
    found = []
    for duty_id in duty_ids():
        for row in duties(duty_id):
            effective_from = row.valid_from.isoformat() if row.valid_from is not None else _START
            body: Wire = {
                "duty": duty_id,
                "law": row.law_zh,
                "article": row.article,
                "penalty_article": row.penalty_article,
                "penalty": row.penalty,
                "effective_from": effective_from,
            }
            if row.valid_to is not None:
                body["effective_until"] = row.valid_to.isoformat()
            found.append(_fact("citation-set.v1", body, effective_from))
    return found


def published_holidays() -> list[Wire]:
    """Each year whose calendar is known; other years count Monday to Friday until one is recorded."""
    calendar = holidays()
    found = []
    for year in sorted(calendar.years):
        body = {
            "year": year,
            "off": [day.isoformat() for day in sorted(calendar.off) if day.year == year],
            "work": [day.isoformat() for day in sorted(calendar.work) if day.year == year],
            "citation": f"国务院办公厅关于{year}年部分节假日安排的通知",
        }
        found.append(_fact("holidays-published.v1", body, f"{year}-01-01"))
    return found


def default_facts() -> list[Wire]:
    """All defaults in the order they are recorded; an upgrade records those whose ids a ledger does not have."""
    return [*citations(), *published_holidays(), *limits(), *tolerances(), *rate_formulas(), *price_floors()]
