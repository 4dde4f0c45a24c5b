"""Who gets e-mail of what, in SQL: subscriptions that wait for their address to confirm, and those that have.

A token goes out by mail and only its hash is kept; the one for leaving is in every mail, so it is kept as it is.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from secrets import token_hex, token_urlsafe
from typing import Any, Final

from sqlalchemy import RowMapping, delete, func, insert, select, update

from models.canonical import sha256
from models.errors import FeilianError
from models.hooks import Filter, MailState, Position
from models.tables_hooks import MailSubscription, NotifyPosition
from streams.clock import local_now
from streams.databases import Databases, guarded, reading
from streams.hook_store import holder_columns, holder_of_row
from streams.keys import Holder
from streams.notify_positions import check_token, move_position, put_position

_HOUR_US: Final = 3600 * 1_000_000


class TooManySubscriptions(FeilianError):
    """An organisation has as many subscriptions as it may, or this address one already."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One person's. `minutes` is how long what is not urgent may wait for company; 0 sends everything at once."""

    subscription_id: str
    holder: Holder
    address: str
    lang: str
    wanted: Filter
    minutes: int
    state: MailState
    created_at: int
    revision: int
    leave_token: str = field(repr=False)


def _subscription(row: RowMapping) -> Subscription:
    return Subscription(
        row["subscription_id"],
        holder_of_row(row),
        row["address"],
        row["lang"],
        Filter.model_validate_json(row["wanted"]),
        row["minutes"],
        MailState(row["state"]),
        row["created_at"],
        row["revision"],
        row["leave_token"],
    )


@dataclass(frozen=True, slots=True)
class MailStore:
    """All methods block; LedgerUnavailable where the database is away."""

    databases: Databases

    def create(
        self,
        holder: Holder,
        address: str,
        lang: str,
        wanted: Filter,
        minutes: int,
        position: Position,
        *,
        most: int,
        confirm_hours: int,
    ) -> tuple[Subscription, str]:
        """A subscription that waits for its address, and the token to confirm it with; TooManySubscriptions.

        What has waited in vain for longer than it may makes room.
        """
        subscription_id, secret, now = f"ms_{token_hex(8)}", token_urlsafe(24), local_now()
        values = {
            "subscription_id": subscription_id,
            **holder_columns(holder),
            "address": address,
            "lang": lang,
            "wanted": wanted.model_dump_json().encode(),
            "minutes": minutes,
            "state": MailState.PENDING.value,
            "confirm_sha256": sha256(secret.encode()),
            "confirm_until": now + confirm_hours * _HOUR_US,
            "leave_token": token_urlsafe(24),
            "created_at": now,
            "revision": 1,
        }
        lapsed = (MailSubscription.state == MailState.PENDING.value) & (MailSubscription.confirm_until < now)
        mine = MailSubscription.org == holder.org
        with guarded(), self.databases.ledger.begin() as connection:
            old = connection.execute(select(MailSubscription.subscription_id).where(mine & lapsed)).scalars()
            for each in list(old):
                _forget(connection, each)
            of_org = select(func.count()).select_from(MailSubscription).where(mine)
            if connection.execute(of_org).scalar_one() >= most:
                raise TooManySubscriptions(f'"{holder.org}" has {most} subscriptions already')
            waiting = of_org.where(
                MailSubscription.address == address, MailSubscription.state == MailState.PENDING.value
            )
            if connection.execute(waiting).scalar_one():
                raise TooManySubscriptions(f'"{address}" has been asked already and has not confirmed yet')
            connection.execute(insert(MailSubscription).values(values))
            put_position(connection, subscription_id, position)
        found = self.one(holder.org, subscription_id)
        assert found is not None
        return found, f"{subscription_id}.{secret}"

    def of_org(self, org: str) -> list[Subscription]:
        """An organisation's, the oldest first."""
        return self._found(MailSubscription.org == org)

    def one(self, org: str, subscription_id: str) -> Subscription | None:
        """One of an organisation's; None for another's as for none."""
        mine = (MailSubscription.org == org) & (MailSubscription.subscription_id == subscription_id)
        return next(iter(self._found(mine)), None)

    def active(self) -> list[Subscription]:
        """Every one that is to be told."""
        return self._found(MailSubscription.state == MailState.ACTIVE.value)

    def _found(self, condition: Any) -> list[Subscription]:
        query = select(MailSubscription.__table__).where(condition)
        query = query.order_by(MailSubscription.created_at, MailSubscription.subscription_id)
        with guarded(), reading(self.databases.ledger) as connection:
            return [_subscription(row) for row in connection.execute(query).mappings()]

    def remove(self, org: str, subscription_id: str) -> bool:
        """Whether there was such a subscription."""
        mine = (MailSubscription.org == org) & (MailSubscription.subscription_id == subscription_id)
        with guarded(), self.databases.ledger.begin() as connection:
            found = connection.execute(select(MailSubscription.subscription_id).where(mine)).first()
            if found is not None:
                _forget(connection, subscription_id)
        return found is not None

    def confirm(self, token: str, position: Position) -> Subscription | None:
        """The subscription that this token makes active, told from a position on; None for a wrong or late one.

        The same token again is answered alike, since people click twice.
        """
        subscription_id, _, secret = token.partition(".")
        mine = MailSubscription.subscription_id == subscription_id
        with guarded(), self.databases.ledger.begin() as connection:
            row = connection.execute(select(MailSubscription.__table__).where(mine)).mappings().one_or_none()
            if row is None or row["confirm_sha256"] is None:
                return None
            good = hmac.compare_digest(bytes(row["confirm_sha256"]), sha256(secret.encode()))
            if not good or (row["confirm_until"] or 0) < local_now():
                return None
            if row["state"] == MailState.PENDING:
                values = {"state": MailState.ACTIVE.value, "revision": row["revision"] + 1}
                connection.execute(update(MailSubscription).where(mine).values(values))
                move_position(connection, subscription_id, 0, position)
        return self.one(row["org"], subscription_id)

    def leaving(self, token: str) -> Subscription | None:
        """The subscription that this token of a mail would end; None for a wrong one."""
        subscription_id, _, secret = token.partition(".")
        found = next(iter(self._found(MailSubscription.subscription_id == subscription_id)), None)
        good = found is not None and hmac.compare_digest(found.leave_token.encode(), secret.encode())
        return found if good else None

    def leave(self, token: str) -> bool:
        """End the subscription that this token of a mail is for; whether it was a right one."""
        found = self.leaving(token)
        return found is not None and self.remove(found.holder.org, found.subscription_id)

    # Notify's side

    def settle(self, subscription_id: str, token: int, position: Position) -> bool:
        """Note how far a subscription was told; False where it was removed. Fenced under a newer lease."""
        with guarded(), self.databases.ledger.begin() as connection:
            return move_position(connection, subscription_id, token, position)

    def bounce(self, subscription_id: str, token: int) -> None:
        """The mail server says that there is no such address: nothing more is sent there."""
        mine = MailSubscription.subscription_id == subscription_id
        with guarded(), self.databases.ledger.begin() as connection:
            if check_token(connection, subscription_id, token):
                values = {"state": MailState.BOUNCED.value, "revision": MailSubscription.revision + 1}
                connection.execute(update(MailSubscription).where(mine).values(values))


def _forget(connection: Any, subscription_id: str) -> None:
    connection.execute(delete(MailSubscription).where(MailSubscription.subscription_id == subscription_id))
    connection.execute(delete(NotifyPosition).where(NotifyPosition.reader == subscription_id))
