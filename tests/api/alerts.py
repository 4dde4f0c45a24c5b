"""Alerts and their numbered changes written straight into the state, for tests of reading them."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import insert

from models.alerts import ALERTS, AlertKind, alert_id
from models.tables import AlertChange, AlertRow
from streams.databases import Databases
from tests.facts import CARRIER_ORG, FACILITY_ORG, PRODUCER_ORG, day


def alert_row(number: int, kind: AlertKind = AlertKind.MANIFEST_MASS_DIFFERS, **more: Any) -> dict[str, Any]:
    """An alert as a row; `number` makes it another one, raised so many minutes after day 10."""
    about = ALERTS[kind]
    key = f"2025330100{number:04d}"
    row: dict[str, Any] = {
        "alert_id": alert_id(about.concern, key, kind, key, 1),
        "concern": about.concern.value,
        "key": key,
        "shard": number % 4,
        "subject": key,
        "kind": kind.value,
        "episode": 1,
        "severity": about.severity.value,
        "condition": "open",
        "handling": "new",
        "standing": True,
        "site": "330604-KILN01",
        "since": day(10),
        "until": None,
        "raised_at": day(10) + number * 60_000_000,
        "cleared_at": None,
        "cleared_because": None,
        "conduct_at": day(10),
        "basis": "",
        "amounts": {"loaded_g": 180_000, "accepted_g": 150_000},
        "parties": [PRODUCER_ORG, CARRIER_ORG, FACILITY_ORG],
        "cause": f"s{number}",
    }
    return {**row, **more}


def write_alerts(databases: Databases, *rows: dict[str, Any]) -> None:
    """Put alerts into the table."""
    stored = [{**row, **{name: orjson.dumps(row[name]) for name in ("amounts", "parties")}} for row in rows]
    with databases.state.begin() as connection:
        connection.execute(insert(AlertRow), stored)


def write_changes(databases: Databases, first: int, *rows: dict[str, Any]) -> None:
    """A numbered change `raised` for each alert, from change_no `first` on."""
    with databases.state.begin() as connection:
        for change_no, row in enumerate(rows, first):
            body = {name: value for name, value in row.items() if name != "shard"}
            connection.execute(
                insert(AlertChange).values(
                    concern=row["concern"],
                    key=row["key"],
                    cause=row["cause"],
                    ordinal=change_no,
                    alert_id=row["alert_id"],
                    change="raised",
                    changed_at=row["raised_at"],
                    body=orjson.dumps(body),
                    change_no=change_no,
                )
            )
