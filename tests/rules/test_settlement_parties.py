"""Settlement 资金: strangers and go-betweens (DOMAIN 11, case 3)."""

from datetime import date
from typing import Any

import pytest

from models.alerts import Finding
from models.exact import beijing_midnight
from rules.routes import pair_key
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL_ORG,
    TRADER_ORG,
    Wire,
    contract_amended,
    contract_signed,
    day,
    limit_set,
    money_line,
    paid,
    refunded,
)
from tests.laws import NO_LAW, law_with
from tests.rules.harness import Entry
from tests.rules.settlement_cases import (
    FLOOR,
    FROM_TRADER,
    IDLE,
    KEPT,
    M1,
    PAID,
    PARTY,
    SIGNED,
    TO_TRADER,
    UNDECLARED,
    found,
    only,
    told,
    took,
)


# Parties
def test_a_stranger_as_payer_or_payee_is_told() -> None:
    for way in (TO_TRADER, FROM_TRADER):
        facts = [SIGNED, took(), paid(at=day(1), manifest=M1, **way)]
        assert told(facts, day(20)) == [(PARTY, "payment:BANK1")]


def test_an_intermediary_of_the_contract_is_no_stranger() -> None:
    named = contract_signed(intermediary_orgs=[TRADER_ORG], at=day(-10))
    for way in (TO_TRADER, FROM_TRADER):
        assert found([named, took(), paid(at=day(1), manifest=M1, **way)], day(20)) == []


def test_an_intermediary_of_another_years_contract_is_a_stranger() -> None:
    old = contract_signed("C0", valid_until="2025-02-28", intermediary_orgs=[TRADER_ORG], at=day(-300))
    facts = [old, SIGNED, took(at=day(5)), paid(at=day(9), contract="C1", **TO_TRADER)]
    assert told(facts, day(20)) == [(PARTY, "payment:BANK1")]
    late = [old, SIGNED, took(at=day(-10), contract_no="C0"), paid(at=day(9), manifest=M1, **TO_TRADER)]
    assert told(late, day(20)) == []


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
        (UNDECLARED, f"trader:{TRADER_ORG}"),
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


# Go-betweens: undeclared, and what they keep


def through(*ons: tuple[int, float], ins: tuple[tuple[int, float], ...] = ((1, 3000),)) -> list[Wire | Entry]:
    """Money to the trader, and from him, on these days; 1,000 kg were accepted."""
    facts: list[Wire | Entry] = [SIGNED, took(kg=1000)]
    facts += [paid(f"I{n}", yuan, at=day(d), contract="C1", **TO_TRADER) for n, (d, yuan) in enumerate(ins)]
    facts += [paid(f"O{n}", yuan, at=day(d), contract="C1", **FROM_TRADER) for n, (d, yuan) in enumerate(ons)]
    return facts


def keeps(facts: list[Wire | Entry], at: int) -> list[Finding]:
    return [f for f in found(facts, at) if f.kind == KEPT]


MAY = beijing_midnight(date(2025, 5, 1))  # Money of March has to be passed on by then.


def test_what_is_kept_shows_at_the_end_of_the_month_after_receipt() -> None:
    assert keeps(through(), MAY - 1) == []
    (finding,) = keeps(through(), MAY)
    assert (finding.subject, finding.since, finding.until) == (f"trader:{TRADER_ORG}", MAY, None)
    told_of = finding.amounts
    assert (told_of["received_fen"], told_of["passed_on_fen"], told_of["kept_fen"]) == (3000_00, 0, 3000_00)
    assert (told_of["kept_permille"], told_of["risk_fen"]) == (1000, 3000_00)


def test_a_fifth_may_be_kept_and_no_fen_more() -> None:
    assert keeps(through((20, 2400)), day(300)) == []
    assert len(keeps(through((20, 2399.99)), day(300))) == 1


