"""Policies drawn at random between the steps of a story, and a replay that judges everything anew.

Used by the test that holds selective re-judging (DESIGN D12) to judging everything again.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from hypothesis import strategies as st

from consumers.replay import Folded, Replay, Stop
from models.envelope import Row
from models.facts.law import LIMIT_UNITS, LimitName, Unit
from models.law import Law, Matter
from models.topics import Concern
from rules.defaults import SYSTEM_ORG, default_facts
from streams.decode import decode
from streams.keyjudge import Case
from streams.lawbook import LawBook
from tests.facts import KILN, Wire, corrected, day, instant
from tests.facts.law import (
    emergency_declared,
    holidays_published,
    limit_set,
    price_floor_set,
    tolerance_set,
)
from tests.rules.harness import Book
from tests.stories.hands import is_law
from tests.stories.steps import Story

SHARDS: Final = 4
_REGIONS: Final = ("", "", "", "33", "3301", "330106", "330604", "44")
_FIRST: Final = date(2025, 1, 1)
_MOST: Final = {Unit.YEARS: 2, Unit.HOURS: 200, Unit.PERMILLE: 1500, Unit.WORKING_DAYS: 40}
_UNITS: Final = tuple(unit for unit in Unit)

Between = list[tuple[int, Wire]]  # Policies, and before which step each is recorded.


class JudgesEverything(Replay):
    """A replay in which every edition folds every key anew and judges all of it."""

    def _law_for(self, case: Case, before: int) -> Law:
        book = self.folded.book
        if case.law_seq < 0:
            case.law_seq = book.before(before).seq
        for edition in book.between(case.law_seq, before):
            case.silence(book.before(edition.seq), edition.recorded_at)
            case.new_law(edition.law, edition.recorded_at, self._facts_before(case, edition.seq))
        return book.before(before)


@st.composite
def _limits(draw: st.DrawFn, nth: int, scope: Wire, names: Sequence[LimitName]) -> Wire:
    name = draw(st.sampled_from(names))
    unit = draw(st.sampled_from(sorted(LIMIT_UNITS[name])))
    value = draw(st.integers(1, _MOST.get(unit, 90)))
    stored = draw(st.booleans())
    return limit_set(
        name, value, unit, scope=scope, at=day(0), applies_to_stored=stored, nth=nth, **draw(_period())
    )


@st.composite
def _period(draw: st.DrawFn) -> dict[str, Any]:
    first = _FIRST + timedelta(draw(st.just(0) | st.integers(0, 100)))
    until = draw(st.none() | st.none() | st.integers(0, 400))  # A policy may also end on its first day.
    found: dict[str, Any] = {"effective_from": first.isoformat()}
    return found if until is None else {**found, "effective_until": (first + timedelta(until)).isoformat()}


@st.composite
def _calendars(draw: st.DrawFn, nth: int) -> Wire:
    year = draw(st.integers(2025, 2027))
    days = draw(st.lists(st.integers(0, 364), max_size=6, unique=True))
    named = [(date(year, 1, 1) + timedelta(number)).isoformat() for number in sorted(days)]
    return holidays_published(year, named[::2], named[1::2], at=day(0), nth=nth)


@st.composite
def _one(draw: st.DrawFn, nth: int, asks: frozenset[Matter]) -> Wire:
    names = sorted(matter for matter in asks if isinstance(matter, LimitName))
    scope = {"region": draw(st.sampled_from(_REGIONS))}
    which = draw(st.integers(0, 9))
    if which < 5 and names:
        return draw(_limits(nth, scope, names))
    if which < 7:
        return draw(_calendars(nth))
    if which == 7:
        permille = draw(st.integers(0, 300))
        return tolerance_set(permille, scope=scope, at=day(0), nth=nth, **draw(_period()))
    if which == 8:
        return price_floor_set(draw(st.integers(1, 9000)), scope=scope, at=day(0), nth=nth, **draw(_period()))
    return emergency_declared({KILN: 5_000}, scope=scope, at=day(0), nth=nth, **draw(_period()))


@st.composite
def policies(draw: st.DrawFn, steps: int, asks: frozenset[Matter], most: int = 5) -> Between:
    """Policies, mostly about what is asked, some withdrawn again, each before one of the steps or at the end."""
    found: Between = []
    for nth in range(draw(st.integers(1, most))):
        wire = draw(_one(nth + 100, asks))
        at = draw(st.integers(0, steps))
        found.append((at, wire))
        if draw(st.integers(0, 4)) == 0:
            found.append((draw(st.integers(at, steps)), corrected(wire, day(0), withdrawn=True)))
    return sorted(found, key=lambda pair: pair[0])


@lru_cache(maxsize=1)
def _founded() -> tuple[Book, LawBook]:
    """The defaults as rows and as a law book, read once."""
    book, law = Book(), LawBook()
    for policy in default_facts():
        book.accept(policy, day(-1000), SYSTEM_ORG)
    law.add(book.rows)
    return book, law


def ledger_of(story: Story, between: Between) -> tuple[list[Row], int]:
    """The rows of a story with the defaults before it and policies between its steps, and when it ends.

    Policies are recorded just after a step, so that no deadline falls on their very instant: there an edition that
    touches the key comes first, and one that spares it does not (D5: a deadline applies after what has its time).
    """
    book = deepcopy(_founded()[0])
    steps = [(instant(when), wire) for when, wire, _ in story]
    end = steps[-1][0] + 1
    last = steps[0][0] - 2
    for place, (at, wire) in enumerate([*steps, (end, None)]):
        for policy in [policy for before, policy in between if before == place]:
            book.accept(policy, min(last + 1, at), SYSTEM_ORG)
        last = at
        if wire is not None:
            book.accept(wire, at)
    return book.rows, end


def judged(hand_type: type[Replay], concern: Concern, rows: Sequence[Row], until: int) -> Folded:
    """A replay's verdict on what these rows say to one concern, all deadlines before an instant applied."""
    founding, law = _founded()
    said = rows[len(founding.rows) :]
    keys = {key for row in said for key in decode(row).routes if key[0] is concern}
    hand = hand_type(SHARDS, only=keys)
    hand.folded.book = replace(law, editions=[*law.editions], _seqs=[*law._seqs], _stated=dict(law._stated))
    hand.folded.book.add(row for row in said if is_law(row))
    for row in said:
        hand.take(row)
    stop = Stop(len(rows), until, len(rows))
    return hand.finish(lambda _key: stop)
