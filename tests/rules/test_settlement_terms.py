"""Settlement 资金: what a load comes to by its contract: bases, minimum, tax, amendments, contracts that overlap."""

from datetime import date
from typing import Any

import pytest

from models.alerts import AlertKind
from models.exact import beijing_midnight
from rules import settlement
from rules.settlement.contracts import flat_fen, least_fen, value_fen
from rules.settlement.documents import with_tax
from rules.settlement.subjects import Price
from tests.facts import (
    FACILITY_ORG,
    OIL,
    PRODUCER_ORG,
    SLUDGE,
    TRADER_ORG,
    Wire,
    accepted,
    again,
    contract_amended,
    contract_ended,
    contract_signed,
    corrected,
    day,
    invoice_reversed,
    invoiced,
    limit_set,
    line,
    money_line,
    paid,
    price,
    refunded,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import keep
from tests.rules.settlement_cases import (
    BILLED,
    F1,
    F2,
    FLOOR,
    HEAVIER,
    IDLE,
    M1,
    M2,
    M3,
    OUTSIDE,
    PAID,
    SIGNED,
    UNPAID,
    after_days,
    found,
    only,
    told,
    took,
)
from tests.rules.settlement_histories import KEY


def owed(*facts: Wire) -> list[int | None]:
    """What each load comes to."""
    rows = settlement.explain(keep(settlement, KEY, facts, default_law()).state())
    return [row["expected_fen"] for row in rows if "accepted_at" in row]


def under(*prices: Wire) -> Wire:
    return contract_signed(lines=list(prices), at=day(-10))


# Bases


def test_a_price_a_piece_follows_pieces_and_not_mass() -> None:
    terms = under(price("12.5", "piece"))
    assert owed(terms, accepted(M1, lines=[line(SLUDGE, 180, pieces=9)], at=day(0))) == [112_50]
    assert owed(terms, accepted(M1, lines=[line(SLUDGE, None, pieces=9)], at=day(0))) == [112_50]
    assert owed(terms, accepted(M1, lines=[line(SLUDGE, 180)], at=day(0))) == [None]


def test_each_code_of_a_load_has_its_own_basis() -> None:
    terms = under(price(3000, waste_code=SLUDGE), price(30, "piece", category="HW08"))
    load = accepted(M1, lines=[line(SLUDGE, 180), line(OIL, 50, 2, pieces=3)], at=day(0))
    assert owed(terms, load) == [630_00]
    assert found([terms, load, paid(yuan=630, at=day(9), manifest=M1)]) == []


def test_what_the_facility_buys_and_what_it_is_paid_for_stand_on_both_sides_of_one_load() -> None:
    terms = under(price(3000, waste_code=SLUDGE), price(500, category="HW08", payer="destination"))
    load = accepted(M1, lines=[line(SLUDGE, 180), line(OIL, 1000, 2)], at=day(0))
    assert owed(terms, load) == [540_00, 500_00]
    buys = paid("B2", 500, at=day(9), manifest=M1, payer_org=FACILITY_ORG, payee_org=PRODUCER_ORG)
    assert found([terms, load, paid("B1", at=day(9), manifest=M1), buys]) == []
    # A movement says one side at a time: the origin's debt first.
    assert told([terms, load, buys]) == [(UNPAID, f"manifest:{M1}")]


@pytest.mark.parametrize(
    ("grams", "fen"),
    [(179_999, 500_00), (166_667, 500_00), (166_666, 500_00), (200_000, 600_00), (1, 500_00)],
)
def test_a_minimum_charge_is_the_least_of_a_load(grams: int, fen: int) -> None:
    load = accepted(
        M1, lines=[{**line(SLUDGE, 1), "mass_kg": f"{grams // 1000}.{grams % 1000:03d}"}], at=day(0)
    )
    expected = max(fen, value_fen(Price("", "", "tonne", 3000_00, "origin"), grams))
    assert owed(under(price(3000, minimum_yuan="500")), load) == [expected]


def test_a_minimum_counts_once_for_the_lines_of_one_price() -> None:
    load = accepted(M1, lines=[line(SLUDGE, 50), line(OIL, 50, 2)], at=day(0))
    assert owed(under(price(3000, minimum_yuan="500")), load) == [500_00]
    apart = under(price(3000, minimum_yuan="500", waste_code=SLUDGE), price(3000, category="HW08"))
    assert owed(apart, load) == [650_00]


def test_a_minimum_makes_a_low_price_a_high_one_and_does_not_hide_it_from_full_loads() -> None:
    terms = under(price(300, minimum_yuan="500"))
    assert found([terms, took(kg=1000)], day(1)) == []
    assert told([terms, took(kg=2000)], day(1)) == [(FLOOR, f"manifest:{M1}")]


# Tax


@pytest.mark.parametrize(
    ("fen", "permille", "whole"),
    [(100, 60, 106), (8, 60, 8), (9, 60, 10), (540_00, None, 540_00), (540_00, 0, 540_00)],
)
def test_tax_on_top_is_rounded_half_up_to_fen(fen: int, permille: int | None, whole: int) -> None:
    assert with_tax(fen, permille) == whole


def test_prices_and_documents_are_compared_with_tax_included() -> None:
    terms = under(price(3000, plus_tax_permille=60))
    assert owed(terms, took()) == [572_40]
    bare = invoiced(F1, lines=[money_line(540, manifest_no=M1, plus_tax_permille=60)], at=day(1))
    assert found([terms, took(), bare, paid(yuan="572.40", at=day(9), invoice=F1)]) == []
    whole = invoiced(F1, "572.40", manifest=M1, at=day(1))
    assert found([terms, took(), whole, paid(yuan="572.40", at=day(9), invoice=F1)]) == []
    assert told([terms, took(), whole, paid(yuan=540, at=day(9), invoice=F1)]) == [(PAID, "payment:BANK1")]


def test_a_minimum_without_tax_has_the_tax_on_top_too() -> None:
    assert least_fen(Price("", "", "tonne", 1, "origin", 500_00, 60)) == 530_00
    assert least_fen(Price("", "", "tonne", 1, "origin")) == 0
    assert owed(under(price(3000, minimum_yuan="2000", plus_tax_permille=60)), took()) == [2120_00]


def test_a_price_without_tax_is_held_against_the_floor_with_it() -> None:
    assert found([under(price(480, plus_tax_permille=60)), took()], day(1)) == []
    assert told([under(price(471, plus_tax_permille=60)), took()], day(1)) == [(FLOOR, f"manifest:{M1}")]


# Sums by month and year


@pytest.mark.parametrize(
    ("basis", "fen", "expected"),
    [
        ("month_flat", 60_00, 120_00),
        ("month_flat", 179_99, 120_00),
        ("month_flat", 180_00, 240_00),
        ("year_flat", 10_00, 10_00),
        ("year_flat", 4_00, 10_00),
        ("year_flat", 14_99, 10_00),
        ("year_flat", 15_00, 20_00),
        ("year_flat", 120_00, 120_00),
        ("year_flat", 121_00, 120_00),
    ],
)
def test_a_flat_price_is_owed_in_whole_months_or_twelfths(basis: str, fen: int, expected: int) -> None:
    assert flat_fen(Price("", "", basis, 120_00, "origin"), fen) == expected
    assert flat_fen(Price("", "", basis, 0, "origin"), fen) == 0


def test_a_yearly_sum_may_come_in_instalments_and_pays_for_all_loads() -> None:
    terms = under(price(24000, "year_flat"))
    loads = [took(M1, day(0)), took(M2, day(30), 9000)]
    quarters = [paid(f"B{n}", 6000, at=day(n * 90), contract="C1") for n in range(4)]
    assert found([terms, *loads, *quarters], day(300)) == []
    assert told([terms, *loads, paid("B9", 5500, at=day(5), contract="C1")], day(300)) == [
        (PAID, "payment:B9")
    ]


def test_two_flat_prices_of_one_contract_are_two_sums() -> None:
    terms = under(price(100, "month_flat", waste_code=SLUDGE), price(70, "month_flat", category="HW08"))
    lines = [money_line(100, waste_code=SLUDGE), money_line(140, waste_code=OIL)]
    assert found([terms, paid(lines=lines, at=day(5))]) == []


# Deposits


def test_a_deposit_pays_for_nothing_and_waits_for_nothing() -> None:
    deposit = paid("B0", 540, at=day(-5), manifest=M1, deposit=True)
    assert found([SIGNED, deposit]) == []
    assert told([SIGNED, deposit, took()]) == [(UNPAID, f"manifest:{M1}")]
    both = paid("B0", 540, at=day(-5), contract="C1", deposit=True, prepayment=True)
    assert told([SIGNED, both, took()]) == [(UNPAID, f"manifest:{M1}")]
    back = refunded("B9", "B0", 540, at=day(20))
    assert found([SIGNED, deposit, took(), paid("B1", at=day(9), manifest=M1), back]) == []


def test_a_deposit_to_a_stranger_is_still_to_a_stranger() -> None:
    facts = [SIGNED, paid("B0", 540, at=day(-5), deposit=True, payee_org=TRADER_ORG)]
    assert [kind for kind, _ in told(facts)] == ["payment.wrong_party"]


# Amendments, overlaps, ends


def test_an_amendment_with_effect_in_the_past_prices_anew_what_was_accepted_since() -> None:
    loads = [took(M1, day(0)), took(M2, day(10))]
    late = contract_amended(yuan=4000, effective_from="2025-03-10", at=day(50))
    assert owed(SIGNED, *loads, late) == [540_00, 720_00]
    paid_both = [paid("B1", at=day(3), manifest=M1), paid("B2", at=day(12), manifest=M2)]
    assert found([SIGNED, *loads, *paid_both]) == []
    assert told([SIGNED, *loads, *paid_both, late]) == [(PAID, "payment:B2")]


def test_of_overlapping_contracts_the_later_begun_prices_and_a_named_one_goes_before() -> None:
    second = contract_signed("C2", 4000, valid_from="2025-02-01", at=day(-5))
    assert owed(SIGNED, second, took()) == [720_00]
    assert owed(SIGNED, second, took(contract_no="C1")) == [540_00]


def test_a_contract_that_ends_before_it_begins_holds_on_no_day() -> None:
    never = contract_signed(valid_from="2025-06-01", valid_until="2025-01-01", at=day(-10))
    assert owed(never, took(at=day(0))) == [None]
    assert (
        found([never, took(at=day(0)), took(M2, day(120)), contract_ended("C9", at=day(1))], day(130)) == []
    )


def test_money_that_names_a_contract_not_on_record_waits_until_it_is() -> None:
    money = paid(at=day(1), contract="C9")
    assert told([SIGNED, took(), money]) == [(UNPAID, f"manifest:{M1}"), (IDLE, "payment:BANK1")]
    recorded = contract_signed("C9", at=day(60))
    assert found([took(contract_no="C9"), money, recorded], day(100)) == []


# Outside any contract


def test_a_load_after_the_last_day_of_the_contract_shows_when_the_term_to_record_one_is_over() -> None:
    lapsed = contract_signed(valid_until="2025-03-02", at=day(-10))
    end = after_days(day(0), 30)
    assert found([lapsed, took()], end - 1) == []
    finding = only([lapsed, took()], OUTSIDE, end)
    assert (finding.since, finding.until, finding.amounts["contract_no"]) == (end, None, "C1")
    assert (finding.amounts["risk_g"], finding.amounts["risk_fen"]) == (180_000, 0)
    assert only([lapsed, took(), paid(at=day(3), manifest=M1)], OUTSIDE).amounts["risk_fen"] == 540_00


@pytest.mark.parametrize(
    "facts",
    [
        [took()],
        [contract_signed(valid_until="2025-03-03", at=day(-10)), took()],
        [contract_signed(valid_from="2025-03-04", at=day(-10)), took()],
        [contract_signed(valid_until="2025-03-02", at=day(-10)), took(contract_no="C1")],
        [contract_signed(valid_until="2025-03-02", at=day(-10)), took(contract_no="C7")],
        [
            contract_signed(valid_until="2025-03-02", at=day(-10)),
            contract_signed("C2", valid_from="2025-03-03", at=day(90)),
            took(),
        ],
        [contract_ended(at=day(-1)), took()],
    ],
    ids=[
        "none on record",
        "its last day",
        "not yet begun",
        "named",
        "another named",
        "renewed late",
        "only an end",
    ],
)
def test_where_a_contract_holds_or_none_was_ever_recorded_nothing_is_outside(facts: list[Wire]) -> None:
    assert OUTSIDE not in {f.kind for f in found(facts)}


def test_the_day_of_an_early_end_is_still_inside() -> None:
    assert OUTSIDE not in {f.kind for f in found([SIGNED, contract_ended(at=day(0)), took()])}
    assert OUTSIDE in {f.kind for f in found([SIGNED, contract_ended(at=day(-1)), took()])}


def test_without_a_policy_nothing_is_outside() -> None:
    facts = [contract_signed(valid_until="2025-03-02", at=day(-10)), took()]
    assert found(facts, law=NO_LAW) == []
    week = law_with(limit_set("contract_term", 7, "days", scope={"region": "33"}))
    assert only(facts, OUTSIDE, law=week).since == after_days(day(0), 7)


# Agreed mass


def within(kg: str | None, **more: Any) -> Wire:
    return contract_signed(mass_kg=kg, at=day(-10), **more) if kg else contract_signed(at=day(-10), **more)


def exceeded(facts: list[Wire], at: int = day(100)) -> list[tuple[int, int | str, int | str]]:
    """Since when, what is agreed and what was taken."""
    over = [f for f in found(facts, at) if f.kind == AlertKind.CONTRACT_MASS_EXCEEDED]
    return [(f.since, f.amounts["agreed_g"], f.amounts["accepted_g"]) for f in over]


def test_one_gram_more_than_the_contract_names_is_told_from_the_load_that_made_it_so() -> None:
    loads = [took(M1, day(0)), took(M2, day(5))]
    assert exceeded([within("360"), *loads]) == []
    assert exceeded([within("359.999"), *loads]) == [(day(5), 359_999, 360_000)]
    assert exceeded([within("100"), *loads]) == [(day(0), 100_000, 360_000)]
    assert exceeded([within(None), *loads]) == []
    assert only([within("300"), *loads], AlertKind.CONTRACT_MASS_EXCEEDED).amounts["risk_g"] == 60_000


def test_the_order_of_arrival_does_not_matter_to_it_and_a_correction_ends_it() -> None:
    second = took(M2, day(5))
    assert exceeded([within("300"), second, took(M1, day(0))]) == [(day(5), 300_000, 360_000)]
    assert exceeded([took(M1, day(0)), second, within("300")]) == [(day(5), 300_000, 360_000)]
    undone = corrected(second, day(50), withdrawn=True)
    assert exceeded([within("300"), took(M1, day(0)), second, undone]) == []


def test_only_loads_of_known_mass_under_that_contract_count_and_each_once() -> None:
    other = contract_signed("C2", at=day(-9), valid_from="2024-01-01")
    unknown = accepted(M3, lines=[line(SLUDGE, None, pieces=3)], at=day(2), contract_no="C1")
    twice = again(took(M1, day(0), contract_no="C1"), at=day(1))
    facts = [within("200"), other, took(M1, day(0), contract_no="C1"), twice, unknown]
    assert exceeded([*facts, took(M2, day(5), contract_no="C2")]) == []
    assert exceeded([*facts, took(M2, day(5), contract_no="C1")]) == [(day(5), 200_000, 360_000)]


def test_an_amendment_may_allow_more_or_less_and_one_that_names_no_mass_leaves_it() -> None:
    loads = [took(M1, day(0)), took(M2, day(5))]
    amended: Any = {"effective_from": "2025-03-20", "at": day(10)}
    assert exceeded([within("300"), *loads, contract_amended(mass_kg="400", **amended)]) == []
    assert exceeded([within("300"), *loads, contract_amended(**amended)]) == [(day(5), 300_000, 360_000)]
    less = contract_amended(mass_kg="100", **amended)
    assert exceeded([within("400"), *loads, less], beijing_midnight(date(2025, 3, 20)) - 1) == []
    assert exceeded([within("400"), *loads, less]) == [
        (beijing_midnight(date(2025, 3, 20)), 100_000, 360_000)
    ]
    more = contract_amended(mass_kg="400", **amended)
    later = [took(M3, day(30), 100)]
    assert exceeded([within("300"), *loads, more, *later]) == [(day(30), 400_000, 460_000)]


# Taken back


def test_what_is_taken_back_of_something_unknown_waits_for_it() -> None:
    red, back = invoice_reversed("F9", F1, at=day(1)), refunded("B9", "B1", at=day(1))
    assert told([SIGNED, took(), red, back]) == [(UNPAID, f"manifest:{M1}")]
    assert (
        found(
            [SIGNED, took(), red, back, invoiced(F1, at=day(2)), paid("B1", at=day(3)), paid("B2", at=day(4))]
        )
        == []
    )


def test_more_taken_back_than_there_was_leaves_nothing_and_not_less() -> None:
    money = [paid("B1", 540, at=day(1), manifest=M1), refunded("B9", "B1", 9000, at=day(2))]
    assert told([SIGNED, took(), *money]) == [(UNPAID, f"manifest:{M1}")]
    rows = settlement.explain(keep(settlement, KEY, [SIGNED, took(), *money], default_law()).state())
    assert [row["net_fen"] for row in rows if "net_fen" in row] == [0]
    assert found([SIGNED, took(), *money, paid("B2", at=day(9), manifest=M1)]) == []


def test_one_refund_stated_by_both_sides_is_one() -> None:
    back = refunded("B9", "B1", 200, at=day(12))
    facts = [SIGNED, took(), paid("B1", 740, at=day(5), manifest=M1), back, again(back)]
    assert told(facts) == []


# Tonnes on an invoice


def billed(kg: str, **more: object) -> Wire:
    return invoiced(F1, lines=[money_line(540, manifest_no=M1, mass_kg=kg, **more)], at=day(1))


def test_an_invoice_over_more_tonnes_than_were_accepted_shows_beyond_the_mass_tolerance() -> None:
    money = paid(at=day(9), manifest=M1)
    assert found([SIGNED, took(), billed("183.6"), money]) == []
    assert found([SIGNED, took(), billed("90"), money]) == []
    finding = only([SIGNED, took(), billed("183.601"), money], HEAVIER)
    assert (finding.since, finding.until, finding.subject) == (day(1), None, f"invoice:{F1}")
    assert (finding.amounts["invoiced_g"], finding.amounts["accepted_g"]) == (183_601, 180_000)
    assert finding.amounts["risk_g"] == 3_601
    assert finding.amounts["risk_fen"] == 540_00 * 3_601 // 183_601


def test_it_shows_from_acceptance_where_the_invoice_came_first_and_not_before() -> None:
    late = took(at=day(5))
    assert only([SIGNED, billed("400"), late], HEAVIER).since == day(5)
    assert HEAVIER not in {f.kind for f in found([SIGNED, billed("400")])}


def test_two_lines_of_one_code_are_parts_of_a_price_and_two_codes_are_two_masses() -> None:
    parts = [money_line(300, manifest_no=M1, mass_kg="180"), money_line(240, manifest_no=M1, mass_kg="180")]
    assert found([SIGNED, took(), invoiced(F1, lines=parts, at=day(1)), paid(at=day(9), manifest=M1)]) == []
    codes = [
        money_line(300, manifest_no=M1, mass_kg="100", waste_code=SLUDGE),
        money_line(240, manifest_no=M1, mass_kg="100", waste_code=OIL),
    ]
    facts = [SIGNED, took(), invoiced(F1, lines=codes, at=day(1)), paid(at=day(9), manifest=M1)]
    assert told(facts) == [(HEAVIER, f"invoice:{F1}")]


def test_a_red_invoice_ends_it() -> None:
    facts = [SIGNED, took(), billed("400"), paid(at=day(9), manifest=M1)]
    red = invoice_reversed("F9", F1, at=day(4))
    finding = only([*facts, red, invoiced(F2, at=day(5), manifest=M1)], HEAVIER)
    assert (finding.since, finding.until) == (day(1), day(4))
    part = invoice_reversed("F9", F1, 100, at=day(4))
    assert only([*facts, part], HEAVIER).until is None


# Money and mass at risk


def test_a_sum_that_differs_says_for_how_many_tonnes_it_was_and_what_is_at_risk() -> None:
    money = paid("B1", 300000, at=day(1), manifest=M1)
    amounts = only([SIGNED, took(kg=40000), money], PAID, day(20)).amounts
    assert (amounts["paid_g"], amounts["accepted_g"]) == (100_000_000, 40_000_000)
    assert (amounts["risk_fen"], amounts["risk_g"]) == (180_000_00, 60_000_000)
    bill = invoiced(F1, 100, at=day(1), manifest=M1)
    amounts = only([SIGNED, took(), bill, paid(at=day(9), manifest=M1)], BILLED).amounts
    assert (amounts["invoiced_g"], amounts["risk_g"], amounts["risk_fen"]) == (33_333, 146_667, 440_00)


def test_unpaid_idle_and_cheap_say_what_is_at_risk() -> None:
    unpaid = only([SIGNED, took()], UNPAID).amounts
    assert (unpaid["risk_fen"], unpaid["risk_g"]) == (540_00, 180_000)
    idle = only([SIGNED, paid(lines=[money_line(540, mass_kg="180")], at=day(0))], IDLE).amounts
    assert (idle["risk_fen"], idle["risk_g"]) == (540_00, 180_000)
    assert "risk_g" not in only([SIGNED, paid(at=day(0))], IDLE).amounts
    cheap = only([contract_signed(yuan=400, at=day(-10)), took(kg=1500)], FLOOR, day(1)).amounts
    assert (cheap["risk_fen"], cheap["risk_g"]) == (900_00, 1_500_000)
