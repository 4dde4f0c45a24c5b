"""登记: sites, intermediaries, licences, approvals, extensions, plans, reports and credit."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.facts.base import (
    CategoryCode,
    Count,
    Day,
    DocumentNumber,
    Fact,
    Flag,
    LotName,
    MassField,
    OrgId,
    Part,
    PlaceId,
    SiteId,
    TemperatureClass,
    Text,
    TreatmentMethod,
    WasteCode,
    wrong,
)


class SiteRole(StrEnum):
    """What a site is in law: the storage term depends on it (DOMAIN 2)."""

    PRODUCER = "producer"
    HEALTH_FACILITY = "health-facility"
    COLLECTOR = "collector"
    FACILITY = "facility"


class ProducerClass(StrEnum):
    """重点监管 / 简化管理 / 登记管理 (HJ 1259 4.2)."""

    KEY = "key"
    SIMPLIFIED = "simplified"
    REGISTERED = "registered"


class PlaceType(StrEnum):
    """贮存库 / 贮存场 / 贮存池 / 贮存罐区 / 贮存点 (GB 18597)."""

    STORE = "store"
    YARD = "yard"
    POND = "pond"
    TANK_FARM = "tank-farm"
    POINT = "point"


class Place(Part):
    """A storage place of a site, and how cold it is where that decides a term."""

    place: PlaceId
    place_type: PlaceType
    temperature: TemperatureClass | None = None


class SiteRegistered(Fact):
    """建档: a production site (not the legal person) is the unit of account (HJ 1259 5.1)."""

    kind: Literal["site-registered.v1"] = "site-registered.v1"
    site: SiteId
    org: OrgId
    name: Text
    role: SiteRole
    producer_class: ProducerClass | None = None
    beds: Count | None = None
    places: Annotated[tuple[Place, ...], Field(max_length=200)] = ()


class IntermediaryRegistered(Fact):
    """中间人登记: MT knows no broker; one that is declared can be named in a contract."""

    kind: Literal["intermediary-registered.v1"] = "intermediary-registered.v1"
    org: OrgId
    name: Text


class LicenceType(StrEnum):
    """综合 / 收集 / 道路运输."""

    COMPREHENSIVE = "comprehensive"
    COLLECTION = "collection"
    TRANSPORT = "transport"


class LicenceLine(Part):
    """A scope and the yearly amount it may take: a category whole, only listed codes of it, or all but listed."""

    categories: Annotated[tuple[CategoryCode, ...], Field(min_length=1, max_length=50)]
    only_codes: Annotated[tuple[WasteCode, ...], Field(max_length=500)] = ()
    except_codes: Annotated[tuple[WasteCode, ...], Field(max_length=500)] = ()
    methods: Annotated[tuple[TreatmentMethod, ...], Field(max_length=20)] = ()
    yearly_g: MassField = Field(alias="yearly_kg")  # Shared by all its categories, counted once.
    daily_g: MassField | None = Field(
        default=None, alias="daily_kg"
    )  # A medical facility's scale is a day's.


def _distinct(lines: tuple[LicenceLine, ...]) -> tuple[LicenceLine, ...]:
    if any(line.only_codes and line.except_codes for line in lines):
        raise wrong("contradiction/codes")
    return lines


LicenceLines = Annotated[tuple[LicenceLine, ...], Field(max_length=60), AfterValidator(_distinct)]


class Licence(Fact):
    """What every statement about a licence repeats."""

    licence_no: DocumentNumber
    holder: SiteId
    holder_org: OrgId


class LicenceTerms(Licence):
    """Scope and term of a licence."""

    licence_type: LicenceType
    issuer: Text
    valid_from: Day
    valid_until: Day  # The last day it holds.
    lines: LicenceLines = ()
    year_from: Day | None = (
        None  # The licence's own years begin on this date of each year; else on 1 January.
    )


class LicenceGranted(LicenceTerms):
    """许可证颁发 (LIC)."""

    kind: Literal["licence-granted.v1"] = "licence-granted.v1"


class LicenceChanged(LicenceTerms):
    """许可证变更: these terms hold from `effective_from`. It names the old categories too, so that all are told."""

    kind: Literal["licence-changed.v1"] = "licence-changed.v1"
    effective_from: Day
    former_categories: Annotated[tuple[CategoryCode, ...], Field(max_length=50)] = ()


class LicenceEnding(StrEnum):
    """Why a licence stopped."""

    SUSPENDED = "suspended"
    RESUMED = "resumed"
    REVOKED = "revoked"
    SURRENDERED = "surrendered"


class LicenceEnded(Licence):
    """许可证暂停、恢复、吊销、注销: from `effective_from` on."""

    kind: Literal["licence-ended.v1"] = "licence-ended.v1"
    effective_from: Day
    ending: LicenceEnding
    categories: Annotated[tuple[CategoryCode, ...], Field(max_length=50)] = ()


class TransferApplied(Fact):
    """跨省转移申请: what the origin asks its province to approve (MT 21, 22)."""

    kind: Literal["transfer-applied.v1"] = "transfer-applied.v1"
    application_no: DocumentNumber
    origin: SiteId
    origin_org: OrgId
    destination: SiteId
    destination_org: OrgId
    waste_code: WasteCode
    mass_g: MassField = Field(alias="mass_kg")
    method: TreatmentMethod | None = None
    period_from: Day
    period_until: Day


class TransferStep(StrEnum):
    """补正通知、补正、受理、初审意见（商请）、移入地复函、不予批准、撤回 (MT 23-26)."""

    INCOMPLETE = "incomplete"
    SUPPLEMENTED = "supplemented"
    ACCEPTED = "accepted"
    OPINION = "opinion"
    REPLY = "reply"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class TransferExamined(Fact):
    """跨省转移审查: an authority took a step on an application; the approval itself is transfer-approved (MT 23-26)."""

    kind: Literal["transfer-examined.v1"] = "transfer-examined.v1"
    application_no: DocumentNumber
    origin: SiteId
    destination: SiteId
    step: TransferStep
    agrees: Flag = True
    authority: Text


class TransferApproved(Fact):
    """跨省转移批准: so much of a code from an origin to a destination, within a term (MT 27)."""

    kind: Literal["transfer-approved.v1"] = "transfer-approved.v1"
    approval_no: DocumentNumber
    application_no: DocumentNumber | None = None
    origin: SiteId
    origin_org: OrgId
    destination: SiteId
    destination_org: OrgId
    waste_code: WasteCode
    mass_g: MassField = Field(alias="mass_kg")
    method: TreatmentMethod | None = None
    valid_from: Day
    valid_until: Day
    requested_until: Day | None = None  # The end that the applicant asked for, and
    licence_until: Day | None = None  # that of the destination's licence: both cap the term (MT 27).


class ExtensionGranted(Fact):
    """延期贮存批准: a lot, a code or the whole site may store until a day (duty.storage_one_year)."""

    kind: Literal["extension-granted.v1"] = "extension-granted.v1"
    site: SiteId
    lot: LotName | None = None
    waste_code: WasteCode | None = None
    valid_until: Day
    authority: Text
    approval_no: DocumentNumber | None = None


class ExtensionRefused(Fact):
    """不予延期: storing longer was asked for and refused; the term stays what it was."""

    kind: Literal["extension-refused.v1"] = "extension-refused.v1"
    site: SiteId
    lot: LotName | None = None
    waste_code: WasteCode | None = None
    authority: Text
    reason: Text


class PlannedWaste(Part):
    """A code of a management plan."""

    waste_code: WasteCode
    mass_g: MassField = Field(alias="mass_kg")
    destination: SiteId | None = None


class PlanFiled(Fact):
    """管理计划备案 (HJ 1259 5)."""

    kind: Literal["plan-filed.v1"] = "plan-filed.v1"
    site: SiteId
    org: OrgId
    year: Annotated[int, Field(strict=True, ge=2000, le=2199)]
    filing_no: DocumentNumber
    lines: Annotated[tuple[PlannedWaste, ...], Field(min_length=1, max_length=500)]


class ReportPeriod(StrEnum):
    """How long a report covers."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class ReportFiled(Fact):
    """申报: the monthly, quarterly or yearly report was filed."""

    kind: Literal["report-filed.v1"] = "report-filed.v1"
    site: SiteId
    org: OrgId
    period: ReportPeriod
    period_from: Day


class CreditRated(Fact):
    """环境信用评价: a grade by the province's own scale."""

    kind: Literal["credit-rated.v1"] = "credit-rated.v1"
    org: OrgId
    province: Annotated[str, Field(strict=True, pattern=r"^[1-8][0-9]$")]
    grade: Annotated[str, Field(strict=True, pattern=r"^[A-E]$")]
    authority: Text
    revises: Flag = False


class InsuranceRegistered(Fact):
    """环境污染责任保险: a policy that covers a site on these days, the last one included (duty.insurance)."""

    kind: Literal["insurance-registered.v1"] = "insurance-registered.v1"
    site: SiteId
    org: OrgId
    insurer: Text
    policy_no: DocumentNumber
    valid_from: Day
    valid_until: Day
