"""What an import says of a document: which facts follow from it, what differs from ours, what could not be mapped. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from models.exact import parse_instant

_VALUE_CHARS_MAX: Final = 120


class NoteCode(StrEnum):
    """Why something of a document is not in the facts, or is there in another form. A closed set."""

    # Not in the facts.
    NO_PLACE = "no_place"  # Our facts have no field for it.
    NO_NUMBER = "no_number"  # No manifest number that could be kept.
    NO_SITE = "no_site"  # The site is neither registered nor in the table given.
    NO_PARTY = "no_party"  # The organisation is not known, nor in the table given.
    NO_WASTE_CODE = "no_waste_code"
    NO_VEHICLE = "no_vehicle"
    NO_DATE = "no_date"
    NO_AMOUNT = "no_amount"
    NO_DENSITY = "no_density"  # A volume is no mass.
    NOT_SAID_WHICH = "not_said_which"  # A part is told without telling which part.
    AMBIGUOUS = "ambiguous"  # More than one answer.
    BAD_VALUE = "bad_value"
    # In the facts, in another form.
    ROUNDED = "rounded"  # To the gram.
    TIME_NOT_GIVEN = "time_not_given"  # A day: taken as 00:00 Beijing time of that day.
    UNIT_ASSUMED = "unit_assumed"
    UNIT_DOUBTFUL = "unit_doubtful"  # So much goes on no lorry: kilograms written as tonnes?
    DERIVED = "derived"  # Worked out by a rule of docs/interchange.md.


LOST: Final = frozenset(
    {
        NoteCode.NO_PLACE,
        NoteCode.NO_NUMBER,
        NoteCode.NO_SITE,
        NoteCode.NO_PARTY,
        NoteCode.NO_WASTE_CODE,
        NoteCode.NO_VEHICLE,
        NoteCode.NO_DATE,
        NoteCode.NO_AMOUNT,
        NoteCode.NO_DENSITY,
        NoteCode.NOT_SAID_WHICH,
        NoteCode.AMBIGUOUS,
        NoteCode.BAD_VALUE,
    }
)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing about the document; `path` is a JSON path in it."""

    path: str
    code: NoteCode
    value: str
    why: str

    def wire(self) -> dict[str, str]:
        """As it is sent."""
        return {"path": self.path, "code": self.code.value, "value": self.value, "why": self.why}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that says something else than what a fact in force says; `seq` is that fact."""

    path: str
    field: str
    ours: str
    theirs: str
    seq: int
    hint: str = ""

    def wire(self) -> dict[str, Any]:
        """As it is sent."""
        return {
            "path": self.path,
            "field": self.field,
            "ours": self.ours,
            "theirs": self.theirs,
            "seq": self.seq,
            "hint": self.hint,
        }


class InForce(NamedTuple):
    """A fact of ours as it holds now, and the row that says so."""

    seq: int
    kind: str
    stated_by: str
    event_id: str
    body: Mapping[str, Any]


class Register(Protocol):
    """Who is who, as far as it is registered."""

    def site_name(self, site: str) -> str:
        """Empty where it is not registered."""

    def org_name(self, org: str) -> str:
        """Empty where it is not known."""

    def sites_of(self, org: str, region: str) -> list[str]:
        """The registered sites of an organisation whose id begins with a region."""

    def orgs_named(self, name: str) -> list[str]:
        """Organisations of this name."""


@dataclass(slots=True)
class Reading:
    """One document as read: facts that follow from it (wire form, without event_id), and notes."""

    path: str
    source_no: str
    manifest_no: str | None = None
    facts: list[dict[str, Any]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def note(self, path: str, code: NoteCode, value: object, why: str) -> None:
        """Say something about a place in the document."""
        self.notes.append(Note(self.path + path, code, shown(value), why))


def shown(value: object) -> str:
    """A value as text, cut where it is long."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return text if len(text) <= _VALUE_CHARS_MAX else text[:_VALUE_CHARS_MAX] + "…"


def import_id(source: str, number: str, fact: Mapping[str, Any], ordinal: int) -> str:
    """The event_id of an imported fact: the same import gives the same id, so that importing twice adds nothing.

    It has the form of UUIDv7, with the time of the fact and, where chance would stand, a hash of source, number, kind
    and place among the facts of that kind.
    """
    text = "\n".join(("feilian-import", source, number, fact["kind"], str(ordinal)))
    millis = parse_instant(fact["occurred_at"]) // 1000
    digest = int.from_bytes(sha256(text.encode()).digest()[:10], "big")
    value = (millis & (2**48 - 1)) << 80 | digest
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return str(UUID(int=value))


def with_ids(source: str, reading: Reading) -> list[dict[str, Any]]:
    """The facts of a reading, each with its event_id."""
    counts: dict[str, int] = {}
    found = []
    for fact in reading.facts:
        ordinal = counts.get(fact["kind"], 0)
        counts[fact["kind"]] = ordinal + 1
        found.append({"event_id": import_id(source, reading.source_no, fact, ordinal), **fact})
    return found
