"""Whether what a software vendor made for an organisation may still be told: while the delegation it acts by is live.

An endpoint or a subscription outlives the key it was made with, since it is the organisation's own. One that was made on
the strength of a delegation (委托) ends being told with it, keeps its place, and goes on when it is given again.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from models.access import Scope
from models.tables_keys import Delegation
from streams.clock import local_now
from streams.databases import Databases, guarded, reading
from streams.keys import Holder


def may_be_told(databases: Databases, holders: Iterable[Holder]) -> set[Holder]:
    """Those of the holders who act for themselves, or by a delegation that is live and good for webhooks. Blocks."""
    wanted = set(holders)
    delegated = {holder for holder in wanted if holder.via is not None}
    if not delegated:
        return wanted
    now = local_now()
    query = select(Delegation.delegate, Delegation.org, Delegation.role, Delegation.scopes).where(
        Delegation.delegate.in_({holder.via for holder in delegated if holder.via is not None}),
        Delegation.revoked_at.is_(None),
        Delegation.valid_from <= now,
        Delegation.expires_at > now,
    )
    with guarded(), reading(databases.ledger) as connection:
        live = {
            (row.delegate, row.org, row.role)
            for row in connection.execute(query)
            if Scope.HOOKS_MANAGE in row.scopes.split()
        }
    return {
        holder
        for holder in wanted
        if holder.via is None or (holder.via, holder.org, holder.role.value) in live
    }
