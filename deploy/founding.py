"""Makes a ledger ready: tables by migration, meta, and the default policies recorded as facts. Every command begins here."""

import logging
import time
from collections.abc import Sequence
from typing import Any, Final

from deploy.migrations import upgrade
from models.errors import FeilianError, LedgerUnavailable
from models.exact import beijing_date
from models.settings import Settings
from rules.defaults import SYSTEM_ORG, default_facts
from rules.upgrade import lacking
from streams.databases import open_databases
from streams.judge import Judge
from streams.lawbook import LawBook
from streams.ledger import Ledger
from streams.ledger_reading import read_fact
from streams.ledger_types import Accepted, Prepared, Submission

log = logging.getLogger(__name__)
GROUP_MAX: Final = 500
RETRY_SECONDS: Final = 1.0


class DefaultsRefused(FeilianError):
    """A default policy of this release is not a well-formed fact: a bug."""


def found(settings: Settings, *, started_at: int | None = None) -> Ledger:
    """The ledger of these settings, made where it was not there.

    `started_at` (microseconds UTC) is when a driven ledger's time begins. Policies that this release adds are recorded
    now; what was recorded before stays as it is, so a new release never changes an old verdict (DESIGN D12).
    """
    databases = open_databases(settings)
    upgrade(databases)
    ledger = Ledger(databases)
    ledger.init(shards=settings.shards, clock=settings.clock)
    record_defaults(ledger, started_at)
    Judge(databases.state, ledger, ledger.meta.shards).ensure_positions()
    return ledger


def opened(settings: Settings) -> Ledger:
    """The ledger of these settings as it is; NotForThisLedger where `feilian init` was not run."""
    ledger = Ledger(open_databases(settings))
    _ = ledger.meta
    return ledger


def opened_when_there(settings: Settings) -> Ledger:
    """The same, for a process that outlives its database: one that is away is waited for."""
    ledger = Ledger(open_databases(settings))
    while True:
        try:
            _ = ledger.meta
        except LedgerUnavailable as error:
            log.warning("database away, starting waits", extra={"error": str(error)})
            time.sleep(RETRY_SECONDS)
        else:
            return ledger


def record_defaults(ledger: Ledger, recorded_at: int | None = None) -> int:
    """Record the defaults that the ledger does not have; how many were new. Their ids follow from their content.

    An empty ledger gets all of them; in one that has policies those stand, and only what they lack is added (rules.upgrade).
    """
    at = recorded_at if ledger.meta.driven else None
    book = LawBook()
    book.add(ledger.law_rows(0, ledger.head().seq))
    wires = default_facts()
    if book.editions:
        wires = lacking(book.latest, wires, beijing_date(ledger.now()))
    facts = [_prepared(wire) for wire in wires]
    new = 0
    for start in range(0, len(facts), GROUP_MAX):
        new += _accept(ledger, facts[start : start + GROUP_MAX], at)
    return new


def _prepared(wire: dict[str, Any]) -> Prepared:
    read = read_fact(wire)
    if not isinstance(read, Prepared):
        raise DefaultsRefused(f"default policy refused: {read}")
    return read


def _accept(ledger: Ledger, facts: Sequence[Prepared], at: int | None) -> int:
    outcome = ledger.accept([Submission(SYSTEM_ORG, facts, at)])[0]
    if not isinstance(outcome, Accepted):
        raise DefaultsRefused(f"default policies refused: {outcome}")
    return sum(not receipt.known for receipt in outcome.receipts)
