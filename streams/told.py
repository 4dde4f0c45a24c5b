"""Facts with all the bodies they had, as exports tell them; read from the ledger by the API and the CLI."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import orjson
from sqlalchemy import Connection, select

from models.envelope import Row
from models.exact import parse_instant
from models.facts import ABOUT_FACTS, CORRECTING
from models.interchange.epcis import Told, Version
from models.interchange.report import InForce
from models.tables import KeyFact, SubjectRow
from models.topics import Concern
from rules import storage
from rules.storage_subjects import Lot
from streams.databases import guarded, reading
from streams.ledger import Ledger
from streams.ledger_corrections import body_set_by
from streams.ledger_rows import FullRow
from streams.store import decode_subject

FACTS_MAX: Final = 2000
_LOTS_MAX: Final = 500
_PAGE: Final = 500


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


def manifest_told(ledger: Ledger, number: str) -> list[Told]:
    """All facts under a manifest's number, in seq order, those of this very moment too; at most 2,000 rows are read.

    The judge's index of a key has them once they were judged; who spoke last on a document is known with the commit.
    """
    query = select(KeyFact.seq).where(KeyFact.concern == Concern.CUSTODY.value, KeyFact.key == number)
    with guarded(), reading(ledger.databases.state) as connection:
        judged = connection.execute(query.order_by(KeyFact.seq).limit(FACTS_MAX)).scalars().all()
    rows = ledger.rows_by_seq({*judged, *ledger.last_spoken(f"manifest:{number}")})
    told = told_of(ledger, roots_of(rows.values()))
    return [each for each in told if any(said.body.get("manifest_no") == number for said in each.versions)]


def names_org(told: Told, org: str) -> bool:
    """Whether an organisation stated a fact or a correction of it, or is named in it."""
    named = f'"{org}"'.encode()
    return told.stated_by == org or any(named in orjson.dumps(said.body) for said in told.versions)


def site_told(
    ledger: Ledger, site: str, wanted: Callable[[str], bool], after: int, begin: int, end: int, limit: int
) -> tuple[list[Told], int | None]:
    """Facts of a site's stock, of wanted kinds, that happened in [begin, end), in seq order; and after which to go on.

    Reads in pages of the site's facts until `limit` were found; None where there are no more.
    """
    found: list[Told] = []
    while True:
        query = (
            select(KeyFact.seq)
            .where(KeyFact.concern == Concern.STORAGE.value, KeyFact.key == site, KeyFact.seq > after)
            .order_by(KeyFact.seq)
            .limit(_PAGE)
        )
        with guarded(), reading(ledger.databases.state) as connection:
            seqs = list(connection.execute(query).scalars())
        for told in told_of(ledger, seqs):
            if wanted(told.kind) and any(
                begin <= parse_instant(said.body["occurred_at"]) < end for said in told.versions
            ):
                found.append(told)
                if len(found) == limit:
                    return found, told.versions[0].seq
        if len(seqs) < _PAGE:
            return found, None
        after = seqs[-1]


def _lots(connection: Connection, site: str, names: Iterable[str]) -> list[Lot]:
    query = select(SubjectRow.body).where(
        SubjectRow.concern == Concern.STORAGE.value,
        SubjectRow.key == site,
        SubjectRow.subject.in_(sorted(names)),
    )
    found = [decode_subject(storage, bytes(body)) for body in connection.execute(query).scalars()]
    return [lot for lot in found if isinstance(lot, Lot)]


def treated_after(ledger: Ledger, connection: Connection, site: str, lots: Iterable[str]) -> list[int]:
    """The seqs of what was done at a site to lots and to what was made of them: treatment, repacking, sending on.

    Walks the links of the judged lots, at most 500 of them.
    """
    edge, met, seqs = {f"lot:{lot}" for lot in lots}, set[str](), set[int]()
    while edge and len(met) < _LOTS_MAX:
        met |= edge
        links = [link for lot in _lots(connection, site, edge) for link in lot.went_to]
        seqs |= {link.seq for link in links}
        edge = {link.name for link in links if link.name.startswith("lot:")} - met
    kinds = ("waste-treated.v1", "lot-repacked.v1")
    return sorted(ledger.rows_by_seq(seqs, kinds))
