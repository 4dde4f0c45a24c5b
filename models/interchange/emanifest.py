"""An EPA e-Manifest document as facts: what its words mean here, and a note for every value that has no place. Pure.

Sites, carriers and waste codes are mapped by tables that the importer gives; nothing is guessed. Where a part of a load
is told without telling which part (a partial rejection, a disputed quantity), no receipt of that part is stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from models.exact import format_kg
from models.interchange import amounts
from models.interchange.emanifest_paper import CarrierEntry, Paper, SiteEntry, Tables, instant_of, version_of
from models.interchange.foreign_numbers import number_of
from models.interchange.report import NoteCode, Reading, shown

SOURCE: Final = "epa-emanifest"
_LINES_MAX: Final = 200
_CARRIERS_MAX: Final = 10

_POUND_G: Final = Decimal("453.59237")  # Exactly, since 1959.
_GALLON_L: Final = Decimal("3.785411784")  # 231 cubic inches, exactly.
_YARD_L: Final = Decimal("764.554857984")
_MASS_G: Final = {"P": _POUND_G, "T": 2000 * _POUND_G, "K": Decimal(1000), "M": Decimal(1_000_000)}
_VOLUME_L: Final = {"G": _GALLON_L, "L": Decimal(1), "Y": _YARD_L, "N": Decimal(1000)}
_DENSITY_G_L: Final = {
    "1": _POUND_G / _GALLON_L,
    "lbs/gal": _POUND_G / _GALLON_L,
    "2": Decimal(1000),
    "sg": Decimal(1000),
}
_RECEIVED: Final = frozenset({"Signed", "Corrected", "UnderCorrection"})


@dataclass(slots=True)
class _Line:
    place: int
    number: int
    code: str
    grams: int
    method: str | None
    disputed: str = ""


def read(document: Mapping[str, Any], path: str, tables: Tables) -> Reading:
    """A document that is of the schema (emanifest_schema), as facts and notes."""
    reading = Reading(path, shown(document.get("manifestTrackingNumber", "")))
    paper = Paper(document, reading)
    _Facts(paper, tables).make()
    paper.report_rest()
    return reading


class _Facts:
    """One document on its way to facts."""

    def __init__(self, paper: Paper, tables: Tables) -> None:
        self.paper, self.tables = paper, tables
        self.lines: list[_Line] = []
        self.carriers: list[tuple[str, CarrierEntry]] = []
        self.ends: dict[str, str] = {}

    def make(self) -> None:
        """Adds the facts to the reading."""
        number = self._number()
        self.lines = list(self._read_lines())
        self.carriers = list(self._read_carriers())
        origin = self._site(".generator", "generator")
        destination = self._site(".designatedFacility", "designated facility")
        if number is None or origin is None or destination is None:
            return
        self.paper.reading.manifest_no = number
        self.ends = {
            "manifest_no": number,
            "origin": origin.site,
            "origin_org": origin.org,
            "destination": destination.site,
            "destination_org": destination.org,
        }
        self._way()
        self._receipts()

    # What it is about

    def _number(self) -> str | None:
        given = self.paper.take(".manifestTrackingNumber")
        found = self.tables.numbers.get(given or "") or number_of(given or "")
        if found is None:
            why = "not nine digits and three letters, and not in the table of numbers"
            self.paper.note(".manifestTrackingNumber", NoteCode.NO_NUMBER, why)
        return found

    def _site(self, path: str, what: str) -> SiteEntry | None:
        given = self.paper.take(f"{path}.epaSiteId")
        found = self.tables.sites.get(given or "")
        if found is None:
            self.paper.note(f"{path}.epaSiteId", NoteCode.NO_SITE, f"the {what} is not in the table of sites")
        return found

    def _read_carriers(self) -> Iterator[tuple[str, CarrierEntry]]:
        """Transporters by their order, with their paths; those that are not in the table are told and left out."""
        given = self.paper.root.get("transporters") or []
        paths = [(self.paper.take(f".transporters[{place}].order"), place) for place in range(len(given))]
        for _, place in sorted(paths, key=lambda each: (each[0] is None, each[0] or 0, each[1])):
            path = f".transporters[{place}]"
            found = self.tables.carriers.get(self.paper.take(f"{path}.epaSiteId") or "")
            if found is None:
                why = "the transporter is not in the table of carriers"
                self.paper.note(f"{path}.epaSiteId", NoteCode.NO_PARTY, why)
            else:
                yield path, found

    # Lines

    def _read_lines(self) -> Iterator[_Line]:
        seen: set[int] = set()
        for place in range(len(self.paper.root.get("wastes") or [])):
            path = f".wastes[{place}]"
            given = self.paper.take(f"{path}.lineNumber")
            if given != int(given) or not 1 <= given <= _LINES_MAX or int(given) in seen:
                self.paper.note(
                    f"{path}.lineNumber", NoteCode.BAD_VALUE, "a line has a whole number of its own, 1 to 200"
                )
                continue
            seen.add(int(given))
            code, mass = self._code(path), self._mass(path)
            if code is not None and mass is not None:
                yield _Line(place, int(given), code, mass, self._method(path), self._disputed(path))

    def _code(self, path: str) -> str | None:
        """By federal codes, state codes, UN number or description: the first of these that the table knows."""
        waste = f"{path}.hazardousWaste"
        ways = (
            [f"{waste}.federalWasteCodes"],
            [f"{waste}.generatorStateWasteCodes", f"{waste}.tsdfStateWasteCodes", f"{waste}.txWasteCodes"],
            [f"{path}.dotInformation.idNumber"],
            [f"{path}.wasteDescription"],
        )
        for way in ways:
            words = [(at, word) for where in way for at, word in self._words(where)]
            found = {ours for _, word in words if (ours := self.tables.waste_codes.get(word)) is not None}
            if len(found) > 1:
                why = f"the table gives {', '.join(sorted(found))}: one line has one code"
                self.paper.note(words[0][0], NoteCode.AMBIGUOUS, why)
                return None
            if found:
                for at, word in words:
                    if word in self.tables.waste_codes:
                        self.paper.used.add(at)
                return found.pop()
        self.paper.reading.note(
            path, NoteCode.NO_WASTE_CODE, "", "none of its codes is in the table of waste codes"
        )
        return None

    def _words(self, path: str) -> Iterator[tuple[str, str]]:
        """Codes at a path, without counting them as used yet."""
        known = set(self.paper.used)
        value = self.paper.take(path)
        self.paper.used = known
        items = enumerate(value) if isinstance(value, list) else [(None, value)]
        for place, item in items:
            at = path if place is None else f"{path}[{place}]"
            if isinstance(item, Mapping):
                yield at, str(item.get("code", ""))
            elif isinstance(item, str):
                yield at, item

    def _mass(self, path: str) -> int | None:
        at = f"{path}.quantity"
        amount, unit = self.paper.take(f"{at}.quantity"), self.paper.take(f"{at}.unitOfMeasurement") or {}
        if amount is None or not amount:
            self.paper.note(f"{at}.quantity", NoteCode.NO_AMOUNT, "no quantity, or nothing")
            return None
        unit_g = _MASS_G.get(unit["code"]) or self._by_density(path, unit["code"])
        if unit_g is None:
            why = f"a volume ({unit['code']}) is no mass, and no density is told"
            self.paper.note(f"{at}.quantity", NoteCode.NO_DENSITY, why)
            return None
        found = amounts.grams(Decimal(amount), unit_g)
        if found is None:
            self.paper.note(f"{at}.quantity", NoteCode.NO_AMOUNT, "more than a fact can say")
            return None
        if found.rounded:
            self.paper.note(f"{at}.quantity", NoteCode.ROUNDED, f"to the gram: {format_kg(found.grams)} kg")
        return found.grams

    def _by_density(self, path: str, unit: str) -> Decimal | None:
        at = f"{path}.brInfo"
        density = self.paper.take(f"{at}.density")
        told = self.paper.take(f"{at}.densityUnitOfMeasurement") or {}
        by = _DENSITY_G_L.get(told.get("code") or told.get("description") or "")
        if not isinstance(density, int | Decimal) or not 0 < density < 1000 or by is None:
            return None
        self.paper.note(f"{at}.density", NoteCode.DERIVED, "the mass is the volume times this density")
        return _VOLUME_L[unit] * density * by

    def _method(self, path: str) -> str | None:
        given = (self.paper.root["wastes"][int(path[8:-1])].get("managementMethod") or {}).get("code", "")
        found = self.tables.methods.get(given)
        if found is not None:
            self.paper.take(f"{path}.managementMethod")
        return found

    def _disputed(self, path: str) -> str:
        at = f"{path}.discrepancyResidueInfo"
        flags = (
            ("wasteQuantity", "the quantity is disputed"),
            ("wasteType", "the kind is disputed"),
            ("residue", "a residue stayed"),
        )
        return next((why for name, why in flags if self.paper.take(f"{at}.{name}")), "")

    def _wire(self, lines: Iterable[_Line], *, received: bool = False) -> list[dict[str, Any]]:
        found = []
        for line in lines:
            wire = {"line": line.number, "waste_code": line.code, "mass_kg": format_kg(line.grams)}
            if received and line.method is not None:
                wire["method"] = line.method
            found.append(wire)
        return found

    # The way

    def _at(self, *paths: str) -> tuple[str, str] | None:
        """The first of these dates that is one, as facts have it, and where it stood."""
        for path in paths:
            given = self.paper.take(path)
            if given is None:
                continue
            found = instant_of(given)
            if found is not None:
                return found, path
            self.paper.note(path, NoteCode.BAD_VALUE, "not an instant")
        return None

    def _signed(self, path: str) -> tuple[str, str] | None:
        electronic = f"{path}.electronicSignaturesInfo"
        return self._at(f"{path}.paperSignatureInfo.signatureDate", f"{electronic}[0].signatureDate")

    def _add(self, kind: str, at: str, **more: Any) -> None:
        self.paper.reading.facts.append({"kind": kind, "occurred_at": at, **self.ends, **more})

    def _onward(self) -> dict[str, str]:
        """Under which manifest the load was refused before, where this one carries it on."""
        at = ".additionalInfo.originalManifestTrackingNumbers"
        given = self.paper.root.get("additionalInfo", {}).get("originalManifestTrackingNumbers") or []
        self.paper.take(".containsPreviousRejectOrResidue")
        if len(given) == 1 and (found := self._numbered(given[0])):
            self.paper.take(at)
            return {"onward_of": found}
        if given:
            self.paper.note(
                at, NoteCode.AMBIGUOUS, "a manifest carries on one other, by a number that can be kept"
            )
        return {}

    def _numbered(self, tracking_number: str) -> str | None:
        return self.tables.numbers.get(tracking_number) or number_of(tracking_number)

    def _way(self) -> None:
        lines, onward = self._wire(self.lines), self._onward()
        if not lines:
            self.paper.reading.note(
                ".wastes", NoteCode.NO_AMOUNT, "", "no line could be mapped: nothing is stated of the load"
            )
        if not self.carriers:
            self.paper.reading.note(".transporters", NoteCode.NO_PARTY, "", "no transporter could be mapped")
        if lines and self.carriers:
            self._issued(lines, onward)
            self._departed(lines, onward)
        self._handed_over()
        self._arrived()

    def _issued(self, lines: list[dict[str, Any]], onward: dict[str, str]) -> None:
        at = self._signed(".generator") or self._at(".shippedDate", ".createdDate")
        if at is None:
            self.paper.reading.note(
                ".generator", NoteCode.NO_DATE, "", "neither signed, shipped nor created on a day"
            )
            return
        if at[1] == ".createdDate":
            self.paper.note(
                at[1], NoteCode.DERIVED, "the manifest counts as issued when the document was made"
            )
        carriers = [
            {
                "org": entry.org,
                **(
                    {"transport_licence_no": entry.transport_licence_no} if entry.transport_licence_no else {}
                ),
            }
            for _, entry in self.carriers[:_CARRIERS_MAX]
        ]
        on_paper = self.paper.take(".submissionType") in ("DataImage5Copy", "Image")
        more = {"on_paper": True} if on_paper else {}
        self._add("manifest-issued.v1", at[0], carriers=carriers, lines=lines, **more, **onward)

    def _departed(self, lines: list[dict[str, Any]], onward: dict[str, str]) -> None:
        path, carrier = self.carriers[0]
        at = self._at(".shippedDate") or self._signed(path)
        if at is not None and self._has_vehicle(path, carrier):
            licence = (
                {"transport_licence_no": carrier.transport_licence_no} if carrier.transport_licence_no else {}
            )
            who = {"carrier_org": carrier.org, "vehicle": carrier.vehicle}
            self._add("transport-departed.v1", at[0], **who, lines=lines, **licence, **onward)

    def _has_vehicle(self, path: str, carrier: CarrierEntry) -> bool:
        if carrier.vehicle is None:
            why = "their manifest names no vehicle, and neither does the table of carriers"
            self.paper.note(f"{path}.epaSiteId", NoteCode.NO_VEHICLE, why)
        return carrier.vehicle is not None

    def _handed_over(self) -> None:
        for (_, giver), (path, taker) in zip(self.carriers, self.carriers[1:], strict=False):
            at = self._signed(path)
            if at is not None and self._has_vehicle(path, taker):
                hands = {"from_carrier_org": giver.org, "to_carrier_org": taker.org, "vehicle": taker.vehicle}
                self._add("transport-handed-over.v1", at[0], **hands)

    def _arrived(self) -> None:
        at = self._at(".receivedDate") or self._signed(".designatedFacility")
        if at is not None and self.carriers:
            path, carrier = self.carriers[-1]
            if self._has_vehicle(path, carrier):
                self._add("transport-arrived.v1", at[0], carrier_org=carrier.org, vehicle=carrier.vehicle)

    # Receipts

    def _receipts(self) -> None:
        at = self._signed(".designatedFacility") or self._received()
        rejected = self.paper.take(".rejection")
        kind = self.paper.take(".rejectionInfo.rejectionType") if rejected else None
        if at is None:
            return
        if not rejected:
            self._accepted(at)
        elif kind == "FullReject":
            self._rejected(at)
        else:
            why = "a part was rejected without telling which: neither acceptance nor refusal is stated"
            self.paper.reading.note(".rejectionInfo.rejectionType", NoteCode.NOT_SAID_WHICH, kind or "", why)

    def _received(self) -> tuple[str, str] | None:
        """A signed document counts as received on its day of receipt, though the signature was not handed over."""
        return (
            self._at(".receivedDate", ".certifiedDate") if self.paper.take(".status") in _RECEIVED else None
        )

    def _accepted(self, at: tuple[str, str], **more: Any) -> None:
        for line in self.lines:
            if line.disputed:
                path = f".wastes[{line.place}].discrepancyResidueInfo"
                why = f"{line.disputed}: how much of what was accepted is not told as a number"
                comments = self.paper.take(f"{path}.discrepancyComments") or self.paper.take(
                    f"{path}.residueComments"
                )
                self.paper.reading.note(path, NoteCode.NOT_SAID_WHICH, comments, why)
        clear = self._wire((line for line in self.lines if not line.disputed), received=True)
        if clear:
            self._add("receipt-accepted.v1", at[0], lines=clear, **more)

    def _rejected(self, at: tuple[str, str]) -> None:
        lines, info = self._wire(self.lines), ".rejectionInfo"
        if lines:
            reason = self.paper.take(f"{info}.rejectionComments") or "FullReject"
            self._add("receipt-refused.v1", at[0], lines=lines, reason=reason)
        where = self.paper.take(f"{info}.alternateDesignatedFacilityType")
        if where == "Generator":
            self._returned(lines)
        elif where == "Tsdf":
            self._at_alternate()

    def _returned(self, lines: list[dict[str, Any]]) -> None:
        info = ".rejectionInfo"
        at = self._at(
            f"{info}.generatorPaperSignature.signatureDate",
            f"{info}.generatorElectronicSignature.signatureDate",
        )
        given = self.paper.root["rejectionInfo"].get("newManifestTrackingNumbers") or []
        numbers = [found for each in given if (found := self._numbered(each)) is not None]
        more = {"onward_manifest_no": numbers[0]} if len(numbers) == 1 else {}
        if more and len(given) == 1:
            self.paper.take(f"{info}.newManifestTrackingNumbers")
        if at is not None and lines:
            self._add("transport-returned.v1", at[0], lines=lines, **more)

    def _at_alternate(self) -> None:
        """Taken in elsewhere under the same manifest: only where the other facility signed it and no new one was made."""
        path = ".rejectionInfo.alternateDesignatedFacility"
        site, at = self._site(path, "alternate facility"), self._signed(path)
        if (
            site is not None
            and at is not None
            and not self.paper.root["rejectionInfo"].get("newManifestTrackingNumbers")
        ):
            self._accepted(at, receiver=site.site, receiver_org=site.org)


__all__ = ["SOURCE", "Tables", "read", "version_of"]
