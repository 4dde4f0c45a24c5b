"""Webhook endpoints in SQL: what people set, how far each was told, its deliveries and dead letters.

People's side is written by the API, always within one organisation; the telling side by notify, under its lease's token.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from models.access import RegulatorKind
from models.errors import FeilianError
from models.facts import Role
from models.hooks import DeadState, Filter, HookBody, HookState, Outcome, Position
from models.tables_hooks import HookDeadLetter, HookDelivery, HookRow, NotifyPosition
from streams.clock import local_now
from streams.databases import Databases, guarded, reading
from streams.hook_events import new_secret
from streams.keys import Holder
from streams.notify_positions import check_token, move_position, positions, put_position

DELIVERIES_KEPT: Final = 500
_US: Final = 1_000_000


class TooManyHooks(FeilianError):
    """An organisation has as many endpoints as it may."""


@dataclass(frozen=True, slots=True)
class Hook:
    """An endpoint. `holder` is who it tells, with the reach of the key it was made with. Secrets are not shown."""

    hook_id: str
    holder: Holder
    name: str
    url: str
    body: HookBody
    wanted: Filter
    state: HookState
    state_reason: str
    state_at: int
    created_at: int
    revision: int
    secret: str = field(repr=False)
    old_secret: str | None = field(repr=False)
    old_secret_until: int | None

    def secrets(self, now: int) -> list[str]:
        """Those that sign now: the one in use, and for a while the one before it."""
        old = self.old_secret if self.old_secret is not None and (self.old_secret_until or 0) > now else None
        return [self.secret, *([old] if old is not None else [])]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try. `at` is real time, microseconds UTC."""

    webhook_id: str
    type: str
    position: int
    attempt: int
    at: int
    outcome: Outcome
    status: int | None
    latency_ms: int
    error: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was put aside; `body` is what was and will be sent."""

    hook_id: str
    webhook_id: str
    type: str
    stream: str
    position: int
    body: bytes
    dead_at: int
    attempts: int
    status: int | None
    error: str
    state: DeadState
    state_at: int


def holder_of_row(row: RowMapping) -> Holder:
    """Who a row of endpoints or subscriptions is for."""
    return Holder(
        row["created_by"],
        row["org"],
        Role(row["role"]),
        "",
        regulator=RegulatorKind(row["regulator"]) if row["regulator"] else None,
        region=row["region"],
        via=row["via"],
    )


def holder_columns(holder: Holder) -> dict[str, Any]:
    """The columns that `holder_of_row` reads."""
    return {
        "org": holder.org,
        "role": holder.role.value,
        "regulator": holder.regulator.value if holder.regulator else None,
        "region": holder.region,
        "via": holder.via,
        "created_by": holder.key_id,
    }


def _hook(row: RowMapping) -> Hook:
    return Hook(
        row["hook_id"],
        holder_of_row(row),
        row["name"],
        row["url"],
        HookBody(row["body"]),
        Filter.model_validate_json(row["wanted"]),
        HookState(row["state"]),
        row["state_reason"],
        row["state_at"],
        row["created_at"],
        row["revision"],
        row["secret"],
        row["old_secret"],
        row["old_secret_until"],
    )


@dataclass(frozen=True, slots=True)
class HookStore:
    """All methods block; LedgerUnavailable where the database is away."""

    databases: Databases

    # People's side

    def create(
        self,
        holder: Holder,
        url: str,
        name: str,
        body: HookBody,
        wanted: Filter,
        position: Position,
        hooks_max: int,
    ) -> Hook:
        """A new endpoint that is told what comes after a position; TooManyHooks where there are enough."""
        hook_id, now = f"wh_{token_hex(8)}", local_now()
        values = {
            "hook_id": hook_id,
            **holder_columns(holder),
            "name": name,
            "url": url,
            "body": body.value,
            "wanted": wanted.model_dump_json().encode(),
            "state": HookState.ACTIVE.value,
            "state_reason": "",
            "state_at": now,
            "secret": new_secret(),
            "created_at": now,
            "revision": 1,
        }
        with guarded(), self.databases.ledger.begin() as connection:
            mine = select(func.count()).select_from(HookRow).where(HookRow.org == holder.org)
            if connection.execute(mine).scalar_one() >= hooks_max:
                raise TooManyHooks(f'"{holder.org}" has {hooks_max} endpoints already')
            connection.execute(insert(HookRow).values(values))
            put_position(connection, hook_id, position)
        found = self.one(holder.org, hook_id)
        assert found is not None
        return found

    def of_org(self, org: str) -> list[Hook]:
        """An organisation's endpoints, the oldest first."""
        return self._hooks(HookRow.org == org)

    def one(self, org: str, hook_id: str) -> Hook | None:
        """One of an organisation's endpoints; None for another's as for none."""
        return next(iter(self._hooks((HookRow.org == org) & (HookRow.hook_id == hook_id))), None)

    def all(self) -> list[Hook]:
        """Every endpoint."""
        return self._hooks()

    def _hooks(self, *conditions: Any) -> list[Hook]:
        query = select(HookRow.__table__).where(*conditions).order_by(HookRow.created_at, HookRow.hook_id)
        with guarded(), reading(self.databases.ledger) as connection:
            return [_hook(row) for row in connection.execute(query).mappings()]

    def change(self, org: str, hook_id: str, **values: Any) -> Hook | None:
        """Set columns; None where the organisation has no such endpoint. Enabling ends the pause after a failure."""
        state = values.get("state")
        if state is not None:
            values |= {"state_at": local_now(), "state_reason": values.get("state_reason", "")}
        mine = (HookRow.org == org) & (HookRow.hook_id == hook_id)
        with guarded(), self.databases.ledger.begin() as connection:
            changed = connection.execute(
                update(HookRow).where(mine).values(revision=HookRow.revision + 1, **values)
            )
            if changed.rowcount and state == HookState.ACTIVE:
                fresh = {"attempts": 0, "next_at": 0, "failing_since": None}
                connection.execute(
                    update(NotifyPosition).where(NotifyPosition.reader == hook_id).values(fresh)
                )
        return self.one(org, hook_id) if changed.rowcount else None

    def rotate(self, org: str, hook_id: str, overlap_s: int) -> Hook | None:
        """A new secret; the one before it signs too for a while. One that was replaced earlier ends now."""
        return self.change(
            org,
            hook_id,
            old_secret=HookRow.secret,
            old_secret_until=local_now() + overlap_s * _US,
            secret=new_secret(),
        )

    def remove(self, org: str, hook_id: str) -> bool:
        """Whether there was such an endpoint; all that is known of it goes."""
        mine = (HookRow.org == org) & (HookRow.hook_id == hook_id)
        with guarded(), self.databases.ledger.begin() as connection:
            if not connection.execute(delete(HookRow).where(mine)).rowcount:
                return False
            connection.execute(delete(HookDelivery).where(HookDelivery.hook_id == hook_id))
            connection.execute(delete(HookDeadLetter).where(HookDeadLetter.hook_id == hook_id))
            connection.execute(delete(NotifyPosition).where(NotifyPosition.reader == hook_id))
        return True

    def deliveries(self, hook_id: str, limit: int) -> list[Delivery]:
        """The last tries, the latest first."""
        columns = [getattr(HookDelivery, name) for name in Delivery.__slots__]
        query = select(*columns).where(HookDelivery.hook_id == hook_id)
        with guarded(), reading(self.databases.ledger) as connection:
            rows = connection.execute(query.order_by(HookDelivery.no.desc()).limit(limit))
            return [replace(each, outcome=Outcome(each.outcome)) for each in (Delivery(*row) for row in rows)]

    def dead_letters(
        self, hook_id: str, limit: int, after: tuple[int, str] = (0, ""), state: DeadState | None = None
    ) -> list[DeadLetter]:
        """Those put aside after (dead_at, webhook_id), the earliest first."""
        at, last = after
        later = (HookDeadLetter.dead_at > at) | (
            (HookDeadLetter.dead_at == at) & (HookDeadLetter.webhook_id > last)
        )
        query = select(HookDeadLetter.__table__).where(HookDeadLetter.hook_id == hook_id, later)
        if state is not None:
            query = query.where(HookDeadLetter.state == state.value)
        query = query.order_by(HookDeadLetter.dead_at, HookDeadLetter.webhook_id).limit(limit)
        with guarded(), reading(self.databases.ledger) as connection:
            return [_dead(row) for row in connection.execute(query).mappings()]

    def has_dead_letter(self, hook_id: str, webhook_id: str) -> bool:
        """Whether this message was put aside, in whatever state it is now."""
        mine = (HookDeadLetter.hook_id == hook_id) & (HookDeadLetter.webhook_id == webhook_id)
        with guarded(), reading(self.databases.ledger) as connection:
            return connection.execute(select(HookDeadLetter.webhook_id).where(mine)).first() is not None

    def redrive(self, hook_id: str, webhook_id: str | None = None) -> int:
        """Queue one dead letter, or all that wait, to be sent again; how many were queued."""
        values = {"state": DeadState.QUEUED.value, "state_at": local_now()}
        query = update(HookDeadLetter).where(
            HookDeadLetter.hook_id == hook_id, HookDeadLetter.state == DeadState.WAITING.value
        )
        if webhook_id is not None:
            query = query.where(HookDeadLetter.webhook_id == webhook_id)
        with guarded(), self.databases.ledger.begin() as connection:
            return int(connection.execute(query.values(values)).rowcount)

    def positions(self, readers: Iterable[str]) -> dict[str, Position]:
        """How far each was told."""
        with guarded(), reading(self.databases.ledger) as connection:
            return positions(connection, readers)

    # Notify's side

    def queued(self) -> set[str]:
        """Endpoints with dead letters that are to be sent again."""
        query = select(HookDeadLetter.hook_id).where(HookDeadLetter.state == DeadState.QUEUED.value)
        with guarded(), reading(self.databases.ledger) as connection:
            return set(connection.execute(query.distinct()).scalars())

    def waiting_letters(self) -> int:
        """How many dead letters were not delivered since."""
        query = select(func.count()).where(HookDeadLetter.state != DeadState.DELIVERED.value)
        with guarded(), reading(self.databases.ledger) as connection:
            return int(connection.execute(query).scalar_one())

    def settle(
        self,
        reader: str,
        token: int,
        position: Position,
        deliveries: Sequence[Delivery] = (),
        dead: DeadLetter | None = None,
    ) -> bool:
        """Note how far an endpoint was told and what was tried; False where it was removed. Fenced under a newer lease."""
        with guarded(), self.databases.ledger.begin() as connection:
            if not move_position(connection, reader, token, position):
                return False
            if deliveries:
                _log(connection, reader, deliveries)
            if dead is not None:
                _bury(connection, dead)
        return True

    def redriven(self, letter: DeadLetter, token: int, tried: Delivery) -> bool:
        """Note how sending a dead letter again went; False where its endpoint was removed."""
        delivered = tried.outcome is Outcome.DELIVERED
        mine = (HookDeadLetter.hook_id == letter.hook_id) & (HookDeadLetter.webhook_id == letter.webhook_id)
        values = {
            "state": (DeadState.DELIVERED if delivered else DeadState.WAITING).value,
            "state_at": tried.at,
            "attempts": tried.attempt,
            "status": tried.status,
            "error": tried.error,
        }
        with guarded(), self.databases.ledger.begin() as connection:
            if not check_token(connection, letter.hook_id, token):
                return False
            connection.execute(update(HookDeadLetter).where(mine).values(values))
            _log(connection, letter.hook_id, [tried])
        return True

    def disable(self, hook_id: str, reason: str, token: int) -> bool:
        """Disable an active endpoint, for a reason that people read; whether it was active."""
        active = (HookRow.hook_id == hook_id) & (HookRow.state == HookState.ACTIVE.value)
        values = {"state": HookState.DISABLED.value, "state_reason": reason, "state_at": local_now()}
        with guarded(), self.databases.ledger.begin() as connection:
            if not check_token(connection, hook_id, token):
                return False
            done = connection.execute(
                update(HookRow).where(active).values(revision=HookRow.revision + 1, **values)
            )
        return bool(done.rowcount)


