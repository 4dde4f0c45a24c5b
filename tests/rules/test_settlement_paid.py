"""Settlement 资金: an acceptance paid and not, money that nothing moves for, contracts that price a load."""

import pytest

from models.alerts import AlertKind
from models.exact import beijing_date
from rules.settlement.contracts import value_fen
from rules.settlement.movements import is_near
from rules.settlement.subjects import Price
from tests.facts import (
    OIL,
    SLUDGE,
    Wire,
    again,
    contract_amended,
    contract_ended,
    contract_signed,
    day,
    invoiced,
    money_line,
    paid,
    price,
    refunded,
)
from tests.rules.harness import Entry
from tests.rules.settlement_cases import (
    BILLED,
    F1,
    IDLE,
    M1,
    M2,
    M3,
    SIGNED,
    UNPAID,
    after_days,
    found,
    only,
    told,
    took,
)


# Paid, and not
def test_an_acceptance_that_is_billed_and_paid_is_silent() -> None:
    assert found([SIGNED, took(), invoiced(at=day(1), manifest=M1), paid(at=day(9), invoice=F1)]) == []


def test_nothing_paid_shows_from_midnight_after_the_thirtieth_day() -> None:
    end = after_days(day(0), 30)
    assert found([SIGNED, took()], end - 1) == []
    finding = only([SIGNED, took()], UNPAID, end)
    assert (finding.since, finding.until, finding.subject) == (end, None, f"manifest:{M1}")
    assert finding.amounts["expected_fen"] == 540_00
    assert finding.amounts["accepted_g"] == 180_000


def test_a_late_payment_ends_it_and_is_kept() -> None:
    finding = only([SIGNED, took(), paid(at=day(40), manifest=M1)], UNPAID)
    assert (finding.since, finding.until) == (after_days(day(0), 30), day(40))


def test_paid_on_the_thirtieth_day_is_in_time() -> None:
    end = after_days(day(0), 30)
    assert found([SIGNED, took(), paid(at=end - 1, manifest=M1)]) == []


def test_refunded_money_leaves_the_movement_unpaid() -> None:
    facts = [SIGNED, took(), paid(at=day(5), manifest=M1), refunded(at=day(7))]
    assert told(facts) == [(UNPAID, f"manifest:{M1}")]


@pytest.mark.parametrize(
    "contract",
    [
        [],
        [contract_signed(lines=[price(3000, waste_code=OIL)], at=day(-10))],
        [contract_signed(valid_from="2025-06-01", at=day(-10))],
        [contract_signed(valid_until="2025-02-28", at=day(-10))],
        [SIGNED, contract_ended(at=day(-2))],
    ],
    ids=["no contract", "not this code", "not yet", "no longer", "ended"],
)
def test_without_a_price_nothing_is_owed_and_no_sum_differs(contract: list[Wire]) -> None:
    for wire in (invoiced(at=day(1), manifest=M1, yuan=9000), paid(at=day(1), manifest=M1, yuan=9000)):
        kinds = {f.kind for f in found([*contract, took(), wire])}
        assert kinds <= {AlertKind.MOVEMENT_WITHOUT_CONTRACT}


def test_a_named_contract_prices_after_its_end_too() -> None:
    signed = contract_signed(valid_until="2025-02-28", at=day(-10))
    assert told([signed, took(contract_no="C1")]) == [(UNPAID, f"manifest:{M1}")]


def test_the_price_is_that_of_the_acceptance_day() -> None:
    facts = [SIGNED, contract_amended(yuan=4000, effective_from="2025-03-10", at=day(-1))]
    assert only([*facts, took(at=day(6))], UNPAID).amounts["expected_fen"] == 540_00
    assert only([*facts, took(at=day(7))], UNPAID).amounts["expected_fen"] == 720_00


def test_a_contract_recorded_late_prices_what_was_accepted_before() -> None:
    late: list[Wire | Entry] = [took(), (SIGNED, day(50))]
    assert told(late) == [(UNPAID, f"manifest:{M1}")]
    retroactive = contract_signed(at=day(50))
    assert told([took(), retroactive]) == [(UNPAID, f"manifest:{M1}")]


