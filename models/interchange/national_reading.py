"""A document in the national field names as facts: what all a fact needs is told, or a note says what is missing. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.exact import format_kg
from models.interchange.amounts import When
from models.interchange.national import ACCEPTED, PARTLY, REFUSED
from models.interchange.national_document import Document, read_hand_overs, read_lines, read_texts, resolve
from models.interchange.report import NoteCode, Reading, Register, shown


def read(value: Any, path: str, register: Register) -> Document:
    """One document: what it says, the facts that follow, and a note for everything that is not in them."""
    reading = Reading(path, shown(value.get("ldbh") if isinstance(value, Mapping) else value))
    document = Document(reading)
    if not isinstance(value, Mapping):
        reading.note("", NoteCode.BAD_VALUE, value, "a manifest is a JSON object")
        return document
    read_texts(document, value)
    read_lines(document, value.get("details"))
    read_hand_overs(document, value.get("jjjl"))
    reading.manifest_no = document.texts.get("ldbh")
    if reading.manifest_no is None:
        reading.note(
            ".ldbh", NoteCode.NO_NUMBER, value.get("ldbh"), "a manifest number has exactly 14 digits"
        )
        return document
    resolve(document, register)
    _Facts(document).make()
    return document


class _Facts:
    """The facts that a document tells, as far as all that they need is told."""

    def __init__(self, document: Document) -> None:
        self.document, self.texts, self.times = document, document.texts, document.times
        self.note = document.reading.note

    def make(self) -> None:
        """Adds them to the reading, in the order of their kinds."""
        ends = ("wfycdwcdbh", "wfycdwdm", "wfjsdwcdbh", "wfjsdwdm")
        if any(name not in self.texts for name in ends):
            return  # Notes say which end is not known.
        self._issued()
        self._departed()
        self._handed_over()
        self._arrived()
        self._receipts()
        self._confirmed()

    def _add(self, kind: str, at: When, **more: Any) -> None:
        texts = self.texts
        fact = {
            "kind": kind,
            "occurred_at": at.text,
            "manifest_no": texts["ldbh"],
            "origin": texts["wfycdwcdbh"],
            "origin_org": texts["wfycdwdm"],
            "destination": texts["wfjsdwcdbh"],
            "destination_org": texts["wfjsdwdm"],
            **more,
        }
        self.document.reading.facts.append(fact)

    def _wire_lines(self, name: str) -> list[dict[str, Any]]:
        """Lines with this amount; for `zysl` all must have one, or the load would be told as less than it was."""
        found = []
        for line in self.document.lines:
            if (amount := line.amounts.get(name)) is not None:
                wire: dict[str, Any] = {"line": line.number, "waste_code": line.code}
                if line.counted:
                    wire["pieces"] = amount
                else:
                    wire["mass_kg"] = format_kg(amount)
                    if name == "zysl" and line.pieces is not None:
                        wire["pieces"] = line.pieces
                if name == "jssl" and line.method:
                    wire["method"] = line.method
                found.append(wire)
        return found

    def _loaded(self) -> list[dict[str, Any]] | None:
        lines = self._wire_lines("zysl")
        complete = lines and all(line.amounts.get("zysl") or line.amounts for line in self.document.lines)
        if not complete:
            self.note(".details", NoteCode.NO_AMOUNT, "", "not every line has an amount: no load is stated")
        return lines if complete else None

    def _carrier(self) -> dict[str, Any] | None:
        if "ysdwdm" not in self.texts:
            self.note(".ysdwdm", NoteCode.NO_PARTY, "", "no carrier, by code or registered name")
            return None
        licence = self.texts.get("ysdwdlyszh")
        return {"org": self.texts["ysdwdm"], **({"transport_licence_no": licence} if licence else {})}

    def _issued(self) -> None:
        at = self.times.get("ldkjsj") or self.times.get("wfycrq") or self.times.get("ysrq")
        lines, carrier = self._loaded(), self._carrier()
        if at is None:
            self.note(".ldkjsj", NoteCode.NO_DATE, "", "neither when it was issued nor when it left")
        elif lines and carrier:
            self._add("manifest-issued.v1", at, carriers=[carrier], lines=lines)
            if "ldkjsj" not in self.times:
                self.note(".wfycrq", NoteCode.DERIVED, at.text, "the manifest counts as issued when it left")

    def _departed(self) -> None:
        at = self.times.get("wfycrq") or self.times.get("ysrq")
        if at is None:
            return
        other = self.times.get("ysrq")
        if other is not None and not other.agrees(at.at) and not at.agrees(other.at):
            self.note(
                ".ysrq", NoteCode.BAD_VALUE, other.text, f"another day than wfycrq, which counts: {at.text}"
            )
        vehicle, lines = self.texts.get("cph"), self._wire_lines("zysl")
        if vehicle is None:
            self.note(".cph", NoteCode.NO_VEHICLE, "", "a departure without a vehicle cannot be stated")
        elif lines and "ysdwdm" in self.texts and self.document.reading.facts:
            licence = self.texts.get("ysdwdlyszh")
            more = {"transport_licence_no": licence} if licence else {}
            self._add(
                "transport-departed.v1",
                at,
                carrier_org=self.texts["ysdwdm"],
                vehicle=vehicle,
                lines=lines,
                **more,
            )

    def _handed_over(self) -> None:
        for _, texts, at in self.document.hand_overs:
            hands = {"from_carrier_org": texts["jcysdwdm"], "to_carrier_org": texts["jsysdwdm"]}
            self._add("transport-handed-over.v1", at, **hands, vehicle=texts["cph"])

    def _arrived(self) -> None:
        if (at := self.times.get("ddsj")) is None:
            return
        last = self.document.hand_overs[-1][1] if self.document.hand_overs else None
        carrier = last["jsysdwdm"] if last else self.texts.get("ysdwdm")
        vehicle = last["cph"] if last else self.texts.get("cph")
        if carrier and vehicle:
            self._add("transport-arrived.v1", at, carrier_org=carrier, vehicle=vehicle)
        else:
            self.note(".ddsj", NoteCode.NO_VEHICLE, at.text, "an arrival needs carrier and vehicle")

    def _receipts(self) -> None:
        opinion, at = self.texts.get("wfjsdwyj"), self.times.get("wfjsrq")
        accepted, refused = self._wire_lines("jssl"), self._wire_lines("jjsl")
        if at is None:
            if opinion or accepted or refused:
                self.note(".wfjsrq", NoteCode.NO_DATE, "", "no day of acceptance: no receipt is stated")
            return
        if opinion in (ACCEPTED, PARTLY) and not accepted:
            why = "how much was accepted is not told (jssl): no acceptance is stated"
            self.note(".wfjsdwyj", NoteCode.NO_AMOUNT, opinion, why)
        if accepted and opinion != REFUSED:
            self._add("receipt-accepted.v1", at, lines=accepted)
        if opinion == REFUSED and not refused and (loaded := self._wire_lines("zysl")):
            refused = loaded
            self.note(".wfjsdwyj", NoteCode.DERIVED, opinion, "refused as a whole: all that was loaded")
        if refused and opinion != ACCEPTED:
            reason = self.texts.get("jjyy")
            if reason is None:
                self.note(
                    ".jjyy", NoteCode.NO_PLACE, "", "a refusal needs its reason: none is stated without"
                )
            else:
                self._add("receipt-refused.v1", at, lines=refused, reason=reason)

    def _confirmed(self) -> None:
        if (at := self.times.get("qrsj")) is not None:
            self._add("manifest-confirmed.v1", at)
