"""Settlement 资金: cases of a pair and of an invoice number, the properties of every rule, and a naive second reading."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.alerts import AlertKind, Finding
from models.exact import HOUR_US, beijing_date, beijing_midnight
from models.topics import Concern
from rules import settlement
from rules.routes import invoice_key, pair_key
from rules.settlement.contracts import value_fen
from rules.settlement.subjects import Price
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL_ORG,
    OIL,
    PRODUCER_ORG,
    SLUDGE,
    TRADER_ORG,
    Wire,
    accepted,
    activity,
    again,
    collected,
    contract_amended,
    contract_ended,
    contract_signed,
    corrected,
    day,
    invoice_reversed,
    invoiced,
    limit_set,
    line,
    manifest_no,
    money_line,
    paid,
    price,
    refunded,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import Entry, assert_as_refolded, assert_order_is_nothing, judge_all, keep
from tests.rules.oracle_settlement import Oracle
from tests.rules.oracle_settlement_findings import Judge
from tests.rules.settlement_histories import KEY, histories

IDLE = AlertKind.PAYMENT_WITHOUT_MOVEMENT
UNPAID = AlertKind.MOVEMENT_WITHOUT_PAYMENT
BILLED = AlertKind.INVOICE_AMOUNT_DIFFERS
PAID = AlertKind.PAYMENT_AMOUNT_DIFFERS
FLOOR = AlertKind.PRICE_BELOW_FLOOR
PARTY = AlertKind.PAYMENT_WRONG_PARTY
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
    assert found([*contract, took(), invoiced(at=day(1), manifest=M1, yuan=9000)]) == []
    assert told([*contract, took(), paid(at=day(1), manifest=M1, yuan=9000)]) == []


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


# Amounts


def test_a_bill_beyond_five_percent_differs_at_once_and_within_is_silent() -> None:
    assert found([SIGNED, took(), invoiced(at=day(1), manifest=M1, yuan=567)], day(20)) == []
    finding = only([SIGNED, took(), invoiced(at=day(1), manifest=M1, yuan="567.01")], BILLED, day(20))
    assert (finding.subject, finding.since) == (f"invoice:{F1}", day(1))
    assert finding.amounts["expected_fen"] == 540_00
    assert finding.amounts["invoiced_fen"] == 567_01


def test_a_bill_that_is_too_low_differs_when_the_payment_term_is_over() -> None:
    facts = [SIGNED, took(), invoiced(at=day(1), manifest=M1, yuan=500), paid(at=day(2), manifest=M1)]
    assert found(facts, after_days(day(0), 30) - 1) == []
    assert told(facts) == [(BILLED, f"invoice:{F1}")]


def test_several_bills_of_one_load_are_held_together() -> None:
    parts = [invoiced(F1, 300, at=day(1), manifest=M1), invoiced(F2, 240, at=day(2), manifest=M1)]
    money = paid(at=day(9), manifest=M1)
    assert found([SIGNED, took(), *parts, money]) == []
    assert told([SIGNED, took(), *parts[:1], invoiced(F2, 300, at=day(2), manifest=M1), money]) == [
        (BILLED, f"invoice:{F2}")
    ]


def test_a_red_invoice_and_its_reissue_are_silent_in_either_order() -> None:
    wrong = invoiced(F1, 900, at=day(1), manifest=M1)
    red = invoice_reversed("25332000000000000009", F1, 900, at=day(3))
    money = paid(at=day(9), manifest=M1)
    for reissued_at in (day(2), day(4)):
        right = invoiced(F2, 540, at=reissued_at, manifest=M1)
        assert found([SIGNED, took(), wrong, red, right, money]) == []


def test_a_red_invoice_that_takes_a_part_back_ends_the_difference() -> None:
    wrong = invoiced(F1, 900, at=day(1), manifest=M1)
    red = invoice_reversed("25332000000000000009", F1, 360, at=day(3))
    finding = only([SIGNED, took(), wrong, red, paid(at=day(9), manifest=M1)], BILLED)
    assert (finding.since, finding.until) == (day(1), day(3))


def test_a_payment_in_parts_is_no_difference_while_the_term_runs() -> None:
    parts = [paid("B1", 200, at=day(3), manifest=M1), paid("B2", 340, at=day(20), manifest=M1)]
    assert found([SIGNED, took(), *parts]) == []
    assert found([SIGNED, took(), *parts[:1]], after_days(day(0), 30) - 1) == []
    finding = only([SIGNED, took(), *parts[:1]], PAID)
    assert (finding.subject, finding.since) == ("payment:B1", after_days(day(0), 30))
    assert (finding.amounts["expected_fen"], finding.amounts["paid_fen"]) == (540_00, 200_00)


def test_what_is_still_missing_is_told_of_the_last_payment() -> None:
    parts = [paid("B1", 200, at=day(3), manifest=M1), paid("B2", 200, at=day(20), manifest=M1)]
    assert told([SIGNED, took(), *parts]) == [(PAID, "payment:B2")]


def test_too_much_paid_differs_at_once_until_it_is_refunded() -> None:
    facts = [SIGNED, took(), paid(yuan=740, at=day(3), manifest=M1)]
    assert only(facts, PAID, day(4)).since == day(3)
    finding = only([*facts, refunded(yuan=200, at=day(8))], PAID)
    assert (finding.since, finding.until, finding.amounts["difference_fen"]) == (day(3), day(8), 200_00)


def test_the_same_load_paid_twice_is_told_of_the_second_payment() -> None:
    facts = [SIGNED, took(), paid("B1", at=day(3), manifest=M1), paid("B2", at=day(5), manifest=M1)]
    finding = only(facts, PAID)
    assert (finding.subject, finding.since) == ("payment:B2", day(5))


def test_one_payment_for_many_bills_is_spread_over_what_they_name() -> None:
    loads = [took(M1, day(0)), took(M2, day(1), 360)]
    bills = [invoiced(F1, 540, at=day(2), manifest=M1), invoiced(F2, 1080, at=day(2), manifest=M2)]
    lines = [money_line(540, invoice_no=F1), money_line(1080, invoice_no=F2)]
    assert found([SIGNED, *loads, *bills, paid(lines=lines, at=day(9))]) == []


def test_a_payment_is_spread_in_proportion_to_its_bills_lines() -> None:
    loads = [took(M1, day(0)), took(M2, day(1), 360)]
    bill = invoiced(F1, lines=[money_line(540, manifest_no=M1), money_line(1080, manifest_no=M2)], at=day(2))
    kept = keep(settlement, KEY, [SIGNED, *loads, bill, paid(yuan=810, at=day(9), invoice=F1)], default_law())
    rows = settlement.explain(kept.state())
    assert [row["paid_fen"] for row in rows] == [270_00, 540_00]
    assert kept.findings(day(40))[0].amounts["difference_fen"] == -810_00


def test_a_payment_that_names_a_reversed_bill_still_pays_its_load() -> None:
    bill = invoiced(F1, at=day(1), manifest=M1)
    red = invoice_reversed("25332000000000000009", F1, at=day(3))
    reissued = invoiced(F2, at=day(4), manifest=M1)
    assert found([SIGNED, took(), bill, paid(at=day(2), invoice=F1), red, reissued]) == []


def test_money_against_the_contracts_direction_differs() -> None:
    back: dict[str, Any] = {"payer_org": FACILITY_ORG, "payee_org": PRODUCER_ORG}
    facts = [
        SIGNED,
        took(),
        paid("B1", at=day(1), manifest=M1),
        paid("B2", 100, at=day(2), manifest=M1, **back),
    ]
    assert told(facts) == [(PAID, "payment:B2")]


def test_a_stricter_tolerance_of_the_region_holds() -> None:
    strict = law_with(limit_set("amount_tolerance", 10, "permille", scope={"region": "33"}))
    facts = [SIGNED, took(), invoiced(at=day(1), manifest=M1, yuan=550), paid(at=day(9), manifest=M1)]
    assert found(facts) == []
    assert told(facts, law=strict) == [(BILLED, f"invoice:{F1}")]


def test_no_policy_finds_nothing_but_strangers() -> None:
    facts = [SIGNED, took(), paid(yuan=9000, at=day(1), manifest=M1, **TO_TRADER)]
    assert told(facts, law=NO_LAW) == [(PARTY, "payment:BANK1")]


# Unnamed money


def test_unnamed_money_pays_the_oldest_first() -> None:
    loads = [took(M1, day(0)), took(M2, day(1))]
    assert told([SIGNED, *loads, paid(at=day(3), contract="C1")]) == [(UNPAID, f"manifest:{M2}")]


def test_a_sum_near_the_oldest_loads_settles_them() -> None:
    loads = [took(M1, day(0)), took(M2, day(1)), took(M3, day(2))]
    one = paid("B1", 1060, at=day(3), contract="C1")
    assert told([SIGNED, *loads, one]) == [(UNPAID, f"manifest:{M3}")]
    assert found([SIGNED, *loads, one, paid("B2", 545, at=day(4), contract="C1")]) == []


def test_a_contract_takes_only_its_own_money_and_codes() -> None:
    other = contract_signed("C2", 5000, at=day(-9))
    loads = [took(M1, day(0), contract_no="C2"), took(M2, day(1), contract_no="C1")]
    assert told([SIGNED, other, *loads, paid(at=day(3), contract="C1")]) == [(UNPAID, f"manifest:{M1}")]
    line_ = money_line(540, contract_no="C1", waste_code=OIL)
    assert (IDLE, "payment:BANK1") in told([SIGNED, took(), paid(lines=[line_], at=day(3))])


def test_named_money_goes_before_unnamed() -> None:
    loads = [took(M1, day(0)), took(M2, day(1))]
    unnamed, named = paid("B1", at=day(3), contract="C1"), paid("B2", at=day(9), manifest=M1)
    assert found([SIGNED, *loads, unnamed, named]) == []


def test_a_weekly_bill_without_manifests_is_held_against_all_it_meets() -> None:
    loads = [took(M1, day(0)), took(M2, day(1), 360)]
    lines = [money_line(n, contract_no="C1", waste_code=SLUDGE) for n in (1080, 540)]
    bill = invoiced(F1, lines=lines, at=day(4))
    money = paid(lines=[{**x, "invoice_no": F1} for x in lines], at=day(9))
    assert found([SIGNED, *loads, bill, money]) == []
    wrong = invoiced(F1, lines=[*lines, money_line(500, contract_no="C1")], at=day(4))
    assert told([SIGNED, *loads, wrong, money]) == [(BILLED, f"invoice:{F1}")]


# Payment without movement


def test_money_without_movement_shows_after_thirty_days() -> None:
    facts = [SIGNED, paid(at=day(0), contract="C1")]
    end = after_days(day(0), 30)
    assert found(facts, end - 1) == []
    assert (only(facts, IDLE, end).since, only(facts, IDLE, end).amounts["waiting_fen"]) == (end, 540_00)


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


# Prices far below the floor


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


# Parties


def test_a_stranger_as_payer_or_payee_is_told() -> None:
    assert told([SIGNED, took(), paid(at=day(1), manifest=M1, **TO_TRADER)]) == [(PARTY, "payment:BANK1")]
    assert told([SIGNED, took(), paid(at=day(1), manifest=M1, **FROM_TRADER)]) == [(PARTY, "payment:BANK1")]


def test_an_intermediary_of_the_contract_is_no_stranger() -> None:
    named = contract_signed(intermediary_orgs=[TRADER_ORG], at=day(-10))
    for way in (TO_TRADER, FROM_TRADER):
        assert found([named, took(), paid(at=day(1), manifest=M1, **way)]) == []


def test_an_intermediary_of_another_years_contract_is_a_stranger() -> None:
    old = contract_signed("C0", valid_until="2025-02-28", intermediary_orgs=[TRADER_ORG], at=day(-300))
    facts = [old, SIGNED, took(at=day(5)), paid(at=day(9), contract="C1", **TO_TRADER)]
    assert told(facts) == [(PARTY, "payment:BANK1")]
    late = [old, SIGNED, took(at=day(-10), contract_no="C0"), paid(at=day(9), manifest=M1, **TO_TRADER)]
    assert told(late) == []


def test_a_full_refund_ends_the_wrong_party() -> None:
    facts = [SIGNED, took(), paid(at=day(1), manifest=M1, **TO_TRADER), refunded(at=day(4))]
    assert only(facts, PARTY).until == day(4)


# The trader (DOMAIN 11, case 3)

TRADED: list[Wire | Entry] = [
    contract_signed(mass_kg="100000", at=day(-10)),
    took(kg=40000, at=day(3)),
    paid("B1", 300000, at=day(1), manifest=M1, **TO_TRADER),
    paid("B2", 6000, at=day(5), manifest=M1, **FROM_TRADER),
]


def test_the_undeclared_trader_is_found_out_three_ways() -> None:
    assert told(TRADED, day(6)) == [
        (FLOOR, f"manifest:{M1}"),
        (PAID, "payment:B1"),
        (PARTY, "payment:B1"),
        (PARTY, "payment:B2"),
    ]
    assert only(TRADED, PAID, day(6)).amounts["expected_fen"] == 120_000_00
    assert only(TRADED, PAID, day(6)).amounts["paid_fen"] == 300_000_00
    low = only(TRADED, FLOOR, day(6)).amounts
    assert (low["source"], low["price_fen_per_tonne"]) == ("reached", 150_00)


def test_the_trader_is_found_out_where_his_money_names_nothing_too() -> None:
    unnamed: list[Wire | Entry] = [
        TRADED[0],
        TRADED[1],
        paid("B1", 300000, at=day(1), contract="C1", **TO_TRADER),
        paid("B2", 6000, at=day(5), contract="C1", **FROM_TRADER),
    ]
    assert told(unnamed) == told(TRADED)


@pytest.mark.parametrize(
    "named", [{"manifest": M1}, {"contract": "C1"}, {}], ids=["manifest", "contract", "nothing"]
)
def test_a_named_trader_who_keeps_a_margin_is_silent(named: dict[str, Any]) -> None:
    facts: list[Wire | Entry] = [
        contract_signed(mass_kg="100000", intermediary_orgs=[TRADER_ORG], at=day(-10)),
        took(kg=100000, at=day(3)),
        paid("B1", 300000, at=day(4), **TO_TRADER, **named),
        paid("B2", 280000, at=day(5), **FROM_TRADER, **named),
    ]
    assert found(facts) == []


# Beds and months (case 4)


def ward(*more: Wire) -> list[Wire | Entry]:
    """A hospital billed by the bed-day, its rounds and its reports of two months."""
    signed = contract_signed(lines=[price("2.5", "bed_day")], at=day(-10), **WARD)
    rounds = [collected(kg=kg, at=day(d), round_id=f"R{d}") for d, kg in ((2, 6100), (35, 3200))]
    reports = [activity(at=day(31)), activity(at=day(62), period_from=day(31, 0), period_until=day(61, 0))]
    return [signed, *rounds, *reports, *more]


def ward_line(yuan: int) -> list[Wire]:
    return [money_line(yuan, contract_no="C1", **WARD)]


def test_bed_days_are_billed_whatever_the_tonnes() -> None:
    bills = [invoiced(F1, lines=ward_line(33750), buyer_org=HOSPITAL_ORG, at=day(32))]
    bills += [invoiced(F2, lines=ward_line(33750), buyer_org=HOSPITAL_ORG, at=day(63))]
    money = [paid("B1", lines=ward_line(67500), payer_org=HOSPITAL_ORG, at=day(65))]
    assert found(ward(*bills, *money), key=HOSPITAL_KEY) == []


def test_a_bill_that_is_not_bed_days_times_price_differs() -> None:
    bill = invoiced(F1, lines=ward_line(60000), buyer_org=HOSPITAL_ORG, at=day(32))
    finding = only(ward(bill), BILLED, key=HOSPITAL_KEY)
    assert (finding.amounts["expected_fen"], finding.amounts["invoiced_fen"]) == (33_750_00, 60_000_00)
    ahead = invoiced(F1, lines=ward_line(60000), buyer_org=HOSPITAL_ORG, at=day(30))
    assert told(ward(ahead), key=HOSPITAL_KEY) == [(BILLED, f"invoice:{F1}")]


def test_a_flat_price_is_billed_by_whole_months() -> None:
    signed = contract_signed(lines=[price(120, "month_flat")], at=day(-10), **WARD)
    for yuan in (120, 240, 1440):
        bill = invoiced(F1, lines=ward_line(yuan), buyer_org=HOSPITAL_ORG, at=day(32))
        assert found([signed, bill], key=HOSPITAL_KEY) == []
    for yuan in (60, 170, 300):
        bill = invoiced(F1, lines=ward_line(yuan), buyer_org=HOSPITAL_ORG, at=day(32))
        assert told([signed, bill], key=HOSPITAL_KEY) == [(BILLED, f"invoice:{F1}")]


# Documents stated by several


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


# Corrections, explanation, memory


def test_a_corrected_mass_ends_the_difference() -> None:
    typed = took(kg=1800)
    facts: list[Wire | Entry] = [SIGNED, typed, invoiced(at=day(1), manifest=M1), paid(at=day(9), invoice=F1)]
    assert (PAID, "payment:BANK1") in told(facts)
    right = [{**line(SLUDGE, 180)}]
    assert found([*facts, corrected(typed, day(45), lines=right)]) == []


def test_the_books_explain_what_met_what() -> None:
    loads = [took(M1, day(0)), took(M2, day(1))]
    facts = [SIGNED, *loads, invoiced(at=day(2), manifest=M1), paid(yuan=700, at=day(3), contract="C1")]
    one, two = settlement.explain(keep(settlement, KEY, facts, default_law()).state())
    assert (one["subject"], one["expected_fen"], one["invoiced_fen"], one["paid_fen"]) == (
        f"manifest:{M1}",
        540_00,
        540_00,
        540_00,
    )
    assert (two["paid_fen"], two["left_fen"]) == (160_00, 380_00)
    assert [(d["document"], d["fen"], d["matched"]) for d in one["documents"]] == [
        (f"invoice:{F1}", 540_00, "by name"),
        ("payment:BANK1", 540_00, "in order"),
    ]


def test_what_is_settled_leaves_memory() -> None:
    facts: list[Wire | Entry] = [SIGNED]
    for n in range(1, 30):
        no, number = manifest_no(n), f"F{n}"
        bill = invoiced(number, at=day(n, 12), manifest=no)
        facts += [took(no, day(n)), bill, paid(f"B{n}", at=day(n, 15), invoice=number)]
    kept = keep(settlement, KEY, facts, default_law())
    assert set(kept.case.state.subjects) == {"contract:C1"}


def test_open_loads_do_not_slow_down_the_others() -> None:
    """Named documents touch what they name, however many loads of the contract are open."""
    touched = []
    for crowd in (0, 200):
        facts = [SIGNED, *(took(manifest_no(1000 + n), day(0) + n) for n in range(crowd))]
        kept = keep(settlement, KEY, facts, default_law())
        for wire in (took(M1, day(1)), invoiced(at=day(2), manifest=M1), paid(at=day(3), invoice=F1)):
            decoded = kept.book.accept(wire)
            (stated,) = [s for s in (decoded.new,) if s is not None]
            names = settlement.named(KEY, stated)
            assert len(list(names)) <= 2
            result = settlement.evolve(kept.case.state, stated, kept.law)
            kept.case.state.latest = stated.order
            touched.append(len(result or ()))
    assert touched[:3] == touched[3:] == [1, 2, 3]


# Properties


@settings(max_examples=80, deadline=None)
@given(histories(), st.integers(0, 10**6))
def test_any_order_of_arrival_ends_as_the_refold(history: list[Wire], seed: int) -> None:
    assert_order_is_nothing(settlement, KEY, history, default_law(), seed)


@settings(max_examples=60, deadline=None)
@given(histories(most=10))
def test_a_naive_reading_finds_the_same(history: list[Wire]) -> None:
    law = default_law()
    kept = keep(settlement, KEY, history, law)
    oracle = Oracle(PRODUCER_ORG, FACILITY_ORG)
    oracle.fold(kept.book.facts(Concern.SETTLEMENT, KEY))
    for at in (day(5), day(20), day(45), day(60), day(100), day(900)):
        ours = {(str(f.kind), f.subject, f.since, f.until) for f in kept.findings(at)}
        assert ours == Judge(oracle, law).findings(at)


@settings(max_examples=60, deadline=None)
@given(histories(), st.integers(1, 14))
def test_no_money_is_lost_or_counted_twice(history: list[Wire], upto: int) -> None:
    """What lies on movements, waits and was odd is what is left of the documents that concern the pair."""
    state = keep(settlement, KEY, history[:upto], default_law()).state()
    for row in settlement.explain(state):
        if "documents" in row and row["expected_fen"] is not None:
            assert row["left_fen"] <= row["expected_fen"]
    for name, document in state.subjects.items():
        if name.startswith(("invoice:", "payment:")):
            lying = sum(
                money.fen
                for other in state.subjects.values()
                for money in (*getattr(other, "bills", ()), *getattr(other, "pays", ()))
                if money.document == name
            )
            flat = sum(share.fen for due, share in document.shares.items() if due.startswith("contract:"))
            unnamed = sum(x.left + x.odd for x in document.unnamed)
            assert lying == sum(share.fen for share in document.shares.values()) - flat
            assert lying + flat + unnamed == _net(state, name)


def _net(state: Any, name: str) -> int:
    from rules.settlement.documents import direction, net_lines

    return sum(
        fen for paper, _, fen in net_lines(name, state.subjects[name]) if direction(state, paper) is not None
    )
