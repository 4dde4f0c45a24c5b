"""转移 and 处置: a manifest from issue to confirmation, and what became of the waste."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from models.facts.base import (
    BatchCode,
    Day,
    DocumentNumber,
    Exemption,
    Exemptions,
    Fact,
    Flag,
    InstantField,
    Lines,
    ManifestNumber,
    OrgId,
    Part,
    PlaceId,
    PlateNumber,
    SiteId,
    TemperatureClass,
    Text,
    TreatmentMethod,
    WasteLine,
    Weighing,
)
from models.facts.generation import NewLot


class Movement(Fact):
    """What every statement about a manifest repeats, so that each concern finds its key in the fact itself (D10)."""

    manifest_no: ManifestNumber
    origin: SiteId
    origin_org: OrgId
    destination: SiteId
    destination_org: OrgId


class Carrier(Part):
    """One carrier in the order of the legs."""

    org: OrgId
    transport_licence_no: DocumentNumber | None = None


class ManifestIssued(Movement):
    """联单开具: origin, carriers, destination and lines, before anything moves (MT 10, 14-16)."""

    kind: Literal["manifest-issued.v1"] = "manifest-issued.v1"
    carriers: Annotated[tuple[Carrier, ...], Field(min_length=1, max_length=10)]
    lines: Lines
    contract_no: DocumentNumber | None = None
    approval_no: DocumentNumber | None = None
    trip_id: BatchCode | None = None
    on_paper: Flag = False  # MT 20: paper for a special reason, entered afterwards.
    reverse_filled: Flag = False  # Filled in by the collector for a small producer.
    exemption: Exemption | None = None
    exemptions: Exemptions = ()  # More of them: one claim names one stage.
    onward_of: ManifestNumber | None = None  # 再转移: the load is what was refused under that manifest.


class ManifestVoided(Movement):
    """联单作废: only before departure."""

    kind: Literal["manifest-voided.v1"] = "manifest-voided.v1"
    reason: Text


class TransportDeparted(Movement):
    """起运: the load left the origin on one vehicle."""

    kind: Literal["transport-departed.v1"] = "transport-departed.v1"
    carrier_org: OrgId
    vehicle: PlateNumber
    lines: Lines
    approval_no: DocumentNumber | None = None
    trip_id: BatchCode | None = None
    transport_licence_no: DocumentNumber | None = None
    exemptions: Exemptions = ()  # Claimed for the way (运输).
    weighing: Weighing | None = None
    # It goes on from where it was refused under that manifest, so nothing leaves the origin's stock a second time.
    onward_of: ManifestNumber | None = None


SeenRegion = Annotated[str, Field(strict=True, pattern=r"^[1-8][0-9]{5}$")]


class TransportHandedOver(Movement):
    """联运交接: the load passed to the next carrier (MT 17)."""

    kind: Literal["transport-handed-over.v1"] = "transport-handed-over.v1"
    from_carrier_org: OrgId
    to_carrier_org: OrgId
    vehicle: PlateNumber
    region: SeenRegion | None = None


class Observation(StrEnum):
    """What was seen of a vehicle on the way."""

    GATE = "gate"
    LOCK_OPENED = "lock-opened"
    OFF_ROUTE = "off-route"
    LONG_STOP = "long-stop"
    SIGNAL_LOST = "signal-lost"
    SIGNAL_BACK = "signal-back"


class TransportObserved(Movement):
    """途中监控: gate, lock, route, stop or signal."""

    kind: Literal["transport-observed.v1"] = "transport-observed.v1"
    vehicle: PlateNumber
    observation: Observation
    until: InstantField | None = None
    region: SeenRegion | None = None


class TransportArrived(Movement):
    """运抵: the vehicle is at the destination's gate. `at_site` says where it really is, if not there."""

    kind: Literal["transport-arrived.v1"] = "transport-arrived.v1"
    carrier_org: OrgId
    vehicle: PlateNumber
    at_site: SiteId | None = None


class TransportReturned(Movement):
    """退回: a refused load, or a part of it, is back at the origin."""

    kind: Literal["transport-returned.v1"] = "transport-returned.v1"
    lines: Lines
    onward_manifest_no: ManifestNumber | None = None


class AcceptedLine(WasteLine):
    """What the destination took in of a line, where it put it, and how it means to treat it."""

    method: TreatmentMethod | None = None
    stored_as: BatchCode | None = (
        None  # The destination's own batch code; else the manifest's number and line.
    )
    temperature: TemperatureClass | None = None


class ReceiptWeighed(Movement):
    """核实过磅: what the destination's weighbridge said, before any decision."""

    kind: Literal["receipt-weighed.v1"] = "receipt-weighed.v1"
    lines: Lines
    weighing: Weighing | None = None


class ReceiptAccepted(Movement):
    """接受: the destination took the waste in; the five working days run from here (MT 18)."""

    kind: Literal["receipt-accepted.v1"] = "receipt-accepted.v1"
    receiver_org: OrgId | None = (
        None  # Who really took it, where that is not the destination the manifest names.
    )
    receiver: SiteId | None = None
    lines: Annotated[tuple[AcceptedLine, ...], Field(min_length=1, max_length=200)]
    contract_no: DocumentNumber | None = None
    exemption: Exemption | None = None  # Claimed for the receipt too, since licences are judged by receipts.
    exemptions: Exemptions = ()  # More of them.
    approval_no: DocumentNumber | None = None  # Of a load from another province: it may name the method.
    weighing: Weighing | None = None


class ReceiptRefused(Movement):
    """拒收: the destination refused the load or a part of it."""

    kind: Literal["receipt-refused.v1"] = "receipt-refused.v1"
    lines: Lines
    reason: Text


class ManifestConfirmed(Movement):
    """确认接受: the destination confirmed the manifest in the system, within 5 working days of acceptance (MT 18)."""

    kind: Literal["manifest-confirmed.v1"] = "manifest-confirmed.v1"


class MeterEnd(StrEnum):
    """At which end of a pipeline a meter stands."""

    ORIGIN = "origin"
    DESTINATION = "destination"


class PipelineMetered(Fact):
    """管道转移计量: what one end's meter says went through a pipeline on a day, by kind (MT 19: both ends meter).

    The origin's meter takes it off the origin's stock; the destination's is its receipt, as an acceptance is.
    """

    kind: Literal["pipeline-metered.v1"] = "pipeline-metered.v1"
    pipeline: PlaceId
    day: Day
    metered_by: MeterEnd
    origin: SiteId
    origin_org: OrgId
    destination: SiteId
    destination_org: OrgId
    lines: Lines
    contract_no: DocumentNumber | None = None
    exemption: Exemption | None = None
    exemptions: Exemptions = ()  # More of them.


class TreatedLine(WasteLine):
    """What was treated, of which lot where it is known, and by which method."""

    method: TreatmentMethod


class WasteTreated(Fact):
    """利用处置: waste was recovered or disposed of; residues are new lots."""

    kind: Literal["waste-treated.v1"] = "waste-treated.v1"
    site: SiteId
    org: OrgId
    own_waste: Flag  # Made at this site (自行利用处置), not received from another.
    lines: Annotated[tuple[TreatedLine, ...], Field(min_length=1, max_length=200)]
    residues: Annotated[tuple[NewLot, ...], Field(max_length=50)] = ()
