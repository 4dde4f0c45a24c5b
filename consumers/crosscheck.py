"""Holds Kafka against the ledger: every row in every place it is routed to, byte for byte, in order. `feilian crosscheck`.

Read by kafka-python without a group, so that looking leaves no trace. The ledger is walked once, in windows, while the
partitions are read beside it; what a partition holds beyond the window waits in memory, up to a bound.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, select

from models.envelope import Delivery, Row, Tick
from models.errors import FeilianError
from models.tables import RelayPosition
from models.topics import EVENTS_TOPIC, Concern, shard_of, topic
from streams.databases import reading
from streams.decode import routes_of
from streams.relay import STREAM
from streams.wire import Foreign, decode

WINDOW_ROWS: Final = 5_000
AHEAD_MAX: Final = 50_000  # So many facts of a partition may wait for the others'.
POLL_MS: Final = 500
SILENT_POLLS_MAX: Final = 40
NAMED_MAX: Final = 20


class BrokerSilent(FeilianError):
    """The broker does not give what it says it has."""


class Rows(Protocol):
    """What is read of the ledger."""

    def rows(self, after: int, limit: int, upto: int | None = None) -> list[Row]:
        """Rows with after < seq <= upto, in seq order."""

    def rows_by_seq(self, seqs: Iterable[int]) -> Mapping[int, Row]:
        """The named rows."""


class Place(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


@dataclass(slots=True)
class Finding:
    """What one partition holds. All lists are seqs; all of them but `repeated` are defects.

    A relay that crashed sends again what it may have sent, so repeats are lawful: judges skip them. Records of other
    ledgers or epochs are `foreign`: judges drop them.
    """

    place: Place
    facts: int = 0
    ticks: int = 0
    foreign: int = 0
    repeated: int = 0
    missing: list[int] = field(default_factory=list)
    altered: list[int] = field(default_factory=list)  # Not as in the ledger, in any byte or header.
    misplaced: list[int] = field(default_factory=list)  # Not routed here, or not in the ledger at all.
    out_of_order: list[int] = field(default_factory=list)  # First came after a later one.
    bad_prev: list[int] = field(default_factory=list)  # Names another row as the one before it.
    malformed: list[int] = field(default_factory=list)  # Offsets: of our epoch, yet neither fact nor tick.

    @property
    def good(self) -> bool:
        """Whether there is no defect."""
        return not any(self.defects.values())

    @property
    def defects(self) -> dict[str, list[int]]:
        """Lists by name."""
        names = ("missing", "altered", "misplaced", "out_of_order", "bad_prev", "malformed")
        return {name: getattr(self, name) for name in names}

    def wire(self) -> dict[str, Any]:
        """As JSON: counts, and of each kind of defect the first twenty."""
        counts = {name: getattr(self, name) for name in ("facts", "ticks", "foreign", "repeated")}
        defects = {
            name: {"count": len(found), "first": sorted(found)[:NAMED_MAX]}
            for name, found in self.defects.items()
            if found
        }
        return {"topic": self.place.topic, "partition": self.place.partition, **counts, "defects": defects}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every partition's finding. Rows up to `relayed` were expected; later ones were checked where they had come."""

    relayed: int
    findings: list[Finding]

    @property
    def good(self) -> bool:
        """Whether Kafka holds what the ledger says it should."""
        return all(finding.good for finding in self.findings)

    def wire(self) -> dict[str, Any]:
        """As JSON: totals, and each partition that is not simply as it should be."""
        odd = [
            finding for finding in self.findings if not finding.good or finding.foreign or finding.repeated
        ]
        totals = {
            name: sum(getattr(finding, name) for finding in self.findings)
            for name in ("facts", "ticks", "foreign", "repeated")
        }
        partitions = [finding.wire() for finding in odd]
        return {"good": self.good, "relayed": self.relayed, **totals, "partitions": partitions}


@dataclass(slots=True)
class _Checked:
    """A partition while it is checked. `came` is the highest seq that came, `before` the place's row before the next.

    `before` is None where reading began in the middle: what went before the first row is then not known.
    """

    finding: Finding
    came: int
    before: int | None
    pending: deque[Delivery] = field(default_factory=deque)


