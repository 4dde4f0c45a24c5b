"""Settlement 资金: documents stated by several, and invoice numbers across pairs."""

import pytest

from models.alerts import Finding
from rules import settlement
from rules.routes import invoice_key
from tests.facts import (
    FACILITY_ORG,
    OIL,
    PRODUCER_ORG,
    SLUDGE,
    TRADER_ORG,
    Wire,
    accepted,
    again,
    contract_signed,
    day,
    invoice_reversed,
    invoiced,
    line,
    money_line,
    paid,
    price,
)
from tests.laws import default_law
from tests.rules.harness import Entry, assert_as_refolded, keep
from tests.rules.settlement_cases import AGAINST, BILLED, F1, F2, M1, M2, SIGNED, TWICE, found, took


def test_a_document_stated_by_both_sides_is_one() -> None:
    bill, money = invoiced(at=day(1), manifest=M1), paid(at=day(9), invoice=F1)
    facts: list[Wire | Entry] = [SIGNED, took(), bill, again(bill), money, again(money)]
    assert found(facts) == []


def said(*statements: tuple[Wire, str]) -> list[Finding]:
    """What is wrong with the number F1 after statements by these parties."""
    kept = keep(settlement, invoice_key(F1), [], default_law())
    for wire, stater in statements:
        kept.take(kept.book.accept(wire, stated_by=stater))
    assert_as_refolded(kept, [day(100)])
    return kept.findings(day(100))


BILL = invoiced(at=day(1), manifest=M1)


def test_seller_and_buyer_may_state_the_same_invoice() -> None:
    bare = again(BILL, lines=[money_line(540)])
    assert said((BILL, FACILITY_ORG), (again(BILL), PRODUCER_ORG)) == []
    assert said((BILL, FACILITY_ORG), (bare, PRODUCER_ORG)) == []


def test_one_party_stating_it_twice_is_a_duplicate() -> None:
    (finding,) = said((BILL, FACILITY_ORG), (invoiced(at=day(8), manifest=M1), FACILITY_ORG))
    assert (finding.kind, finding.subject, finding.since) == (TWICE, f"invoice:{F1}", day(8))


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": [money_line(541)]},
        {"buyer_org": TRADER_ORG},
        {"lines": [money_line(540, manifest_no=M2)]},
    ],
    ids=["sum", "buyer", "manifest"],
)
def test_statements_that_do_not_agree_contradict(changes: Wire) -> None:
    for stater in (FACILITY_ORG, PRODUCER_ORG):
        (finding,) = said((BILL, FACILITY_ORG), (again(BILL, **changes), stater))
        assert finding.kind == AGAINST


def test_a_red_invoice_does_not_repeat_what_it_takes_back() -> None:
    red = invoice_reversed(F2, F1, at=day(3))
    assert said((BILL, FACILITY_ORG), (red, FACILITY_ORG)) == []


def test_one_number_of_two_sellers_is_two_invoices() -> None:
    assert said((BILL, FACILITY_ORG), (again(BILL, seller_org=TRADER_ORG), TRADER_ORG)) == []


BOTH_OWE = contract_signed(
    at=day(-10), lines=[price(3100, waste_code=SLUDGE), price(500, category="HW08", payer="destination")]
)
SLUDGE_AND_OIL = accepted(
    at=day(0), lines=[line(SLUDGE), line(OIL, no=2)]
)  # 558 yuan owed one way, 90 the other.


def both_bill(one: int, other: int) -> list[Wire]:
    """The kiln for the sludge and the plater for the oil, under one number."""
    who: Wire = {"seller_org": PRODUCER_ORG, "buyer_org": FACILITY_ORG}
    return [
        BOTH_OWE,
        SLUDGE_AND_OIL,
        invoiced(F1, one, at=day(1), manifest=M1),
        invoiced(F1, other, at=day(2), manifest=M1, **who),
    ]


def test_two_sellers_under_one_number_each_bill_their_own_debt() -> None:
    assert found(both_bill(558, 90), day(20)) == []


def test_what_two_sellers_bill_too_much_is_told_together() -> None:
    (finding,) = found(both_bill(600, 100), day(20))
    assert (finding.kind, finding.subject, finding.since) == (BILLED, f"invoice:{F1}", day(1))
    assert (finding.amounts["expected_fen"], finding.amounts["invoiced_fen"]) == (648_00, 700_00)
    assert finding.amounts["accepted_g"] == 360_000


def test_two_sellers_too_little_is_told_where_either_is_short() -> None:
    (finding,) = [f for f in found(both_bill(558, 40)) if f.kind == BILLED]
    assert (finding.amounts["expected_fen"], finding.amounts["invoiced_fen"]) == (648_00, 598_00)


def test_money_of_one_number_counts_together_where_its_first_lies() -> None:
    """Of a number that two billed, all comes before another invoice that came in between, which is then one too many."""
    facts = [
        BOTH_OWE,
        SLUDGE_AND_OIL,
        invoiced(F1, 300, at=day(1), manifest=M1),
        invoiced(F2, 90, at=day(2), manifest=M1),
        invoiced(F1, 258, at=day(3), manifest=M1, seller_org=TRADER_ORG),
    ]
    told = {f.subject: f.amounts["difference_fen"] for f in found(facts, day(20)) if f.kind == BILLED}
    assert told == {f"invoice:{F2}": 90_00}
