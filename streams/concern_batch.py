"""One concern's share of a judging transaction: loads the keys it needs in a few queries, then judges fact by fact."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from sqlalchemy import Connection

from models.envelope import Row, Stated, Tick
from models.facts import ALERT_FOLLOW_UPS
from models.law import Law
from models.metrics import JUDGE_LAW_KEYS, JUDGE_REFOLDS, JUDGED_FACTS, PARKED_KEYS
from models.topics import Concern, shard_of
from rules.contract import Rule
from rules.routes import routes
from streams import bulk
from streams.decode import Decoded, decode
from streams.keyjudge import Case
from streams.lawbook import Edition, LawBook, Touch
from streams.shards import Part, Shard
from streams.store import Loader, Writer

log = logging.getLogger(__name__)
LAW_PASS_CHUNK: Final = 200
SEQ_END: Final = 2**62


class Bench(Protocol):
    """What a batch asks of the judge it works for."""

    @property
    def book(self) -> LawBook:
        """The law as far as it has been read."""

    @property
    def shards(self) -> int:
        """How many shards there are."""

    def rows_by_seq(self, seqs: Iterable[int]) -> Mapping[int, Row]:
        """Ledger rows for a refold."""


def facts_in_force(decoded: Iterable[Decoded], concern: Concern, key: str) -> list[Stated]:
    """A key's facts after all corrections among its rows (in seq order), in (occurred_at, seq) order."""
    in_force: dict[int, Stated] = {}
    for item in decoded:
        if item.old is not None:
            in_force.pop(item.old.seq, None)
        new = item.new
        if new is None or new.kind in ALERT_FOLLOW_UPS:
            continue
        if not item.is_correction or (concern, key) in routes(new.kind, new.body):
            in_force[new.seq] = new
    return sorted(in_force.values(), key=lambda stated: stated.order)


