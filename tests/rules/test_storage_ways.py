"""Storage 贮存: a refused load that goes on, and what pipelines bring and take."""

from typing import Any

import pytest

from models.alerts import AlertKind
from rules import storage
from tests.facts import (
    KILN,
    MANIFEST,
    OIL,
    PLATER,
    SLUDGE,
    Wire,
    corrected,
    day,
    departed,
    generated,
    line,
    manifest_no,
    metered,
    returned,
)
from tests.laws import default_law
from tests.rules.harness import Entry, assert_order_is_nothing, keep

ONWARD = manifest_no(2)


def stock(site: str, facts: list[Wire | Entry], code: str = OIL) -> int:
    """Grams of a code in store."""
    subjects = keep(storage, site, facts, default_law()).state().subjects
    found: dict[str, Any] = storage.summary(subjects, default_law(), site)
    return sum(lot["mass_g"] or 0 for lot in found["lots"] if lot["waste_code"] == code)


def below(site: str, facts: list[Wire | Entry]) -> bool:
    found = keep(storage, site, facts, default_law()).findings(day(30))
    return AlertKind.STORAGE_BELOW_ZERO in {finding.kind for finding in found}


MADE = generated("L1", kg=180, at=day(0))

ONWARDS: list[tuple[str, list[Wire | Entry], int, bool]] = [
    (
        "goes on from the kiln: it left the plater once",
        [MADE, departed(at=day(1)), departed(ONWARD, at=day(3), onward_of=MANIFEST)],
        0,
        False,
    ),
    (
        "came back and left again",
        [MADE, departed(at=day(1)), returned(at=day(2)), departed(ONWARD, at=day(3))],
        0,
        False,
    ),
    ("left twice", [MADE, departed(at=day(1)), departed(ONWARD, at=day(3))], 0, True),
    ("its own number is no other manifest", [MADE, departed(at=day(1), onward_of=MANIFEST)], 0, False),
    (
        "a part goes on, the rest of the stock stays",
        [MADE, departed(kg=100, at=day(1)), departed(ONWARD, kg=100, at=day(3), onward_of=MANIFEST)],
        80_000,
        False,
    ),
]


@pytest.mark.parametrize(("case", "facts", "left_g", "is_below"), ONWARDS, ids=[case[0] for case in ONWARDS])
def test_a_refused_load(case: str, facts: list[Wire | Entry], left_g: int, is_below: bool) -> None:
    assert (stock(PLATER, facts), below(PLATER, facts)) == (left_g, is_below)


def test_the_origins_meter_takes_off_and_the_destinations_brings_in() -> None:
    sent, came = metered(kg=100, at=day(1)), metered(kg=99, by="destination", at=day(1))
    assert stock(PLATER, [MADE, sent]) == 80_000
    assert stock(PLATER, [MADE, came]) == 180_000
    assert stock(KILN, [came]) == 99_000
    assert stock(KILN, [sent]) == 0


def test_a_reading_stated_twice_is_one_and_a_correction_replaces_it() -> None:
    sent, again = metered(kg=100, at=day(1)), metered(kg=100, at=day(2))
    assert stock(PLATER, [MADE, sent, again]) == 80_000
    came, once_more = metered(kg=99, by="destination", at=day(1)), metered(kg=99, by="destination", at=day(2))
    assert stock(KILN, [came, once_more]) == 99_000
    assert stock(KILN, [came, corrected(came, day(3), lines=[line(kg=90)])]) == 90_000
    assert stock(PLATER, [MADE, sent, corrected(sent, day(3), withdrawn=True)]) == 180_000


def test_each_day_and_kind_is_its_own_lot() -> None:
    facts: list[Wire | Entry] = [
        metered(by="destination", kg=10, at=day(1)),
        metered(by="destination", kg=20, on="2025-03-04", at=day(2)),
        metered(SLUDGE, by="destination", kg=5, on="2025-03-05", at=day(3)),
    ]
    assert (stock(KILN, facts), stock(KILN, facts, SLUDGE)) == (30_000, 5_000)


def test_more_metered_than_there_was_is_below_zero() -> None:
    assert below(PLATER, [MADE, metered(kg=181, at=day(1))])
    assert not below(PLATER, [MADE, metered(kg=180, at=day(1))])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("site", [PLATER, KILN])
def test_pipelines_in_any_order(site: str, seed: int) -> None:
    facts: list[Wire] = [
        generated("L1", kg=180, at=day(0)),
        generated("L2", kg=50, at=day(1, 10)),
        metered(kg=100, at=day(1)),
        metered(kg=60, on="2025-03-04", at=day(2)),
        metered(kg=99, by="destination", at=day(1, 12)),
        metered(kg=58, by="destination", on="2025-03-04", at=day(2, 12)),
        departed(ONWARD, kg=60, at=day(3), onward_of=MANIFEST),
        departed(kg=60, at=day(1, 14)),
    ]
    facts.append(corrected(facts[2], day(4), lines=[line(kg=90)]))
    assert_order_is_nothing(storage, site, facts, default_law(), seed)
