"""Bearer keys `flk_<id>_<secret>`: made, listed, revoked and recognised. Used by the door and by `feilian keys`.

Only the SHA-256 of a secret is kept: it has 256 random bits, so a slow hash would protect nothing.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import insert, select, update

from models.access import ALL_SCOPES, RegulatorKind, Scope
from models.canonical import sha256
from models.errors import FeilianError
from models.facts.base import OrgId, Role
from models.tables import AccessKey
from streams.clock import local_now
from streams.databases import Databases, guarded, reading

PREFIX: Final = "flk"
_CACHE_KEYS_MAX: Final = 10_000
_ORG: Final[TypeAdapter[str]] = TypeAdapter(OrgId)


class NotAnOrganisation(FeilianError):
    """A key is wished for something that is no credit code."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who speaks by a key (or a session): an organisation in a role, and how far that reaches.

    `regulator` and `region` (a prefix of two, four or six digits; empty: the whole country) matter for regulators only.
    `via` is the software vendor by whose key it is spoken, on the strength of a delegation.
    """

    key_id: str
    org: str
    role: Role
    name: str
    scopes: frozenset[Scope] = ALL_SCOPES
    regulator: RegulatorKind | None = None
    region: str = ""
    via: str | None = None


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key as listed; instants are microseconds UTC."""

    holder: Holder
    created_at: int
    revoked_at: int | None


def create_key(databases: Databases, org: str, role: Role, name: str) -> tuple[Holder, str]:
    """A new key for an organisation, and the token that is shown this once; NotAnOrganisation for a bad code."""
    try:
        _ORG.validate_python(org)
    except ValidationError:
        raise NotAnOrganisation(f'"{org}" is not a unified social credit code') from None
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    with guarded(), databases.ledger.begin() as connection:
        connection.execute(
            insert(AccessKey).values(
                key_id=key_id,
                secret_sha256=sha256(secret.encode()),
                org=org,
                role=role.value,
                name=name,
                created_at=local_now(),
            )
        )
    return Holder(key_id, org, role, name), f"{PREFIX}_{key_id}_{secret}"


def list_keys(databases: Databases) -> list[KeyInfo]:
    """All keys, revoked ones too, oldest first."""
    query = select(
        AccessKey.key_id,
        AccessKey.org,
        AccessKey.role,
        AccessKey.name,
        AccessKey.created_at,
        AccessKey.revoked_at,
    ).order_by(AccessKey.created_at, AccessKey.key_id)
    with guarded(), reading(databases.ledger) as connection:
        rows = connection.execute(query).all()
    return [KeyInfo(Holder(row[0], row[1], Role(row[2]), row[3]), row[4], row[5]) for row in rows]


def revoke_key(databases: Databases, key_id: str) -> bool:
    """Whether there was a live key to revoke; doors forget it within seconds."""
    query = update(AccessKey).where(AccessKey.key_id == key_id, AccessKey.revoked_at.is_(None))
    with guarded(), databases.ledger.begin() as connection:
        return connection.execute(query.values(revoked_at=local_now())).rowcount == 1


class KeyRing:
    """Recognises tokens, and remembers what it looked up for a few seconds, unknown ids too."""

    def __init__(self, databases: Databases, cache_ms: int) -> None:
        self._databases = databases
        self._cache_s = cache_ms / 1000
        self._seen: OrderedDict[str, tuple[float, bytes, Holder | None]] = OrderedDict()
        self._lock = Lock()

    def remembered(self, token: str) -> Holder | None:
        """The holder of a token; None for a wrong one. KeyError where the database has to be asked (`recognise`)."""
        key_id, secret = _parts(token)
        if not key_id:
            return None
        until, digest, holder = self._seen[key_id]
        if until < monotonic():
            raise KeyError(key_id)
        return _checked(holder, digest, secret)

    def recognise(self, token: str) -> Holder | None:
        """The holder of a token, asking the database; LedgerUnavailable where that is away."""
        key_id, secret = _parts(token)
        if not key_id:
            return None
        query = select(
            AccessKey.secret_sha256, AccessKey.org, AccessKey.role, AccessKey.name, AccessKey.revoked_at
        ).where(AccessKey.key_id == key_id)
        with guarded(), reading(self._databases.ledger) as connection:
            row = connection.execute(query).one_or_none()
        live = row is not None and row.revoked_at is None
        holder = Holder(key_id, row.org, Role(row.role), row.name) if row is not None and live else None
        digest = bytes(row.secret_sha256) if row is not None else b""
        self._remember(key_id, digest, holder)
        return _checked(holder, digest, secret)

    def _remember(self, key_id: str, digest: bytes, holder: Holder | None) -> None:
        with self._lock:
            self._seen[key_id] = (monotonic() + self._cache_s, digest, holder)
            self._seen.move_to_end(key_id)
            while len(self._seen) > _CACHE_KEYS_MAX:
                self._seen.popitem(last=False)


def _parts(token: str) -> tuple[str, str]:
    """(id, secret), both empty where it is no token of ours."""
    prefix, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    well_formed = prefix == PREFIX and len(key_id) == 12 and 0 < len(secret) <= 64 and token.isascii()
    return (key_id, secret) if well_formed else ("", "")


def _checked(holder: Holder | None, digest: bytes, secret: str) -> Holder | None:
    return holder if hmac.compare_digest(sha256(secret.encode()), digest) and holder is not None else None