class ConcernBatch:
    """The work of one concern in one transaction; made anew for each."""

    def __init__(
        self,
        judge: Bench,
        conn: Connection,
        rule: Rule,
        shards: dict[tuple[Concern, int], Shard],
        writer: Writer,
    ) -> None:
        self._judge, self._conn, self._rule = judge, conn, rule
        self._mine = {number: memory for (of, number), memory in shards.items() if of is rule.CONCERN}
        self._writer = writer
        self._loader = Loader(conn, rule)
        self._touched: dict[str, int] = {}
        self._new_facts: dict[str, list[Decoded]] = {}

    def run(self, parts: Sequence[Part]) -> None:
        """Facts of all parts first, then the ticks: per key that is the order of time."""
        work = [
            (decoded, key, part.shard)
            for part in parts
            for decoded in part.rows
            if decoded.row.seq > self._mine[part.shard].applied_seq
            for key in self._keys(decoded, part.shard)
        ]
        self._load(work)
        for decoded, key, shard in work:
            self._fact(decoded, key, shard)
        JUDGED_FACTS.labels(concern=self._rule.CONCERN.value).inc(len(work))
        for part in parts:
            if part.tick is not None and part.tick.time >= self._mine[part.shard].tick_at:
                self._tick(part.shard, part.tick)
        self._write()

    def _keys(self, decoded: Decoded, shard: int) -> list[str]:
        concern, shards = self._rule.CONCERN, self._judge.shards
        return sorted(key for c, key in decoded.routes if c is concern and shard_of(key, shards) == shard)

    def _load(self, work: Sequence[tuple[Decoded, str, int]]) -> None:
        self._load_keys({(key, shard) for _, key, shard in work})
        cases: dict[str, Case] = {}
        named: set[tuple[str, str]] = set()
        for decoded, key, shard in work:
            case = self._mine[shard].cases.get(key)
            if case is not None:  # Else it is parked.
                cases[key] = case
                known = case.state.subjects
                named.update((key, s) for s in self._named(key, decoded) if s not in known)
        self._loader.named(cases, named)

    def _load_keys(self, wanted: set[tuple[str, int]]) -> None:
        missing = {
            key: shard
            for key, shard in wanted
            if key not in self._mine[shard].cases and key not in self._mine[shard].parked
        }
        for key, case in self._loader.cases(sorted(missing)).items():
            self._mine[missing[key]].cases[key] = case

    def _named(self, key: str, decoded: Decoded) -> Iterable[str]:
        for stated in (decoded.old, decoded.new):
            if stated is None:
                continue
            if stated.kind in ALERT_FOLLOW_UPS:
                yield str(getattr(stated.body, "subject", ""))
            else:
                yield from self._rule.named(key, stated)

    def _fact(self, decoded: Decoded, key: str, shard: int) -> None:
        self._writer.key_facts.append((self._rule.CONCERN.value, key, decoded.row.seq))
        self._new_facts.setdefault(key, []).append(decoded)
        memory = self._mine[shard]
        if key in memory.parked:
            return
        case = memory.cases[key]
        self._touched[key] = shard

        def apply() -> None:
            law = self._law_for(case, memory, decoded.row.seq)
            case.silence(law, decoded.row.recorded_at)
            if not case.take(decoded, law):
                case.take_again(decoded, law, self._facts(key), self._all_subjects(case))

        self._or_park(case, shard, decoded.row.seq, decoded.row.recorded_at, apply)

    def _law_for(self, case: Case, memory: Shard, before: int) -> Law:
        """The law for what happens at `before`, after the key has taken in the policies recorded since it was judged.

        Those up to `memory.law_seq` have reached all keys of the shard, though a row of a spared key does not say so.
        """
        book = self._judge.book
        if case.law_seq == 0 and not case.state.subjects:
            law = book.before(before)
            case.law_seq = law.seq
            return law
        law = book.before(before)
        if case.law_seq >= law.seq:
            return law
        for edition in book.between(max(case.law_seq, memory.law_seq), before):
            touch = edition.touch(self._rule, case.key, case.state.latest[0])
            JUDGE_LAW_KEYS.labels(self._rule.CONCERN.value, touch.value).inc()
            if touch is Touch.SPARED:
                continue
            self._loader.everything(case)
            case.silence(book.before(edition.seq), edition.recorded_at)
            facts = self._facts(case.key, edition.seq) if touch is Touch.FOLDED else None
            case.new_law(edition.law, edition.recorded_at, facts)
        case.law_seq = max(case.law_seq, law.seq)
        return law

    def _or_park(self, case: Case, shard: int, seq: int, at: int, apply: Callable[[], None]) -> None:
        try:
            apply()
        except Exception as error:
            log.exception("key parked", extra={"concern": self._rule.CONCERN, "key": case.key, "seq": seq})
            PARKED_KEYS.inc()
            memory = self._mine[shard]
            del memory.cases[case.key]
            self._touched.pop(case.key, None)
            first = self._new_facts.get(case.key)
            memory.parked[case.key] = min(seq, first[0].row.seq) if first else seq
            message = f"{type(error).__name__}: {error}"
            row = (self._rule.CONCERN.value, case.key, shard, memory.parked[case.key], message, at)
            self._writer.parked.append(row)

    def _facts(self, key: str, before: int = SEQ_END) -> list[Stated]:
        """The key's facts in force, stored ones and this batch's so far, up to a seq."""
        JUDGE_REFOLDS.labels(self._rule.CONCERN.value).inc()
        mark = bulk.mark(self._conn)
        sql = f"SELECT seq FROM key_facts WHERE concern = {mark} AND key = {mark} ORDER BY seq"
        stored = [row[0] for row in bulk.fetch(self._conn, sql, (self._rule.CONCERN.value, key))]
        rows = self._judge.rows_by_seq(stored)
        decoded = [decode(rows[seq]) for seq in stored] + self._new_facts.get(key, [])
        return facts_in_force((item for item in decoded if item.row.seq < before), self._rule.CONCERN, key)

    def _all_subjects(self, case: Case) -> list[str]:
        """For a refold: every stored subject's alerts come to memory, and the subject ids with them."""
        mark = bulk.mark(self._conn)
        sql = f"SELECT subject FROM subjects WHERE concern = {mark} AND key = {mark}"
        stored = [row[0] for row in bulk.fetch(self._conn, sql, (self._rule.CONCERN.value, case.key))]
        self._loader.alerts_of(case)
        return stored + list(case.alerts)

    def _tick(self, shard: int, tick: Tick) -> None:
        memory = self._mine[shard]
        if self._judge.book.before(tick.head_seq + 1).seq > memory.law_seq:
            self._law_pass(shard, tick)
        due = set(self._due_keys(shard, tick.time)) | {
            key for key, at in self._touched.items() if at == shard
        }
        self._load_keys({(key, shard) for key in due})
        for key in sorted(due - memory.parked.keys()):
            self._quiet(memory.cases[key], shard, tick)

    def _quiet(self, case: Case, shard: int, tick: Tick) -> None:
        self._touched[case.key] = shard

        def apply() -> None:
            law = self._law_for(case, self._mine[shard], tick.head_seq + 1)
            case.silence(law, tick.time)

        self._or_park(case, shard, tick.head_seq + 1, tick.time, apply)

    def _law_pass(self, shard: int, tick: Tick) -> None:
        """A new policy reaches the idle keys that it touches too, at the first tick that knows it."""
        keys = self._touched_by_law(shard, tick.head_seq + 1)
        for start in range(0, len(keys), LAW_PASS_CHUNK):
            chunk = keys[start : start + LAW_PASS_CHUNK]
            self._load_keys({(key, shard) for key in chunk})
            for key in chunk:
                if key not in self._mine[shard].parked:
                    self._quiet(self._mine[shard].cases[key], shard, tick)

    def _touched_by_law(self, shard: int, before: int) -> list[str]:
        """Stored keys of a shard that an edition touches which they have not taken in."""
        book, memory = self._judge.book, self._mine[shard]
        if not any(edition.concerns(self._rule) for edition in book.between(memory.law_seq, before)):
            return []
        mark = bulk.mark(self._conn)
        sql = (
            f"SELECT key, law_seq, latest_at FROM keys "
            f"WHERE concern = {mark} AND shard = {mark} AND law_seq < {mark} ORDER BY key"
        )
        parameters = (self._rule.CONCERN.value, shard, book.before(before).seq)
        found, spared = [], 0
        for key, law_seq, latest_at in bulk.fetch(self._conn, sql, parameters):
            case = memory.cases.get(key)
            if case is not None:  # It may have been judged in this very transaction.
                law_seq, latest_at = case.law_seq, case.state.latest[0]
            since = book.between(max(law_seq, memory.law_seq), before)
            if self._is_touched(key, latest_at, since):
                found.append(key)
            else:
                spared += bool(since)
        JUDGE_LAW_KEYS.labels(self._rule.CONCERN.value, Touch.SPARED.value).inc(spared)
        return found

    def _is_touched(self, key: str, latest_at: int, editions: Iterable[Edition]) -> bool:
        return any(edition.touch(self._rule, key, latest_at) is not Touch.SPARED for edition in editions)

    def _due_keys(self, shard: int, before: int) -> list[str]:
        mark = bulk.mark(self._conn)
        sql = (
            f"SELECT DISTINCT key FROM subjects WHERE concern = {mark} AND shard = {mark} "
            f"AND next_change_at < {mark}"
        )
        return [row[0] for row in bulk.fetch(self._conn, sql, (self._rule.CONCERN.value, shard, before))]

    def _write(self) -> None:
        for key, shard in self._touched.items():
            memory = self._mine[shard]
            memory.touched.add(key)
            self._writer.case(memory.cases[key], shard)