def test_what_is_passed_on_later_ends_it() -> None:
    (finding,) = keeps(through((130, 2900)), day(300))
    assert (finding.since, finding.until) == (MAY, beijing_midnight(date(2025, 7, 1)))
    assert keeps(through((60, 2900)), day(300)) == []


def test_what_is_still_on_its_way_is_not_kept() -> None:
    steady = through((25, 900), (55, 900), (85, 900), ins=((20, 1000), (50, 1000), (80, 1000)))
    assert keeps(steady, day(86)) == []
    assert keeps(steady, day(400)) == []


def test_what_comes_back_was_not_kept() -> None:
    facts = through()
    assert keeps([*facts, refunded("R1", "I0", 3000, at=day(9), payer_org=TRADER_ORG)], day(300)) == []
    assert len(keeps([*facts, refunded("R1", "I0", 1000, at=day(9), payer_org=TRADER_ORG)], day(300))) == 1


def test_each_of_a_chain_has_an_account_of_its_own() -> None:
    among: dict[str, Any] = {"payer_org": TRADER_ORG, "payee_org": HOSPITAL_ORG}
    facts = [
        SIGNED,
        took(kg=1000),
        paid("B1", 3000, at=day(1), **TO_TRADER),
        paid("B2", 2900, at=day(2), **among),
        paid("B3", 1000, at=day(3), payer_org=HOSPITAL_ORG),
    ]
    kinds = {(f.kind, f.subject) for f in found(facts, day(300)) if f.subject.startswith("trader:")}
    assert kinds == {
        (UNDECLARED, f"trader:{TRADER_ORG}"),
        (UNDECLARED, f"trader:{HOSPITAL_ORG}"),
        (KEPT, f"trader:{HOSPITAL_ORG}"),
    }


def test_an_undeclared_one_is_told_once_from_when_money_went_both_ways() -> None:
    facts = through((5, 1000), (9, 1000))
    finding = only(facts, UNDECLARED, day(20))
    assert (finding.subject, finding.since) == (f"trader:{TRADER_ORG}", day(5))
    assert finding.amounts["intermediary"] == TRADER_ORG
    for one_way in (through(), through((5, 1000), ins=())):
        assert UNDECLARED not in {f.kind for f in found(one_way, day(20))}


def test_whoever_any_contract_named_is_declared() -> None:
    for contract in (
        contract_signed("C0", valid_until="2024-12-31", intermediary_orgs=[TRADER_ORG], at=day(-300)),
        contract_amended(effective_from="2025-06-01", intermediary_orgs=[TRADER_ORG], at=day(40)),
    ):
        assert UNDECLARED not in {f.kind for f in found([*through((5, 1000)), contract], day(60))}


def test_a_policy_of_the_region_says_what_may_be_kept() -> None:
    strict = law_with(limit_set("retained_share", 50, "permille", scope={"region": "33"}))
    facts = through((20, 2800))
    assert KEPT not in {f.kind for f in found(facts, day(300))}
    assert KEPT in {f.kind for f in found(facts, day(300), law=strict)}
    assert {f.kind for f in found(through(), day(300), law=NO_LAW)} == {PARTY}


def test_money_whose_lines_name_the_trader_as_origin_stays_without_movement_in_a_pair_of_its_own() -> None:
    key = pair_key(TRADER_ORG, FACILITY_ORG)
    lines = [money_line(6000, manifest_no=M1, origin_org=TRADER_ORG)]
    facts = [*TRADED[:3], paid("B2", lines=lines, at=day(5), **FROM_TRADER)]
    assert told(facts, key=key) == [(IDLE, "payment:B2")]


def test_the_trader_of_case_three_is_told_with_what_he_keeps() -> None:
    finding = only(TRADED, KEPT)
    assert (finding.amounts["received_fen"], finding.amounts["kept_fen"]) == (300_000_00, 294_000_00)
    much = only(TRADED, PAID, day(6)).amounts
    assert (much["paid_g"], much["accepted_g"]) == (100_000_000, 40_000_000)
    assert only(TRADED, UNDECLARED).since == day(5)
