"""What an edition of the law book changed, and whom that may touch (DESIGN D12)."""

from datetime import date

import pytest

from models.facts.law import (
    CitationSet,
    CodeListPublished,
    EmergencyDeclared,
    HolidaysPublished,
    LimitName,
    PriceFloorSet,
    ToleranceSet,
)
from models.law import Law
from models.law_edits import Edit, edits
from tests.facts import Wire
from tests.facts.law import (
    citation_set,
    code_list_published,
    emergency_declared,
    holidays_published,
    limit_set,
    price_floor_set,
    tolerance_set,
)
from tests.laws import law_from

TRANSIT, CONFIRMATION, STORAGE = LimitName.TRANSIT_TERM, LimitName.CONFIRMATION_TERM, LimitName.STORAGE_TERM
HANGZHOU = {"region": "3301"}
FIVE = limit_set("confirmation_term", 5, "working_days")
Y2026 = holidays_published(2026)

TABLE: list[tuple[str, list[Wire], Wire, set[Edit]]] = [
    (
        "a limit, from its first day in its region",
        [],
        limit_set("transit_term", 48, "hours", scope=HANGZHOU, effective_from="2025-02-01"),
        {Edit(TRANSIT, "3301", date(2025, 2, 1))},
    ),
    (
        "one meant for lots already stored, from any day",
        [],
        limit_set("storage_term", 90, "days", effective_from="2025-02-01", applies_to_stored=True),
        {Edit(STORAGE, "", date.min)},
    ),
    (
        "the same policy with another value",
        [limit_set("transit_term", 48, "hours", scope=HANGZHOU)],
        limit_set("transit_term", 24, "hours", scope=HANGZHOU, nth=2),
        {Edit(TRANSIT, "3301", date(2020, 1, 1))},
    ),
    ("a tolerance", [], tolerance_set(30), {Edit(ToleranceSet, "", date(2020, 1, 1))}),
    (
        "a price floor",
        [],
        price_floor_set(900, effective_from="2025-05-05"),
        {Edit(PriceFloorSet, "", date(2025, 5, 5))},
    ),
    (
        "an emergency",
        [],
        emergency_declared({"330604-KILN01": 1}, scope={"region": "33"}),
        {Edit(EmergencyDeclared, "33", date(2025, 1, 1))},
    ),
    ("a citation", [], citation_set(), {Edit(CitationSet, "", date(2020, 9, 1))}),
    ("a code list", [], code_list_published(), {Edit(CodeListPublished, "", date(2025, 1, 1))}),
    (
        "a calendar where no term counts working days",
        [limit_set("transit_term", 48, "hours")],
        Y2026,
        {Edit(HolidaysPublished, "", date.min)},
    ),
    (
        # The fifth working day before 2026-01-01 (a Thursday) is 2025-12-25; a term from then on counts into 2026.
        "a calendar: terms that may count into its year",
        [FIVE],
        Y2026,
        {Edit(HolidaysPublished, "", date.min), Edit(CONFIRMATION, "", date(2025, 12, 25))},
    ),
    (
        # 2026-05-06 is a Wednesday: 05-05, 05-04, 05-01, 04-30, 04-29.
        "a calendar recorded anew: terms that may count the first day that is another",
        [FIVE, Y2026],
        holidays_published(2026, off=["2026-05-06", "2026-05-07"], nth=2),
        {Edit(HolidaysPublished, "", date.min), Edit(CONFIRMATION, "", date(2026, 4, 29))},
    ),
    ("a calendar recorded anew and the same", [FIVE, Y2026], holidays_published(2026, nth=2), set()),
    (
        "a term of more working days than are followed",
        [limit_set("confirmation_term", 1_001, "working_days")],
        Y2026,
        {Edit(HolidaysPublished, "", date.min), Edit(CONFIRMATION, "", date.min)},
    ),
]


@pytest.mark.parametrize(("before", "new", "expected"), [r[1:] for r in TABLE], ids=[r[0] for r in TABLE])
def test_what_an_edition_changed(before: list[Wire], new: Wire, expected: set[Edit]) -> None:
    old = law_from(before)
    assert set(edits(old, law_from([new], old))) == expected


def test_what_was_taken_away_is_an_edit_too() -> None:
    one, other = limit_set("transit_term", 48, "hours"), tolerance_set(30)
    old = law_from([one, other])
    without = Law(old.seq, old.policies[:1], old.citations, old.lists, old.calendar)
    assert set(edits(old, without)) == {Edit(ToleranceSet, "", date(2020, 1, 1))}


def test_the_same_book_has_no_edits() -> None:
    law = law_from([FIVE, Y2026, citation_set(), code_list_published()])
    assert edits(law, law.as_of(99)) == ()


ASKS = frozenset({TRANSIT})
EDIT = Edit(TRANSIT, "3301", date(2025, 2, 1))
TOUCHES: list[tuple[str, Edit, str, date | None, bool]] = [
    ("the same region", EDIT, "3301", date(2025, 2, 1), True),
    ("a county of it", EDIT, "330106", date(2025, 2, 1), True),
    ("the province it lies in", EDIT, "33", date(2025, 2, 1), True),
    ("another city", EDIT, "330604", date(2025, 2, 1), False),
    ("any region", EDIT, "", date(2025, 2, 1), True),
    ("a policy of everywhere", Edit(TRANSIT, "", date(2025, 2, 1)), "330604", date(2025, 2, 1), True),
    ("no fact as late as its first day", EDIT, "3301", date(2025, 1, 31), False),
    ("a rule that looks ahead", EDIT, "3301", None, True),
    ("another matter", Edit(CONFIRMATION, "3301", date.min), "3301", None, False),
    ("from any day", Edit(TRANSIT, "3301", date.min), "3301", date(1970, 1, 1), True),
]


@pytest.mark.parametrize(
    ("edit", "region", "last_day", "expected"), [r[1:] for r in TOUCHES], ids=[r[0] for r in TOUCHES]
)
def test_whom_an_edit_touches(edit: Edit, region: str, last_day: date | None, expected: bool) -> None:
    assert edit.touches(ASKS, region, last_day) is expected
