"""A pipeline's day is a receipt as an acceptance is: licence, money and capacity know of it (MT 19)."""

from typing import Any

import pytest

from models.alerts import AlertKind
from models.topics import Concern
from rules import capacity, permits, settlement
from rules.routes import capacity_key, pair_key, routes
from tests.facts import (
    FACILITY_ORG,
    KILN,
    OIL,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    Wire,
    contract_signed,
    corrected,
    day,
    licence_granted,
    line,
    metered,
    paid,
    scope,
    state,
)
from tests.laws import default_law
from tests.rules.harness import Entry, assert_order_is_nothing, judge_all, keep

PAIR = pair_key(PRODUCER_ORG, FACILITY_ORG)
CAPACITY = capacity_key(PLATER, "HW08")
CAME = metered(by="destination", kg=1_000, at=day(1))


def test_each_end_goes_to_whom_it_concerns() -> None:
    sent: Any = state(metered(at=day(1)), 1)
    assert {concern for concern, _ in routes(sent.kind, sent.body)} == {Concern.CUSTODY, Concern.STORAGE}
    assert (Concern.STORAGE, PLATER) in routes(sent.kind, sent.body)
    came: Any = state(CAME, 1)
    assert {concern for concern, _ in routes(came.kind, came.body)} == set(Concern)
    assert {(Concern.STORAGE, KILN), (Concern.PERMITS, KILN), (Concern.SETTLEMENT, PAIR)} <= set(
        routes(came.kind, came.body)
    )


def permits_kinds(facts: list[Wire | Entry]) -> list[AlertKind]:
    return [finding.kind for finding in judge_all(permits, KILN, facts, default_law(), day(60))]


def test_a_pipelines_receipt_needs_a_licence() -> None:
    licence = licence_granted(lines=[scope("HW08")], at=day(-30))
    assert permits_kinds([licence, CAME]) == []
    assert permits_kinds([CAME]) == [AlertKind.RECEIPT_UNLICENSED]
    assert permits_kinds([licence, metered(SLUDGE, by="destination", at=day(1))]) == [
        AlertKind.RECEIPT_UNLICENSED
    ]


def test_a_pipelines_receipts_count_for_the_licensed_amount_by_the_day() -> None:
    licence = licence_granted(lines=[scope("HW08", tonnes=2)], at=day(-30))
    second = metered(by="destination", kg=1_000, on="2025-03-04", at=day(2))
    assert permits_kinds([licence, CAME]) == []
    assert set(permits_kinds([licence, CAME, second])) == {
        AlertKind.LICENCE_NEARLY_USED,
        AlertKind.LICENCE_USED_UP,
    }
    again = metered(by="destination", kg=1_000, at=day(2))
    assert permits_kinds([licence, CAME, again]) == []


def unpaid(facts: list[Wire | Entry]) -> bool:
    found = judge_all(settlement, PAIR, facts, default_law(), day(60))
    return AlertKind.MOVEMENT_WITHOUT_PAYMENT in {finding.kind for finding in found}


def test_what_came_through_a_pipeline_is_paid_for() -> None:
    signed = contract_signed("C1", 3_000, at=day(0))
    assert unpaid([signed, CAME])
    assert not unpaid([signed, CAME, paid("B1", 3_000, contract="C1", at=day(10))])


def test_what_came_through_a_pipeline_is_brought_in() -> None:
    def moved(facts: list[Wire | Entry]) -> int:
        subjects: Any = keep(capacity, CAPACITY, facts, default_law()).state().subjects
        return sum(1 for name in subjects if name.startswith("pipeline:"))

    assert moved([CAME]) == 1
    assert moved([CAME, corrected(CAME, day(3), withdrawn=True)]) == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("rule", "key"), [(permits, KILN), (settlement, PAIR), (capacity, CAPACITY)])
def test_any_order(rule: Any, key: str, seed: int) -> None:
    facts: list[Wire] = [
        CAME,
        metered(by="destination", kg=900, on="2025-03-04", at=day(2)),
        metered(by="destination", kg=900, on="2025-03-04", at=day(2, 12)),
        corrected(CAME, day(4), lines=[line(OIL, 800)]),
    ]
    if rule is permits:
        facts.append(licence_granted(lines=[scope("HW08", tonnes=1)], at=day(-30)))
    if rule is settlement:
        facts += [contract_signed("C1", 3_000, at=day(0)), paid("B1", 2_000, contract="C1", at=day(5))]
    assert_order_is_nothing(rule, key, facts, default_law(), seed)
