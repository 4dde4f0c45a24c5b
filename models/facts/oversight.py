"""案件移送 and 查阅记录: cases that are handed over to the police, and who read whose records (HTTP: api/reads.py)."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from models.facts.base import (
    Count,
    DocumentNumber,
    Fact,
    InstantField,
    ManifestNumber,
    OrgId,
    Part,
    RegionPrefix,
    SiteId,
    Text,
    text_field,
)

AlertId = Annotated[str, text_field(r"^[0-9a-f]{32}$", 32)]
SUBJECTS_MAX: Final = 200
READS_MAX: Final = 200


class CaseExported(Fact):
    """案件移送: a regulator hands a case over to a police organisation, which from then on sees these subjects, no others.

    What was stated of the named manifests and sites and what was found about them is shown, and the named alerts.
    """

    kind: Literal["case-exported.v1"] = "case-exported.v1"
    case_no: DocumentNumber
    to_org: OrgId
    manifests: Annotated[tuple[ManifestNumber, ...], Field(max_length=SUBJECTS_MAX)] = ()
    sites: Annotated[tuple[SiteId, ...], Field(max_length=SUBJECTS_MAX)] = ()
    alerts: Annotated[tuple[AlertId, ...], Field(max_length=SUBJECTS_MAX)] = ()
    reason: Text

    def model_post_init(self, _context: object) -> None:
        """A case is about something."""
        if not (self.manifests or self.sites or self.alerts):
            raise PydanticCustomError("contradiction", "a case names a manifest, a site or an alert")


class Subject(StrEnum):
    """What was looked at: the word before the colon in `GET /v1/reads?subject=manifest:20263306900001`."""

    FACT = "fact"
    MANIFEST = "manifest"
    SITE = "site"
    PAIR = "pair"
    ALERT = "alert"
    CARRIER = "carrier"
    APPROVAL = "approval"
    APPLICATION = "application"
    EXPORT = "export"


class Reading(Part):
    """One organisation looked at one thing; `times` within the seconds that one fact is gathered for, `at` the first.

    `reader` is the id of the key or of the user; `rows` how many rows were told at most.
    """

    org: OrgId
    role: Annotated[str, text_field(r"^[a-z]{1,16}$", 16)]
    regulator: Annotated[str, text_field(r"^[a-z]{1,16}$", 16)] | None = None
    region: RegionPrefix = ""
    reader: Annotated[str, text_field(r"^[0-9A-Za-z_.:@-]{1,64}$", 64)]
    via: OrgId | None = None
    at: InstantField
    what: Subject
    subject: Annotated[str, Field(strict=True, min_length=1, max_length=120)]
    rows: Count
    times: Annotated[int, Field(strict=True, ge=1, le=10**9)]


class RecordsRead(Fact):
    """查阅记录: who looked at whose records. The system alone states it, some seconds of reading in one fact."""

    kind: Literal["records-read.v1"] = "records-read.v1"
    reads: Annotated[tuple[Reading, ...], Field(min_length=1, max_length=READS_MAX)]
