"""The law alone: facts folded and judged in memory, by one core, decoding included."""

from collections.abc import Callable, Sequence
from time import process_time

from consumers.replay import Replay
from models.envelope import Row
from models.reader import read_stored
from models.topics import SHARDS_DEFAULT
from streams.ledger import Ledger
from streams.wire import SEQ_MAX
from tests.benchmarks.conftest import Report
from tests.benchmarks.figures import Figure, Floor
from tests.benchmarks.histories import LOTS, MANIFESTS, busy_pair, busy_site, law_rows

PART = "The law in memory, one core"
GOAL = 50_000


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


def test_a_year_of_a_province(source: Ledger, report: Report) -> None:
    law = source.law_rows(0, SEQ_MAX)
    rows = source.rows(law[-1].seq, SEQ_MAX)
    hand = replay(law)
    rate = per_second(hand.take, rows)
    assert hand.folded.facts == len(rows)
    assert any(hand.folded.changes.values())
    report.note(PART, "Facts a second of one thread's processor time; all five concerns, nothing is stored.")
    report.figures.append(
        Figure(PART, f"a year of a province, {len(rows):,} facts", rate, "facts/s", GOAL, decoding(rows))
    )


def test_a_site_with_thousands_of_lots(report: Report) -> None:
    law = law_rows()
    filled, in_and_out = busy_site(len(law))
    hand = replay(law)
    for row in filled:
        hand.take(row)
    rate = per_second(hand.take, in_and_out)
    assert (
        sum(change.change == "raised" for changes in hand.folded.changes.values() for change in changes) == 0
    )
    report.figures.append(
        Figure(PART, f"a site that holds {LOTS:,} lots", rate, "facts/s", GOAL, decoding(in_and_out))
    )


def test_a_contract_with_a_thousand_manifests(report: Report) -> None:
    law = law_rows()
    rows = busy_pair(len(law))
    hand = replay(law)
    rate = per_second(hand.take, rows)
    assert hand.folded.facts == len(rows)
    report.figures.append(
        Figure(PART, f"a contract with {MANIFESTS:,} manifests", rate, "facts/s", GOAL, decoding(rows))
    )
