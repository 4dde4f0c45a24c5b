"""How an answer cites the law for conduct before and after 2026-08-15 (DOMAIN 0, case 10)."""

from __future__ import annotations

from api.wire import explained
from models.alerts import AlertKind
from tests.api.alerts import alert_row
from tests.facts import instant
from tests.laws import default_law


def told(kind: AlertKind, at: str) -> dict[str, object]:
    when = instant(at)
    return explained(alert_row(1, kind, since=when, conduct_at=when), default_law())


def test_an_unlicensed_handover_before_the_change_shows_both_penalties() -> None:
    found = told(AlertKind.RECEIPT_UNLICENSED, "2026-08-10 09:00")
    assert found["duty"] == "duty.handover_licensed"
    assert isinstance(found["citation"], dict)
    assert found["citation"]["article"] == "80 para 3"
    assert isinstance(found["citations"], list)
    assert [(row["article"], row["applies"], row["penalty"]) for row in found["citations"]] == [
        ("80 para 3", "at_conduct", "3-5 x the disposal cost needed, cost counted as at least 200k"),
        ("534 para 3", "if_milder", "200k-2m"),
    ]


def test_after_the_change_only_the_code_is_cited() -> None:
    found = told(AlertKind.RECEIPT_UNLICENSED, "2026-08-20 09:00")
    assert isinstance(found["citations"], list)
    assert [(row["article"], row["applies"]) for row in found["citations"]] == [("534 para 3", "at_conduct")]


def test_a_lot_over_its_term_names_its_duty_and_is_under_the_code_from_its_day() -> None:
    when = instant("2026-08-10")
    row = alert_row(
        1,
        AlertKind.STORAGE_OVER_LIMIT,
        since=when,
        conduct_at=when,
        amounts={"duty": "duty.storage_one_year"},
    )
    found = explained(row, default_law())
    assert [(c["article"], c["applies"]) for c in found["citations"]] == [
        ("81 para 3", "at_conduct"),
        ("535 para 3", "from_its_day"),
    ]


def test_an_alert_of_a_policy_cites_no_law() -> None:
    found = told(AlertKind.LICENCE_NEARLY_USED, "2026-08-10")
    assert (found["duty"], found["citation"], found["citations"]) == (None, None, [])
