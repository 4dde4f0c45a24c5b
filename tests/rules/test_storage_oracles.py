"""Storage against slow and obvious readings of the same books: chains, counts and opening stock; extensions; temperature."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.exact import HOUR_US, beijing_date, parse_instant
from rules import storage
from rules.storage_subjects import Lot, Stock
from tests.facts import (
    INFECTIOUS,
    KILN,
    PLATER,
    Wire,
    day,
    departed,
    extension_granted,
    extension_refused,
    limit_set,
    released,
    site_registered,
    stored,
)
from tests.laws import law_with
from tests.rules.books_storage import Chance
from tests.rules.oracle_chains import Books, over_spans
from tests.rules.stock import found, kept

KINDS = (
    "generated",
    "stored",
    "opened",
    "chained",
    "released",
    "repacked",
    "counted",
    "departed",
    "treated",
    "accepted",
)
OVER = "storage.over_limit"
HOURS = {"warm": 24, "cold": 72}
TERM = 100


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(2, 24))
def test_lots_and_balances_with_chains_counts_and_opening_stock(seed: int, length: int) -> None:
    keeper = kept(Chance(seed, KINDS, plain=True, chained=True).book(length))
    books = Books()
    for known in keeper.book.facts(storage.CONCERN, PLATER):
        books.take_in(known.kind, known.occurred_at, known.seq, known.body)
    lots: dict[tuple[str, str], tuple[int, int, int]] = {}
    for name, value in keeper.state().subjects.items():
        if isinstance(value, Lot) and value.code:
            batch = name.removeprefix("lot:").partition("@")[0]
            lots[batch, value.code] = (value.left, value.since, value.emptied_at)
        elif isinstance(value, Stock):
            code = name.removeprefix("code:")
            assert (value.mass_g, value.below_at) == (books.balance(code), books.below.get(code, 0)), code
    wanted = {name: (batch.left, batch.since, batch.emptied_at) for name, batch in books.batches.items()}
    assert lots == wanted


def _told(facts: list[Wire], at: int, site: str, law: Any) -> tuple[int, int | None] | None:
    finding = found(facts, at, site, law).get((OVER, "lot:B"))
    return None if finding is None else (finding.since, finding.until)


@settings(max_examples=80, deadline=None)
@given(
    granted=st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 260), st.sampled_from(["lot", "site", "other"])),
        max_size=4,
    ),
    refused=st.lists(st.integers(0, 200), max_size=2),
    left=st.none() | st.integers(1, 220),
    asked=st.integers(0, 300),
)
def test_extensions_early_late_and_refused(
    granted: list[tuple[int, int, str]], refused: list[int], left: int | None, asked: int
) -> None:
    """Over while it is there and neither its term nor any extension that was granted by then reaches so far."""
    facts = [stored("B", at=day(0))]
    which: dict[str, Wire] = {"lot": {"lot": "B"}, "site": {}, "other": {"lot": "C"}}
    for nth, (on, until, what) in enumerate(granted):
        last_day = _date(until)
        facts.append(extension_granted(last_day, at=day(on, 10, nth), nth=nth + 1, **which[what]))
    facts += [extension_refused(at=day(on, 11, nth), lot="B", nth=nth + 1) for nth, on in enumerate(refused)]
    gone_at = day(left, 12) if left is not None else None
    if gone_at is not None:
        facts.append(departed(lot="B", at=gone_at))
    facts.sort(key=lambda wire: str(wire["occurred_at"]))
    grants = [
        (day(on, 10, nth), day(until + 1, 0))
        for nth, (on, until, what) in enumerate(granted)
        if what != "other"
    ]

    def limit(at: int) -> int:
        return max(
            [day(TERM + 1, 0), *(until for on, until in grants if on <= at and on < (gone_at or at + 1))]
        )

    def is_over(at: int) -> bool:
        return limit(at) <= at and (gone_at is None or at < gone_at)

    end = day(asked, 13)
    turns = [day(TERM + 1, 0), *(turn for pair in grants for turn in pair), *([gone_at] if gone_at else [])]
    spans = over_spans([turn for turn in turns if turn <= end], is_over)
    law = law_with(limit_set("storage_term", TERM, "days"))
    assert _told([f for f in facts if _at(f) <= end], end, PLATER, law) == (spans[-1] if spans else None)


def _date(number: int) -> str:
    return beijing_date(day(number)).isoformat()


def _at(wire: Wire) -> int:
    return parse_instant(wire["occurred_at"])


@settings(max_examples=80, deadline=None)
@given(
    first=st.sampled_from(["warm", "cold"]),
    moves=st.lists(st.tuples(st.integers(1, 120), st.sampled_from(["warm", "cold"])), max_size=4),
    left=st.none() | st.integers(1, 130),
    asked=st.integers(0, 150),
)
def test_hours_by_how_cold_it_is_kept(
    first: str, moves: list[tuple[int, str]], left: int | None, asked: int
) -> None:
    """Over while it is there and has been for the hours of where it is now."""
    start = day(10, 9)
    places = [{"place": name, "place_type": "store", "temperature": name} for name in HOURS]
    moves = sorted({hour: where for hour, where in moves if left is None or hour < left}.items())
    facts = [
        site_registered(KILN, "facility", places=places, at=day(0)),
        stored("B", INFECTIOUS, 12, site=KILN, place=first, at=start),
    ]
    for hour, where in moves:
        at = start + hour * HOUR_US
        facts.append(released("B", INFECTIOUS, 12, site=KILN, at=at - 1_000_000))
        facts.append(stored("B", INFECTIOUS, 12, site=KILN, place=where, at=at))
    if left is not None:
        facts.append(departed(code=INFECTIOUS, kg=12, lot="B", origin=KILN, at=start + left * HOUR_US))
    end = start + asked * HOUR_US

    def is_over(at: int) -> bool:
        where = [first, *(place for hour, place in moves if start + hour * HOUR_US <= at)][-1]
        return at >= start + HOURS[where] * HOUR_US and (left is None or at < start + left * HOUR_US)

    hours = [*HOURS.values(), *(hour for hour, _ in moves), *([left] if left is not None else [])]
    spans = over_spans([start + hour * HOUR_US for hour in hours if hour <= asked], is_over)
    told = _told([f for f in facts if _at(f) <= end], end, KILN, None)
    assert told == (spans[-1] if spans else None)
