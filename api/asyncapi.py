"""AsyncAPI 3 of the topics: derived from models/topics.py, streams/wire.py, streams/topics.py and the facts themselves.

Which headers a message has is asked of the functions that write them, so that a new header cannot be forgotten here.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

from pydantic import TypeAdapter

from api.answers.topics import AlertChanged
from api.views.schemas import fact_schema, title
from models import examples
from models.envelope import Row, Tick
from models.facts import CORRECTING, FACT_TYPES
from models.topics import ALERTS_TOPIC, EVENTS_TOPIC, SHARDS_DEFAULT, Concern, topic
from rules.routes import UNROUTED, routes
from streams.alerts_out import NumberedChange
from streams.topics import topic_configs
from streams.wire import Headers, prev_header, row_headers, tick_headers

ASYNCAPI_VERSION: Final = "3.0.0"
TICK: Final = "tick"
ALERT_CHANGED: Final = "alert-changed"
_NUMBER: Final = {"type": "string", "pattern": "^[0-9]+$"}
_TEXT: Final = {"type": "string", "minLength": 1}
# What a header holds, as text in UTF-8.
_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ce_specversion": {"const": "1.0"},
    "content-type": {"const": "application/json"},
    "ce_id": {**_TEXT, "description": "With ce_source it is unique, as CloudEvents asks."},
    "ce_source": {**_TEXT, "description": "/organisations/<credit code> of whoever stated it, or /alerts."},
    "ce_type": {**_TEXT, "description": "The kind of the fact, or alert-<change>."},
    "ce_recordedat": {**_NUMBER, "description": "Microseconds UTC."},
    "stated_by": {"type": "string", "pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$"},
    "epoch": {
        **_TEXT,
        "description": "Drop what is of another epoch than the ledger's: it was restored since.",
    },
    "seq": {**_NUMBER, "description": "The number under which the ledger keeps the fact."},
    "prev": {
        **_NUMBER,
        "description": "The seq before it in this partition, 0 for the first: above yours is a gap.",
    },
    "original": {**_TEXT, "description": "Of a correction: JSON of the fact that it is about."},
    "tick": {
        "type": "string",
        "pattern": "^[0-9]+ [0-9]+ [0-9]+$",
        "description": "Head seq, the ledger's time in microseconds, and the last seq of this partition.",
    },
    "change_no": {**_NUMBER, "description": "Dense; skip what is not above your last."},
}
_OPTIONAL: Final = frozenset({"original"})


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole document; not to be changed by the caller."""
    concerns = {concern: kinds_of(concern) for concern in Concern}
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": {
            "title": "Feilian 废联",
            "version": version("feilian"),
            "description": "Facts as they were accepted, once for each concern that judges them, and changes of alerts.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "events": _channel(EVENTS_TOPIC, _EVENTS, FACT_TYPES),
            **{
                str(concern): _channel(topic(concern), _CONCERN, (*kinds, TICK))
                for concern, kinds in concerns.items()
            },
            "alerts": _channel(ALERTS_TOPIC, _ALERTS, (ALERT_CHANGED,)),
        },
        "operations": {
            f"send_{name}": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}
            for name in ("events", *map(str, Concern), "alerts")
        },
        "components": {
            "messages": {
                **{kind: _fact(kind) for kind in FACT_TYPES},
                TICK: _tick(),
                ALERT_CHANGED: _alert_changed(),
            },
            "schemas": {kind: _embedded(fact_schema(kind), kind) for kind in FACT_TYPES},
        },
    }


_EVENTS: Final = (
    "Every fact once, in ledger order: partition (seq - 1) mod N, so a reader sees by itself what is missing."
)
_CONCERN: Final = (
    "Facts that this concern judges, once for each shard they belong to; partition = shard = the first four bytes of "
    "SHA-256(key), big-endian, mod N. Once a second each partition has a tick."
)
_ALERTS: Final = "Numbered changes of alerts; the key is the alert's id, so those of one alert come in order."


def kinds_of(concern: Concern) -> tuple[str, ...]:
    """The kinds that may be on a concern's topic: those that go there in some form, and corrections of them."""
    judged = FACT_TYPES.keys() - UNROUTED - CORRECTING
    found = {kind for kind in judged if concern in {where for where, _ in _routes(kind)}}
    return tuple(kind for kind in FACT_TYPES if kind in found | CORRECTING)