def _dead(row: RowMapping) -> DeadLetter:
    return DeadLetter(**{**row, "state": DeadState(row["state"]), "body": bytes(row["body"])})


def _log(connection: Connection, hook_id: str, deliveries: Sequence[Delivery]) -> None:
    """Append, and forget what is older than the last few hundred."""
    last = connection.execute(
        select(func.max(HookDelivery.no)).where(HookDelivery.hook_id == hook_id)
    ).scalar_one_or_none()
    first = (last or 0) + 1
    rows = [
        {"hook_id": hook_id, "no": no, **{name: getattr(each, name) for name in Delivery.__slots__}}
        for no, each in enumerate(deliveries, first)
    ]
    connection.execute(insert(HookDelivery), rows)
    oldest = first + len(rows) - 1 - DELIVERIES_KEPT
    connection.execute(delete(HookDelivery).where(HookDelivery.hook_id == hook_id, HookDelivery.no <= oldest))


def _bury(connection: Connection, dead: DeadLetter) -> None:
    """Put a message aside; one that was there already (told again after a kill) keeps its place."""
    mine = (HookDeadLetter.hook_id == dead.hook_id) & (HookDeadLetter.webhook_id == dead.webhook_id)
    if connection.execute(select(HookDeadLetter.webhook_id).where(mine)).first() is None:
        values = {name: getattr(dead, name) for name in DeadLetter.__slots__}
        connection.execute(insert(HookDeadLetter).values({**values, "state": dead.state.value}))
