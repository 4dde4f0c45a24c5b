"""Settlement 资金: prices far below the floor."""

from typing import Any

from tests.facts import (
    FACILITY_ORG,
    OIL,
    PRODUCER_ORG,
    contract_signed,
    day,
    invoiced,
    paid,
    price,
)
from tests.rules.settlement_cases import F1, FLOOR, M1, PAID, SIGNED, found, only, told, took


def test_a_contract_price_under_half_of_the_floor_shows_at_acceptance() -> None:
    finding = only([contract_signed(yuan=499, at=day(-10)), took()], FLOOR, day(1))
    assert (finding.since, finding.amounts["source"]) == (day(0), "contract")
    assert (finding.amounts["price_fen_per_tonne"], finding.amounts["ratio_permille"]) == (499_00, 499)
    assert found([contract_signed(yuan=500, at=day(-10)), took()], day(1)) == []


def test_the_lowest_of_contract_bill_and_money_received_is_told_in_one_finding() -> None:
    facts = [
        contract_signed(yuan=400, at=day(-10)),
        took(kg=1000),
        invoiced(yuan=395, at=day(1), manifest=M1),
    ]
    finding = only([*facts, paid(yuan=395, at=day(2), invoice=F1)], FLOOR)
    assert (finding.amounts["source"], finding.amounts["price_fen_per_tonne"]) == ("invoice", 395_00)


def test_a_low_price_shows_without_a_contract_too() -> None:
    facts = [took(kg=1000), invoiced(yuan=150, at=day(1), manifest=M1), paid(yuan=150, at=day(2), invoice=F1)]
    finding = only(facts, FLOOR, day(3))
    assert (finding.since, finding.amounts["ratio_permille"]) == (day(2), 150)


def test_a_part_payment_is_no_low_price_while_the_term_runs() -> None:
    facts = [
        SIGNED,
        took(kg=1000),
        invoiced(yuan=3000, at=day(1), manifest=M1),
        paid(yuan=100, at=day(2), manifest=M1),
    ]
    assert found(facts, day(29)) == []
    assert told(facts) == [(FLOOR, f"manifest:{M1}"), (PAID, "payment:BANK1")]


def test_waste_that_is_bought_and_codes_without_floor_are_silent() -> None:
    bought = contract_signed(lines=[price(7200, payer="destination")], at=day(-10))
    sold: dict[str, Any] = {"payer_org": FACILITY_ORG, "payee_org": PRODUCER_ORG}
    load = took(code="900-052-31", kg=18000)
    assert found([bought, load, paid(yuan=129600, at=day(9), manifest=M1, **sold)]) == []
    assert found([contract_signed(yuan=10, at=day(-10)), took(code=OIL)], day(1)) == []
