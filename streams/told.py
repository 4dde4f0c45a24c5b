"""Facts with all the bodies they had, as exports tell them; read from the ledger by the API and the CLI."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from models.envelope import Row
from models.facts import ABOUT_FACTS, CORRECTING
from models.interchange.epcis import Told, Version
from models.interchange.report import InForce
from models.topics import Concern
from streams.ledger import Ledger
from streams.ledger_corrections import body_set_by
from streams.ledger_rows import FullRow


def roots_of(rows: Iterable[Row]) -> set[int]:
    """The facts that rows state, or are about."""
    return {
        orjson.loads(row.original)["seq"] if row.kind in ABOUT_FACTS and row.original else row.seq
        for row in rows
    }


def told_of(ledger: Ledger, seqs: Iterable[int]) -> list[Told]:
    """These facts (not what speaks of them) in seq order, each with its corrections in force since."""
    facts = ledger.full_rows_by_seq(seqs)
    said: dict[int, list[Row]] = {}
    for each in ledger.changes_of(*facts):
        if each.row.kind in CORRECTING:
            said.setdefault(each.about, []).append(each.row)
    leaves = ledger.full_rows_by_seq(row.seq for rows in said.values() for row in rows)
    return [
        _told(fact, [leaves[row.seq] for row in said.get(seq, ())])
        for seq, fact in sorted(facts.items())
        if fact.row.kind not in ABOUT_FACTS
    ]


def _told(fact: FullRow, corrections: Sequence[FullRow]) -> Told:
    row = fact.row
    versions = [Version(orjson.loads(row.data), row.seq, row.recorded_at, fact.leaf.hex())]
    withdrawn_at = None
    for found in corrections:
        body = body_set_by(found.row.kind, found.row.data, found.row.original)
        withdrawn_at = found.row.recorded_at if body is None else None
        if body is not None:
            versions.append(Version(body, found.row.seq, found.row.recorded_at, found.leaf.hex()))
    return Told(row.kind, row.stated_by, versions, withdrawn_at)


def in_force(told: Iterable[Told]) -> list[InForce]:
    """What holds now: withdrawn facts are left out."""
    found = []
    for each in told:
        if each.withdrawn_at is None:
            last = each.versions[-1]
            found.append(InForce(last.seq, each.kind, each.stated_by, last.body["event_id"], last.body))
    return found


def document_of(number: str) -> str:
    """The name under which the ledger keeps who spoke on a manifest."""
    return f"manifest:{number}"


CUSTODY = Concern.CUSTODY.value
