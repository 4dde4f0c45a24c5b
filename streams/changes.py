"""Numbered alert changes with their alert read, as feeds and notify follow them; the alert is read once for all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, func, select

from models.tables import AlertChange
from models.tables_reading import AlertPlace
from streams.databases import guarded, reading


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `alert` is the alert after it, as stored (instants are microseconds)."""

    change_no: int
    concern: str
    key: str
    cause: str
    ordinal: int
    change: str
    changed_at: int
    alert: dict[str, Any]
    places: tuple[tuple[str, bool], ...] = ()  # Where it belongs: regions, and whether it is medical there.

    @property
    def identity(self) -> str:
        """What names a change whatever its number: a rebuild gives numbers anew."""
        return f"{self.concern}\n{self.key}\n{self.cause}\n{self.ordinal}"


def changes_after(state: Engine, after: int, limit: int) -> list[Change]:
    """Changes with change_no > after, in order. Blocks."""
    wanted = select(
        AlertChange.change_no,
        AlertChange.concern,
        AlertChange.key,
        AlertChange.cause,
        AlertChange.ordinal,
        AlertChange.change,
        AlertChange.changed_at,
        AlertChange.body,
        AlertChange.alert_id,
    ).where(AlertChange.change_no > after)
    with guarded(), reading(state) as connection:
        rows = connection.execute(wanted.order_by(AlertChange.change_no).limit(limit)).all()
        places = places_of(connection, {row.alert_id for row in rows})
    return [
        Change(row[0] or 0, *row[1:-2], orjson.loads(row[-2]), tuple(places.get(row[-1], ()))) for row in rows
    ]


def places_of(connection: Connection, alert_ids: Collection[str]) -> dict[str, list[tuple[str, bool]]]:
    """Where alerts belong: six digits of each region, and whether it is about medical waste there."""
    found: dict[str, list[tuple[str, bool]]] = {}
    if alert_ids:
        query = select(AlertPlace.alert_id, AlertPlace.region, AlertPlace.medical)
        for alert_id, region, medical in connection.execute(query.where(AlertPlace.alert_id.in_(alert_ids))):
            found.setdefault(alert_id, []).append((region, bool(medical)))
    return found


def shown_changes(state: Engine, numbers: Collection[int]) -> set[int]:
    """Which of these changes the database shows to whoever it is read for (streams.databases.REACH). Blocks."""
    if not numbers:
        return set()
    query = select(AlertChange.change_no).where(AlertChange.change_no.in_(numbers))
    with guarded(), reading(state) as connection:
        return {number for number in connection.execute(query).scalars() if number is not None}


def last_change_no(state: Engine) -> int:
    """The last number given; 0 where there is none. Blocks."""
    with guarded(), reading(state) as connection:
        return int(connection.execute(select(func.max(AlertChange.change_no))).scalar_one() or 0)


def change_no_before(state: Engine, changed_at: int) -> int:
    """The last number of what changed before an instant; where to go on after a rebuild gave numbers anew. Blocks."""
    query = select(func.max(AlertChange.change_no)).where(AlertChange.changed_at < changed_at)
    with guarded(), reading(state) as connection:
        return int(connection.execute(query).scalar_one() or 0)
