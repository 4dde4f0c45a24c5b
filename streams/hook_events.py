"""Which events an endpoint or a subscription is told of, and the messages they become (Standard Webhooks). Pure.

What may be told is decided in one place for all who are told: `may_be_told_of_change`, `may_be_told_of_fact`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Final

import orjson
from standardwebhooks.webhooks import Webhook

from models.envelope import Row
from models.exact import format_instant
from models.facts import Role
from models.hooks import EventType, Filter, HookBody, Stream, type_of_fact
from models.reach import (
    CLOSED,
    HANDED_OVER,
    MONEY_KINDS,
    OPEN_TO_OVERSIGHT,
    TRANSPORT_ALERTS,
    Bounds,
    Breadth,
    bounds_of,
    is_of_the_way,
    says_medical,
    says_region,
)
from streams.changes import Change
from streams.keys import Holder
from streams.shown import alert_wire, row_wire

SECRET_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32
_SITES: Final = re.compile(rb'"([1-8][0-9]{5}-[0-9A-Za-z]{1,24})"')


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way to one endpoint. `webhook_id` is the same at every try, so that a receiver can skip repeats.

    `position` is its change_no or seq, by `stream`; `at` is when it became known, ledger time in microseconds.
    """

    webhook_id: str
    type: str
    stream: Stream
    position: int
    at: int
    body: bytes


# Who may be told


def may_be_told_of_change(holder: Holder, change: Change) -> bool:
    """As api/reach.py has it, by what the change says. Police are told nothing that they did not come to look at."""
    bounds, alert = _bounds(holder), change.alert
    if bounds.breadth is Breadth.ALL:
        return True
    if bounds.breadth is Breadth.OWN:
        return bounds.org in alert["parties"]
    if bounds.breadth is Breadth.CASES or (
        bounds.breadth is Breadth.TRANSPORT and alert["kind"] not in TRANSPORT_ALERTS
    ):
        return False
    is_medical = bounds.breadth is Breadth.MEDICAL
    return any(bounds.holds(region) and (medical or not is_medical) for region, medical in change.places)


def may_be_told_of_fact(holder: Holder, row: Row) -> bool:
    """As api/reach.py has it, by the fact alone: what names no place is for a region's regulators to ask for."""
    bounds = _bounds(holder)
    if row.kind in CLOSED:
        return holder.role is Role.AUDITOR
    if bounds.breadth is Breadth.ALL or row.stated_by == bounds.org:
        return True
    said = row.data + (row.original or b"")
    if bounds.breadth is Breadth.OWN:
        return row.kind != HANDED_OVER and b'"%b"' % bounds.org.encode() in said
    if row.kind in OPEN_TO_OVERSIGHT:
        return True
    return _is_of_its_matter(bounds, row, said) and says_region(said, bounds.region)


def _is_of_its_matter(bounds: Bounds, row: Row, said: bytes) -> bool:
    """What each kind of regulator is told of at all."""
    kind: str = row.kind if row.original is None else orjson.loads(row.original).get("kind", row.kind)
    if bounds.breadth is Breadth.TRANSPORT:
        return is_of_the_way(kind, said)
    if bounds.breadth is Breadth.MEDICAL:
        return kind not in MONEY_KINDS and says_medical(said)
    return bounds.breadth is Breadth.REGION


def _bounds(holder: Holder) -> Bounds:
    return bounds_of(holder.org, holder.role, holder.regulator, holder.region)


def sites_of(row: Row) -> set[str]:
    """The sites that a fact names, the one it speaks of included."""
    found = set(_SITES.findall(row.data))
    if row.original is not None:
        found.update(_SITES.findall(row.original))
    return {site.decode() for site in found}


# What is wanted


def wants_change(wanted: Filter, change: Change) -> bool:
    """Whether a filter admits a change of an alert."""
    alert = change.alert
    return (
        (not wanted.types or f"alert.{change.change}" in wanted.types)
        and (not wanted.kinds or alert["kind"] in wanted.kinds)
        and (not wanted.severities or alert["severity"] in wanted.severities)
        and str(alert["site"]).startswith(wanted.region)
        and (not wanted.sites or alert["site"] in wanted.sites)
    )


def wants_fact(wanted: Filter, row: Row, org: str) -> bool:
    """Whether a filter admits a fact; one's own only where it is asked for. Kinds and severities are of alerts alone."""
    if row.stated_by == org and not wanted.own:
        return False
    if wanted.types and type_of_fact(row) not in wanted.types:
        return False
    if not wanted.region and not wanted.sites:
        return True
    sites = sites_of(row)
    return any(site.startswith(wanted.region) for site in sites) and (
        not wanted.sites or not sites.isdisjoint(wanted.sites)
    )


# Messages


def of_change(change: Change, hook_id: str, ledger_id: str, body: HookBody) -> Message:
    """The message of a change; its id is of the change itself, so a number that a rebuild gave anew does not alter it."""
    alert = change.alert
    kind = EventType(f"alert.{change.change}")
    data: dict[str, Any] = {"change_no": change.change_no, "href": f"/v1/alerts/{alert['alert_id']}"}
    if body is HookBody.FULL:
        data |= {"cause": change.cause, "alert": alert_wire(alert)}
    else:
        data |= {
            "alert": {
                name: alert[name]
                for name in ("alert_id", "kind", "severity", "condition", "handling", "site", "subject")
            }
        }
    identity = webhook_id(ledger_id, hook_id, Stream.CHANGES, change.identity)
    return Message(
        identity,
        kind,
        Stream.CHANGES,
        change.change_no,
        change.changed_at,
        _body(kind, change.changed_at, data),
    )


def of_fact(row: Row, hook_id: str, ledger_id: str, body: HookBody) -> Message:
    """The message of a fact, or of what was said of one."""
    kind = type_of_fact(row)
    wire = row_wire(row)
    data: dict[str, Any] = {"href": f"/v1/facts/{row.seq}"}
    named = ("seq", "kind", "stated_by", "event_id", "recorded_at")
    data |= wire if body is HookBody.FULL else {name: wire[name] for name in named}
    identity = webhook_id(ledger_id, hook_id, Stream.FACTS, str(row.seq))
    return Message(identity, kind, Stream.FACTS, row.seq, row.recorded_at, _body(kind, row.recorded_at, data))


def _body(kind: str, at: int, data: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": kind, "timestamp": format_instant(at), "data": data})


def ping_body(kind: str, at: int, hook_id: str) -> bytes:
    """The body of a message that tells nothing."""
    return _body(kind, at, {"hook_id": hook_id})


def webhook_id(ledger_id: str, hook_id: str, stream: str, identity: str) -> str:
    """`msg_` and 32 hex digits, of what the message is about and to whom it goes."""
    text = f"{ledger_id}\n{hook_id}\n{stream}\n{identity}"
    return f"msg_{sha256(text.encode()).hexdigest()[:32]}"


def new_secret() -> str:
    """256 random bits, as the standard writes them."""
    return SECRET_PREFIX + b64encode(token_bytes(_SECRET_BYTES)).decode()


def signed_headers(secrets: Iterable[str], message_id: str, now_us: int, body: bytes) -> dict[str, str]:
    """The headers of one try: a signature by each live secret, over id, time of sending and body."""
    sent = datetime.fromtimestamp(now_us // 1_000_000, UTC)
    text = body.decode()
    return {
        "content-type": "application/json",
        "user-agent": "feilian-hooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(now_us // 1_000_000),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, sent, text) for secret in secrets),
    }
