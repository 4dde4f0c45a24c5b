"""The form of an EPA e-Manifest document, version 1.3 of its JSON schema, in our own types; tests hold it to the original.

Only the form: what the fields mean is models.interchange.emanifest's. What is not of this form is refused, all of it at
once and each with its path; a document that is may still hold little that facts can say.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from models.interchange.emanifest_parts import (
    Closed,
    Comments,
    EpaBrInfo,
    EpaCode,
    EpaCoded,
    EpaComment,
    EpaDiscrepancy,
    EpaDocument,
    EpaElectronicSignature,
    EpaLocality,
    EpaPaperSignature,
    EpaPcb,
    EpaPhone,
    EpaQuantity,
    EpaSigner,
    EpaSite,
    EpaWasteCodes,
    Number,
    Open,
    Role,
)
from models.problems import Code, Problem, json_path

PROBLEMS_MAX: Final = 1000


class EpaAdditionalInfo(Closed):
    """Remarks and references."""

    original_manifest_tracking_numbers: list[str] | None = None
    new_manifest_destination: Literal["OriginalGenerator", "Tsdf"] | None = None
    consent_number: str | None = None
    comments: list[EpaComment] | None = None
    handling_instructions: str | None = None
    pcb_alternate_designated_facility: EpaSite | None = None


class EpaDot(Closed):
    """What the transport rules call it."""

    id_number: EpaCode
    printed_dot_information: Annotated[str, Field(max_length=500)]


class EpaWaste(Closed):
    """A line of the manifest."""

    dot_hazardous: bool
    dot_information: EpaDot | None = None
    waste_description: str | None = None
    quantity: EpaQuantity | None = None
    br_info: EpaBrInfo | None = None
    br: bool
    hazardous_waste: EpaWasteCodes | None = None
    pcb: bool
    pcb_infos: list[EpaPcb] | None = None
    discrepancy_residue_info: EpaDiscrepancy | None = None
    management_method: EpaCoded | None = None
    additional_info: EpaAdditionalInfo | None = None
    line_number: Number
    epa_waste: bool


class EpaRejection(Closed):
    """What became of a rejected load."""

    transporter_on_site: bool | None = None
    rejection_type: Literal["FullReject", "PartialReject"] | None = None
    alternate_designated_facility_type: Literal["Generator", "Tsdf"] | None = None
    generator_paper_signature: EpaPaperSignature | None = None
    generator_electronic_signature: EpaElectronicSignature | None = None
    alternate_designated_facility: EpaSite | None = None
    new_manifest_tracking_numbers: list[str] | None = None
    rejection_comments: Comments | None = None


class EpaImportGenerator(Closed):
    """Who made imported waste."""

    name: str | None = None
    address: str | None = None
    city: str | None = None
    country: EpaLocality | None = None
    postal_code: str | None = None
    province: str | None = None


class EpaPort(Closed):
    """Where it came into the country."""

    state: EpaLocality | None = None
    city_port: Annotated[str, Field(max_length=100)] | None = None


class EpaImportInfo(Closed):
    """What is told of an import."""

    import_generator: EpaImportGenerator | None = None
    port_of_entry: EpaPort | None = None


class EpaSection(Open):
    """A part of a request for correction."""

    section_number: str | None = None
    comments: str | None = None


class EpaStateUser(Open):
    """Who of a state asks."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: EpaPhone | None = None


class EpaCorrectionRequest(Open):
    """A state's request for a correction."""

    correction_request_status: Literal["NotSent", "Sent", "IndustryResponded"] | None = None
    correction_request_date: str | None = None
    initiator_state: EpaCode | None = None
    active: bool | None = None
    state_user: EpaStateUser | None = None
    sections: list[EpaSection] | None = None


class EpaCorrection(Closed):
    """Which version this is."""

    version_number: int | None = None
    active: bool | None = None
    ppc_active: bool | None = None
    electronic_signature_info: EpaElectronicSignature | None = None
    epa_site_id: str | None = None
    initiator_role: Role | None = None
    update_role: Literal["Industry", "State", "Ppc", "Epa"] | None = None


