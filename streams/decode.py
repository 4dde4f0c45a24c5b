"""Ledger rows to facts as the law sees them, with their routes; used by every hand that judges."""

from dataclasses import dataclass
from typing import Any, cast

import orjson

from models.envelope import Row, Stated
from models.errors import Undecodable
from models.facts import CORRECTED, FACT_TYPES, AnyFact
from models.topics import Concern
from rules.routes import routes


@dataclass(frozen=True, slots=True)
class Decoded:
    """A row, decoded once for all concerns. A plain fact has only `new`; a correction has what it takes back as `old`.

    A correction without replacement has no `new`, and one of a withdrawn fact no `old`.
    """

    row: Row
    old: Stated | None
    new: Stated | None
    routes: frozenset[tuple[Concern, str]]

    @property
    def is_correction(self) -> bool:
        """Whether this row changes an earlier fact."""
        return self.row.kind == CORRECTED


def read_body(kind: str, body: dict[str, Any]) -> AnyFact:
    """A stored body by its kind; Undecodable where this release does not know it."""
    fact_type = FACT_TYPES.get(kind)
    if fact_type is None:
        raise Undecodable(f'fact kind "{kind}" is unknown to this release')
    return cast("AnyFact", fact_type.model_validate(body))


def _stated(row: Row) -> Stated:
    body = read_body(row.kind, orjson.loads(row.data))
    return Stated(row.seq, row.recorded_at, row.stated_by, row.event_id, row.kind, body.occurred_at, body)


def _as_original(original: dict[str, Any], body: dict[str, Any]) -> Stated:
    """A version of a corrected fact: it keeps the original's seq, stater and recorded_at."""
    fact = read_body(original["kind"], body)
    return Stated(
        original["seq"],
        original["recorded_at"],
        original["stated_by"],
        original["event_id"],
        original["kind"],
        fact.occurred_at,
        fact,
    )


def _routes(stated: Stated | None) -> frozenset[tuple[Concern, str]]:
    return routes(stated.kind, stated.body) if stated is not None else frozenset()


def decode(row: Row) -> Decoded:
    """Decode a row. A correction is self-contained: the door copied in the body that was in force (DESIGN D11)."""
    if row.kind != CORRECTED:
        stated = _stated(row)
        return Decoded(row, None, stated, _routes(stated))
    if row.original is None:
        raise Undecodable(f"correction {row.seq} carries no original")
    original = orjson.loads(row.original)
    replacement = orjson.loads(row.data).get("replacement")
    old = _as_original(original, original["data"]) if original["data"] is not None else None
    new = _as_original(original, replacement) if replacement is not None else None
    return Decoded(row, old, new, _routes(old) | _routes(new))


def routes_of(row: Row) -> frozenset[tuple[Concern, str]]:
    """The (concern, key) pairs of a row; what the relay needs."""
    return decode(row).routes
