"""The history of one fact: what was said of it, which requests wait and for whom, what is sealed. Reads only; for api/."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

from models.envelope import Row
from models.exact import parse_instant
from models.facts import ABOUT_FACTS, APPROVED, CORRECTING, REQUESTED
from models.sealed import Statement, changed_fields, fields_of, sealing
from streams.ledger_corrections import body_set_by, documents_of_bodies, may_decide
from streams.ledger_rows import FullRow, Said

PENDING: Final = "pending"


class History(Protocol):
    """What is read of a ledger."""

    def row(self, seq: int) -> FullRow | None:
        """One row."""

    def changes_of(self, *seqs: int) -> list[Said]:
        """What was said about facts."""

    def spoken(self, documents: Iterable[str], after: int) -> set[Statement]:
        """Who stated which kinds on documents after a seq."""

    def latest_of_kind(self, kind: str, before: int, limit: int) -> list[Row]:
        """Rows of a kind, the latest first."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for a correction. `status` is pending, approved, declined or stale; `deciders` may answer a pending one."""

    row: Row
    about: int
    asked_as: str
    status: str
    decision: Row | None
    deciders: tuple[str, ...]
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Versions:
    """A fact and all that was said of it. `sealed` gives by field who has sealed it since; `in_force` None: withdrawn."""

    fact: Row
    said: tuple[Row, ...]
    requests: tuple[Request, ...]
    in_force: Any
    sealed: dict[str, set[Statement]]

    @property
    def corrected_by(self) -> int | None:
        """The seq of what put the body in force that holds; None where it stands as stated."""
        return max((row.seq for row in self.said if row.kind in CORRECTING), default=None)

    def happened_by(self, event_time: int) -> bool:
        """Whether the fact, as it holds or as it was stated where it was withdrawn, had happened by then."""
        body = self.in_force or orjson.loads(self.fact.data)
        return parse_instant(body["occurred_at"]) <= event_time


def versions(ledger: History, seq: int, known_seq: int | None = None) -> Versions | None:
    """The history of the fact that this row states, or is about; None where there is no such row.

    With `known_seq` as it was known when that was the last seq; who has sealed it is told as of now all the same.
    """
    found = ledger.row(seq)
    if found is not None and found.row.original is not None:
        found = ledger.row(orjson.loads(found.row.original)["seq"])
    if found is None:
        return None
    fact = found.row
    said = [each for each in ledger.changes_of(fact.seq) if known_seq is None or each.row.seq <= known_seq]
    bodies = [orjson.loads(fact.data), *(_put(each.row) for each in said if each.row.kind in CORRECTING)]
    in_force = bodies[-1]
    if fact.kind in ABOUT_FACTS:
        return Versions(fact, (), (), in_force, {})
    documents = documents_of_bodies(fact.kind, bodies)
    since = ledger.spoken(documents, fact.seq) if documents else set()
    sealed = sealing(fact.kind, fields_of(in_force), fact.stated_by, since) if in_force is not None else {}
    requests = tuple(_request(each, said, since) for each in said if each.row.kind == REQUESTED)
    return Versions(fact, tuple(each.row for each in said), requests, in_force, sealed)


def requests(ledger: History, before: int, limit: int) -> list[Request]:
    """Requests with seq < before, the latest first."""
    rows = ledger.latest_of_kind(REQUESTED, before, limit)
    about = {row.seq: orjson.loads(row.original or b"{}") for row in rows}
    said = ledger.changes_of(*{copied["seq"] for copied in about.values() if "seq" in copied})
    found = []
    for row in rows:
        copied = about[row.seq]
        mine = [each for each in said if each.about == copied.get("seq")]
        since = ledger.spoken(copied["documents"], copied["seq"]) if copied.get("documents") else set()
        found += [_request(each, mine, since) for each in mine if each.row.seq == row.seq]
    return found


def waiting_about(ledger: History, seqs: Iterable[int]) -> list[Request]:
    """The requests about these facts that wait for an answer, the earliest first."""
    said = ledger.changes_of(*seqs)
    found = []
    for asked in said:
        if asked.row.kind == REQUESTED:
            copied = orjson.loads(asked.row.original or b"{}")
            since = ledger.spoken(copied["documents"], copied["seq"]) if copied["documents"] else set()
            found.append(_request(asked, [each for each in said if each.about == asked.about], since))
    return [each for each in found if each.status == PENDING]


def _put(row: Row) -> Any:
    return body_set_by(row.kind, row.data, row.original)


def _request(asked: Said, said: Iterable[Said], since: set[Statement]) -> Request:
    copied, wish = orjson.loads(asked.row.original or b"{}"), orjson.loads(asked.row.data)
    decision = next((each.row for each in said if each.decides == asked.row.seq), None)
    in_force_by = max((each.row.seq for each in said if each.row.kind in CORRECTING), default=None)
    if decision is not None:
        status = "approved" if decision.kind == APPROVED else "declined"
    else:
        status = PENDING if in_force_by == copied["in_force_by"] else "stale"
    changes = changed_fields(copied["data"], wish.get("replacement"))
    sealers = sealing(copied["kind"], changes, copied["stated_by"], since)
    orgs = {org for statements in sealers.values() for org, _ in statements}
    deciders = may_decide(copied["asked_as"], copied["stated_by"], orgs) if status == PENDING else set()
    return Request(
        asked.row,
        asked.about,
        copied["asked_as"],
        status,
        decision,
        tuple(sorted(deciders)),
        tuple(sorted(changes)),
    )
