"""How a fact looks on a page: its act, who stated it, both times, its fields in words; corrections as old and new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from api import show
from api.pages.frame import Frame
from api.words import has_words
from models.envelope import Row, Stated
from models.exact import HOUR_US, beijing_date
from models.facts import FACT_TYPES
from streams.decode import Decoded, decode

# Told elsewhere on the page, or nothing for people.
_HIDDEN: Final = frozenset({"event_id", "occurred_at", "kind", "manifest_no", "lines"})
_WHICH_ALERT: Final = frozenset({"concern", "key", "alert_kind", "subject", "episode"})
_SITES: Final = frozenset({"site", "origin", "destination", "receiver", "at_site", "holder"})
_ENDS: Final = ("origin", "origin_org", "destination", "destination_org")
_SELF_EVIDENT: Final = frozenset({"waste_code", "mass_g", "amount_fen", "category"})
_ENUM_WORDS: Final = {"licence_type": "licence"}
_LATE_US: Final = 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class Field:
    """A field in words; `was` is its value before a correction, where that was another."""

    label: str
    value: str
    was: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class WasteLine:
    """A line of a document with its fields; codes, masses and money need no label."""

    label: str
    parts: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact on a page. `lines` are its waste lines; `late` where it was recorded more than a day after it happened."""

    seq: int
    kind: str
    act: str
    actor: str
    actor_org: str
    occurred_at: int
    recorded_at: int
    fields: tuple[Field, ...]
    lines: tuple[WasteLine, ...]
    was_at: int | None = None
    withdrawn: bool = False
    correction: CorrectionNote | None = None

    @property
    def late(self) -> bool:
        """Whether it was entered afterwards."""
        return self.recorded_at - self.occurred_at > _LATE_US


@dataclass(frozen=True, slots=True)
class CorrectionNote:
    """The correction in force of a fact."""

    seq: int
    recorded_at: int
    reason: str
    explanation: str


def fact_lines(frame: Frame, rows: Iterable[Row]) -> list[FactLine]:
    """Facts of ledger rows in order of event time, each with the correction in force; a correction is no line of its own."""
    stated: dict[int, tuple[Stated, Stated | None, Decoded | None]] = {}
    for row in sorted(rows, key=lambda row: row.seq):
        decoded = decode(row)
        if not decoded.is_correction and decoded.new is not None:
            stated[row.seq] = (decoded.new, decoded.new, None)
        elif (fact := decoded.old or decoded.new) is not None:
            first = stated[fact.seq][0] if fact.seq in stated else fact
            stated[fact.seq] = (first, decoded.new, decoded)
    found = [_line(frame, first, now, by) for first, now, by in stated.values()]
    return sorted(found, key=lambda line: (line.occurred_at, line.seq))


def _line(frame: Frame, first: Stated, now: Stated | None, by: Decoded | None) -> FactLine:
    shown = now or first
    return FactLine(
        seq=first.seq,
        kind=first.kind,
        act=frame.say(first.kind),
        actor=frame.org_name(first.stated_by),
        actor_org=first.stated_by,
        occurred_at=shown.occurred_at,
        recorded_at=first.recorded_at,
        fields=_without_ends(shown, _compared(_fields(frame, first), _fields(frame, shown))),
        lines=_compared_lines(_waste_lines(frame, first), _waste_lines(frame, shown)),
        was_at=first.occurred_at if first.occurred_at != shown.occurred_at else None,
        withdrawn=now is None,
        correction=_note(frame, by) if by is not None else None,
    )


