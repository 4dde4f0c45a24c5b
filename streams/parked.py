"""Parked keys: listed, and retried by folding them again from their facts (DESIGN D14). `feilian parked` calls it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, Table

from models.envelope import Row
from models.metrics import PARKED_KEYS
from models.tables import Parked, Position
from models.topics import Concern
from rules.concerns import RULES
from streams import bulk
from streams.concern_batch import facts_in_force
from streams.databases import reading
from streams.decode import decode
from streams.judge import LedgerReader
from streams.keyjudge import Case, Cause
from streams.lawbook import LawBook
from streams.store import Loader, Writer

_PARKED: Final[Table] = Parked.__table__  # type: ignore[assignment]
_POSITIONS: Final[Table] = Position.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class ParkedKey:
    """A key that waits, since which seq, and the error that parked it."""

    concern: Concern
    key: str
    shard: int
    from_seq: int
    error: str
    parked_at: int


def parked_keys(state: Engine) -> list[ParkedKey]:
    """All parked keys, the longest waiting first."""
    with reading(state) as conn:
        rows = bulk.fetch(
            conn,
            "SELECT concern, key, shard, from_seq, error, parked_at FROM parked ORDER BY parked_at, concern, key",
            (),
        )
    return [ParkedKey(Concern(concern), *rest) for concern, *rest in rows]


def retry(state: Engine, ledger: LedgerReader, parked: ParkedKey) -> None:
    """Fold the key from all its facts and judge it as of where its shard stands; a rule that fails again raises.

    The key is free afterwards: what is parked is deleted in the same transaction, and workers drop their memory of
    the shard, since its revision grows.
    """
    with state.begin() as conn:
        applied_seq, tick_at, law_seq, revision, offset = _lock(conn, parked)
        book = LawBook()
        book.add(ledger.law_rows(0, applied_seq))
        law = book.before(max(law_seq, applied_seq) + 1)
        loader = Loader(conn, RULES[parked.concern])
        case = loader.cases([parked.key])[parked.key]
        loader.everything(case)
        stored = set(case.state.subjects)
        facts = facts_in_force(
            [decode(row) for row in _rows(conn, ledger, parked, applied_seq)], parked.concern, parked.key
        )
        touched = case.refold(facts, law) | stored
        cause = Cause("r", applied_seq, max([tick_at, *(fact.recorded_at for fact in facts)]), "fact")
        case.rejudge(law, cause, touched)
        case.law_seq = law.seq
        _write(conn, case, parked, (applied_seq, tick_at, law_seq, revision + 1, offset))
    PARKED_KEYS.dec()


def _lock(conn: Connection, parked: ParkedKey) -> Sequence[int]:
    mark = bulk.mark(conn)
    lock = " FOR UPDATE" if conn.dialect.name == "postgresql" else ""
    sql = (
        f"SELECT applied_seq, tick_at, law_seq, revision, kafka_offset FROM positions "
        f"WHERE concern = {mark} AND shard = {mark}{lock}"
    )
    found: Sequence[int] = bulk.fetch(conn, sql, (parked.concern.value, parked.shard))[0]
    return found


def _rows(conn: Connection, ledger: LedgerReader, parked: ParkedKey, upto: int) -> list[Row]:
    mark = bulk.mark(conn)
    sql = f"SELECT seq FROM key_facts WHERE concern = {mark} AND key = {mark} AND seq <= {mark} ORDER BY seq"
    seqs = [row[0] for row in bulk.fetch(conn, sql, (parked.concern.value, parked.key, upto))]
    rows = ledger.rows_by_seq(seqs)
    return [rows[seq] for seq in seqs]


def _write(conn: Connection, case: Case, parked: ParkedKey, position: Sequence[int]) -> None:
    writer = Writer()
    writer.case(case, parked.shard)
    writer.flush(conn)
    bulk.delete(conn, _PARKED, [(parked.concern.value, parked.key)])
    bulk.write(conn, _POSITIONS, [(parked.concern.value, parked.shard, *position)])
