"""Settlement 资金: documents stated by several, and invoice numbers across pairs."""

import pytest

from models.alerts import Finding
from rules import settlement
from rules.routes import invoice_key
from tests.facts import (
    FACILITY_ORG,
    PRODUCER_ORG,
    TRADER_ORG,
    Wire,
    again,
    day,
    invoice_reversed,
    invoiced,
    money_line,
    paid,
)
from tests.laws import default_law
from tests.rules.harness import Entry, assert_as_refolded, keep
from tests.rules.settlement_cases import AGAINST, F1, F2, M1, M2, SIGNED, TWICE, found, took


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
