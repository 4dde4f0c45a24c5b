"""产生, 贮存 and 收集: what a site makes, stores, moves between its places, counts, and what is collected from it."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from models.facts.base import (
    BatchCode,
    Containers,
    Count,
    CountedMassField,
    Exemption,
    Exemptions,
    Fact,
    Flag,
    InstantField,
    Lines,
    LotName,
    ManifestNumber,
    MassField,
    OrgId,
    Parents,
    Part,
    Pieces,
    PlaceId,
    PlateNumber,
    SiteId,
    TemperatureClass,
    Text,
    WasteCode,
    wrong,
)


class Amount(Fact):
    """A fact about one lot: its mass, or its pieces where nothing was weighed."""

    site: SiteId
    lot: BatchCode
    waste_code: WasteCode
    mass_g: MassField | None = Field(default=None, alias="mass_kg")
    pieces: Pieces | None = None
    place: PlaceId | None = None
    containers: Containers | None = None
    temperature: TemperatureClass | None = (
        None  # Where it is kept, if not what its place was registered with.
    )

    def model_post_init(self, _context: object) -> None:
        """Something must be counted."""
        if self.mass_g is None and self.pieces is None:
            raise wrong("no_amount")


class WasteGenerated(Amount):
    """产生: a lot came into being at a site."""

    kind: Literal["waste-generated.v1"] = "waste-generated.v1"


class WasteStored(Amount):
    """入库: a lot entered store. `parents` are the batch codes it was made of, where the code changed (HJ 1259 6.3).

    `opening` says that it was there when the books were opened (期初库存), `stored_since` since when, where that is known.
    """

    kind: Literal["waste-stored.v1"] = "waste-stored.v1"
    parents: Parents = ()
    opening: Flag = False
    stored_since: InstantField | None = None

    def model_post_init(self, context: object) -> None:
        """Opening stock has no history in these books, and nothing was stored after it was stated."""
        super().model_post_init(context)
        if self.opening and self.parents:
            raise wrong("contradiction/opening_parents")
        if self.stored_since is not None and not (self.opening and self.stored_since <= self.occurred_at):
            raise wrong("contradiction/stored_since")


class WasteReleased(Amount):
    """出库: a lot left its store for use or the gate; matter leaves the site only by departure or treatment."""

    kind: Literal["waste-released.v1"] = "waste-released.v1"
    lot: LotName
    parents: Parents = ()


class LotShare(Part):
    """So much of a lot."""

    lot: LotName
    mass_g: MassField = Field(alias="mass_kg")


class NewLot(Part):
    """A lot that a repacking or a treatment makes."""

    lot: BatchCode
    waste_code: WasteCode
    mass_g: MassField = Field(alias="mass_kg")
    place: PlaceId | None = None
    containers: Containers | None = None


class LotRepacked(Fact):
    """分装合并: lots were split, merged or repacked; the new ones are never younger than their oldest parent."""

    kind: Literal["lot-repacked.v1"] = "lot-repacked.v1"
    site: SiteId
    inputs: Annotated[tuple[LotShare, ...], Field(min_length=1, max_length=200)]
    outputs: Annotated[tuple[NewLot, ...], Field(min_length=1, max_length=200)]


class CountedLot(Part):
    """What a stock-take found of one code, in one lot where it could be told. Zero is a finding too."""

    waste_code: WasteCode
    mass_g: CountedMassField = Field(alias="mass_kg")
    lot: LotName | None = None
    stored_since: InstantField | None = None


class StockTaken(Fact):
    """盘点: what was counted at a place, or at the whole site where no place is named.

    An `opening` one opens the books: there is nothing to compare it with, and what it finds has the age it declares.
    """

    kind: Literal["stock-taken.v1"] = "stock-taken.v1"
    site: SiteId
    place: PlaceId | None = None
    counts: Annotated[tuple[CountedLot, ...], Field(min_length=1, max_length=1000)]
    opening: Flag = False


class Measure(StrEnum):
    """What an activity report counts."""

    BED_DAYS = "bed_days"
    KWH = "kwh"
    OUTPUT_KG = "output_kg"


class ActivityReported(Fact):
    """生产活动: bed-days, electricity or output of a period, to hold against the waste declared."""

    kind: Literal["activity-reported.v1"] = "activity-reported.v1"
    site: SiteId
    org: OrgId
    destination_org: OrgId | None = None  # Whom the bed-days are billed by, where a contract counts them.
    period_from: InstantField
    period_until: InstantField
    measure: Measure
    amount: Count


class WasteCollected(Fact):
    """收集: a round (medical, small producers) took waste from a site without a manifest of its own."""

    kind: Literal["waste-collected.v1"] = "waste-collected.v1"
    origin: SiteId
    origin_org: OrgId
    destination: SiteId
    destination_org: OrgId
    carrier_org: OrgId
    vehicle: PlateNumber
    round_id: BatchCode
    lines: Lines
    manifest_no: ManifestNumber | None = None  # The round's own manifest, where it has one.
    exemption: Exemption | None = None
    exemptions: Exemptions = ()  # More of them: a clinic's van claims collection and transport (2021-02-1 and -2).


class CollectionMissed(Fact):
    """未收运: a round came or should have come, and did not take the waste."""

    kind: Literal["collection-missed.v1"] = "collection-missed.v1"
    origin: SiteId
    origin_org: OrgId
    destination_org: OrgId
    reason: Text
