"""Recognises bearer keys, and remembers for a few seconds what it looked up. Used by every door, once a request."""

from __future__ import annotations

import hmac
import logging
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic
from typing import Final

from sqlalchemy import select, update

from models.canonical import sha256
from models.errors import FeilianError, LedgerUnavailable
from models.exact import MINUTE_US
from models.networks import Networks, networks, within
from models.problems import Code
from models.tables import AccessKey
from streams.clock import local_now
from streams.databases import Databases, guarded, reading
from streams.keys import PREFIX, Holder, holder_of

log = logging.getLogger(__name__)
_CACHE_KEYS_MAX: Final = 10_000
# What a secret is compared with where there is no such key, so that this takes as long.
_NOBODY: Final = bytes(32)
_LOOK_UP: Final = select(*AccessKey.__table__.columns)


class KeyRefused(FeilianError):
    """The secret is right, and the key is no good all the same: it is over, or used from where it may not be."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Known:
    """A key as it was looked up; `holder` is None where there is none, or it was revoked."""

    until: float
    digest: bytes
    holder: Holder | None
    allow: Networks = ()

    def checked(self, address: str) -> Holder | None:
        """The holder, at this time and from this address; KeyRefused where the key is no good for them."""
        holder = self.holder
        if holder is not None:
            if holder.until is not None and local_now() >= holder.until:
                raise KeyRefused(Code.KEY_EXPIRED, "this key has expired; rotate keys before they do")
            if self.allow and not within(address, self.allow):
                raise KeyRefused(Code.ADDRESS_NOT_ALLOWED, f'this key is not for use from "{address}"')
        return holder


class KeyRing:
    """Recognises tokens, and remembers what it looked up for a few seconds, unknown ids too."""

    def __init__(self, databases: Databases, cache_ms: int) -> None:
        self._databases = databases
        self._cache_s = cache_ms / 1000
        self._seen: OrderedDict[str, Known] = OrderedDict()
        self._lock = Lock()
        self._used: dict[str, int] = {}
        self._noting: Thread | None = None

    def remembered(self, token: str, address: str = "") -> Holder | None:
        """The holder of a token; None for a wrong one. KeyError where the database has to be asked (`recognise`).

        KeyRefused where the token is right, and over or used from an address that its key does not allow.
        """
        key_id, secret = token_parts(token)
        if not key_id:
            return None
        known = self._seen[key_id]
        if known.until < monotonic():
            raise KeyError(key_id)
        return _right(known, secret, address)

    def recognise(self, token: str, address: str = "") -> Holder | None:
        """The same, asking the database; LedgerUnavailable where that is away."""
        key_id, secret = token_parts(token)
        if not key_id:
            return None
        known, last_used_at = self._look_up(key_id)
        holder = _right(known, secret, address)
        if holder is not None:
            self._note_use(key_id, last_used_at)
        return holder

    def remembered_by_id(self, key_id: str, address: str = "") -> Holder | None:
        """The holder of a key by its id alone, for tokens that were made with it; else as `remembered`."""
        known = self._seen[key_id]
        if known.until < monotonic():
            raise KeyError(key_id)
        return known.checked(address)

    def recognise_by_id(self, key_id: str, address: str = "") -> Holder | None:
        """The same, asking the database."""
        known, last_used_at = self._look_up(key_id)
        holder = known.checked(address)
        if holder is not None:
            self._note_use(key_id, last_used_at)
        return holder

    def forget(self, key_id: str) -> None:
        """Look this key up anew when it is next used: it was rotated or revoked in this process."""
        with self._lock:
            self._seen.pop(key_id, None)

    def _look_up(self, key_id: str) -> tuple[Known, int | None]:
        with guarded(), reading(self._databases.ledger) as connection:
            row = connection.execute(_LOOK_UP.where(AccessKey.key_id == key_id)).one_or_none()
        until = monotonic() + self._cache_s
        if row is None:
            known = Known(until, _NOBODY, None)
        else:
            holder = holder_of(row) if row.revoked_at is None else None
            known = Known(until, bytes(row.secret_sha256), holder, networks(row.allow.split()))
        self._remember(key_id, known)
        return known, row.last_used_at if row is not None else None

    def _remember(self, key_id: str, known: Known) -> None:
        with self._lock:
            self._seen[key_id] = known
            self._seen.move_to_end(key_id)
            while len(self._seen) > _CACHE_KEYS_MAX:
                self._seen.popitem(last=False)

    # When a key was last used: within a minute, and never while somebody waits for it.

    def _note_use(self, key_id: str, last_used_at: int | None) -> None:
        now = local_now()
        if last_used_at is not None and now - last_used_at < MINUTE_US:
            return
        with self._lock:
            self._used[key_id] = now
            if self._noting is not None and self._noting.is_alive():
                return
            self._noting = Thread(target=self._write_uses, name="key-uses", daemon=True)
        self._noting.start()

    def _write_uses(self) -> None:
        while True:
            with self._lock:
                used, self._used = self._used, {}
                if not used:
                    self._noting = None
                    return
            try:
                with guarded(), self._databases.ledger.begin() as connection:
                    for key_id, at in used.items():
                        query = update(AccessKey).where(AccessKey.key_id == key_id)
                        connection.execute(query.values(last_used_at=at))
            except LedgerUnavailable as error:
                log.warning("uses of keys not noted", extra={"reason": str(error)})

    def noted(self) -> None:
        """Wait until uses are written; for who is about to close the databases."""
        thread = self._noting
        if thread is not None and thread.is_alive():
            thread.join(10)


def token_parts(token: str) -> tuple[str, str]:
    """(id, secret), both empty where it is no token of ours."""
    prefix, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    well_formed = prefix == PREFIX and len(key_id) == 12 and 0 < len(secret) <= 64 and token.isascii()
    return (key_id, secret) if well_formed else ("", "")


def _right(known: Known, secret: str, address: str) -> Holder | None:
    right = hmac.compare_digest(sha256(secret.encode()), known.digest)
    return known.checked(address) if right else None