def _without_ends(stated: Stated, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Every fact of a manifest repeats its two ends: they are shown where a correction changed them."""
    if not hasattr(stated.body, "manifest_no"):
        return fields
    return tuple(field for field in fields if field.name not in _ENDS or field.was is not None)


def _note(frame: Frame, by: Decoded) -> CorrectionNote:
    body: Any = decode_correction(by.row)
    return CorrectionNote(
        seq=by.row.seq,
        recorded_at=by.row.recorded_at,
        reason=frame.say(f"reason.{body.reason}" if hasattr(body, "reason") else "correction.approved"),
        explanation=getattr(body, "explanation", ""),
    )


def decode_correction(row: Row) -> Any:
    """The correction's or approval's own body, where `decode` gives what it changes."""
    return FACT_TYPES[row.kind].model_validate_json(row.data)


def _compared(before: Sequence[Field], after: Sequence[Field]) -> tuple[Field, ...]:
    """The fields after, each with what it was; those that are gone with nothing after."""
    old, new = {field.name: field for field in before}, {field.name: field for field in after}
    found = []
    for name in dict.fromkeys([*new, *old]):
        was = old[name].value if name in old else show.NOTHING
        value = new[name].value if name in new else show.NOTHING
        label = (new.get(name) or old[name]).label
        found.append(Field(label, value, None if was == value else was, name))
    return tuple(found)


def _fields(frame: Frame, stated: Stated) -> list[Field]:
    body: Any = stated.body
    on = beijing_date(stated.occurred_at)
    found = []
    for name in type(body).model_fields:
        value = getattr(body, name)
        if name not in _HIDDEN | _WHICH_ALERT and value not in (None, (), "", False):
            found.append(Field(_label(frame, name), _value(frame, name, value, on), name=name))
    return found


def _waste_lines(frame: Frame, stated: Stated) -> list[tuple[str, list[Field]]]:
    """Lines of waste, money, price or licence by their number, each with its fields."""
    body: Any = stated.body
    on = beijing_date(stated.occurred_at)
    return [
        (frame.say("line.number", n=getattr(line, "line", number)), _line_fields(frame, line, on))
        for number, line in enumerate(getattr(body, "lines", ()), 1)
    ]


def _line_fields(frame: Frame, line: Any, on: date) -> list[Field]:
    return [
        Field("" if name in _SELF_EVIDENT else _label(frame, name), _value(frame, name, value, on), name=name)
        for name in type(line).model_fields
        if name != "line" and (value := getattr(line, name)) not in (None, (), "")
    ]


def _compared_lines(
    before: Sequence[tuple[str, list[Field]]], after: Sequence[tuple[str, list[Field]]]
) -> tuple[WasteLine, ...]:
    old, new = dict(before), dict(after)
    labels = list(dict.fromkeys([*new, *old]))
    return tuple(WasteLine(label, _compared(old.get(label, []), new.get(label, []))) for label in labels)


def _label(frame: Frame, name: str) -> str:
    return frame.say(f"field.{name}")


def _value(frame: Frame, name: str, value: Any, on: date) -> str:
    """A field's value with its unit or its name beside the code."""
    if isinstance(value, StrEnum):
        return _enum(frame, name, value)
    if isinstance(value, tuple):
        return "、".join(_value(frame, name.removesuffix("s"), part, on) for part in value)
    if isinstance(value, str) and (name in _SITES or name.endswith("org")):
        return _who(frame, value)
    if name in {"waste_code", "category"}:
        return f"{value} {show.short(show.waste_name(frame.lang, value, on), 30)}".strip()
    return _plain(frame, name, value, on)


def _plain(frame: Frame, name: str, value: Any, on: date) -> str:
    if isinstance(value, bool):
        return frame.say("yes" if value else "no")
    if name.endswith("_g"):
        return show.mass(value)
    if name.endswith("_fen"):
        return show.yuan(value)
    if name in {"until", "period_from", "period_until", "stored_since"} and isinstance(value, int):
        return show.instant(value)
    if isinstance(value, date | str | int):
        return f"{value:,}" if isinstance(value, int) else str(value)
    parts = {part: getattr(value, part) for part in type(value).model_fields}
    return " ".join(_value(frame, part, told, on) for part, told in parts.items() if told not in (None, ()))


def _enum(frame: Frame, name: str, value: StrEnum) -> str:
    key = f"{_ENUM_WORDS.get(name, name)}.{value}"
    return frame.say(key) if has_words(key) else str(value)


def _who(frame: Frame, value: str) -> str:
    return frame.site_name(value) if "-" in value else frame.org_name(value)
