"""Settlement 资金: unnamed money, what is explained, and what leaves memory."""

from rules import settlement
from tests.facts import (
    HOSPITAL_ORG,
    OIL,
    SLUDGE,
    TRADER_ORG,
    Wire,
    contract_signed,
    corrected,
    day,
    invoiced,
    line,
    manifest_no,
    money_line,
    paid,
    price,
    refunded,
)
from tests.laws import default_law
from tests.rules.harness import Entry, keep
from tests.rules.settlement_cases import (
    BILLED,
    F1,
    FROM_TRADER,
    IDLE,
    M1,
    M2,
    M3,
    PAID,
    SIGNED,
    TO_TRADER,
    UNPAID,
    found,
    told,
    took,
)
from tests.rules.settlement_histories import KEY


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
    one, two, bill, money = settlement.explain(keep(settlement, KEY, facts, default_law()).state())
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
    assert [d["why"] for d in one["documents"]] == ["named", "in_order"]
    assert (bill["net_fen"], bill["matched"][0]["expected_fen"], bill["left"]) == (540_00, 540_00, [])
    assert [(m["subject"], m["fen"]) for m in money["matched"]] == [
        (f"manifest:{M1}", 540_00),
        (f"manifest:{M2}", 160_00),
    ]


def whys(*facts: Wire, document: str) -> list[tuple[str, int]]:
    """Why a document's money is where it is."""
    rows = settlement.explain(keep(settlement, KEY, facts, default_law()).state())
    (row,) = [row for row in rows if row["subject"] == document]
    return [(part["why"], part["fen"]) for part in (*row["matched"], *row["left"])]


def test_all_that_a_document_may_do_is_said_in_words_of_a_closed_set() -> None:
    bill = invoiced(at=day(1), manifest=M1)
    money = paid(at=day(2), invoice=F1)
    assert whys(SIGNED, took(), bill, money, document=f"invoice:{F1}") == [("named", 540_00)]
    assert whys(SIGNED, took(), bill, money, document="payment:BANK1") == [("through_invoice", 540_00)]
    assert whys(SIGNED, money, document="payment:BANK1") == [("no_load", 540_00)]
    assert whys(SIGNED, paid(manifest=M2, at=day(1)), document="payment:BANK1") == [("not_accepted", 540_00)]
    near = paid(yuan=530, at=day(2))
    assert whys(SIGNED, took(), near, document="payment:BANK1") == [("in_order_to_the_end", 530_00)]
    much = paid(yuan=700, at=day(2))
    assert whys(SIGNED, took(), much, document="payment:BANK1") == [
        ("in_order", 540_00),
        ("more_than_owed", 160_00),
    ]
    flat = contract_signed(lines=[price(500, "month_flat")], at=day(-10))
    assert whys(flat, took(), much, document="payment:BANK1") == [("flat", 700_00)]
    assert whys(SIGNED, took(), paid(deposit=True, at=day(1)), document="payment:BANK1") == [
        ("deposit", 540_00)
    ]
    among = paid(payer_org=TRADER_ORG, payee_org=HOSPITAL_ORG, at=day(1))
    assert whys(SIGNED, took(), among, document="payment:BANK1") == [("outside", 540_00)]
    returned = refunded(yuan=100, at=day(3))
    assert whys(SIGNED, took(), bill, money, returned, document="payment:BANK1") == [
        ("through_invoice", 440_00)
    ]


def test_an_account_outside_the_pair_is_told_with_what_it_keeps() -> None:
    facts = [SIGNED, took(), paid("B1", at=day(1), **TO_TRADER), paid("B2", 100, at=day(2), **FROM_TRADER)]
    row = settlement.explain(keep(settlement, KEY, facts, default_law()).state())[-1]
    assert (row["org"], row["received_fen"], row["passed_on_fen"]) == (TRADER_ORG, 540_00, 100_00)
    assert (row["kept_fen"], row["declared"]) == (440_00, False)


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
