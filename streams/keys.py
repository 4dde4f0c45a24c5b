"""Bearer keys `flk_<id>_<secret>`: made, listed, rotated and revoked. Used by the door, the pages and `feilian keys`.

Only the SHA-256 of a secret is kept: it has 256 random bits, so a slow hash would protect nothing. They are recognised
by streams.key_ring.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, insert, select, update

from models.access import (
    ALL_SCOPES,
    KEY_DAYS,
    KEY_DAYS_MAX,
    LIVE_IN_LINEAGE_MAX,
    ROTATION_DAYS_MAX,
    SCOPES_OF,
    RegulatorKind,
    Scope,
    scopes_by_default,
)
from models.canonical import sha256
from models.errors import FeilianError
from models.exact import DAY_US
from models.facts.base import OrgId, RegionPrefix, Role
from models.networks import RANGES_MAX, networks
from models.people import Act
from models.problems import Code
from models.tables import AccessKey
from streams.clock import local_now
from streams.credential_log import AT_THE_CONSOLE, By, note
from streams.databases import Databases, guarded, reading

PREFIX: Final = "flk"
KEYS_OF_ORG_MAX: Final = 200
NAME_CHARS_MAX: Final = 100
_ORG: Final[TypeAdapter[str]] = TypeAdapter(OrgId)
_REGION: Final[TypeAdapter[str]] = TypeAdapter(RegionPrefix)


class WishRefused(FeilianError):
    """A key or a delegation is wished for that cannot be; `field` is what is wrong with the wish."""

    def __init__(self, code: Code, field: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class NotAnOrganisation(WishRefused):
    """A key is wished for something that is no credit code."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who speaks by a key (or a session): an organisation in a role, and how far that reaches.

    `regulator` and `region` (a prefix of two, four or six digits; empty: the whole country) matter for regulators only.
    `via` is the software vendor by whose key it is spoken, on the strength of a delegation. `until` (microseconds UTC)
    is when what it speaks by ends; None where that is told elsewhere.
    """

    key_id: str
    org: str
    role: Role
    name: str
    scopes: frozenset[Scope] = ALL_SCOPES
    regulator: RegulatorKind | None = None
    region: str = ""
    via: str | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key as listed; instants are microseconds UTC. `last_used_at` is within a minute."""

    holder: Holder
    created_at: int
    revoked_at: int | None
    expires_at: int = 0
    last_used_at: int | None = None
    lineage: str = ""
    allow: tuple[str, ...] = ()

    def live(self, now: int) -> bool:
        """Whether it is good for anything at an instant."""
        return self.revoked_at is None and now < self.expires_at


def create_key(
    databases: Databases,
    org: str,
    role: Role,
    name: str,
    *,
    scopes: Collection[Scope] | None = None,
    days: int = KEY_DAYS,
    allow: Iterable[str] = (),
    regulator: RegulatorKind | None = None,
    region: str = "",
    by: By = AT_THE_CONSOLE,
) -> tuple[Holder, str]:
    """A new key for an organisation, and the token that is shown this once; WishRefused for what cannot be."""
    wished = scopes_by_default(role) if scopes is None else frozenset(scopes)
    ranges = tuple(allow)
    check_organisation(org)
    check_scopes(role, wished)
    _check_days(days)
    _check_ranges(ranges)
    if not 0 < len(name) <= NAME_CHARS_MAX:
        raise WishRefused(Code.WRONG_LENGTH, "name", f"a name has 1 to {NAME_CHARS_MAX} characters")
    kind = _regulator(role, regulator, region)
    now, key_id = local_now(), _new_id()
    values = {
        "key_id": key_id,
        "org": org,
        "role": role.value,
        "name": name,
        "created_at": now,
        "lineage": key_id,
        "expires_at": now + days * DAY_US,
        "scopes": " ".join(sorted(wished)),
        "allow": " ".join(ranges),
        "regulator": kind.value if kind else None,
        "region": region,
    }
    with guarded(), databases.ledger.begin() as connection:
        _check_room(connection, org, now)
        token = _insert(connection, values)
        note(connection, Act.KEY_MADE, by, org=org, subject=key_id, detail=name)
    holder = Holder(key_id, org, role, name, wished, kind, region, until=now + days * DAY_US)
    return holder, token


