"""Event hash ids of GS1's Core Business Vocabulary 2.0 (8.9): an event's id follows from its content. Pure.

Implemented for the elements that our export uses. Where the standard's text and the reference implementation of its
authors differ (the lists of transactions, sources and destinations come after all else, in order of the alphabet), the
implementation is followed, since ids are there to be compared; tests hold the two equal for every exported event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

CBV: Final = "https://ref.gs1.org/cbv/"
# What the short words of JSON-LD stand for, by the element they stand in.
_WORDS: Final = {
    "bizStep": f"{CBV}BizStep-",
    "disposition": f"{CBV}Disp-",
    "bizTransactionList": f"{CBV}BTT-",
    "sourceList": f"{CBV}SDT-",
    "destinationList": f"{CBV}SDT-",
}
_EPCS: Final = frozenset({"epcList", "childEPCs", "inputEPCList", "outputEPCList"})
_QUANTITIES: Final = frozenset(
    {"quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"}
)
_PAIRS: Final = {
    "bizTransactionList": "bizTransaction",
    "sourceList": "source",
    "destinationList": "destination",
}
_ORDER: Final = (
    "eventTime",
    "eventTimeZoneOffset",
    "certificationInfo",
    "parentID",
    "epcList",
    "inputEPCList",
    "childEPCs",
    "quantityList",
    "childQuantityList",
    "inputQuantityList",
    "outputEPCList",
    "outputQuantityList",
    "action",
    "transformationID",
    "bizStep",
    "disposition",
    "readPoint",
    "bizLocation",
)
# An id cannot be of itself, and neither recording nor an error declaration changes what is said to have happened.
_LEFT_OUT: Final = frozenset({"type", "eventID", "recordTime", "errorDeclaration"})


def event_id(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """`ni:///sha-256;<hex>?ver=CBV2.0` of an event; `namespaces` are the prefixes of its extension elements."""
    return f"ni:///sha-256;{sha256(pre_hash(event, namespaces).encode()).hexdigest()}?ver=CBV2.0"


def pre_hash(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """The text that is hashed."""
    ordered = "".join(_element(name, event[name]) for name in _ORDER if name in event)
    others = [
        _pairs(name, value) if name in _PAIRS else _extension(name, value, namespaces)
        for name, value in event.items()
        if name not in _ORDER and name not in _LEFT_OUT
    ]
    return f"eventType={event['type']}{ordered}{''.join(sorted(others))}"


def _element(name: str, value: Any) -> str:
    if name == "eventTime":
        return f"{name}={_milliseconds(value)}"
    if name in _EPCS:
        return name + "".join(sorted(f"epc={epc}" for epc in value)) if value else ""
    if name in _QUANTITIES:
        return name + "".join(sorted(map(_quantity, value)))
    if name in ("readPoint", "bizLocation"):
        return f"{name}id={value['id']}"
    return f"{name}={_canonical(_spelled(name, value))}"


def _spelled(name: str, word: str) -> str:
    """The whole address of a bare word of the vocabulary; what is an address already stays."""
    return word if ":" in word else _WORDS.get(name, "") + word


def _quantity(element: Mapping[str, Any]) -> str:
    found = [
        f"{name}={_canonical(str(element[name]))}"
        for name in ("epcClass", "quantity", "uom")
        if name in element
    ]
    return "quantityElement" + "".join(found)


def _pairs(name: str, values: Iterable[Mapping[str, str]]) -> str:
    what = _PAIRS[name]
    return name + "".join(
        sorted(f"type={_spelled(name, value['type'])}{what}={value[what]}" for value in values)
    )


def _extension(name: str, value: Any, namespaces: Mapping[str, str]) -> str:
    prefix, _, local = name.partition(":")
    text = str(value)
    known, _, rest = text.partition(":")
    text = (namespaces[known] + rest if known in namespaces else text).strip()
    return f"{{{namespaces[prefix]}}}{local}" + (f"={_canonical(text)}" if text else "")


def _canonical(text: str) -> str:
    """A text that reads as a number is written as one, without zeros that say nothing."""
    try:
        number = float(text)
        return str(int(number) if int(number) == number else number)
    except (ValueError, OverflowError):
        return text


def _milliseconds(instant: str) -> str:
    moment = datetime.fromisoformat(instant).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
