"""What the site's page says of the rules that hold there, and the alert's page of the laws that bear on it."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.testclient import TestClient

from api.pages.alert import law_text
from api.pages.frame import Frame
from api.pages.limits import rules_at
from api.views.alerts import alert_of
from api.words import Lang
from api.words_law import LAW
from models.alerts import AlertKind
from models.facts import FACT_TYPES, LAW_KINDS
from models.facts.law import LimitName, Policy, Unit
from tests.api.alerts import alert_row
from tests.facts import KILN, instant
from tests.facts.law import limit_set
from tests.laws import default_law, law_with

ON: Final = instant("2025-06-15 12:00")


def in_words(lang: Lang) -> Frame:
    return Frame(Request({"type": "http"}), lang, viewer=None, desk=None)


def test_every_limit_unit_and_policy_has_words() -> None:
    policies = {kind for kind in LAW_KINDS if issubclass(FACT_TYPES[kind], Policy)} - {"limit-set.v1"}
    wanted = {f"limit.{name}" for name in LimitName} | {
        f"limit.{kind.partition('.')[0]}" for kind in policies
    }
    wanted |= {f"law.{unit}" for unit in Unit if unit is not Unit.PERMILLE}
    assert wanted <= LAW.keys()
    assert {key for key in LAW if key.startswith("limit.")} <= wanted
    assert all(zh and en for zh, en in LAW.values())


def test_the_rules_of_a_site_are_named_with_value_scope_and_ground() -> None:
    law = law_with(limit_set("storage_term", 60, "days", scope={"region": "3306"}))
    rows = rules_at(in_words(Lang.EN), law, KILN, "producer", ["336-064-17"], ON)
    (term,) = [row for row in rows if row.name == "storage term"]
    assert (term.value, term.why, term.since) == ("60 days", "a policy for tests", "from 2020-01-01")
    assert term.scope.startswith("Shaoxing")
    (floor,) = [row for row in rows if row.name == "price floor per tonne"]
    assert (floor.value, floor.scope) == ("¥1,000.00", "HW17")
    (tolerance,) = [row for row in rows if row.name == "tolerance of masses"]
    assert (tolerance.value, tolerance.scope) == ("2\xa0%", "everywhere")


def test_a_code_in_store_adds_its_own_term_beside_the_sites() -> None:
    rows = rules_at(in_words(Lang.EN), default_law(), KILN, "facility", ["841-001-01", "900-249-08"], ON)
    terms = [(row.value, row.scope) for row in rows if row.name == "storage term"]
    assert sorted(terms) == [("1 y", "Facility"), ("72 h", "Facility · 841-001-01")]
    assert rules_at(in_words(Lang.EN), default_law(), KILN, None, [], instant("2019-12-31")) == []


def test_the_site_page_shows_them_in_both_languages(regulator: TestClient) -> None:
    chinese = regulator.get(f"/sites/{KILN}").text
    assert "今日适用的规则" in chinese
    assert "联单确认期限" in chinese
    assert "5 个工作日" in chinese
    assert "《危险废物转移管理办法》第18条" in chinese
    assert re.search(r"limit\.[a-z_]+", re.sub(r"<[^>]+>", "", chinese)) is None


def test_an_alert_of_conduct_before_the_code_shows_both_laws_and_says_why() -> None:
    when = instant("2026-08-10")
    shown = alert_of(alert_row(1, AlertKind.RECEIPT_UNLICENSED, since=when, conduct_at=when))
    before, after = law_text(in_words(Lang.ZH), default_law(), shown)
    assert (before.law, before.article, before.why) == ("固体废物污染环境防治法", "第80条第3款", "")
    assert (after.law, after.article, after.day) == ("生态环境法典", "第534条第3款", "2026-08-15")
    assert "第1057条" in after.why
    assert "3至5倍" in before.penalty
    assert "20万元至200万元" in after.penalty


def test_a_lot_over_its_term_is_under_the_code_from_its_day() -> None:
    when = instant("2026-08-10")
    amounts = {"duty": "duty.storage_one_year"}
    row = alert_row(1, AlertKind.STORAGE_OVER_LIMIT, since=when, conduct_at=when, amounts=amounts)
    _, after = law_text(in_words(Lang.EN), default_law(), alert_of(row))
    assert after.why == "What lasts to 2026-08-15 and beyond is under this law from that day"


def test_after_the_change_one_law_is_shown() -> None:
    when = instant("2026-08-15 00:00")
    shown = alert_of(alert_row(1, AlertKind.RECEIPT_UNLICENSED, since=when, conduct_at=when))
    assert [text.article for text in law_text(in_words(Lang.EN), default_law(), shown)] == ["534 para 3"]
