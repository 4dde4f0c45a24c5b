"""How ledger rows and alerts look in answers: instants RFC 3339 in Beijing time, words in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from models.alerts import ALERTS, AlertKind, AlertText
from models.citations import Cited, cited
from models.facts.law import CitationSet
from models.law import Law
from streams.ledger_rows import FullRow
from streams.shown import alert_wire, instant, row_wire

__all__ = ["alert_wire", "explained", "full_row_wire", "instant", "instants", "row_wire"]


def instants(value: Any) -> Any:
    """The same tree with every field whose name ends in `at` as RFC 3339."""
    if isinstance(value, dict):
        return {
            name: instant(part) if name == "at" or name.endswith("_at") else instants(part)
            for name, part in value.items()
        }
    return [instants(part) for part in value] if isinstance(value, list) else value


def full_row_wire(found: FullRow, ledger_id: str, corrected_by: int | None) -> dict[str, Any]:
    """A row with all that its leaf hash is made of (D3), and the seq of its correction in force."""
    wire = row_wire(found.row)
    return {**wire, "ledger_id": ledger_id, "leaf": found.leaf.hex(), "corrected_by": corrected_by}


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
