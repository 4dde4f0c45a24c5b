"""The moment that a page is asked for: what was known by a record time, of what had happened by an event time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from api.pages.access import NoRight
from api.pages.frame import Frame
from api.views.alerts import AlertView, alert_of
from models.exact import format_instant, parse_instant
from models.topics import Concern
from streams.keyjudge import Alert
from streams.store import alert_body


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment that was asked for: what was known by `known_at`, of what had happened by `as_of`.

    The texts are what was typed; `back` is the page's address now. `wrong`: what was typed is no time.
    """

    known_at: int
    as_of: int | None
    known_text: str
    as_of_text: str
    wrong: bool = False

    @property
    def at(self) -> int:
        """To what instant ages are counted."""
        return self.known_at if self.as_of is None else self.as_of


def moment_asked(frame: Frame, latest: int = 0) -> Moment | None:
    """What the form asks for; Beijing time without an offset, to the minute or the second. NoRight for whom it is not.

    Without `known_at` what is known now counts, or at `latest` where that is later.
    """
    query = frame.request.query_params
    known_text, as_of_text = query.get("known_at", "").strip(), query.get("as_of", "").strip()
    if not known_text and not as_of_text:
        return None
    if frame.viewer is None or not frame.viewer.reach.oversees:
        raise NoRight
    try:
        now = frame.desk.now() if frame.desk else 0
        known_at = _instant(known_text) if known_text else max(now, latest)
        as_of = _instant(as_of_text) if as_of_text else None
    except ValueError:
        return Moment(0, None, known_text, as_of_text, wrong=True)
    return Moment(known_at, as_of, format_instant(known_at)[:19], as_of_text)


def _instant(text: str) -> int:
    """`2026-11-22T10:00` or with seconds, as forms send it; the minute's or second's end, so that it is all in."""
    whole = text.replace(" ", "T")
    if len(whole) == 10:
        whole += "T23:59:59"
    if len(whole) == 16:
        whole += ":59"
    return parse_instant(f"{whole}.999999+08:00" if len(whole) == 19 else whole)


def seen(concern: Concern, key: str, alert: Alert) -> AlertView:
    """An alert of a fold in the shape of stored ones."""
    body: dict[str, Any] = orjson.loads(alert_body(concern, key, 0, alert))
    return alert_of(body)
