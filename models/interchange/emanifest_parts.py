"""The pieces that an EPA e-Manifest document is made of (schema 1.3), in our own types; for emanifest_schema."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

Number = Annotated[int | Decimal, WithJsonSchema({"type": "number"})]
Role = Literal["Industry", "State", "PPC", "EPA"]


class Open(BaseModel):
    """An object in which the schema lets other names be."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, value: Any) -> Any:
        """The schema knows null in one place only: a field is left out instead."""
        if isinstance(value, dict):
            nulls = [name for name, given in value.items() if given is None and name not in cls._nullable()]
            if nulls:
                raise PydanticCustomError(
                    "is_null", "null at {names}", {"names": ", ".join(sorted(nulls)[:5])}
                )
        return value

    @classmethod
    def _nullable(cls) -> frozenset[str]:
        return frozenset()


class Closed(Open):
    model_config = ConfigDict(extra="forbid")


class EpaCoded(Closed):
    """A code with its description."""

    code: str
    description: str | None = None


class EpaCode(Closed):
    """A code alone."""

    code: str


class EpaLocality(Closed):
    """A state or a country."""

    code: Annotated[str, Field(min_length=2, max_length=2)]
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class EpaPhone(Closed):
    """A telephone number."""

    number: str
    extension: str | None = None


class EpaPerson(Closed):
    """Who can be reached."""

    first_name: str | None = None
    middle_initial: str | None = None
    last_name: str | None = None
    phone: EpaPhone | None = None
    email: str | None = None
    company_name: str | None = None


class EpaContact(EpaPerson):
    """Whom to ask at a site; the one place where an e-mail address may be null."""

    @classmethod
    def _nullable(cls) -> frozenset[str]:
        return frozenset({"email"})


class EpaSigner(EpaPerson):
    """Who signed."""

    user_id: str | None = None
    contact_type: Literal["Email", "Text", "Voice"] | None = None


class EpaDocument(Closed):
    """A file that belongs to the manifest."""

    name: Annotated[str, Field(pattern=r"^[0-9a-zA-Z_\-. ]+$")] | None = None
    size: Number | None = None
    mime_type: Literal["APPLICATION_PDF", "TEXT_HTML"] | None = None


class EpaPaperSignature(Closed):
    """A signature on paper."""

    printed_name: Annotated[str, Field(max_length=255)] | None = None
    signature_date: str | None = None


class EpaElectronicSignature(Closed):
    """A signature given electronically."""

    signer: EpaSigner | None = None
    signature_date: str | None = None
    human_readable_document: EpaDocument | None = None
    cromerr_activity_id: str | None = None
    cromerr_document_id: str | None = None
    signer_role: Role | None = None
    signature_method: Literal["QuickerSign", "QuickSign"] | None = None
    on_behalf: bool | None = None


class EpaAddress(Closed):
    """An address."""

    street_number: Annotated[str, Field(max_length=12)] | None = None
    address1: Annotated[str, Field(max_length=50)]
    address2: Annotated[str, Field(max_length=50)] | None = None
    city: Annotated[str, Field(max_length=25)] | None = None
    state: EpaLocality | None = None
    country: EpaLocality | None = None
    zip: str | None = None


class EpaSite(Closed):
    """A generator, transporter, facility or broker."""

    site_type: Literal["Tsdf", "Generator", "Transporter", "Broker"] | None = None
    epa_site_id: str | None = None
    name: Annotated[str, Field(max_length=80)] | None = None
    mailing_address: EpaAddress | None = None
    site_address: EpaAddress | None = None
    contact: EpaContact | None = None
    emergency_phone: EpaPhone | None = None
    paper_signature_info: EpaPaperSignature | None = None
    electronic_signatures_info: list[EpaElectronicSignature] | None = None
    order: Number | None = None
    registered: bool | None = None
    modified: bool | None = None
    limited_esign: bool | None = None
    can_esign: bool | None = None
    site_state: EpaLocality | None = None
    has_registered_emanifest_user: bool | None = None
    gis_primary: bool | None = None
    signature_type: Literal["NotSigned", "TypedName", "QuickSign", "CROMERRSign", "QuickerSign"] | None = None


class EpaUnit(Closed):
    """What a quantity is counted in."""

    code: Literal["P", "T", "K", "M", "G", "L", "Y", "N"]
    description: (
        Literal[
            "Pounds",
            "Tons (2000 Pounds)",
            "Kilograms",
            "Metric Tons (1000 Kilograms)",
            "Gallons",
            "Liters",
            "Cubic Yards",
            "Cubic Meters",
        ]
        | None
    ) = None


class EpaContainerType(Closed):
    """What the waste is in."""

    code: Literal["BA", "DT", "CF", "DW", "CM", "HG", "CW", "TC", "CY", "TP", "DF", "TT", "DM"]
    description: (
        Literal[
            "Burlap, cloth, paper, or plastic bags",
            "Dump truck",
            "Fiber or plastic boxes, cartons, cases",
            "Wooden drums, barrels, kegs",
            "Metal boxes, cartons, cases (including roll offs)",
            "Hopper or gondola cars",
            "Wooden boxes, cartons, cases",
            "Tank cars",
            "Cylinders",
            "Portable tanks",
            "Fiberboard or plastic drums, barrels, kegs",
            "Cargo tanks (tank trucks)",
            "Metal drums, barrels, kegs",
        ]
        | None
    ) = None


class EpaQuantity(Closed):
    """How much, in how many containers."""

    container_number: Annotated[int, Field(ge=0, le=99_999)] | None = None
    container_type: EpaContainerType | None = None
    quantity: Annotated[int, Field(ge=0, le=99_999_999_999)] | None = None
    unit_of_measurement: EpaUnit | None = None

    @model_validator(mode="after")
    def _has_unit(self) -> EpaQuantity:
        if self.quantity is not None and self.unit_of_measurement is None:
            raise PydanticCustomError("no_unit", "a quantity needs its unitOfMeasurement")
        return self


class EpaDensityUnit(Closed):
    """What a density is counted in."""

    code: str | None = None
    description: str | None = None


class EpaBrInfo(Closed):
    """What the biennial report asks for."""

    density: Number | None = None
    density_unit_of_measurement: EpaDensityUnit | None = None
    form_code: EpaCoded | None = None
    source_code: EpaCoded | None = None
    waste_minimization_code: EpaCoded | None = None
    mixed_radioactive_waste: bool | None = None


class EpaWasteCodes(Closed):
    """Codes of the federation and of the states."""

    federal_waste_codes: list[EpaCoded] | None = None
    tsdf_state_waste_codes: list[EpaCoded] | None = None
    tx_waste_codes: list[Annotated[str, Field(min_length=8, max_length=8)]] | None = None
    generator_state_waste_codes: list[EpaCoded] | None = None


class EpaPcb(Closed):
    """What is told of PCB."""

    load_type: EpaCode | None = None
    article_container_id: str | None = None
    date_of_removal: str | None = None
    weight: Number | None = None
    waste_type: str | None = None
    bulk_identity: str | None = None


Comments = Annotated[str, Field(min_length=1, max_length=255)]


class EpaDiscrepancy(Closed):
    """What was disputed on arrival, or stayed in the container."""

    waste_quantity: bool | None = None
    waste_type: bool | None = None
    discrepancy_comments: Comments | None = None
    residue: bool | None = None
    residue_comments: Comments | None = None


class EpaComment(Closed):
    """A remark with its label."""

    label: str | None = None
    description: str | None = None
    handler_id: str | None = None
