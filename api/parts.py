"""What the application works with, made once by api.app and found by every route at `request.app.state.parts`."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, cast

from fastapi import Request

from api.bulk.worker import Worker
from api.feed import Feed
from api.tails import Tails
from models.law import Law
from models.networks import Networks, networks
from models.settings import Settings
from streams.access_tokens import AccessTokens
from streams.buckets import Buckets, Rates
from streams.databases import Databases, beyond
from streams.delegations import Delegations
from streams.key_ring import KeyRing
from streams.lawbook import LawBook
from streams.ledger import Ledger
from streams.ledger_acceptor import Acceptor
from streams.oidc import Provider
from streams.own_side import SiteRegister
from streams.passwords import Passwords
from streams.readings import ReadLog
from streams.throttle import Throttle

log = logging.getLogger(__name__)
_LAW_FRESH_SECONDS: Final = 2.0
Readiness = Callable[[], str | None]


class CurrentLaw:
    """The law as recorded so far, for words and citations on answers; at most two seconds old."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._book = LawBook()
        self._fresh_until = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> Law:
        """Blocks; LedgerUnavailable where the ledger is away."""
        return self.book().latest

    def book(self) -> LawBook:
        """All editions; it only grows, so that earlier ones can be asked for."""
        with self._lock, beyond():
            if monotonic() >= self._fresh_until:
                head = self._ledger.head().seq
                self._book.add(self._ledger.law_rows(self._book.upto, head))
                self._book.upto = head
                self._fresh_until = monotonic() + _LAW_FRESH_SECONDS
            return self._book


@dataclass(slots=True)
class Parts:
    """All that routes need. `readiness` may be added to: each says why this process is not ready, or None."""

    settings: Settings
    databases: Databases
    ledger: Ledger
    acceptor: Acceptor
    keys: KeyRing
    feed: Feed
    law: CurrentLaw
    uploads: Worker
    readiness: dict[str, Readiness] = field(default_factory=dict)
    throttle: Throttle = field(init=False)
    passwords: Passwords = field(init=False)
    provider: Provider | None = field(init=False)
    # Mails a link for a new password: address, language, link. None where no mail can be sent.
    mail_link: Callable[[str, str, str], None] | None = None
    proxies: Networks = field(init=False)
    sites: SiteRegister = field(init=False)
    tails: Tails = field(init=False)
    delegations: Delegations = field(init=False)
    requests: Buckets = field(init=False)
    facts: Buckets = field(init=False)
    rates: Rates = field(init=False)
    tokens: AccessTokens | None = None
    reads: ReadLog = field(init=False)

    _under_way: dict[Callable[[], object], asyncio.Future[object]] = field(default_factory=dict)

    def later(self, work: Callable[[], object]) -> None:
        """Do this in a thread while nobody waits; once at a time, and what fails is tried again when next asked."""
        running = self._under_way.get(work)
        if running is not None and not running.done():
            return
        task: asyncio.Future[object] = asyncio.ensure_future(asyncio.to_thread(_by_itself, work))
        task.add_done_callback(looked_at)
        self._under_way[work] = task

    def access_tokens(self) -> AccessTokens:
        """What gives out and recognises tokens. Blocks when first called: they are of a ledger, which has to be there."""
        if self.tokens is None:
            audience = f"urn:feilian:{self.ledger.meta.ledger_id}"
            issuer = self.settings.public_url.rstrip("/") or audience
            self.tokens = AccessTokens(self.databases, audience, issuer)
        return self.tokens

    def __post_init__(self) -> None:
        """What follows from the settings."""
        settings = self.settings
        self.throttle = Throttle(settings.wrong_secrets_max, settings.lock_seconds_max)
        self.sites = self.uploads.sites  # One register for both ways in.
        self.passwords = Passwords(settings)
        self.provider = Provider(settings) if settings.oidc_issuer else None
        self.delegations = Delegations(self.databases, settings.key_cache_ms)
        self.requests = Buckets("requests", settings.requests_per_second, settings.requests_burst)
        self.facts = Buckets("facts", settings.facts_per_second, settings.facts_burst)
        self.rates = Rates(self.requests, self.facts)
        self.proxies = networks(settings.trusted_proxies.split())
        self.tails = Tails.of(settings, self.ledger)
        self.reads = ReadLog(self.ledger, settings.reads_flush_ms / 1000, settings.reads_waiting_max)

    def changes_numbered(self) -> None:
        """From any thread: changes of alerts were numbered just now; streams and feeds need not wait for the next poll."""
        self.feed.wake()
        self.tails.changes.wake()


def _by_itself(work: Callable[[], object]) -> object:
    """The system's own work, not that of whoever gave the occasion."""
    with beyond():
        return work()


def looked_at(task: asyncio.Future[Any]) -> None:
    """For what nobody waits for (any more): how it failed is logged."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("work aside failed", extra={"reason": str(error)})


def parts_of(request: Request) -> Parts:
    """The parts of the application that answers this request."""
    return cast("Parts", request.app.state.parts)