class EpaValidation(Closed):
    """Whether the number matches the picture."""

    mtn_extraction_status: Literal["NotStarted", "Completed", "Failed"] | None = None
    mtns_match: bool | None = None
    pdf_mtn: str | None = None
    pdf_mtn_unique: bool | None = None
    mtn_correct: bool | None = None
    mtn_rerun_counter: int | None = None
    mtn_discrepancy_correction: bool | None = None


_PPC = (
    "Draft",
    "PendingDataEntry",
    "DataEntryInProgress",
    "PendingDataQc",
    "PendingDataQa",
    "DataQaCompleted",
    "PendingIndustryCorrections",
    "IndustryCorrected",
)
_STATUS = (
    "NotAssigned",
    "Pending",
    "Scheduled",
    "InTransit",
    "ReadyForSignature",
    "Signed",
    "Corrected",
    "UnderCorrection",
    "MtnValidationFailed",
)


class Emanifest(Closed):
    """A manifest document."""

    created_date: str | None = None
    updated_date: str | None = None
    manifest_tracking_number: str | None = None
    status: Literal[_STATUS] | None = None  # type: ignore[valid-type]
    is_public: bool | None = None
    submission_type: Literal["FullElectronic", "DataImage5Copy", "Hybrid", "Image"] | None = None
    signature_status: bool | None = None
    origin_type: Literal["Web", "Service", "Mail"] | None = None
    shipped_date: str | None = None
    potential_ship_date: str | None = None
    received_date: str | None = None
    certified_date: str | None = None
    certified_by: EpaSigner | None = None
    last_updated_by: EpaSigner | None = None
    generator: EpaSite | None = None
    transporters: list[EpaSite] | None = None
    designated_facility: EpaSite | None = None
    broker: EpaSite | None = None
    wastes: list[EpaWaste] | None = None
    rejection: bool | None = None
    rejection_info: EpaRejection | None = None
    discrepancy: bool | None = None
    residue: bool | None = None
    residue_new_manifest_tracking_numbers: list[str] | None = None
    import_: Annotated[bool | None, Field(alias="import")] = None
    import_info: EpaImportInfo | None = None
    correction_requests: list[EpaCorrectionRequest] | None = None
    contains_previous_reject_or_residue: bool | None = None
    printed_document: EpaDocument | None = None
    form_document: EpaDocument | None = None
    additional_info: EpaAdditionalInfo | None = None
    correction_info: EpaCorrection | None = None
    ppc_status: Literal[_PPC] | None = None  # type: ignore[valid-type]
    mtn_validation_info: EpaValidation | None = None
    provide_image_generator_info: bool | None = None
    locked: bool | None = None
    lock_reason: Literal["AsyncSign", "EpaChangeBiller", "EpaCorrection"] | None = None


_CODES: Final = {
    "missing": Code.MISSING,
    "no_unit": Code.MISSING,
    "extra_forbidden": Code.UNKNOWN_FIELD,
    "string_pattern_mismatch": Code.BAD_FORMAT,
    "string_too_long": Code.WRONG_LENGTH,
    "string_too_short": Code.WRONG_LENGTH,
    "literal_error": Code.NOT_ONE_OF,
    "greater_than_equal": Code.OUT_OF_RANGE,
    "less_than_equal": Code.OUT_OF_RANGE,
}


def problems_of(document: Any, path: str) -> list[Problem]:
    """All that is wrong with a document's form; empty where it is of the schema."""
    try:
        Emanifest.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return list(dict.fromkeys(_problem(detail, path) for detail in found[:PROBLEMS_MAX]))
    return []


def _problem(detail: Any, path: str) -> Problem:
    # A union of number types names the member that was tried; that is no step of the document.
    steps = [step for step in detail["loc"] if step not in ("int", "decimal", "is-instance[Decimal]")]
    code = _CODES.get(detail["type"], Code.WRONG_TYPE)
    return Problem(json_path(steps, path), code, str(detail["msg"])[:300].lower())
