"""Facts as events of GS1's EPCIS 2.0 in JSON-LD, each with its hash id (CBV 2.0, 8.9). Pure; the API and the CLI call it.

Identifiers are ours, as URNs, since nobody here has GS1 keys: `urn:feilian:party:<credit code>`, `urn:feilian:loc:<site>`,
`urn:feilian:class:<waste code>` (with the lot where one is named), `urn:feilian:obj:load:<manifest>`. eventTime is when it
happened, recordTime when the ledger recorded it. What EPCIS has no element for stands in the namespace `feilian:`.
A corrected fact stays as an event with an error declaration that names the events in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.exact import format_instant, parse_instant
from models.interchange.epcis_events import BUILDERS, Body, Builder, Event, party
from models.interchange.epcis_hash import event_id

CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
NAMESPACES: Final = {"feilian": "urn:feilian:epcis:"}
MEDIA_TYPE: Final = "application/ld+json"
_MS: Final = 1000
_ZONE = re.compile(r"[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00").fullmatch


@dataclass(frozen=True, slots=True)
class Version:
    """A body that was in force from a ledger row on, and that row's seq, time (microseconds) and leaf."""

    body: Body
    seq: int
    recorded_at: int
    leaf: str


@dataclass(frozen=True, slots=True)
class Told:
    """A fact with all bodies it had, the first one first. `withdrawn_at`: when it was taken back without another body."""

    kind: str
    stated_by: str
    versions: Sequence[Version]
    withdrawn_at: int | None = None


def document(events: Iterable[Event], created_at: int) -> dict[str, Any]:
    """An EPCISDocument; `created_at` is the ledger's time."""
    return {
        "@context": [CONTEXT, NAMESPACES],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": format_instant(created_at),
        "epcisBody": {"eventList": list(events)},
    }


def events_of(told: Told, ledger_id: str) -> list[Event]:
    """The events of a fact: of every version, superseded ones with their error declaration; empty for other kinds."""
    build = BUILDERS.get(told.kind)
    if build is None:
        return []
    found = [_version(build, told, version, ledger_id) for version in told.versions]
    for place, events in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        if following is not None:
            _declare(events, told.versions[place + 1].recorded_at, [event["eventID"] for event in following])
        elif told.withdrawn_at is not None:
            _declare(events, told.withdrawn_at, [])
    return [event for events in found for event in events]


def exports(kind: str) -> bool:
    """Whether facts of this kind have events."""
    return kind in BUILDERS


def _declare(events: list[Event], at: int, corrective: list[str]) -> None:
    for event in events:
        event["errorDeclaration"] = {
            "declarationTime": format_instant(at),
            "reason": "incorrect_data" if corrective else "did_not_occur",
            **({"correctiveEventIDs": corrective} if corrective else {}),
        }


def _version(build: Builder, told: Told, version: Version, ledger_id: str) -> list[Event]:
    return [_whole(event, told, version, ledger_id) for event in build(version.body)]


def _whole(event: Event, told: Told, version: Version, ledger_id: str) -> Event:
    text = version.body["occurred_at"]
    at = parse_instant(text)
    zone = "+00:00" if text.endswith("Z") else text[-6:]
    whole = {
        "type": event.pop("type"),
        "eventTime": format_instant(at - at % _MS),
        "eventTimeZoneOffset": zone if _ZONE(zone) else "+08:00",
        "recordTime": format_instant(version.recorded_at),
        "certificationInfo": f"urn:feilian:leaf:{ledger_id}:{version.seq}:{version.leaf}",
        **event,
        "feilian:kind": told.kind,
        "feilian:seq": str(version.seq),
        "feilian:statedBy": party(told.stated_by),
    }
    if at % _MS:
        whole["feilian:occurredAt"] = format_instant(at)
    return {"eventID": event_id(whole, NAMESPACES), **whole}