def rotate_key(
    databases: Databases,
    key_id: str,
    *,
    overlap_days: int = ROTATION_DAYS_MAX,
    days: int = KEY_DAYS,
    by: By = AT_THE_CONSOLE,
) -> tuple[Holder, str]:
    """A successor with the same rights, and its token; the old key lives on for `overlap_days` at most.

    WishRefused where the key is over, or two of its lineage live already.
    """
    _check_days(days)
    if not 0 <= overlap_days <= ROTATION_DAYS_MAX:
        message = f"the old key lives on for 0 to {ROTATION_DAYS_MAX} days, not {overlap_days}"
        raise WishRefused(Code.OUT_OF_RANGE, "overlap_days", message)
    now = local_now()
    with guarded(), databases.ledger.begin() as connection:
        rows = connection.execute(_lineage_of(key_id)).all()
        old = next((info for info in map(_info, rows) if info.holder.key_id == key_id), None)
        if old is None or not old.live(now):
            raise WishRefused(Code.KEY_OVER, "key_id", f'there is no live key "{key_id}"')
        if sum(_info(row).live(now) for row in rows) >= LIVE_IN_LINEAGE_MAX:
            message = f'"{LIVE_IN_LINEAGE_MAX}" keys of this lineage live already; revoke one first'
            raise WishRefused(Code.TOO_MANY_LIVE_KEYS, "key_id", message)
        values = next(row for row in rows if row.key_id == key_id)._asdict()
        until, new_id = now + days * DAY_US, _new_id()
        values.update(key_id=new_id, created_at=now, expires_at=until, last_used_at=None)
        token = _insert(connection, values)
        ends = min(old.expires_at, now + overlap_days * DAY_US)
        connection.execute(update(AccessKey).where(AccessKey.key_id == key_id).values(expires_at=ends))
        note(connection, Act.KEY_ROTATED, by, org=old.holder.org, subject=key_id, detail=new_id)
    was = old.holder
    return Holder(
        new_id, was.org, was.role, was.name, was.scopes, was.regulator, was.region, until=until
    ), token


def list_keys(databases: Databases, org: str | None = None) -> list[KeyInfo]:
    """All keys, or those of an organisation; revoked ones too, oldest first."""
    query = select(*_COLUMNS).order_by(AccessKey.created_at, AccessKey.key_id)
    if org is not None:
        query = query.where(AccessKey.org == org)
    with guarded(), reading(databases.ledger) as connection:
        return [_info(row) for row in connection.execute(query)]


def find_key(databases: Databases, key_id: str) -> KeyInfo | None:
    """One key, whatever became of it."""
    with guarded(), reading(databases.ledger) as connection:
        row = connection.execute(select(*_COLUMNS).where(AccessKey.key_id == key_id)).one_or_none()
    return _info(row) if row is not None else None


def revoke_key(databases: Databases, key_id: str, by: By = AT_THE_CONSOLE) -> bool:
    """Whether there was a live key to revoke; doors forget it within seconds, and sessions opened with it are over."""
    query = update(AccessKey).where(AccessKey.key_id == key_id, AccessKey.revoked_at.is_(None))
    with guarded(), databases.ledger.begin() as connection:
        revoked = query.values(revoked_at=local_now()).returning(AccessKey.org, AccessKey.name)
        row = connection.execute(revoked).one_or_none()
        if row is not None:
            note(connection, Act.KEY_REVOKED, by, org=row.org, subject=key_id, detail=row.name)
        return row is not None


def scopes_of(text: str) -> frozenset[Scope]:
    """Scopes as stored, separated by blanks; ones that this release does not know are left out."""
    return frozenset(Scope(word) for word in text.split() if word in _SCOPES)


