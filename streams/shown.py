"""How ledger rows and alerts look to those outside: instants RFC 3339 in Beijing time. For answers and hooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from models.alerts import ALERTS, AlertKind
from models.catalogue import region_name, region_name_en
from models.envelope import Row
from models.exact import format_instant

_INSTANTS: Final = ("since", "until", "raised_at", "cleared_at", "conduct_at")


def instant(us: int | None) -> str | None:
    """RFC 3339, or None."""
    return format_instant(us) if us is not None else None


def row_wire(row: Row) -> dict[str, Any]:
    """A ledger row; `original` is what a correction found in force."""
    wire: dict[str, Any] = {
        "seq": row.seq,
        "recorded_at": format_instant(row.recorded_at),
        "recorded_at_us": row.recorded_at,
        "stated_by": row.stated_by,
        "event_id": row.event_id,
        "kind": row.kind,
        "data": orjson.loads(row.data),
    }
    if row.original is not None:
        wire["original"] = orjson.loads(row.original)
    return wire


def alert_wire(alert: Mapping[str, Any]) -> dict[str, Any]:
    """An alert from its stored body or row; amounts stay integers, their names carry the unit."""
    wire = {name: value for name, value in alert.items() if name != "shard"}
    for name in _INSTANTS:
        wire[name] = instant(wire[name])
    for name in ("amounts", "parties"):
        if isinstance(wire[name], bytes | memoryview):
            wire[name] = orjson.loads(wire[name])
    region = str(wire["site"])[:6]
    wire["region"] = (
        {"code": region, "zh": region_name(region), "en": region_name_en(region)} if region else None
    )
    about = ALERTS[AlertKind(wire["kind"])]
    wire["title"] = {"zh": about.zh.title, "en": about.en.title}
    return wire
