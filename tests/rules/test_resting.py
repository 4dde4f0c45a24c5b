"""A term that counts working days of a year without a published calendar says so, in every concern, and moves with it.

2027 has no calendar among the defaults: Mondays to Fridays count. With one published, New Year's Day is off.
"""

from typing import Final

import pytest

from models.alerts import AlertKind, Finding
from rules import custody, permits, settlement, storage
from rules.contract import Rule
from rules.routes import pair_key, pipeline_key
from tests.facts import (
    COLLECTOR,
    FACILITY_ORG,
    KILN,
    OIL,
    PLATER,
    PRODUCER_ORG,
    Wire,
    accepted,
    contract_signed,
    day,
    extension_granted,
    holidays_published,
    instant,
    licence_granted,
    limit_set,
    metered,
    paid,
    scope,
    site_registered,
    stored,
    transfer_applied,
    transfer_examined,
)
from tests.laws import law_with
from tests.rules.harness import Entry, judge_all

PAIR: Final = pair_key(PRODUCER_ORG, FACILITY_ORG)
DECEMBER: Final = instant("2026-12-30 10:00")
NEW_YEAR_OFF: Final = holidays_published(2027, off=["2027-01-01"])
OLD_CONTRACT: Final = contract_signed(valid_until="2025-12-31", at=day(0))


def five(limit: str) -> Wire:
    """A policy of five working days."""
    return limit_set(limit, 5, "working_days", effective_from="2020-02-01")


def held(at: str) -> list[Wire]:
    """Oil with a collector that is licensed to collect it: 90 working days (LIC 20)."""
    licence = licence_granted(
        "C1",
        lines=[scope("HW08")],
        holder=COLLECTOR,
        licence_type="collection",
        at=day(0),
        valid_until="2029-12-31",
    )
    return [
        site_registered(COLLECTOR, "collector", at=day(0)),
        licence,
        stored("OIL", OIL, site=COLLECTOR, at=instant(at)),
    ]


APPLIED: Final = transfer_applied(at=DECEMBER)
Row = tuple[str, Rule, str, list[Wire], list[Wire], AlertKind, str, str]
CASES: Final[list[Row]] = [
    (
        "a collector's oil",
        storage,
        COLLECTOR,
        [],
        held("2026-12-01 10:00"),
        AlertKind.STORAGE_OVER_LIMIT,
        "2027-04-07",
        "2027-04-08",
    ),
    (
        "the warning before it",
        storage,
        COLLECTOR,
        [],
        held("2026-12-01 10:00"),
        AlertKind.STORAGE_DUE_SOON,
        "2027-03-07",
        "2027-03-08",
    ),
    (
        "an opinion on an application",
        permits,
        "application:S1",
        [],
        [APPLIED],
        AlertKind.TRANSFER_STEP_OVERDUE,
        "2027-01-07",
        "2027-01-08",
    ),
    (
        "a pipeline's other end",
        custody,
        pipeline_key(PLATER, KILN),
        [five("metering_term")],
        [metered(on="2026-12-30", at=DECEMBER)],
        AlertKind.PIPELINE_UNMETERED,
        "2027-01-07",
        "2027-01-08",
    ),
    (
        "a load to be paid",
        settlement,
        PAIR,
        [five("payment_term")],
        [contract_signed(at=day(0), valid_until="2029-12-31"), accepted(at=DECEMBER)],
        AlertKind.MOVEMENT_WITHOUT_PAYMENT,
        "2027-01-07",
        "2027-01-08",
    ),
    (
        "money for a load to come",
        settlement,
        PAIR,
        [five("movement_term")],
        [paid(at=DECEMBER)],
        AlertKind.PAYMENT_WITHOUT_MOVEMENT,
        "2027-01-07",
        "2027-01-08",
    ),
    (
        "a contract to be recorded",
        settlement,
        PAIR,
        [five("contract_term")],
        [OLD_CONTRACT, accepted(at=DECEMBER)],
        AlertKind.MOVEMENT_WITHOUT_CONTRACT,
        "2027-01-07",
        "2027-01-08",
    ),
]


def found(row: Row, *more: Wire) -> Finding | None:
    _, rule, key, policies, facts, kind, _, _ = row
    entries: list[Wire | Entry] = [*facts]
    told = judge_all(rule, key, entries, law_with(*policies, *more), instant("2027-12-31"))
    return next((finding for finding in told if finding.kind is kind), None)


@pytest.mark.parametrize("row", CASES, ids=[row[0] for row in CASES])
def test_a_term_into_a_year_without_a_calendar_says_so_and_moves_when_one_is_published(row: Row) -> None:
    provisional, certain = found(row), found(row, NEW_YEAR_OFF)
    assert provisional is not None
    assert certain is not None
    assert (provisional.since, provisional.amounts.get("calendar")) == (instant(row[6]), "provisional")
    assert (certain.since, certain.amounts.get("calendar")) == (instant(row[7]), None)
    # A calendar without a change there only makes it certain.
    unchanged = found(row, holidays_published(2027))
    assert unchanged is not None
    assert (unchanged.since, unchanged.amounts.get("calendar")) == (instant(row[6]), None)


# Deemed accepted on Monday 2026-12-28, since no notice came within 12-29 to 12-31, 01-01 and 01-04; with New Year's Day off
# the notice of 01-05 was in time, and the application waits for a supplement.
NOTICED: Final = [
    transfer_applied(at=instant("2026-12-28 10:00")),
    transfer_examined("incomplete", at=instant("2027-01-05 09:00")),
]


def test_a_notice_is_late_by_one_calendar_and_in_time_by_the_other() -> None:
    row = (*CASES[2][:4], NOTICED, *CASES[2][5:])
    late = found(row)
    assert late is not None
    assert (late.since, late.amounts["calendar"]) == (instant("2027-01-05"), "provisional")
    assert found(row, NEW_YEAR_OFF) is None


def test_clocks_within_published_years_rest_on_nothing() -> None:
    facts = [
        transfer_applied(at=instant("2026-12-21 10:00")),
        transfer_examined("incomplete", at=instant("2026-12-22 09:00")),
        transfer_examined("supplemented", at=instant("2026-12-23 09:00")),
    ]
    row = (*CASES[2][:4], facts, *CASES[2][5:])
    told = found(row)
    assert told is not None
    assert (told.since, told.amounts.get("calendar")) == (instant("2026-12-31"), None)


def test_an_extension_and_a_term_in_days_rest_on_no_calendar() -> None:
    _, rule, key, _, facts, *_ = CASES[0]
    extended = extension_granted("2027-06-30", lot="OIL", site=COLLECTOR, at=instant("2027-01-15 10:00"))
    told = judge_all(rule, key, [*facts, extended], law_with(), instant("2027-12-31"))
    over = next(finding for finding in told if finding.kind is AlertKind.STORAGE_OVER_LIMIT)
    assert "extended_at" in over.amounts
    assert "calendar" not in over.amounts
    in_days = limit_set("storage_term", 90, "days", scope={"site": COLLECTOR})
    row = (*CASES[0][:3], [in_days], *CASES[0][4:])
    told_in_days = found(row)
    assert told_in_days is not None
    assert "calendar" not in told_in_days.amounts
