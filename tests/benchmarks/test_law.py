"""The law alone: facts folded and judged in memory, by one core, decoding included."""

from collections.abc import Callable, Sequence
from time import process_time

from consumers.replay import Replay
from models.envelope import Row
from models.reader import read_stored
from models.topics import SHARDS_DEFAULT
from rules.defaults import default_facts
from streams.ledger import Ledger
from streams.wire import SEQ_MAX
from tests.benchmarks.conftest import Report
from tests.benchmarks.figures import Figure, Floor
from tests.benchmarks.histories import LOTS, MANIFESTS, busy_pair, busy_site, law_rows, long_life

PART = "The law in memory, one core"
GOAL = 50_000
LONG_LOADS = 25_000


def per_second(work: Callable[[Row], object], rows: Sequence[Row]) -> float:
    """Rows a second of processor time: there is one thread, so that is what a free core does."""
    started = process_time()
    for row in rows:
        work(row)
    return len(rows) / (process_time() - started)


def decoding(rows: Sequence[Row]) -> Floor:
    return Floor("decoding alone", per_second(lambda row: read_stored(row.kind, row.data), rows))


def replay(law: Sequence[Row]) -> Replay:
    hand = Replay(SHARDS_DEFAULT)
    hand.folded.book.add(law)
    return hand


def folding(law: Sequence[Row], before: Sequence[Row] = ()) -> Callable[[Row], None]:
    """Takes rows into the states of all concerns, decoding included; what must be folded again is, at once."""
    hand = replay(law)
    book = hand.folded.book.latest

    def fold(row: Row) -> None:
        hand.fold(row, book, 1)

    for row in before:
        fold(row)
    return fold


def note(report: Report, what: str, folded: float, judged: float, rows: Sequence[Row]) -> None:
    """Two lines: facts folded into state, and facts folded and judged one by one as the live judge does."""
    floor = decoding(rows)
    report.figures.append(Figure(PART, f"{what}: folded", folded, "facts/s", GOAL, floor))
    report.figures.append(Figure(PART, "— and judged at every fact", judged, "facts/s", GOAL, floor))


def test_a_year_of_a_province(source: Ledger, report: Report) -> None:
    law = source.law_rows(0, SEQ_MAX)
    rows = source.rows(len(default_facts()), SEQ_MAX)
    folded = per_second(folding(law), rows)
    hand = replay(law)
    judged = per_second(hand.take, rows)
    assert hand.folded.facts == len(rows)
    assert any(hand.folded.changes.values())
    report.note(
        PART,
        "Facts a second of one thread's processor time; all five concerns, nothing is stored. Folded: read, routed and "
        "taken into the states of their keys. Judged: findings and deadlines are also worked out after each.",
    )
    note(report, f"a year of a province, {len(rows):,} facts", folded, judged, rows)


def test_a_site_with_thousands_of_lots(report: Report) -> None:
    law = law_rows()
    filled, in_and_out = busy_site(len(law))
    folded = per_second(folding(law, filled), in_and_out)
    hand = replay(law)
    for row in filled:
        hand.take(row)
    judged = per_second(hand.take, in_and_out)
    assert (
        sum(change.change == "raised" for changes in hand.folded.changes.values() for change in changes) == 0
    )
    note(report, f"a site that holds {LOTS:,} lots", folded, judged, in_and_out)


def test_a_contract_with_a_thousand_manifests(report: Report) -> None:
    law = law_rows()
    rows = busy_pair(len(law))
    folded = per_second(folding(law), rows)
    hand = replay(law)
    judged = per_second(hand.take, rows)
    assert hand.folded.facts == len(rows)
    note(report, f"a contract with {MANIFESTS:,} manifests", folded, judged, rows)


def test_a_history_a_hundred_times_longer(report: Report) -> None:
    law = law_rows()
    rows = list(long_life(len(law), LONG_LOADS))
    hand = replay(law)
    few = len(rows) // 100
    for row in rows[:few]:  # Warms what every later fact finds warm.
        hand.take(row)
    early = per_second(hand.take, rows[few : 2 * few])
    for row in rows[2 * few : -few]:
        hand.take(row)
    late = per_second(hand.take, rows[-few:])
    assert not any(alert.lasting for _, alert in hand.folded.alerts())
    report.figures.append(
        Figure(
            PART, f"cost of a fact after {len(rows):,} facts, against after {few:,}", early / late, "x", 1.2
        )
    )
