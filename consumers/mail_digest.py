"""Makes the mail of a subscription from events: text and html, in its language. Used by consumers.notify_mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consumers.following import Event
from consumers.mail_words import say
from models.alerts import ALERTS, AlertKind, Severity
from models.catalogue import region_name, region_name_en
from models.exact import format_instant
from models.hooks import type_of_fact
from streams.changes import Change
from streams.hook_store import Hook
from streams.mail import Mail
from streams.mail_store import Subscription

ITEMS_MAX: Final = 100
_COLOURS: Final = {"red": "#c62828", "orange": "#d9730d", "yellow": "#b98900", "notice": "#0b5cad"}
_PLAIN: Final = "#8a96a3"


@dataclass(frozen=True, slots=True)
class Item:
    """One event in words."""

    mark: str
    title: str
    line: str
    at: str
    href: str
    colour: str


def is_urgent(event: Event) -> bool:
    """Whether it is mailed at once: a red alert that begins."""
    return (
        isinstance(event, Change)
        and event.alert["severity"] == Severity.RED
        and event.change in ("raised", "regressed")
    )


def digest(events: Sequence[Event], to: Subscription, base: str) -> Mail:
    """One mail of all events, the earliest first; `base` is where people find us, empty for no links."""
    lang = to.lang
    items = [_item(event, lang, base) for event in events[:ITEMS_MAX]]
    subject = _subject(events, items, lang)
    more = len(events) - len(items)
    leave = leave_href(base, to)
    given = {
        "lang": lang,
        "subject": subject,
        "intro": say(lang, "intro"),
        "items": items,
        "left_out": say(lang, "left_out", n=more) if more else "",
        "time": say(lang, "time"),
        "why": say(lang, "why", address=to.address, org=to.holder.org),
        "leave": say(lang, "leave"),
        "leave_href": leave,
    }
    return _mail(to, subject, given, f"{_name(events[0])}.{_name(events[-1])}", base)


def notice(hook: Hook, what: str, to: Subscription, base: str) -> Mail:
    """That an endpoint was disabled or fails: what people must know though no event tells it."""
    lang = to.lang
    reason = say(lang, f"reason.{hook.state_reason}") if what == "hook.disabled" else ""
    host = urlsplit(hook.url).hostname or ""
    line = say(lang, what, name=hook.name, host=host, reason=reason)
    href = f"{base}/hooks" if base else ""
    subject = say(lang, "hook.subject")
    given = {
        "lang": lang,
        "subject": subject,
        "intro": subject,
        "items": [Item("!", hook.name or host, line, _at(hook.state_at), href, _COLOURS["orange"])],
        "left_out": "",
        "time": say(lang, "time"),
        "why": say(lang, "why", address=to.address, org=to.holder.org),
        "leave": say(lang, "leave"),
        "leave_href": leave_href(base, to),
    }
    return _mail(to, subject, given, f"{what}.{hook.hook_id}.{hook.state_at}", base)


def leave_href(base: str, to: Subscription) -> str:
    """The link that ends a subscription; empty where nobody knows where we are found."""
    token = quote(f"{to.subscription_id}.{to.leave_token}", safe="")
    return f"{base}/mail/leave?token={token}" if base else ""


def _mail(to: Subscription, subject: str, given: dict[str, Any], name: str, base: str) -> Mail:
    host = urlsplit(base).hostname or "feilian.invalid"
    headers = {"List-Id": f"<{to.subscription_id}.{host}>"}
    if given["leave_href"]:
        headers |= {
            "List-Unsubscribe": f"<{given['leave_href']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    text = _templates(False).get_template("digest.txt").render(given)
    html = _templates(True).get_template("digest.html").render(given)
    return Mail(to.address, subject, text, html, f"{to.subscription_id}.{name}@{host}", headers)


def _subject(events: Sequence[Event], items: Sequence[Item], lang: str) -> str:
    red = ".red" if any(map(is_urgent, events)) else ""
    if len(events) == 1:
        return say(lang, f"subject{red}.one", title=_one_line(items[0].title))
    return say(lang, f"subject{red}", n=len(events))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:120]


def _item(event: Event, lang: str, base: str) -> Item:
    if isinstance(event, Change):
        return _of_change(event, lang, base)
    kind = type_of_fact(event)
    title = say(lang, kind)
    line = say(lang, "fact", seq=event.seq, kind=event.kind, org=event.stated_by)
    href = f"{base}/facts/{event.seq}" if base else ""
    return Item("·", title, line, _at(event.recorded_at), href, _PLAIN)


def _of_change(change: Change, lang: str, base: str) -> Item:
    alert = change.alert
    about = ALERTS[AlertKind(alert["kind"])]
    text = about.zh if lang == "zh" else about.en
    region = str(alert["site"])[:6]
    place = (region_name(region) if lang == "zh" else region_name_en(region)) if region else ""
    told = (say(lang, f"alert.{change.change}"), str(alert["subject"]), str(alert["site"]), place or "")
    return Item(
        f"[{say(lang, 'severity.' + alert['severity'])}]",
        text.title,
        " · ".join(part for part in told if part),
        _at(change.changed_at),
        f"{base}/alerts/{alert['alert_id']}" if base else "",
        _COLOURS.get(alert["severity"], _PLAIN),
    )


def _name(event: Event) -> str:
    return f"c{event.change_no}" if isinstance(event, Change) else f"f{event.seq}"


def _at(us: int) -> str:
    return format_instant(us)[:16].replace("T", " ")


@cache
def _templates(escaped: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