def crosscheck(
    bootstrap: str,
    ledger: Any,
    *,
    offset: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """Check all topics from an offset of each partition on; a negative one counts from the end.

    Where a partition begins later (its retention is over, or `offset` says so), its first fact is where checking begins.
    Raises kafka.errors.KafkaError where the broker is away, BrokerSilent where it stops answering.
    """
    relayed = relayed_seq(ledger.databases.ledger)  # Before the ends are read: all up to it is there by then.
    # Checksums are left to us: every byte is compared.
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        group_id=None,
        check_crcs=False,
        max_poll_records=2_000,
    )
    try:
        return _Check(ledger, _Tape(consumer, ledger, offset), ledger.meta.shards, relayed).run(progress)
    finally:
        consumer.close()


def relayed_seq(engine: Engine) -> int:
    """Up to which seq the relay has everything acknowledged."""
    with reading(engine) as connection:
        found = connection.execute(select(RelayPosition.seq).where(RelayPosition.stream == STREAM)).scalar()
    return found or 0


def _places(shards: int) -> list[Place]:
    names = [*(topic(concern) for concern in Concern), EVENTS_TOPIC]
    return [Place(name, shard) for name in names for shard in range(shards)]


def _places_of(row: Row, shards: int) -> set[Place]:
    """Where a row belongs."""
    places = {Place(topic(concern), shard_of(key, shards)) for concern, key in routes_of(row)}
    return places | {Place(EVENTS_TOPIC, (row.seq - 1) % shards)}


class _Tape:
    """All partitions, read side by side up to where they ended when reading began."""

    def __init__(self, consumer: Any, ledger: Any, offset: int) -> None:
        self._consumer, self._shards = consumer, ledger.meta.shards
        self._epoch = ledger.meta.epoch.encode()
        self._parts = {place: TopicPartition(*place) for place in _places(self._shards)}
        parts = list(self._parts.values())
        consumer.assign(parts)
        begins, self._ends = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
        self._head = ledger.head().seq  # After the ends: whatever is before them is in the ledger by now.
        self.checked: dict[Place, _Checked] = {}
        self._next: dict[Place, int] = {}
        self._attended: set[Place] = set()
        for place, part in self._parts.items():
            wanted = offset if offset >= 0 else self._ends[part] + offset
            start = min(max(wanted, begins[part]), self._ends[part])
            self._next[place] = start
            self.checked[place] = _Checked(Finding(place), 0, None if start else 0)

    def read(self, upto: int) -> None:
        """Read on until each partition is at its end, or holds a fact after `upto`."""
        silent = 0
        while waiting := [place for place in self._parts if not self._is_past(place, upto)]:
            self._attend(
                {place for place in self._parts if len(self.checked[place].pending) < AHEAD_MAX} | {*waiting}
            )
            silent = 0 if self._poll() else silent + 1
            if silent > SILENT_POLLS_MAX:
                raise BrokerSilent(f"broker is silent about {len(waiting)} partitions that go on")

    def _attend(self, places: set[Place]) -> None:
        """Read these partitions. Assigned anew and not paused: kafka-python may never go on with a paused one."""
        if places != self._attended:
            self._attended = places
            self._consumer.assign([self._parts[place] for place in places])
            for place in places:
                self._consumer.seek(self._parts[place], self._next[place])

    def _poll(self) -> bool:
        """Take what the broker gives; whether it gave anything."""
        batches = self._consumer.poll(timeout_ms=POLL_MS)
        for part, records in batches.items():
            checked = self.checked[Place(part.topic, part.partition)]
            for record in records:
                if record.offset < self._ends[part]:
                    self._take(checked, record)
        for place in self._attended:
            self._next[place] = self._consumer.position(self._parts[place])
        return bool(batches)

    def _is_past(self, place: Place, upto: int) -> bool:
        pending = self.checked[place].pending
        is_beyond = bool(pending) and pending[-1].row.seq > upto
        return is_beyond or self._next[place] >= self._ends[self._parts[place]]

    def _take(self, checked: _Checked, record: Any) -> None:
        item, finding = decode(record, self._epoch), checked.finding
        if isinstance(item, Delivery):
            finding.facts += 1
            self._take_fact(checked, item, record.offset)
        elif isinstance(item, Tick):
            finding.ticks += 1
        elif isinstance(item, Foreign) and dict(record.headers or ()).get("epoch") == self._epoch:
            finding.malformed.append(record.offset)
        else:
            finding.foreign += 1

    def _take_fact(self, checked: _Checked, item: Delivery, offset: int) -> None:
        """What by its own body does not belong here is put aside: it must not stand for the place's progress."""
        try:
            belongs = checked.finding.place in _places_of(item.row, self._shards)
        except (FeilianError, msgspec.MsgspecError, ValueError):
            checked.finding.malformed.append(offset)
            return
        if belongs and item.row.seq <= self._head:
            checked.pending.append(item)
        else:
            checked.finding.misplaced.append(item.row.seq)


