"""Ledger rows to facts as the law sees them, with their routes; used by every hand that judges."""

from collections.abc import Set
from typing import Any, Final

import msgspec
import orjson

from models.envelope import Row, Stated
from models.errors import Undecodable
from models.facts import CORRECTED, CORRECTING, FACT_TYPES, LAW_KINDS
from models.reader import read_stored
from models.topics import Concern
from rules.routes import routes


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """A row, decoded once for all concerns. A plain fact has only `new`; a correction has what it takes back as `old`.

    An approval is a correction too: what it puts in force is copied into it. A correction without replacement has no
    `new`, and one of a withdrawn fact no `old`.
    """

    row: Row
    old: Stated | None
    new: Stated | None
    routes: Set[tuple[Concern, str]]
    is_correction: bool = False  # Whether this row changes an earlier fact.


def read_body(kind: str, data: bytes | msgspec.Raw) -> Any:
    """A stored body by its kind; Undecodable where this release does not know it.

    It has the attributes of the kind's model. Law facts are the models themselves: the law book asks what they are.
    """
    if kind in LAW_KINDS:
        return FACT_TYPES[kind].model_validate(orjson.loads(bytes(data)))
    if kind not in FACT_TYPES:
        raise Undecodable(f'fact kind "{kind}" is unknown to this release')
    return read_stored(kind, data)


class _Original(msgspec.Struct):
    """What the door copied into a correction: the fact, with the body that was in force."""

    seq: int
    recorded_at: int
    stated_by: str
    event_id: str
    kind: str
    data: msgspec.Raw
    replacement: msgspec.Raw = msgspec.Raw(b"null")  # Of an approval: the body that was asked for.


class _Correction(msgspec.Struct):
    replacement: msgspec.Raw = msgspec.Raw(b"null")


_ORIGINAL: Final = msgspec.json.Decoder(_Original)
_CORRECTION: Final = msgspec.json.Decoder(_Correction)


def _as_original(original: _Original, body: msgspec.Raw) -> Stated | None:
    """A version of a corrected fact: it keeps the original's seq, stater and recorded_at. None where there is no body."""
    if bytes(body) == b"null":
        return None
    fact = read_body(original.kind, body)
    return Stated(
        original.seq,
        original.recorded_at,
        original.stated_by,
        original.event_id,
        original.kind,
        fact.occurred_at,
        fact,
    )


def _routes(stated: Stated | None) -> Set[tuple[Concern, str]]:
    return routes(stated.kind, stated.body) if stated is not None else frozenset()


def decode(row: Row) -> Decoded:
    """Decode a row. A correction is self-contained: the door copied in the body that was in force (DESIGN D11)."""
    kind = row.kind
    if kind not in CORRECTING:
        body = read_body(kind, row.data)
        stated = Stated(row.seq, row.recorded_at, row.stated_by, row.event_id, kind, body.occurred_at, body)
        return Decoded(row, None, stated, routes(kind, body))
    if row.original is None:
        raise Undecodable(f"correction {row.seq} carries no original")
    original = _ORIGINAL.decode(row.original)
    old = _as_original(original, original.data)
    corrected = _CORRECTION.decode(row.data) if row.kind == CORRECTED else original
    new = _as_original(original, corrected.replacement)
    return Decoded(row, old, new, _routes(old) | _routes(new), is_correction=True)


def routes_of(row: Row) -> Set[tuple[Concern, str]]:
    """The (concern, key) pairs of a row; what the relay needs."""
    return decode(row).routes
