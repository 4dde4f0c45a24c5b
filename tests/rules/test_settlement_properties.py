"""Settlement 资金: the properties of every rule, and a naive second reading."""

from hypothesis import given, settings
from hypothesis import strategies as st

from models.topics import Concern
from rules import settlement
from rules.settlement.explain import WHY
from tests.facts import (
    FACILITY_ORG,
    PRODUCER_ORG,
    Wire,
    day,
)
from tests.laws import default_law
from tests.rules.harness import assert_order_is_nothing, keep
from tests.rules.oracle_settlement import Oracle
from tests.rules.oracle_settlement_findings import Judge
from tests.rules.settlement_histories import KEY, histories, two_sellers


@settings(max_examples=80, deadline=None)
@given(histories(), st.integers(0, 10**6))
def test_any_order_of_arrival_ends_as_the_refold(history: list[Wire], seed: int) -> None:
    assert_order_is_nothing(settlement, KEY, history, default_law(), seed)


@settings(max_examples=60, deadline=None)
@given(histories(most=10))
def test_a_naive_reading_finds_the_same(history: list[Wire]) -> None:
    _as_read_naively(history)


@settings(max_examples=40, deadline=None)
@given(two_sellers())
def test_two_sellers_under_one_number_are_read_as_two_debts(history: list[Wire]) -> None:
    _as_read_naively(history)


@settings(max_examples=20, deadline=None)
@given(two_sellers(), st.integers(0, 10**6))
def test_two_sellers_under_one_number_come_in_any_order(history: list[Wire], seed: int) -> None:
    assert_order_is_nothing(settlement, KEY, history, default_law(), seed)


def _as_read_naively(history: list[Wire]) -> None:
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
    """Every fen that is left of a document after red invoices and refunds is told once, on a movement or as left."""
    facts = history[:upto]
    kept = keep(settlement, KEY, facts, default_law())
    rows = settlement.explain(kept.state())
    oracle = Oracle(PRODUCER_ORG, FACILITY_ORG)
    oracle.fold(kept.book.facts(Concern.SETTLEMENT, KEY))
    documents = {row["subject"]: row for row in rows if "net_fen" in row}
    assert sorted(documents) == [name for name in oracle.documents() if oracle.papers(name)]
    for name, row in documents.items():
        assert row["net_fen"] == sum(fen for *_, fen in oracle.net(name))
        assert row["net_fen"] == sum(part["fen"] for part in (*row["matched"], *row["left"]))
        assert {part["why"] for part in (*row["matched"], *row["left"])} <= WHY
    on_movements = {(d["document"], row["subject"]): 0 for row in rows for d in row.get("documents", ())}
    for row in rows:
        for d in row.get("documents", ()):
            on_movements[d["document"], row["subject"]] += d["fen"]
        if row.get("expected_fen") is not None:
            assert row["left_fen"] <= row["expected_fen"]
    for (document, movement), fen in on_movements.items():
        theirs = [part for part in documents[document]["matched"] if part["subject"] == movement]
        assert sum(part["fen"] for part in theirs) == fen
