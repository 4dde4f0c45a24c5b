"""All facts as one closed union (DESIGN 4); the door reads bodies by `FACT_TYPES`, the judge by `read_fact`."""

from typing import Annotated, Final, get_args

from pydantic import Field

from models.facts.base import Fact, Role
from models.facts.followup import (
    AboutAlert,
    AlertAcknowledged,
    AlertAssigned,
    AlertResolved,
    ClueRecorded,
    CorrectionApproved,
    CorrectionDeclined,
    CorrectionRequested,
    FactCorrected,
    RectificationAnswered,
    RectificationOrdered,
    RectificationVerified,
)
from models.facts.generation import (
    ActivityReported,
    CollectionMissed,
    LotRepacked,
    StockTaken,
    WasteCollected,
    WasteGenerated,
    WasteReleased,
    WasteStored,
)
from models.facts.law import (
    CampaignOpened,
    CitationSet,
    CodeListPublished,
    EmergencyDeclared,
    HolidaysPublished,
    LimitSet,
    PriceFloorSet,
    RateFormulaSet,
    ToleranceSet,
)
from models.facts.money import (
    ContractAmended,
    ContractEnded,
    ContractSigned,
    InvoiceIssued,
    InvoiceReversed,
    PaymentMade,
    PaymentRefunded,
)
from models.facts.oversight import CaseExported, RecordsRead
from models.facts.registers import (
    CreditRated,
    ExtensionGranted,
    ExtensionRefused,
    InsuranceRegistered,
    IntermediaryRegistered,
    LicenceChanged,
    LicenceEnded,
    LicenceGranted,
    PlanFiled,
    ReportFiled,
    SiteRegistered,
    TransferApplied,
    TransferApproved,
    TransferExamined,
)
from models.facts.transport import (
    ManifestConfirmed,
    ManifestIssued,
    ManifestVoided,
    PipelineMetered,
    ReceiptAccepted,
    ReceiptRefused,
    ReceiptWeighed,
    TransportArrived,
    TransportDeparted,
    TransportHandedOver,
    TransportObserved,
    TransportReturned,
    WasteTreated,
)

GenerationFact = WasteGenerated | WasteStored | WasteReleased | LotRepacked | StockTaken | ActivityReported
CollectionFact = WasteCollected | CollectionMissed
TransportFact = (
    ManifestIssued
    | ManifestVoided
    | TransportDeparted
    | TransportHandedOver
    | TransportObserved
    | TransportArrived
    | TransportReturned
    | PipelineMetered
)
DisposalFact = ReceiptWeighed | ReceiptAccepted | ReceiptRefused | ManifestConfirmed | WasteTreated
MoneyFact = (
    ContractSigned
    | ContractAmended
    | ContractEnded
    | InvoiceIssued
    | InvoiceReversed
    | PaymentMade
    | PaymentRefunded
)
RegisterFact = (
    SiteRegistered
    | IntermediaryRegistered
    | LicenceGranted
    | LicenceChanged
    | LicenceEnded
    | TransferApplied
    | TransferExamined
    | TransferApproved
    | ExtensionGranted
    | ExtensionRefused
    | PlanFiled
    | ReportFiled
    | InsuranceRegistered
    | CreditRated
)
LawFact = (
    LimitSet
    | ToleranceSet
    | PriceFloorSet
    | CitationSet
    | CodeListPublished
    | HolidaysPublished
    | CampaignOpened
    | EmergencyDeclared
    | RateFormulaSet
)
CorrectionFact = FactCorrected | CorrectionRequested | CorrectionApproved | CorrectionDeclined
FollowUpFact = (
    AlertAcknowledged
    | AlertAssigned
    | AlertResolved
    | RectificationOrdered
    | RectificationAnswered
    | RectificationVerified
    | ClueRecorded
)
OversightFact = CaseExported | RecordsRead
AnyFact = (
    GenerationFact
    | CollectionFact
    | TransportFact
    | DisposalFact
    | MoneyFact
    | RegisterFact
    | LawFact
    | CorrectionFact
    | FollowUpFact
    | OversightFact
)
FactUnion = Annotated[AnyFact, Field(discriminator="kind")]


def kind_of(fact_type: type[Fact]) -> str:
    """The name on the wire: `transport-departed.v1`."""
    return str(fact_type.model_fields["kind"].default)


FACT_TYPES: Final[dict[str, type[Fact]]] = {kind_of(fact_type): fact_type for fact_type in get_args(AnyFact)}
LAW_KINDS: Final = frozenset(kind_of(fact_type) for fact_type in get_args(LawFact))
ALERT_FOLLOW_UPS: Final = frozenset(
    kind for kind, fact_type in FACT_TYPES.items() if issubclass(fact_type, AboutAlert)
)
CORRECTED: Final = kind_of(FactCorrected)
READ: Final = kind_of(RecordsRead)
EXPORTED: Final = kind_of(CaseExported)
REQUESTED: Final = kind_of(CorrectionRequested)
APPROVED: Final = kind_of(CorrectionApproved)
DECLINED: Final = kind_of(CorrectionDeclined)
# What puts another body in force; and what speaks of another fact at all, carrying a copy of it.
CORRECTING: Final = frozenset({CORRECTED, APPROVED})
ABOUT_FACTS: Final = frozenset({CORRECTED, REQUESTED, APPROVED, DECLINED})

__all__ = [
    "ABOUT_FACTS",
    "ALERT_FOLLOW_UPS",
    "APPROVED",
    "CORRECTED",
    "CORRECTING",
    "DECLINED",
    "EXPORTED",
    "FACT_TYPES",
    "LAW_KINDS",
    "READ",
    "REQUESTED",
    "AnyFact",
    "Fact",
    "FactUnion",
    "Role",
]
