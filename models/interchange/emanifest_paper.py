"""An EPA document with what of it was used, and the tables that map its words; for models.interchange.emanifest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from models.exact import format_instant, parse_instant
from models.facts.base import (
    DocumentNumber,
    ManifestNumber,
    OrgId,
    PlateNumber,
    SiteId,
    TreatmentMethod,
    WasteCode,
)
from models.interchange.report import NoteCode, Reading

_NOTES_MAX: Final = 1000
_DATE = re.compile(r"(.{10}T[0-9:]{8}(?:\.[0-9]{1,6})?)(?:Z|([+-][0-9]{2}):?([0-9]{2}))").fullmatch
_Key = Annotated[str, Field(min_length=1, max_length=500)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SiteEntry(_Table):
    """What a site of theirs is here."""

    site: SiteId
    org: OrgId


class CarrierEntry(_Table):
    """Who a transporter of theirs is here. Without a vehicle no departure, hand-over or arrival can be stated."""

    org: OrgId
    vehicle: PlateNumber | None = None
    transport_licence_no: DocumentNumber | None = None


class Tables(_Table):
    """The tables that an import brings along, each from their word to ours.

    `waste_codes` are looked up by federal code, then state code, UN number, and description; `numbers` gives a document
    another manifest number than the one that follows from its tracking number.
    """

    sites: Annotated[dict[_Key, SiteEntry], Field(max_length=1000)] = {}
    carriers: Annotated[dict[_Key, CarrierEntry], Field(max_length=1000)] = {}
    waste_codes: Annotated[dict[_Key, WasteCode], Field(max_length=2000)] = {}
    methods: Annotated[dict[_Key, TreatmentMethod], Field(max_length=200)] = {}
    numbers: Annotated[dict[_Key, ManifestNumber], Field(max_length=1000)] = {}


@dataclass(slots=True)
class Paper:
    """The document with what of it was used: what was not is reported at the end."""

    root: Mapping[str, Any]
    reading: Reading
    used: set[str] = field(default_factory=set)

    def take(self, path: str) -> Any:
        """The value at a path such as `.generator.epaSiteId`; None where there is none. All below it counts as used."""
        self.used.add(path)
        value: Any = self.root
        for name in re.findall(r"[A-Za-z0-9]+", path):
            if isinstance(value, list):
                value = value[int(name)] if int(name) < len(value) else None
            elif isinstance(value, Mapping):
                value = value.get(name)
            else:
                return None
        return value

    def note(self, path: str, code: NoteCode, why: str) -> None:
        """Say why the value at a path is not in the facts."""
        self.reading.note(path, code, self.take(path), why)

    def report_rest(self) -> None:
        """A note for every value that nothing asked for."""
        left = [leaf for leaf in _leaves(self.root, "") if not self._was_used(leaf[0])]
        for path, value in left[:_NOTES_MAX]:
            self.reading.note(path, NoteCode.NO_PLACE, value, "our facts have no field for it")
        if len(left) > _NOTES_MAX:
            more = f"{len(left) - _NOTES_MAX} more values have no field either"
            self.reading.note("", NoteCode.NO_PLACE, "", more)

    def _was_used(self, path: str) -> bool:
        while path:
            if path in self.used:
                return True
            path = path[: max(path.rfind("."), path.rfind("["))]
        return False


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{place}]")
    elif value is not None and value is not False and value != "":
        yield path, value


def instant_of(given: str) -> str | None:
    """`2019-05-09T04:00:00.000+0000` and RFC 3339, as facts have it; None for anything else."""
    found = _DATE(given)
    if found is None:
        return None
    offset = f"{found[2]}:{found[3]}" if found[2] else "Z"
    try:
        return format_instant(parse_instant(f"{found[1]}{offset}"))
    except ValueError:
        return None


def version_of(document: Mapping[str, Any]) -> int:
    """Which version of its manifest a document is; -1 where none is told."""
    version = (document.get("correctionInfo") or {}).get("versionNumber")
    return version if isinstance(version, int) else -1
