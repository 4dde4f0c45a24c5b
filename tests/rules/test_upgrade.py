"""A new release records only what a ledger lacks, and changes no verdict on what was before (DESIGN D12)."""

from datetime import date
from pathlib import Path

import pytest

from deploy import founding
from deploy.founding import record_defaults
from models.exact import beijing_date
from models.facts.law import LimitName
from models.law import Case, Law
from rules.defaults import Wire, default_facts, renewed
from rules.upgrade import lacking
from streams.lawbook import LawBook
from tests.facts import day, timed
from tests.facts.law import citation_set, holidays_published, limit_set, tolerance_set
from tests.laws import default_law, law_from, law_with
from tests.streams.world import make_world

TODAY = date(2026, 11, 25)
OURS = limit_set("transit_term", 72, "hours")
TABLE: list[tuple[str, Law, Wire, bool]] = [
    ("the same", law_from([OURS]), OURS, False),
    ("another value", law_from([OURS]), limit_set("transit_term", 48, "hours", nth=2), False),
    ("another first day", law_from([OURS]), limit_set("transit_term", 48, "hours", effective_from="2026-11-25"), False),
    ("one from tomorrow on", law_from([OURS]), limit_set("transit_term", 48, "hours", effective_from="2026-11-26"), True),
    ("another scope", law_from([OURS]), limit_set("transit_term", 48, "hours", scope={"region": "33"}), True),
    ("another limit", law_from([OURS]), limit_set("acceptance_term", 48, "hours"), True),
    ("another kind", law_from([OURS]), tolerance_set(30), True),
    ("a citation that is there", default_law(), citation_set("duty.manifest", article="other"), False),
    ("a citation of another day", default_law(), citation_set("duty.manifest", effective_from="2030-01-01"), True),
    ("a calendar that is there", default_law(), holidays_published(2026), False),
    ("a calendar that is not", default_law(), holidays_published(2027), True),
]  # fmt: skip


@pytest.mark.parametrize(("law", "default", "wanted"), [r[1:] for r in TABLE], ids=[r[0] for r in TABLE])
def test_what_a_ledger_lacks(law: Law, default: Wire, wanted: bool) -> None:
    assert [wire["kind"] for wire in lacking(law, [timed(default, day(0))], TODAY)] == [
        default["kind"]
    ] * wanted


def test_a_default_on_something_new_begins_on_the_day_of_the_upgrade() -> None:
    new = limit_set("acceptance_term", 48, "hours", at=day(0))
    (recorded,) = lacking(law_from([OURS]), [new], TODAY)
    assert recorded["effective_from"] == "2026-11-25"
    assert recorded["event_id"] != new["event_id"]
    assert recorded["value"] == 48
    ahead = limit_set("transit_term", 1, "hours", effective_from="2026-11-26", at=day(0))
    assert lacking(law_from([OURS]), [ahead], TODAY) == [ahead]


def test_a_bureaus_own_policy_on_the_same_scope_stands() -> None:
    law = law_with(limit_set("storage_term", 60, "days"))
    assert lacking(law, default_facts(), TODAY) == []


def test_the_upgrade_of_a_ledger_records_each_difference_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(tmp_path)
    assert record_defaults(world.ledger, day(100)) == 0
    changed = [
        {**wire, "event_id": f"00000000-0000-4000-8000-{nth:012d}"}
        for nth, wire in enumerate(
            (renewed(default_facts()[-1], date(2020, 1, 1)), limit_set("transit_term", 1, "hours", at=day(0)))
        )
    ]
    new = limit_set("transit_term", 24, "hours", scope={"region": "44"}, at=day(0))
    monkeypatch.setattr(founding, "default_facts", lambda: [*changed, new])
    assert record_defaults(world.ledger, day(100)) == 1
    assert record_defaults(world.ledger, day(100)) == 0
    book = LawBook()
    book.add(world.ledger.law_rows(0, world.ledger.head().seq))
    today = beijing_date(world.ledger.now())
    terms = [
        book.latest.limit(LimitName.TRANSIT_TERM, Case("440100"), on) for on in (date(2025, 1, 1), today)
    ]
    assert [term.value for term in terms if term is not None] == [72, 24]
    world.databases.dispose()
