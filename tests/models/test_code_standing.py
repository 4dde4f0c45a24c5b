"""Waste codes by the edition of the day: what warns at the door, and what a recorded edition says from its day on."""

from datetime import date

import pytest

from models.catalogue import CodeWarning, code_warning, moved_to
from models.code_standing import code_standing
from tests.facts.law import code_list_published
from tests.laws import law_from

UNLISTED, UNUSED = CodeWarning.UNLISTED, CodeWarning.CATEGORY_NOT_IN_USE
LAST_2016, FIRST_2021, LAST_2021, FIRST_2025 = (
    date(2020, 12, 31),
    date(2021, 1, 1),
    date(2024, 12, 31),
    date(2025, 1, 1),
)
TABLE = [
    ("a listed code", "900-249-08", FIRST_2021, None),
    ("listed in 2021 stands on in 2025, since what ended is not known", "900-249-08", FIRST_2025, None),
    ("a code that may be of 2025", "321-099-48", FIRST_2025, UNLISTED),
    ("identified waste of any category in use", "900-000-17", LAST_2021, None),
    ("identified waste before there was such a code", "900-000-17", LAST_2016, UNLISTED),
    ("identified waste of no category", "900-000-41", LAST_2021, UNUSED),
    ("HW41", "900-001-41", FIRST_2021, UNUSED),
    ("HW44", "900-001-44", FIRST_2021, UNUSED),
    ("HW45 is in use", "261-078-45", FIRST_2021, None),
    ("over 50", "900-001-51", FIRST_2021, UNUSED),
    ("HW00", "900-001-00", FIRST_2021, UNUSED),
    ("the number of 2016 on its last day", "831-001-01", LAST_2016, None),
    ("the number of 2016 a day later", "831-001-01", FIRST_2021, UNLISTED),
    ("the number of 2021 before it was", "841-001-01", LAST_2016, UNLISTED),
    ("the number of 2021", "841-001-01", FIRST_2021, None),
    ("gone without a successor", "900-040-49", FIRST_2021, UNLISTED),
]


@pytest.mark.parametrize(("code", "on", "warning"), [c[1:] for c in TABLE], ids=[c[0] for c in TABLE])
def test_what_is_doubtful_about_a_code_on_a_day(code: str, on: date, warning: CodeWarning | None) -> None:
    assert code_warning(code, on) is warning


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *((f"831-00{n}-01", f"841-00{n}-01") for n in range(1, 6)),
        ("314-001-34", "313-001-34"),
        *((f"397-00{n}-34", f"398-00{n}-34") for n in (5, 6, 7)),
    ],
)
def test_a_code_that_moved_is_listed_under_its_new_number(old: str, new: str) -> None:
    assert (moved_to(old, LAST_2016), moved_to(old, FIRST_2021)) == (None, new)
    assert code_warning(new, FIRST_2021) is None


def test_a_recorded_edition_speaks_from_its_day_on_and_the_later_one_over_the_earlier() -> None:
    listed = {"waste_code": "321-099-48", "name": "锡冶炼废物", "hazard": "T"}
    law = law_from(
        [
            code_list_published(codes=[listed]),
            code_list_published(
                codes=[{**listed, "listed": False}], edition="2028", effective_from="2028-01-01", nth=2
            ),
        ]
    )
    before = code_standing(law, "321-099-48", LAST_2021)
    assert (before.listed, before.recorded, before.edition) == (False, False, "2021")
    on = code_standing(law, "321-099-48", FIRST_2025)
    assert (on.listed, on.recorded, on.edition, on.name, on.hazard) == (True, True, "2025", "锡冶炼废物", "T")
    after = code_standing(law, "321-099-48", date(2028, 1, 1))
    assert (after.listed, after.recorded, after.edition) == (False, True, "2028")
    assert code_standing(law, "321-099-48", date(2027, 12, 31)).listed


def test_of_two_editions_from_one_day_the_one_recorded_later_speaks() -> None:
    wires = [
        code_list_published(codes=[{"waste_code": "321-099-48", "name": name, "hazard": "T"}], nth=nth)
        for nth, name in ((1, "first"), (2, "second"))
    ]
    assert code_standing(law_from(wires), "321-099-48", FIRST_2025).name == "second"


def test_where_no_edition_is_recorded_the_catalogue_speaks() -> None:
    found = code_standing(law_from([]), "900-249-08", FIRST_2025)
    assert (found.category, found.category_in_use, found.listed, found.recorded) == (
        "HW08",
        True,
        True,
        False,
    )
    assert found.name
    unused = code_standing(law_from([]), "900-001-41", FIRST_2025)
    assert (unused.category_in_use, unused.listed, unused.name) == (False, False, "")
    assert code_standing(law_from([]), "831-002-01", FIRST_2025).moved_to == "841-002-01"
