"""Recomputes the ledger: density, times, leaves, canonical bodies, what corrections copied in. `feilian verify` calls it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import orjson

from models.canonical import Malformed, canonical, leaf_hash, read_json
from models.envelope import Row
from models.facts import ABOUT_FACTS, APPROVED, CORRECTED, CORRECTING, REQUESTED

CHUNK: Final = 2_000


class Leafed(Protocol):
    """A row with the leaf that its receipt gave out."""

    @property
    def row(self) -> Row: ...
    @property
    def leaf(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many rows are good, and the first that is not with what is wrong with it."""

    checked: int
    first_bad_seq: int | None = None
    defect: str | None = None

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.first_bad_seq is None


@dataclass(slots=True)
class _Known:
    """What later rows are checked against."""

    seq: int = 0
    recorded_at: int = 0
    in_force: dict[int, bytes] = field(default_factory=dict)


def verify(
    leaves: Callable[[int, int], list[Any]],
    find: Callable[[int], Leafed | None],
    ledger_id: str,
    head: Callable[[], tuple[int, int]],
    progress: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """Check every row in seq order, then that the last one is the head's. `leaves(after, limit)` reads rows.

    A ledger that grows meanwhile is followed to its end: `head` is read after the rows, which are committed with it.

    `find` gives the row of a seq: what a correction copied in is compared with the row it names.
    """
    known = _Known()
    while True:
        for leafed in _all(leaves, known.seq):
            defect = _defect(leafed, known, ledger_id, find)
            if defect is not None:
                return Verdict(known.seq, known.seq + 1, defect)
            known.seq, known.recorded_at = leafed.row.seq, leafed.row.recorded_at
            if known.seq % CHUNK == 0:
                progress(known.seq)
        progress(known.seq)
        last, recorded_at = head()
        if last <= known.seq or not leaves(known.seq, 1):
            return _ended(known, last, recorded_at)


def _ended(known: _Known, last: int, recorded_at: int) -> Verdict:
    if last != known.seq:
        return Verdict(
            min(known.seq, last),
            min(known.seq, last) + 1,
            f"the head says {last} rows, there are {known.seq}",
        )
    if known.recorded_at > recorded_at:
        return Verdict(known.seq, known.seq, "the last row is later than the head")
    return Verdict(known.seq)


def _all(leaves: Callable[[int, int], list[Any]], after: int) -> Iterator[Any]:
    while found := leaves(after, CHUNK):
        yield from found
        after = found[-1].row.seq


def _defect(
    leafed: Leafed, known: _Known, ledger_id: str, find: Callable[[int], Leafed | None]
) -> str | None:
    row = leafed.row
    if row.seq != known.seq + 1:
        return f"row {known.seq + 1} is missing; the next is {row.seq}"
    if not isinstance(row.data, bytes) or not isinstance(leafed.leaf, bytes):
        return "data or leaf is not bytes"
    if row.recorded_at < known.recorded_at:
        return "recorded before the row before it"
    leaf = leaf_hash(
        ledger_id=ledger_id,
        seq=row.seq,
        recorded_at=row.recorded_at,
        stated_by=row.stated_by,
        event_id=row.event_id,
        kind=row.kind,
        data=row.data,
    )
    if leaf != leafed.leaf:
        return f"leaf is {leafed.leaf.hex()}, recomputed {leaf.hex()}"
    return _body_defect(row) or _copied_defect(row, known, find)


def _body_defect(row: Row) -> str | None:
    try:
        body = read_json(row.data)
    except Malformed as error:
        return f"data is not strict JSON: {error}"
    if canonical(body) != row.data:
        return "data is not canonical"
    if not isinstance(body, dict) or body.get("kind") != row.kind:
        return "kind is not that of the data"
    if str(body.get("event_id")).lower() != row.event_id:
        return "event_id is not that of the data"
    return None


def _copied_defect(row: Row, known: _Known, find: Callable[[int], Leafed | None]) -> str | None:
    try:
        return _correction_defect(row, known, find)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"what it copied in cannot be read: {type(error).__name__} {error}"


def _correction_defect(row: Row, known: _Known, find: Callable[[int], Leafed | None]) -> str | None:
    """What speaks of another fact must have copied in the row it names, with the body that was in force then."""
    if row.kind not in ABOUT_FACTS:
        return "carries an original though it is no correction" if row.original is not None else None
    if row.original is None:
        return "correction without its original"
    copied = orjson.loads(row.original)
    named = find(copied["seq"])
    if named is None or copied["seq"] >= row.seq:
        return f"corrects row {copied['seq']}, which is not before it"
    original = named.row
    said = (copied["recorded_at"], copied["stated_by"], copied["event_id"], copied["kind"])
    if said != (original.recorded_at, original.stated_by, original.event_id, original.kind):
        return f"what it copied of row {original.seq} is not that row"
    body = orjson.loads(row.data)
    defect = (
        _naming_defect(row, body, original) if "corrects" in body else _decision_defect(body, copied, find)
    )
    if defect is not None:
        return defect
    if canonical(copied["data"]) != known.in_force.get(original.seq, original.data):
        return f"the body it copied of row {original.seq} was not in force"
    if row.kind in CORRECTING:
        put = body if row.kind == CORRECTED else copied
        known.in_force[original.seq] = canonical(put.get("replacement"))
    return None


def _naming_defect(row: Row, body: dict[str, Any], original: Row) -> str | None:
    """A correction or request names a fact of its own or of another stater: that must be the one it copied."""
    stater = body["corrects_stated_by"] if row.kind == REQUESTED else row.stated_by
    if body["corrects"].lower() != original.event_id or stater != original.stated_by:
        return f"names another fact than row {original.seq}"
    return None


def _decision_defect(
    body: dict[str, Any], copied: dict[str, Any], find: Callable[[int], Leafed | None]
) -> str | None:
    """A decision copied in the number of its request, and an approval the body that was asked for."""
    found = find(copied["request_seq"])
    request = found.row if found is not None else None
    asked = (body["request"].lower(), body["request_stated_by"])
    if request is None or request.original is None or (request.event_id, request.stated_by) != asked:
        return f"row {copied['request_seq']} is not the request it decides"
    if orjson.loads(request.original)["seq"] != copied["seq"]:
        return f"its request is about another fact than row {copied['seq']}"
    wished = orjson.loads(request.data).get("replacement")
    if body["kind"] == APPROVED and canonical(wished) != canonical(copied.get("replacement")):
        return f"the body it put in force is not the one asked for by row {request.seq}"
    return None