@pytest.mark.parametrize(
    ("basis", "yuan", "grams", "fen"),
    [
        ("tonne", 3000_00, 180_000, 540_00),
        ("tonne", 3000_00, 1, 0),
        ("tonne", 3000_00, 2, 1),
        ("tonne", 100, 5_000, 1),
        ("tonne", 100, 4_999, 0),
        ("kg", 350, 1_500, 525),
        ("kg", 1, 499, 0),
        ("kg", 1, 500, 1),
    ],
)
def test_a_sum_is_rounded_half_up_to_fen(basis: str, yuan: int, grams: int, fen: int) -> None:
    assert value_fen(Price("", "", basis, yuan, "origin"), grams) == fen


def test_a_code_has_its_own_price_before_its_categorys() -> None:
    prices = [price(1), price(2000, category="HW17"), price(3000, waste_code=SLUDGE)]
    facts = [contract_signed(lines=prices, at=day(-10)), took()]
    assert only(facts, UNPAID).amounts["expected_fen"] == 540_00


def test_an_acceptance_stated_twice_counts_once() -> None:
    facts = [SIGNED, took(), again(took(kg=360), at=day(0, 12))]
    assert only(facts, UNPAID).amounts["expected_fen"] == 540_00


# Payment without movement
def test_money_without_movement_shows_after_thirty_days() -> None:
    facts = [SIGNED, paid(at=day(0), contract="C1")]
    end = after_days(day(0), 30)
    assert found(facts, end - 1) == []
    assert (only(facts, IDLE, end).since, only(facts, IDLE, end).amounts["waiting_fen"]) == (end, 540_00)
    assert only(facts, IDLE, end).amounts["risk_fen"] == 540_00
    back = [*facts, took(kg=180, at=day(40), contract_no="C1")]
    assert only(back, IDLE).amounts["risk_fen"] == 540_00


def test_movement_ends_it_and_so_does_a_refund() -> None:
    money = paid(at=day(0), manifest=M1)
    moved = only([SIGNED, money, took(at=day(40))], IDLE)
    assert (moved.since, moved.until) == (after_days(day(0), 30), day(40))
    back = only([SIGNED, money, refunded(at=day(35))], IDLE)
    assert (back.since, back.until) == (after_days(day(0), 30), day(35))


def test_a_declared_prepayment_waits_until_its_contract_ends() -> None:
    signed = contract_signed(valid_until="2025-08-31", at=day(-10))
    money = paid(at=day(0), contract="C1", prepayment=True)
    end = after_days(day(0), 181)
    assert beijing_date(end - 1).isoformat() == "2025-08-31"
    assert found([signed, money], end - 1) == []
    assert told([signed, money], end) == [(IDLE, "payment:BANK1")]
    assert told([signed, money, contract_ended(at=day(60))], after_days(day(60), 0)) == [
        (IDLE, "payment:BANK1")
    ]


def test_a_declared_prepayment_of_three_loads_is_silent_as_they_come() -> None:
    money = paid(yuan=1620, at=day(0), contract="C1", prepayment=True)
    loads = [took(M1, day(20)), took(M2, day(45)), took(M3, day(70), 178)]
    for n in range(4):
        assert found([SIGNED, money, *loads[:n]], day(300)) == []


def test_money_for_a_movement_without_a_price_is_not_idle() -> None:
    assert found([took(), paid(at=day(1), manifest=M1)]) == []
    assert found([took(), paid(at=day(1))]) == []


@pytest.mark.parametrize(
    ("difference", "near"), [(0, True), (49, True), (50, True), (51, False), (-51, True)]
)
def test_five_per_cent_of_the_whole_is_near(difference: int, near: bool) -> None:
    assert is_near(difference, 1_000) is near


def test_a_bill_that_is_short_on_one_load_is_told_after_the_term_of_that_load() -> None:
    """The later load is billed in full, so its term says nothing of what is short on the first."""
    lines = [money_line(440, manifest_no=M1), money_line(540, manifest_no=M2)]
    facts = [SIGNED, took(M1, day(0)), took(M2, day(20)), invoiced(at=day(21), lines=lines)]
    (finding,) = [f for f in found(facts, day(100)) if f.kind == BILLED]
    assert finding.since == after_days(day(0), 30)
