"""Alerts, their changes, and why they are there (docs/alerts.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from api.answers.basics import At, DayText, Seq, Words
from models.alerts import AlertKind, Severity
from models.citations import Applies
from models.topics import Concern


class RegionName(TypedDict):
    """A region by its code of six digits, or fewer."""

    code: str
    zh: str
    en: str


class Alert(TypedDict):
    """One episode of one irregularity; the names of its amounts carry their unit: `_g` grams, `_fen` fen, `_at` µs."""

    alert_id: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    concern: Concern
    key: str
    subject: str
    kind: AlertKind
    episode: Annotated[int, Field(ge=1)]
    severity: Severity
    condition: Literal["open", "cleared", "past", "regressed"]
    handling: str
    standing: bool
    site: str
    since: At
    until: At | None
    raised_at: At
    cleared_at: At | None
    cleared_because: Annotated[
        str | None, Field(description="ended, fact, correction, law or time; null while it lasts.")
    ]
    conduct_at: At
    basis: str
    amounts: dict[str, Any]
    parties: list[str]
    cause: str
    region: RegionName | None
    title: Words


class Alerts(TypedDict):
    """A page of alerts; `next` is the cursor of the page after this one."""

    alerts: list[Alert]
    next: str | None


class Explanation(TypedDict):
    """What an alert means and what to do, in one language."""

    title: str
    meaning: str
    advice: str


class Explanations(TypedDict):
    """The same in both languages."""

    zh: Explanation
    en: Explanation


class Citation(TypedDict):
    """Where a duty stands, and its penalty, by the days of conduct."""

    duty: str
    law: str
    article: str
    penalty_article: str
    penalty: str
    effective_from: DayText
    effective_until: DayText | None


class CitationShown(Citation):
    """A citation with why it is shown."""

    applies: Applies


class Cause(TypedDict):
    """What a change came from: a fact or policy by its row, or time alone."""

    type: str
    seq: NotRequired[Seq]
    href: NotRequired[str]
    kind: NotRequired[str]
    occurred_at: NotRequired[At | None]
    recorded_at: NotRequired[At | None]
    late: NotRequired[bool]


class Change(TypedDict):
    """A change of an alert; readers resume by `change_no`, which is null until it is numbered."""

    change_no: int | None
    change: str
    changed_at: At
    cause: str
    alert: Alert


class CausedChange(Change):
    """A change with its cause."""

    caused_by: Cause


class AlertAnswer(Alert):
    """One alert with its explanation, the law on the day of the conduct, and all that happened to it."""

    explanation: Explanations
    duty: str | None
    citation: Citation | None
    citations: list[CitationShown]
    known_from: Cause | None
    changes: list[CausedChange]
