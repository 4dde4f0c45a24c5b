"""What imports and exports of other systems' documents answer; see docs/interchange.md."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from api.answers.basics import At, DayText, Seq
from api.answers.problems import PathProblem
from api.answers.receipts import Receipt
from models.interchange.report import NoteCode


class Noted(TypedDict):
    """A value that is not in the facts, or is there in another form, and why; `path` is where it stood."""

    path: str
    code: NoteCode
    value: str
    why: str


class Conflicting(TypedDict):
    """A field that says something else than the fact in force with this `seq`. Nothing is overwritten."""

    path: str
    field: str
    ours: str
    theirs: str
    seq: Seq
    hint: str


class FactToState(TypedDict):
    """A fact that follows from a document, and what becomes of it."""

    status: Literal["missing", "present", "held", "not_yours", "invalid"]
    kind: str
    event_id: str
    fact: dict[str, Any]
    seq: NotRequired[Seq]
    problems: NotRequired[list[PathProblem]]


class ImportedManifest(TypedDict):
    """One document of an import."""

    path: str
    source_no: str
    manifest_no: str | None
    facts: list[FactToState]
    conflicts: list[Conflicting]
    notes: list[Noted]


class ImportReport(TypedDict):
    """What an import found. With `mode=state` the missing facts were stated: `receipts` are in their order."""

    mode: Literal["report", "state"]
    source: str
    counts: dict[str, int]
    manifests: list[ImportedManifest]
    receipts: list[Receipt]


class NationalDocument(TypedDict):
    """A manifest in the national field names; `says` tells which fact says a field, `left_out` what has no name there."""

    manifest: dict[str, Any]
    says: dict[str, int]
    left_out: list[Noted]


class NationalDocuments(TypedDict):
    """Manifests of a site and period; `next` is the `after` of the page after this one, null on the last."""

    manifests: list[NationalDocument]
    next: Seq | None


class EpcisBody(TypedDict):
    """Events in order of the time at which things happened, each with its CBV 2.0 hash id."""

    eventList: Annotated[
        list[dict[str, Any]], Field(description="Events, as GS1's JSON schema describes them.")
    ]


EpcisDocument = TypedDict(
    "EpcisDocument",
    {
        "@context": list[Any],
        "type": Literal["EPCISDocument"],
        "schemaVersion": str,
        "creationDate": At,
        "epcisBody": EpcisBody,
    },
)
EpcisDocument.__doc__ = "An EPCISDocument of GS1 EPCIS 2.0 in JSON-LD, as GS1's JSON schema describes it."


class LabelFields(TypedDict):
    """What stands on a lot's label by HJ 1276-2022. `blank` names what is to be written by hand."""

    standard: str
    name: str
    category: str
    code: str
    hazards: list[str]
    maybe_hazards: list[str]
    digital_code: str
    unit: str
    made_on: DayText
    mass: str
    remark: str
    size_mm: int
    copies: int
    blank: list[str]