def _routes(kind: str) -> set[tuple[Concern, str]]:
    """Where a kind goes when all is said that may be said; a fact that says less goes to fewer."""
    found: set[tuple[Concern, str]] = set()
    for wire in (examples.example(kind), _full(kind)):
        found |= set(routes(kind, FACT_TYPES[kind].model_validate(wire)))
    return found


def _full(kind: str) -> dict[str, Any]:
    """The example of a kind with every member that an example of any kind has and this one may have too."""
    fact_type, wire = FACT_TYPES[kind], examples.example(kind)
    allowed = {field.alias or name for name, field in fact_type.model_fields.items()}
    for name, value in _pool().items():
        if name in allowed and name not in wire:
            try:
                fact_type.model_validate({**wire, name: value})
            except ValueError:
                continue
            wire[name] = value
    return wire


@lru_cache(maxsize=1)
def _pool() -> dict[str, Any]:
    pool: dict[str, Any] = {}
    for kind in FACT_TYPES:
        pool |= examples.example(kind)
    return pool


def _channel(address: str, about: str, messages: Iterable[str]) -> dict[str, Any]:
    configs: dict[str, Any] = dict(topic_configs(address))
    return {
        "address": address,
        "description": about,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "kafka": {
                "topic": address,
                "partitions": SHARDS_DEFAULT,
                "topicConfiguration": {
                    "cleanup.policy": [configs["cleanup.policy"]],
                    "retention.ms": int(configs["retention.ms"]),
                    "max.message.bytes": int(configs["max.message.bytes"]),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


# Messages


def _fact(kind: str) -> dict[str, Any]:
    headers = _headers([*row_headers(_ROW, b"epoch"), prev_header(0)])
    headers["properties"]["ce_type"] = {"const": kind}
    return {
        "name": kind,
        "title": title(kind),
        "contentType": "application/json",
        "headers": headers,
        "payload": {"$ref": f"#/components/schemas/{kind}"},
        "examples": [{"payload": examples.example(kind)}],
    }


def _tick() -> dict[str, Any]:
    return {
        "name": TICK,
        "title": "时刻 Tick",
        "summary": "Time goes on, and nothing before it is still to come. It has no value.",
        "headers": _headers(tick_headers(Tick(0, 0, 0), b"epoch")),
        "payload": {"type": "string", "maxLength": 0},
    }


def _alert_changed() -> dict[str, Any]:
    return {
        "name": ALERT_CHANGED,
        "title": "告警变化 Alert changed",
        "contentType": "application/json",
        "headers": _headers(_CHANGE.headers(b"epoch")),
        "payload": _embedded(
            TypeAdapter(AlertChanged).json_schema(mode="serialization"), ALERT_CHANGED, "messages"
        ),
        "bindings": {
            "kafka": {"key": {"type": "string", "pattern": "^[0-9a-f]{32}$"}, "bindingVersion": "0.5.0"}
        },
    }


_ROW: Final = Row(1, 0, "", "", "", b"{}", b"{}")
_CHANGE: Final = NumberedChange(1, "", "", "", 0, "", "", 0, b"{}")


def _headers(written: Headers) -> dict[str, Any]:
    names = [name for name, _ in written]
    return {
        "type": "object",
        "required": [name for name in names if name not in _OPTIONAL],
        "properties": {name: _HEADERS[name] for name in names},
    }


def _embedded(schema: dict[str, Any], name: str, place: str = "schemas") -> dict[str, Any]:
    """A schema inside the document: what it refers to is found from the document's root."""
    root = f"#/components/{place}/{name}/" + ("payload/" if place == "messages" else "")
    found: dict[str, Any] = _rerooted(schema, root)
    return {key: value for key, value in found.items() if key not in ("$id", "$schema")}


def _rerooted(value: Any, root: str) -> Any:
    if isinstance(value, list):
        return [_rerooted(part, root) for part in value]
    if isinstance(value, dict):
        return {
            key: root + part.removeprefix("#/")
            if key == "$ref"
            else dict(part)
            if key == "mapping"
            else _rerooted(part, root)
            for key, part in value.items()
        }
    return value
