"""docs/interchange.md tells the national field names, statuses and reserved numbers that the code has."""

from deploy.docs import INTERCHANGE, renamed
from models.interchange.foreign_numbers import tracking_number_of

TEXT = INTERCHANGE.read_text(encoding="utf-8")


def test_the_tables_are_what_the_code_says() -> None:
    assert renamed(TEXT) == TEXT, "run `python -m deploy.docs`"


def test_the_reserved_numbers_are_those_that_turn_back() -> None:
    for number in ("80000000000000", "97575999999999"):
        assert number in TEXT
        assert tracking_number_of(number) is not None
    assert tracking_number_of("97576000000000") is None
