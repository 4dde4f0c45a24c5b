"""Warnings are counted by the accepting transaction, on either database: once for each new fact."""

from __future__ import annotations

from sqlalchemy import select

from models.tables_warnings import WarningCount
from streams.databases import reading
from streams.ledger import Ledger, Submission
from tests.facts import PRODUCER_ORG
from tests.streams.ledgers import prepared, stored


def test_new_facts_count_and_known_ones_do_not(ledger: Ledger) -> None:
    one, two = (prepared(stored(code="999-999-08")) for _ in range(2))
    ledger.accept([Submission(PRODUCER_ORG, [one])])
    ledger.accept([Submission(PRODUCER_ORG, [one, two]), Submission(PRODUCER_ORG, [two, prepared(stored())])])
    ledger.accept([Submission(PRODUCER_ORG, [prepared(stored(code="999-999-08"))], rehearsal=True)])
    with reading(ledger.databases.ledger) as connection:
        rows = connection.execute(select(WarningCount.org, WarningCount.code, WarningCount.count)).all()
    assert [tuple(row) for row in rows if row[1] == "waste_code.unlisted"] == [
        (PRODUCER_ORG, "waste_code.unlisted", 2)
    ]