class _Check:
    """One walk through the ledger."""

    def __init__(self, ledger: Rows, tape: _Tape, shards: int, relayed: int) -> None:
        self._ledger, self._tape, self._shards, self._relayed = ledger, tape, shards, relayed

    def run(self, progress: Callable[[int], None]) -> Verdict:
        """Window by window; then what no row of the ledger asked for."""
        after = self._begin()
        while rows := self._ledger.rows(after, WINDOW_ROWS):
            after = rows[-1].seq
            self._tape.read(after)
            expected = self._expected(rows)
            for place, checked in self._tape.checked.items():
                self._window(checked, expected.get(place, []), after)
            progress(after)
        self._tape.read(2**63)
        for checked in self._tape.checked.values():
            self._window(checked, [], 2**63)
        return Verdict(self._relayed, [checked.finding for checked in self._tape.checked.values()])

    def _begin(self) -> int:
        """The seq after which checking begins; where a partition is read from its middle, that is its first fact."""
        self._tape.read(0)
        firsts = []
        for checked in self._tape.checked.values():
            if checked.before is None and checked.pending:
                checked.came = checked.pending[0].row.seq - 1
            elif checked.before is None:
                checked.came = 2**63
            firsts.append(checked.came)
        return min([*firsts, 2**62])

    def _expected(self, rows: Sequence[Row]) -> dict[Place, list[Row]]:
        expected: dict[Place, list[Row]] = defaultdict(list)
        for row in rows:
            for place in _places_of(row, self._shards):
                expected[place].append(row)
        return expected

    def _window(self, checked: _Checked, expected: Sequence[Row], upto: int) -> None:
        """Lay what came beside what should have come, up to a seq."""
        wanted = deque(row for row in expected if row.seq > checked.came)
        rows = {row.seq: row for row in wanted}
        while checked.pending and checked.pending[0].row.seq <= upto:
            item = checked.pending.popleft()
            row = rows.get(item.row.seq)
            if item.row.seq <= checked.came:
                self._again(checked, item)
            elif row is None:
                checked.finding.misplaced.append(item.row.seq)
            else:
                while wanted and wanted[0].seq < row.seq:
                    self._lacks(checked, wanted.popleft())
                wanted.popleft()
                self._compare(checked, item, row)
        for row in wanted:
            if row.seq <= self._relayed or checked.pending:
                self._lacks(checked, row)

    def _lacks(self, checked: _Checked, row: Row) -> None:
        checked.finding.missing.append(row.seq)
        checked.before = row.seq

    def _compare(self, checked: _Checked, item: Delivery, row: Row) -> None:
        if item.row != row:
            checked.finding.altered.append(row.seq)
        before = checked.before
        if checked.finding.place.topic == EVENTS_TOPIC:
            before = max(0, row.seq - self._shards)
        if before is not None and item.prev != before:
            checked.finding.bad_prev.append(row.seq)
        checked.came = checked.before = row.seq

    def _again(self, checked: _Checked, item: Delivery) -> None:
        """A seq that is not after the highest so far: sent twice, late, or never meant for here."""
        seq, finding = item.row.seq, checked.finding
        row = self._ledger.rows_by_seq([seq]).get(seq)
        if row is None or finding.place not in _places_of(row, self._shards):
            finding.misplaced.append(seq)
            return
        if seq in finding.missing:
            finding.missing.remove(seq)
            finding.out_of_order.append(seq)
        else:
            finding.repeated += 1
        if item.row != row:
            finding.altered.append(seq)
