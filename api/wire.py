"""How ledger rows and alerts look in answers: instants RFC 3339 in Beijing time, words in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from models.alerts import ALERTS, AlertKind, AlertText
from models.catalogue import region_name, region_name_en
from models.citations import Cited, cited
from models.envelope import Row
from models.exact import format_instant
from models.facts.law import CitationSet
from models.law import Law
from streams.ledger_rows import FullRow

_INSTANTS: Final = ("since", "until", "raised_at", "cleared_at", "conduct_at")


def instant(us: int | None) -> str | None:
    """RFC 3339, or None."""
    return format_instant(us) if us is not None else None


def instants(value: Any) -> Any:
    """The same tree with every field whose name ends in `at` as RFC 3339."""
    if isinstance(value, dict):
        return {
            name: instant(part) if name == "at" or name.endswith("_at") else instants(part)
            for name, part in value.items()
        }
    return [instants(part) for part in value] if isinstance(value, list) else value


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


def full_row_wire(found: FullRow, ledger_id: str, corrected_by: int | None) -> dict[str, Any]:
    """A row with all that its leaf hash is made of (D3), and the seq of its correction in force."""
    wire = row_wire(found.row)
    return {**wire, "ledger_id": ledger_id, "leaf": found.leaf.hex(), "corrected_by": corrected_by}


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


def explained(alert: Mapping[str, Any], law: Law) -> dict[str, Any]:
    """What an alert means, what to do, and where the duty stood on the day of the conduct.

    `citations` adds to `citation` the newer laws that may bear on it, each with why it is shown (models/citations.py).
    """
    about = ALERTS[AlertKind(alert["kind"])]
    # A rule names the duty in the finding where it depends on more than the kind.
    named = _amounts(alert).get("duty") or about.duty
    citation = law.citation(str(named), alert["conduct_at"]) if named else None
    return {
        "explanation": {"zh": _text(about.zh), "en": _text(about.en)},
        "duty": named,
        "basis": alert["basis"] or about.basis,
        "citation": _citation(citation) if citation else None,
        "citations": [
            {**_citation(shown.row), "applies": shown.applies.value}
            for shown in (_cited(law, str(named), alert) if named else ())
        ],
    }


def _cited(law: Law, duty: str, alert: Mapping[str, Any]) -> tuple[Cited, ...]:
    return cited(law, duty, AlertKind(alert["kind"]), alert["conduct_at"], alert["until"])


def _citation(row: CitationSet) -> dict[str, Any]:
    return row.model_dump(exclude={"event_id", "occurred_at", "kind"})


def _amounts(alert: Mapping[str, Any]) -> dict[str, Any]:
    amounts = alert["amounts"]
    found: dict[str, Any] = amounts if isinstance(amounts, dict) else orjson.loads(amounts)
    return found


def _text(text: AlertText) -> dict[str, str]:
    return {"title": text.title, "meaning": text.meaning, "advice": text.advice}
