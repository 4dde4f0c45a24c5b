"""委托: an organisation lets another act for it; given, listed, revoked and looked up. Used by the door and `feilian`.

A delegate acts in one role of the organisation, with some of that role's scopes, until a day; never with the scope to
give keys or delegations on.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, replace
from threading import Lock
from time import monotonic
from typing import Any, Final

from sqlalchemy import Row, insert, or_, select, update

from models.access import DELEGABLE_ROLES, DELEGABLE_SCOPES, KEY_DAYS, KEY_DAYS_MAX, SCOPES_OF, Scope
from models.exact import DAY_US
from models.facts.base import Role
from models.people import Act
from models.problems import Code
from models.tables_keys import Delegation
from streams.clock import local_now
from streams.credential_log import AT_THE_CONSOLE, By, note
from streams.databases import Databases, guarded, reading
from streams.key_ring import KeyRefused
from streams.keys import Holder, WishRefused, check_organisation, scopes_of

DELEGATIONS_OF_ORG_MAX: Final = 200
_CACHE_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class DelegationInfo:
    """A delegation as it stands; instants are microseconds UTC."""

    delegation_id: str
    org: str
    delegate: str
    role: Role
    scopes: frozenset[Scope]
    created_at: int
    created_by: str
    valid_from: int
    expires_at: int
    revoked_at: int | None

    def live(self, now: int) -> bool:
        """Whether the delegate may act on it at an instant."""
        return self.revoked_at is None and self.valid_from <= now < self.expires_at


def give(
    databases: Databases,
    org: str,
    delegate: str,
    role: Role,
    *,
    created_by: str,
    scopes: Collection[Scope] | None = None,
    days: int = KEY_DAYS,
    valid_from: int | None = None,
    by: By = AT_THE_CONSOLE,
) -> DelegationInfo:
    """A new delegation, from now or a later instant on, for so many days; WishRefused for what cannot be."""
    allowed = SCOPES_OF[role] & DELEGABLE_SCOPES
    wished = frozenset(allowed if scopes is None else scopes)
    now = local_now()
    since = now if valid_from is None else valid_from
    _check(org, delegate, role, wished, days)
    if not now <= since <= now + KEY_DAYS_MAX * DAY_US:
        message = f"valid_from is now or at most {KEY_DAYS_MAX} days later"
        raise WishRefused(Code.OUT_OF_RANGE, "valid_from", message)
    made = DelegationInfo(
        secrets.token_hex(6),
        org,
        delegate,
        role,
        wished,
        now,
        created_by,
        since,
        since + days * DAY_US,
        None,
    )
    with guarded(), databases.ledger.begin() as connection:
        of_org = select(Delegation.delegation_id).where(
            Delegation.org == org, Delegation.revoked_at.is_(None), Delegation.expires_at > now
        )
        if len(connection.execute(of_org.limit(DELEGATIONS_OF_ORG_MAX)).all()) >= DELEGATIONS_OF_ORG_MAX:
            message = f"an organisation has at most {DELEGATIONS_OF_ORG_MAX} delegations at a time"
            raise WishRefused(Code.TOO_MANY_LIVE_KEYS, "org", message)
        connection.execute(insert(Delegation).values(**_stored(made)))
        note(connection, Act.DELEGATION_GIVEN, by, org=org, subject=delegate, detail=role.value)
    return made


def list_delegations(
    databases: Databases, *, org: str | None = None, party: str | None = None, limit: int = 1000
) -> list[DelegationInfo]:
    """Delegations of an organisation, or those in which it is either party; the latest first, over ones too."""
    query = _ALL.order_by(Delegation.created_at.desc(), Delegation.delegation_id).limit(limit)
    if org is not None:
        query = query.where(Delegation.org == org)
    if party is not None:
        query = query.where(or_(Delegation.org == party, Delegation.delegate == party))
    with guarded(), reading(databases.ledger) as connection:
        return [_info(row) for row in connection.execute(query)]


def find_delegation(databases: Databases, delegation_id: str) -> DelegationInfo | None:
    """One delegation, whatever became of it."""
    with guarded(), reading(databases.ledger) as connection:
        row = connection.execute(_ALL.where(Delegation.delegation_id == delegation_id)).one_or_none()
    return _info(row) if row is not None else None


def revoke_delegation(databases: Databases, delegation_id: str, by: By = AT_THE_CONSOLE) -> bool:
    """Whether there was one to revoke; doors forget it within seconds."""
    query = update(Delegation).where(
        Delegation.delegation_id == delegation_id, Delegation.revoked_at.is_(None)
    )
    with guarded(), databases.ledger.begin() as connection:
        revoked = query.values(revoked_at=local_now()).returning(Delegation.org, Delegation.delegate)
        row = connection.execute(revoked).one_or_none()
        if row is not None:
            note(connection, Act.DELEGATION_ENDED, by, org=row.org, subject=row.delegate)
        return row is not None


class Delegations:
    """Who may act for whom, remembered for a few seconds, also where nobody may."""

    def __init__(self, databases: Databases, cache_ms: int) -> None:
        self._databases = databases
        self._cache_s = cache_ms / 1000
        self._seen: OrderedDict[tuple[str, str], tuple[float, tuple[DelegationInfo, ...]]] = OrderedDict()
        self._lock = Lock()

    def remembered(self, delegate: str, org: str) -> tuple[DelegationInfo, ...]:
        """All delegations between the two; KeyError where the database has to be asked (`look_up`)."""
        until, found = self._seen[delegate, org]
        if until < monotonic():
            raise KeyError(org)
        return found

    def look_up(self, delegate: str, org: str) -> tuple[DelegationInfo, ...]:
        """The same, asking the database; LedgerUnavailable where that is away."""
        query = _ALL.where(Delegation.delegate == delegate, Delegation.org == org)
        latest = query.order_by(Delegation.expires_at.desc()).limit(DELEGATIONS_OF_ORG_MAX)
        with guarded(), reading(self._databases.ledger) as connection:
            found = tuple(_info(row) for row in connection.execute(latest))
        with self._lock:
            self._seen[delegate, org] = (monotonic() + self._cache_s, found)
            self._seen.move_to_end((delegate, org))
            while len(self._seen) > _CACHE_MAX:
                self._seen.popitem(last=False)
        return found

    def forget(self, delegate: str, org: str) -> None:
        """Ask anew next time: something was given or revoked in this process."""
        with self._lock:
            self._seen.pop((delegate, org), None)


def acting_for(
    holder: Holder, org: str, role: Role | None, delegations: Collection[DelegationInfo]
) -> Holder:
    """The holder as it acts for an organisation; KeyRefused where no delegation carries that now.

    It has the scopes that key and delegation share. Where several roles were delegated, `role` chooses.
    """
    now = local_now()
    live = [one for one in delegations if one.live(now) and role in (None, one.role)]
    if not live:
        if any(one.revoked_at is not None or now >= one.expires_at for one in delegations):
            raise KeyRefused(Code.DELEGATION_OVER, f'the delegation by "{org}" is revoked or over')
        raise KeyRefused(Code.NOT_DELEGATED, f'"{org}" has not delegated this to "{holder.org}"')
    if len({one.role for one in live}) > 1:
        choice = ", ".join(sorted({f"{org}; role={one.role}" for one in live}))
        raise KeyRefused(Code.NOT_DELEGATED, f"several roles are delegated; say which: {choice}")
    scopes = frozenset[Scope]().union(*(one.scopes for one in live)) & holder.scopes
    ends = [max(one.expires_at for one in live), *([holder.until] if holder.until is not None else [])]
    return replace(
        holder,
        org=org,
        role=live[0].role,
        scopes=scopes,
        regulator=None,
        region="",
        via=holder.org,
        until=min(ends),
    )


_ALL: Final = select(*Delegation.__table__.columns)


def _check(org: str, delegate: str, role: Role, scopes: frozenset[Scope], days: int) -> None:
    check_organisation(org)
    check_organisation(delegate, "delegate")
    if org == delegate:
        raise WishRefused(Code.CONTRADICTION, "delegate", "an organisation acts for itself anyway")
    if role not in DELEGABLE_ROLES:
        raise WishRefused(Code.NOT_ONE_OF, "role", f"a {role} acts for itself only")
    if not 1 <= days <= KEY_DAYS_MAX:
        message = f"a delegation lasts 1 to {KEY_DAYS_MAX} days, not {days}"
        raise WishRefused(Code.OUT_OF_RANGE, "days", message)
    if not scopes:
        raise WishRefused(Code.WRONG_LENGTH, "scopes", "at least one scope is needed")
    if beyond := sorted(scopes - (SCOPES_OF[role] & DELEGABLE_SCOPES)):
        raise WishRefused(Code.SCOPE_NOT_OF_ROLE, "scopes", f'scope "{beyond[0]}" cannot be delegated')


def _stored(made: DelegationInfo) -> dict[str, Any]:
    return {
        "delegation_id": made.delegation_id,
        "org": made.org,
        "delegate": made.delegate,
        "role": made.role.value,
        "scopes": " ".join(sorted(made.scopes)),
        "created_at": made.created_at,
        "created_by": made.created_by,
        "valid_from": made.valid_from,
        "expires_at": made.expires_at,
        "revoked_at": None,
    }


def _info(row: Row[Any]) -> DelegationInfo:
    return DelegationInfo(
        row.delegation_id,
        row.org,
        row.delegate,
        Role(row.role),
        scopes_of(row.scopes),
        row.created_at,
        row.created_by,
        row.valid_from,
        row.expires_at,
        row.revoked_at,
    )
