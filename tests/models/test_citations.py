"""Which law an alert cites: that of the conduct, beside it a newer one that may be milder, and that of what lasts."""

import pytest

from models.alerts import AlertKind
from models.citations import ACTS, LASTING, Applies, cited
from tests.facts import instant
from tests.facts.law import citation_set
from tests.laws import default_law, law_from, law_with

HANDED, OVER = AlertKind.RECEIPT_UNLICENSED, AlertKind.STORAGE_OVER_LIMIT
SWL, CODE = "固体废物污染环境防治法", "生态环境法典"
AT, MILDER, FROM = Applies.AT_CONDUCT, Applies.IF_MILDER, Applies.FROM_ITS_DAY
LAST_US = instant("2026-08-15") - 1
TABLE = [
    ("an act under the old law", HANDED, "2026-08-10 09:00", None, [(SWL, AT), (CODE, MILDER)]),
    ("the last microsecond of the old law", HANDED, LAST_US, None, [(SWL, AT), (CODE, MILDER)]),
    ("the first instant of the new law", HANDED, "2026-08-15 00:00", None, [(CODE, AT)]),
    ("an act under the new law", HANDED, "2026-08-20 09:00", None, [(CODE, AT)]),
    ("what lasts", OVER, "2026-08-10 09:00", None, [(SWL, AT), (CODE, FROM)]),
    ("what began in the last microsecond and lasts", OVER, LAST_US, None, [(SWL, AT), (CODE, FROM)]),
    ("what ended before", OVER, "2026-08-10 09:00", "2026-08-12", [(SWL, AT), (CODE, MILDER)]),
    ("what ended as the new law began", OVER, "2026-08-10", "2026-08-15 00:00", [(SWL, AT), (CODE, MILDER)]),
    ("what ended a microsecond later", OVER, "2026-08-10", LAST_US + 2, [(SWL, AT), (CODE, FROM)]),
    ("what began under the new law", OVER, "2026-08-15 00:00", None, [(CODE, AT)]),
    ("conduct older than any law recorded", HANDED, "2020-08-31", None, [(SWL, MILDER), (CODE, MILDER)]),
]


@pytest.mark.parametrize(
    ("kind", "at", "until", "expected"), [c[1:] for c in TABLE], ids=[c[0] for c in TABLE]
)
def test_which_laws_are_shown(
    kind: AlertKind, at: str | int, until: str | int | None, expected: list[tuple[str, Applies]]
) -> None:
    end = None if until is None else instant(until)
    found = cited(default_law(), "duty.handover_licensed", kind, instant(at), end)
    assert [(shown.row.law, shown.applies) for shown in found] == expected


def test_unlicensed_handovers_of_both_sides_of_the_change_cite_article_and_penalty_of_their_day() -> None:
    """Case 10 of DOMAIN 11."""
    law, duty = default_law(), "duty.handover_licensed"
    before, after = (cited(law, duty, HANDED, instant(day), None) for day in ("2026-08-10", "2026-08-20"))
    assert [(shown.row.article, shown.row.penalty_article) for shown in before] == [
        ("80 para 3", "112(4); detention 120(3)"),
        ("534 para 3", "1175(5); detention 1179(6)"),
    ]
    assert [(shown.row.article, shown.row.penalty_article) for shown in after] == [
        ("534 para 3", "1175(5); detention 1179(6)")
    ]
    assert "3-5x" in before[0].row.penalty.replace(" ", "")
    assert before[1].row.penalty == after[0].row.penalty


def test_a_duty_that_is_not_recorded_is_not_cited() -> None:
    assert cited(default_law(), "duty.unknown", HANDED, instant("2026-08-10"), None) == ()
    assert cited(law_from([]), "duty.manifest", HANDED, instant("2026-08-10"), None) == ()


def test_of_two_rows_that_cover_a_day_the_later_holds() -> None:
    narrow = citation_set(
        "duty.manifest", law="a bureau's notice", effective_from="2026-01-01", effective_until="2026-06-30"
    )
    law = law_with(narrow)
    for day, expected in (("2025-12-31", SWL), ("2026-01-01", "a bureau's notice"), ("2026-07-01", SWL)):
        row = law.citation("duty.manifest", instant(day))
        assert row is not None
        assert row.law == expected


def test_every_kind_is_decided_upon_once_and_with_a_reason() -> None:
    """No kind can be added without a decision whether its wrong goes on."""
    assert {*LASTING, *ACTS} == set(AlertKind)
    assert not LASTING.keys() & ACTS.keys()
    assert all({**LASTING, **ACTS}.values())


LASTS = [
    "storage.over_limit",
    "campaign.not_cleared",
    "insurance.gap",
    "plan.not_filed",
    "report.overdue",
    "capacity.shortage",
    "transfer.step_overdue",
    "payment.retained",
]
OVER_AT_ONCE = [
    "receipt.unlicensed",
    "carrier.unlicensed",
    "transfer.unapproved",
    "price.below_floor",
    "licence.exceeded",
]


@pytest.mark.parametrize("name", LASTS)
def test_what_goes_on_past_the_change_is_under_the_new_law_from_its_day(name: str) -> None:
    found = cited(default_law(), "duty.manifest", AlertKind(name), instant("2026-08-10"), None)
    assert found[-1].applies is FROM


@pytest.mark.parametrize("name", OVER_AT_ONCE)
def test_an_act_before_the_change_is_under_the_new_law_only_where_it_is_milder(name: str) -> None:
    found = cited(default_law(), "duty.manifest", AlertKind(name), instant("2026-08-10"), None)
    assert found[-1].applies is MILDER
