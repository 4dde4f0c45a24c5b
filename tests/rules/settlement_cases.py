"""What cases of settlement share: the kinds by short names, a contract, documents of a pair, and what is found of them."""

from collections.abc import Sequence
from typing import Any

from models.alerts import AlertKind, Finding
from models.exact import HOUR_US, beijing_date, beijing_midnight
from rules import settlement
from rules.routes import pair_key
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL_ORG,
    SLUDGE,
    TRADER_ORG,
    Wire,
    accepted,
    contract_signed,
    day,
    manifest_no,
)
from tests.laws import default_law
from tests.rules.harness import Entry, judge_all
from tests.rules.settlement_histories import KEY

IDLE = AlertKind.PAYMENT_WITHOUT_MOVEMENT
UNPAID = AlertKind.MOVEMENT_WITHOUT_PAYMENT
BILLED = AlertKind.INVOICE_AMOUNT_DIFFERS
PAID = AlertKind.PAYMENT_AMOUNT_DIFFERS
FLOOR = AlertKind.PRICE_BELOW_FLOOR
PARTY = AlertKind.PAYMENT_WRONG_PARTY
UNDECLARED = AlertKind.INTERMEDIARY_UNDECLARED
KEPT = AlertKind.PAYMENT_RETAINED
OUTSIDE = AlertKind.MOVEMENT_WITHOUT_CONTRACT
HEAVIER = AlertKind.INVOICE_MASS_DIFFERS
TWICE = AlertKind.INVOICE_DUPLICATED
AGAINST = AlertKind.INVOICE_CONTRADICTED

HOSPITAL_KEY = pair_key(HOSPITAL_ORG, FACILITY_ORG)
SIGNED = contract_signed(at=day(-10))  # 3,000 yuan a tonne, so that 180 kg come to 540 yuan.
M1, M2, M3 = (manifest_no(n) for n in (1, 2, 3))
F1, F2 = "25332000000000000001", "25332000000000000002"
TO_TRADER: dict[str, Any] = {"payee_org": TRADER_ORG}
FROM_TRADER: dict[str, Any] = {"payer_org": TRADER_ORG}
WARD: dict[str, Any] = {"origin_org": HOSPITAL_ORG}


def took(no: str = M1, at: int = day(0), kg: float = 180, code: str = SLUDGE, **more: Any) -> Wire:
    """An acceptance under the contract."""
    return accepted(no, code, kg, at=at, **more)


def found(
    facts: Sequence[Wire | Entry], at: int = day(100), law: Any = None, key: str = KEY
) -> list[Finding]:
    return judge_all(settlement, key, facts, law or default_law(), at)


def told(
    facts: Sequence[Wire | Entry], at: int = day(100), law: Any = None, key: str = KEY
) -> list[tuple[AlertKind, str]]:
    return [(f.kind, f.subject) for f in found(facts, at, law, key) if f.until is None]


def only(
    facts: Sequence[Wire | Entry], kind: AlertKind, at: int = day(100), law: Any = None, key: str = KEY
) -> Finding:
    (finding,) = [f for f in found(facts, at, law, key) if f.kind == kind]
    return finding


def after_days(start: int, days: int) -> int:
    """00:00 Beijing after so many days, the first not counted."""
    return beijing_midnight(beijing_date(start)) + (days + 1) * 24 * HOUR_US
