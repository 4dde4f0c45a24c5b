"""One alert: why it fired in plain words, its numbers, the law on the day of the conduct, its changes and its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api import show
from api.alerts import note_alert
from api.causes import Cause, causes_of
from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.facts import FactLine, fact_lines
from api.pages.frame import Frame, page
from api.pages.rows import amount, line_of, text_of
from api.parts import parts_of
from api.views import alerts
from api.views.alerts import AlertView, ChangeView
from api.views.manifests import fact_seqs
from api.words import Lang
from models.alerts import AlertKind
from models.catalogue import Duty, duty, duty_ids
from models.citations import Applies, Cited, cited
from models.exact import beijing_date, beijing_midnight
from models.facts.law import CitationSet
from models.law import Law
from streams.databases import reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_EVIDENCE_MAX: Final = 40
# Amounts that are a measure to hold others against, by a part of their name.
_BOUNDS: Final = ("limit", "tolerance", "floor", "licensed", "yearly", "expected", "capacity")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of a finding in words. `bound`: it is what the others are held against."""

    label: str
    value: str
    bound: bool
    was: str | None = None


@dataclass(frozen=True, slots=True)
class LawText:
    """Where the law says so, on which day. `why` a newer law than that of the conduct is shown, "" for the latter."""

    law: str
    article: str
    duty: str
    penalty_article: str
    penalty: str
    day: str
    why: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change with what it changed in the numbers."""

    change: ChangeView
    cause: str
    origin: Cause
    amounts: tuple[Amount, ...]


@router.get("/alerts/{alert_id}")
def alert(request: Request, alert_id: str) -> Response:
    """The page; what is not there and what is not the viewer's to see look the same."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    with reading(desk.state) as connection:
        found = alerts.one(connection, alert_id)
        if found is None or not viewer.reach.alert(found.fields):
            raise NotThere
        changes = alerts.changes_of(connection, alert_id)
        seqs = fact_seqs(connection, found.concern, found.key) if found.concern == "custody" else []
    note_alert(parts_of(request), viewer.reach, alert_id, found.parties, len(changes))
    lines = _change_lines(frame, changes)
    return page(
        frame,
        "alert.html",
        pulse=desk.pulse(),
        live_url="/live",
        a=found,
        row=line_of(frame, found),
        text=text_of(frame.lang, found.kind),
        amounts=amounts_of(frame, found.amounts),
        law=law_text(frame, desk.law(), found),
        changes=lines,
        known_from=lines[0].origin if lines and lines[0].origin.late else None,
        evidence=_evidence(frame, changes, seqs),
    )


def amounts_of(frame: Frame, amounts: dict[str, int | str]) -> tuple[Amount, ...]:
    """All amounts in words, in the order of their words where they have one."""
    return tuple(
        Amount(show.amount_label(frame.lang, name), amount(frame, name, value), _is_bound(name))
        for name, value in sorted(
            amounts.items(), key=lambda pair: (_is_bound(pair[0]), show.amount_order(pair[0]))
        )
        if value != "" and name != "duty"
    )


def _is_bound(name: str) -> bool:
    return any(part in name for part in _BOUNDS)


def law_text(frame: Frame, law: Law, alert: AlertView) -> list[LawText]:
    """The law on the day of the conduct, then newer ones that may bear on it, each with why it is shown."""
    named = alert.amounts.get("duty") or alert.about.duty
    if not isinstance(named, str) or named not in duty_ids():
        return []
    shown = cited(law, named, AlertKind(alert.kind), alert.conduct_at, alert.until)
    if (
        not shown or shown[0].applies is not Applies.AT_CONDUCT
    ):  # Nothing recorded covers it: the catalogue's row does.
        known = duty(named, beijing_date(alert.conduct_at))
        return [_in_words(frame, known, None, show.day(alert.conduct_at), "")]
    return [_law_in_words(frame, named, one, alert) for one in shown]


def _law_in_words(frame: Frame, named: str, shown: Cited, alert: AlertView) -> LawText:
    row = shown.row
    at_conduct = shown.applies is Applies.AT_CONDUCT
    day = show.day(alert.conduct_at if at_conduct else beijing_midnight(row.effective_from))
    why = "" if at_conduct else frame.say(f"alert.law_{shown.applies}", day=day)
    known = duty(named, beijing_date(alert.conduct_at) if at_conduct else row.effective_from)
    return _in_words(frame, known, row, day, why)


def _in_words(frame: Frame, known: Duty, recorded: CitationSet | None, day: str, why: str) -> LawText:
    """The recorded citation decides whether and where; its wording in both languages is the catalogue's."""
    is_zh = frame.lang is Lang.ZH
    text = known.text_zh if is_zh else known.text_en
    if recorded is not None and recorded.law != known.law_zh:
        where = (recorded.law, recorded.article), (recorded.penalty_article, recorded.penalty)
    elif is_zh:
        where = (known.law_zh, known.article_zh), (known.penalty_article_zh, known.penalty_zh)
    else:
        where = (known.law_en, known.article), (known.penalty_article, known.penalty)
    (law, article), (penalty_article, penalty) = where
    return LawText(law, article, text, penalty_article, penalty, day, why)


def _change_lines(frame: Frame, changes: list[ChangeView]) -> list[ChangeLine]:
    desk, _ = desk_and_viewer(frame)
    causes = causes_of(desk.ledger, {change.cause for change in changes})
    found: list[ChangeLine] = []
    before: dict[str, int | str] = {}
    for change in changes:
        after = change.alert.amounts
        found.append(
            ChangeLine(
                change, _cause(frame, change), causes[change.cause], _differences(frame, before, after)
            )
        )
        before = after
    return found


def _differences(
    frame: Frame, before: dict[str, int | str], after: dict[str, int | str]
) -> tuple[Amount, ...]:
    """Amounts that a change changed; none for the first one, which the numbers above show."""
    if not before:
        return ()
    lang, names = frame.lang, sorted(before.keys() | after.keys())
    return tuple(
        Amount(
            show.amount_label(lang, name),
            amount(frame, name, after[name]) if name in after else show.NOTHING,
            _is_bound(name),
            amount(frame, name, before[name]) if name in before else show.NOTHING,
        )
        for name in names
        if before.get(name) != after.get(name)
    )


def _seq(cause: str) -> int | None:
    return int(cause[1:]) if cause[:1] in {"s", "l"} and cause[1:].isdigit() else None


def _cause(frame: Frame, change: ChangeView) -> str:
    """What caused it: a fact, a policy, silence, or a retry."""
    return frame.say(f"cause.{change.cause[:1]}", n=change.cause[1:])


def _evidence(frame: Frame, changes: list[ChangeView], seqs: list[int]) -> list[FactLine]:
    """The facts that caused its changes; for a manifest all of its facts."""
    desk = frame.desk
    causes = [seq for change in changes if (seq := _seq(change.cause)) and change.cause[0] == "s"]
    wanted: list[int] = sorted({*causes, *seqs})[:_EVIDENCE_MAX]
    rows: dict[int, Any] = desk.ledger.rows_by_seq(wanted) if desk else {}
    assert frame.viewer is not None
    return fact_lines(frame, filter(frame.viewer.reach.row, rows.values()))