def check_organisation(org: str, field: str = "org") -> None:
    """NotAnOrganisation for what has not the shape of a credit code; a wrong check digit passes (it warns)."""
    try:
        _ORG.validate_python(org)
    except ValidationError:
        message = f'"{org[:40]}" is not a unified social credit code'
        raise NotAnOrganisation(Code.BAD_FORMAT, field, message) from None


def check_scopes(role: Role, scopes: Collection[Scope]) -> None:
    """WishRefused for none, and for ones that the role does not allow."""
    if not scopes:
        raise WishRefused(Code.WRONG_LENGTH, "scopes", "at least one scope is needed")
    if beyond := sorted(set(scopes) - SCOPES_OF[role]):
        message = f'a {role} cannot have scope "{beyond[0]}"'
        raise WishRefused(Code.SCOPE_NOT_OF_ROLE, "scopes", message)


_SCOPES: Final = frozenset(scope.value for scope in Scope)
_COLUMNS: Final = tuple(column for column in AccessKey.__table__.columns if column.name != "secret_sha256")


def _check_days(days: int) -> None:
    if not 1 <= days <= KEY_DAYS_MAX:
        raise WishRefused(Code.OUT_OF_RANGE, "days", f"a key lives 1 to {KEY_DAYS_MAX} days, not {days}")


def _check_ranges(ranges: tuple[str, ...]) -> None:
    if len(ranges) > RANGES_MAX:
        raise WishRefused(Code.WRONG_LENGTH, "allow", f"at most {RANGES_MAX} address ranges")
    try:
        networks(ranges)
    except ValueError as error:
        raise WishRefused(Code.BAD_FORMAT, "allow", str(error)[:200]) from None


def _regulator(role: Role, kind: RegulatorKind | None, region: str) -> RegulatorKind | None:
    """The kind of a regulator's key: environment where none is named. Others have neither kind nor region."""
    if role is not Role.REGULATOR:
        if kind is not None or region:
            raise WishRefused(Code.CONTRADICTION, "role", f"a {role} has no kind and no region")
        return None
    try:
        _REGION.validate_python(region)
    except ValidationError:
        raise WishRefused(Code.BAD_FORMAT, "region", "a region is two, four or six digits") from None
    return kind or RegulatorKind.ENVIRONMENT


def _check_room(connection: Connection, org: str, now: int) -> None:
    live = select(AccessKey.key_id).where(
        AccessKey.org == org, AccessKey.revoked_at.is_(None), AccessKey.expires_at > now
    )
    if len(connection.execute(live.limit(KEYS_OF_ORG_MAX)).all()) >= KEYS_OF_ORG_MAX:
        message = f"an organisation has at most {KEYS_OF_ORG_MAX} live keys"
        raise WishRefused(Code.TOO_MANY_LIVE_KEYS, "org", message)


def _lineage_of(key_id: str) -> Any:
    lineage = select(AccessKey.lineage).where(AccessKey.key_id == key_id).scalar_subquery()
    return select(*_COLUMNS).where(AccessKey.lineage == lineage).with_for_update()


def _new_id() -> str:
    return secrets.token_hex(6)


def _insert(connection: Connection, values: dict[str, Any]) -> str:
    secret = secrets.token_urlsafe(32)
    connection.execute(insert(AccessKey).values(secret_sha256=sha256(secret.encode()), **values))
    return f"{PREFIX}_{values['key_id']}_{secret}"


def holder_of(row: Row[Any]) -> Holder:
    """The holder that a row of access_keys makes."""
    kind = RegulatorKind(row.regulator) if row.regulator else None
    return Holder(
        row.key_id,
        row.org,
        Role(row.role),
        row.name,
        scopes_of(row.scopes),
        kind,
        row.region,
        until=row.expires_at,
    )


def _info(row: Row[Any]) -> KeyInfo:
    return KeyInfo(
        holder_of(row),
        row.created_at,
        row.revoked_at,
        row.expires_at,
        row.last_used_at,
        row.lineage,
        tuple(row.allow.split()),
    )
