"""法: policies of tests, in force since 2020, as the defaults are, for everybody unless told."""

from typing import Any

from tests.facts.base import OIL, Amount, When, Wire, fact, kilograms


def _policy(effective_from: str, scope_: Wire | None, more: Wire) -> Wire:
    return {"effective_from": effective_from, "scope": scope_ or {}, "citation": "a policy for tests", **more}


def limit_set(
    limit: str,
    value: int,
    unit: str,
    *,
    effective_from: str = "2020-01-01",
    scope: Wire | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """限值; the scope is any unless given."""
    what = {"limit": limit, "value": value, "unit": unit}
    return fact("limit-set.v1", at, **{**what, **_policy(effective_from, scope, more)})


def tolerance_set(
    permille: int = 20,
    *,
    effective_from: str = "2020-01-01",
    scope: Wire | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """允差."""
    return fact("tolerance-set.v1", at, permille=permille, **_policy(effective_from, scope, more))


def price_floor_set(
    yuan: Amount,
    *,
    effective_from: str = "2020-01-01",
    scope: Wire | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """价格下限, yuan a tonne."""
    return fact(
        "price-floor-set.v1", at, floor_yuan_per_tonne=str(yuan), **_policy(effective_from, scope, more)
    )


def citation_set(duty: str = "duty.manifest", *, at: When | None = None, **more: Any) -> Wire:
    """法条."""
    what = {
        "duty": duty,
        "law": "中华人民共和国固体废物污染环境防治法",
        "article": "82",
        "penalty_article": "112",
        "penalty": "100k-1m",
        "effective_from": "2020-09-01",
    }
    return fact("citation-set.v1", at, **{**what, **more})


def code_list_published(*codes: str, at: When | None = None, **more: Any) -> Wire:
    """名录."""
    listed = [{"waste_code": code, "name": f"waste {code}", "hazard": "T"} for code in codes or (OIL,)]
    return fact(
        "code-list-published.v1",
        at,
        **{"edition": "2025", "effective_from": "2025-01-01", "codes": listed, **more},
    )


def holidays_published(
    year: int,
    off: list[str] | None = None,
    work: list[str] | None = None,
    *,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """节假日安排."""
    days = {"year": year, "off": off or [], "work": work or [], "citation": "a calendar for tests"}
    return fact("holidays-published.v1", at, **{**days, **more})


def campaign_opened(
    campaign: str = "zero-2025", target_day: str = "2025-12-31", *, at: When | None = None, **more: Any
) -> Wire:
    """专项行动."""
    what = {"campaign": campaign, "name": "动态清零", "target_day": target_day}
    return fact("campaign-opened.v1", at, **{**what, **_policy("2025-01-01", None, more)})


def rate_formula_set(
    formula: str = "handled_of_opening_and_generated",
    *,
    effective_from: str = "2020-01-01",
    scope: Wire | None = None,
    at: When | None = None,
    **more: Any,
) -> Wire:
    """利用处置率口径."""
    return fact("rate-formula-set.v1", at, formula=formula, **_policy(effective_from, scope, more))


def emergency_declared(
    facilities: dict[str, Amount], *, at: When | None = None, effective_from: str = "2025-01-01", **more: Any
) -> Wire:
    """疫情应急: sites and their kilograms a day."""
    named = [{"site": site, "daily_kg": kilograms(kg)} for site, kg in facilities.items()]
    what = {"emergency": "epidemic-1", "facilities": named}
    return fact("emergency-declared.v1", at, **{**what, **_policy(effective_from, None, more)})
