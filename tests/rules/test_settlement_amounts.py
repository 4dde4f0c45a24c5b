"""Settlement 资金: sums billed and paid against what is owed, by load, bed-day and month."""

from typing import Any

from rules import settlement
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL_ORG,
    PRODUCER_ORG,
    Wire,
    activity,
    collected,
    contract_signed,
    day,
    invoice_reversed,
    invoiced,
    limit_set,
    money_line,
    paid,
    price,
    refunded,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import Entry, keep
from tests.rules.settlement_cases import (
    BILLED,
    F1,
    F2,
    HOSPITAL_KEY,
    M1,
    M2,
    PAID,
    PARTY,
    SIGNED,
    TO_TRADER,
    WARD,
    after_days,
    found,
    only,
    told,
    took,
)
from tests.rules.settlement_histories import KEY


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
    assert [row["paid_fen"] for row in rows if "paid_fen" in row] == [270_00, 540_00]
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
