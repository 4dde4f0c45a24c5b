"""Answers that are kept in memory from day to day are those that would be worked out anew, on every day in any order."""

from collections.abc import Iterator
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.permits_licences import Ending, Licence, Scope, Terms, slot_for
from rules.permits_state import Holder
from rules.settlement.contracts import _agreed, agreed, price_of, priced
from rules.settlement.subjects import Contract, PairState, Price
from rules.settlement.subjects import Terms as Agreed

FIRST = date(2023, 1, 1).toordinal()
SPAN = 1_500  # Days, over four turns of the year and a 29 February.
SITE = "330604000101"
days = st.integers(FIRST, FIRST + SPAN)
OIL, SLUDGE = "900-249-08", "336-064-17"


def _licence_terms(start: int, term: tuple[int, int], kind: str, year_from: int, covers: str) -> Terms:
    lines = (Scope((covers,), (), (), 1_000, 0, ()),)
    return Terms(start, 0, start, True, kind, "", term[0], term[1], lines, year_from)


terms = st.builds(
    _licence_terms,
    days,
    st.tuples(days, days),
    st.sampled_from(["comprehensive", "collection"]),
    st.one_of(st.just(0), days),
    st.sampled_from(["HW08", "HW17"]),
)
endings = st.builds(Ending, days, st.just(0), days, st.sampled_from(["suspended", "resumed", "revoked"]))
licences = st.builds(
    Licence,
    st.lists(terms, max_size=3, unique_by=lambda one: one.seq).map(sorted),
    st.lists(endings, max_size=3).map(sorted),
)


def _some_days(seed: int, turns: Iterator[int]) -> list[int]:
    """Every day beside a turn, and others, in any order."""
    asked = {turn + more for turn in turns for more in (-1, 0, 1)}
    asked |= {date(year, 1, 1).toordinal() + more for year in range(2023, 2028) for more in (-1, 0)}
    asked |= {FIRST + n for n in range(0, SPAN, 29)}
    found = sorted(asked)
    Random(seed).shuffle(found)
    return found


def _turns_of_licences(known: list[Licence]) -> Iterator[int]:
    for licence in known:
        for one in licence.terms:
            yield from (one.start, one.valid_from, one.valid_until)
            if one.year_from:
                on = date.fromordinal(one.year_from)
                yield from (
                    on.replace(day=min(on.day, 28), year=year).toordinal() for year in range(2023, 2028)
                )
        yield from (one.start for one in licence.endings)


@settings(max_examples=60, deadline=None)
@given(st.lists(licences, max_size=3), st.integers(0, 10**6))
def test_the_licence_line_of_a_day_is_the_one_that_covers_it(known: list[Licence], seed: int) -> None:
    holder = Holder(SITE)
    for n, licence in enumerate(known):
        holder.attach(f"licence:{n}", licence)
    for day in _some_days(seed, _turns_of_licences(known)):
        for code in (OIL, SLUDGE):
            assert holder.slot(code, "", day) == slot_for(holder.licences.items(), code, "", day)


def _agreement(first: date, last: date, amended: bool, seq: int, code: str, grams: int) -> Agreed:
    prices = [Price(code, "", "tonne", grams, "origin"), Price("", "HW08", "kg", grams, "origin")]
    return Agreed(first, last, amended, 0, seq, prices, [])


dates = days.map(date.fromordinal)
agreements = st.builds(
    _agreement,
    dates,
    dates,
    st.booleans(),
    st.integers(0, 9),
    st.sampled_from(["", SLUDGE]),
    st.integers(1, 9),
)
ends = st.tuples(days.map(lambda day: (day - 719_163) * 86_400_000_000), st.just(1))
contracts = st.builds(Contract, st.lists(agreements, max_size=3), st.lists(ends, max_size=2).map(sorted))


def _turns_of_contracts(known: list[Contract]) -> Iterator[int]:
    for contract in known:
        for one in contract.terms:
            yield from (one.from_day.toordinal(), one.until_day.toordinal())
        yield from (at // 86_400_000_000 + 719_163 for at, _ in contract.ended)


@settings(max_examples=60, deadline=None)
@given(st.lists(contracts, max_size=3), st.integers(0, 10**6))
def test_the_price_of_a_day_is_what_its_contracts_say(known: list[Contract], seed: int) -> None:
    pair = PairState("91330000000000000A>91330000000000000B")
    for n, contract in enumerate(known):
        pair.attach(f"contract:C{n}", contract)
    for ordinal in _some_days(seed, _turns_of_contracts(known)):
        day = date.fromordinal(ordinal)
        for named in ("", "C0", "C9"):
            found = _agreed(pair, named, day)
            assert agreed(pair, named, day) == found
            for code in (OIL, SLUDGE):
                assert priced(pair, named, day, code) == price_of(found, code)
