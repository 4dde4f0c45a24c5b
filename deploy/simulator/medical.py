"""医疗废物: hospitals and clinics, rounds that clear them in time, bed-day and flat monthly contracts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from deploy.simulator.billing import money_line, payment
from deploy.simulator.cast import Contract, Facility, Site
from deploy.simulator.founding import new_site, register
from deploy.simulator.journal import Wire
from deploy.simulator.trade import INFECTIOUS, SHARPS, Plant, ProvinceSize
from deploy.simulator.world import World, kg
from models.exact import DAY_US, HOUR_US, MINUTE_US
from models.facts import Role

_EXEMPT: Wire = {
    "exemption_id": "2021-02-1",
    "condition_met": "床位总数19张以下，按规定分类、消毒并由专人交接 19 beds or fewer, sorted and handed over as ruled",
}


class Bin(NamedTuple):
    """A sealed bin that waits: grams, or pieces where a clinic only counts (MWR 12: weight or number)."""

    lot: str
    code: str
    mass_g: int
    pieces: int
    made_at: int

    @property
    def amount(self) -> Wire:
        """As it is stated."""
        return {"mass_kg": kg(self.mass_g)} if self.mass_g else {"pieces": self.pieces}


@dataclass(slots=True)
class Ward:
    """A hospital or clinic with its contract and what waits for the next round.

    `missed` is called with what waits when the next round does not come.
    """

    site: Site
    beds: int
    contract: Contract
    every_days: int
    phase: int
    waiting: list[Bin] = field(default_factory=list)
    counts: bool = False  # Sharps boxes are counted, not weighed.
    bed_days: int = 0
    missed: "Callable[[World, Ward], None] | None" = None

    @property
    def is_clinic(self) -> bool:
        """Nineteen beds or fewer."""
        return self.beds <= 19


class Rounds:
    """The medical part of a province."""

    def __init__(self, world: World, size: ProvinceSize) -> None:
        self.world = world
        self.plants = [f for f in world.facilities if f.plant is Plant.MEDICAL]
        self.wards = [self._ward("医院", world.rng.randrange(120, 900)) for _ in range(size.hospitals)]
        self.wards += [self._ward("卫生院", world.rng.choice((0, 0, 6, 15))) for _ in range(size.clinics)]

    def _ward(self, trade: str, beds: int) -> Ward:
        world, rng = self.world, self.world.rng
        site = new_site(world, trade, Role.PRODUCER, kind="12")
        register(world, site, "health-facility", world.hour(0, 1, 5), beds=beds)
        plant = rng.choice(self.plants)
        is_clinic = beds <= 19
        price = rng.randrange(70, 300, 10) * 100 if is_clinic else rng.randrange(250, 331, 5)
        basis = "month_flat" if is_clinic else "bed_day"
        contract = Contract("", site.org, plant, {"": price}, basis=basis)
        world.contracts.append(contract)
        plant.shares[0].planned_g += beds * 365 * 500 + 500_000
        every = rng.choice((3, 4, 7)) if is_clinic else 2
        return Ward(
            site, beds, contract, every, rng.randrange(every), counts=is_clinic and rng.random() < 0.3
        )

    def day(self) -> None:
        """Generation every morning, a round in the forenoon, bills at the turn of the month."""
        world = self.world
        if world.days.date(world.today).day == 1:
            for ward in self.wards:
                self._bill(ward)
        visited: dict[str, list[Ward]] = {}
        for ward in self.wards:
            visits = (world.today + ward.phase) % ward.every_days == 0
            self._generate(ward, visits)
            if visits and ward.missed is not None:
                self._miss(ward)
            elif visits and ward.waiting:
                visited.setdefault(ward.contract.facility.base.site, []).append(ward)
        for wards in visited.values():
            self._round(wards)

    def _miss(self, ward: Ward) -> None:
        """未收运: stated by the hospital; the next round takes everything."""
        world = self.world
        body = {
            "origin": ward.site.site,
            "origin_org": ward.site.org.code,
            "destination_org": ward.contract.facility.base.org.code,
            "reason": "车辆故障 vehicle broke down",
        }
        at = world.hour(world.today, 18, 19)
        world.telling().tell(ward.site.org, "collection-missed.v1", at, body)
        if ward.missed is not None:
            ward.missed(world, ward)
        ward.missed = None

    def _generate(self, ward: Ward, visits: bool) -> None:
        """A hospital makes waste every day; a clinic packs up on the day of the round."""
        rng = self.world.rng
        used = ward.beds * rng.randrange(700, 980) // 1000
        ward.bed_days += used
        if ward.is_clinic:
            if visits:
                self.pack(ward, INFECTIOUS, rng.randrange(80, 900) * 10)
                if ward.counts:
                    self.pack(ward, SHARPS, 0, rng.randrange(1, 5))
            return
        self.pack(ward, INFECTIOUS, used * rng.randrange(380, 520) // 100 * 100 + 1000)
        if visits:
            self.pack(ward, SHARPS, used * rng.randrange(20, 60) // 100 * 100 + 500)

    def pack(self, ward: Ward, code: str, mass_g: int, pieces: int = 0) -> None:
        """产生: a sealed bin, early in the morning."""
        world = self.world
        at = world.hour(world.today, 6, 8)
        lot = world.names.batch("CS", ward.site.site, world.days.date(world.today))
        made = Bin(lot, code, mass_g, pieces, at)
        body = {"site": ward.site.site, "lot": lot, "waste_code": code, **made.amount}
        world.telling().tell(ward.site.org, "waste-generated.v1", at, body, lag=10 * MINUTE_US)
        ward.waiting.append(made)

    def _round(self, wards: list[Ward]) -> None:
        world = self.world
        carrier = world.carrier()
        plate = world.rng.choice(carrier.plates)
        round_id = world.names.round(world.days.date(world.today))
        at = world.hour(world.today, 9, 10)
        for ward in wards:
            at += world.seconds(300, 900)
            facility = ward.contract.facility
            body: Wire = {
                "origin": ward.site.site,
                "origin_org": ward.site.org.code,
                "destination": facility.base.site,
                "destination_org": facility.base.org.code,
                "carrier_org": carrier.org.code,
                "vehicle": plate,
                "round_id": round_id,
                "lines": self._lines(ward, facility),
            }
            if ward.is_clinic:
                body["exemption"] = _EXEMPT
            world.telling().tell(carrier.org, "waste-collected.v1", at, body, lag=5 * MINUTE_US)
            ward.waiting.clear()

    def _lines(self, ward: Ward, facility: Facility) -> list[Wire]:
        lines = []
        for number, waits in enumerate(ward.waiting, start=1):
            lines.append({"line": number, "waste_code": waits.code, "lot": waits.lot, **waits.amount})
            code = waits.code
            facility.collected[code] = facility.collected.get(code, 0) + waits.mass_g
            facility.pieces[code] = facility.pieces.get(code, 0) + waits.pieces
        return lines

    def _bill(self, ward: Ward) -> None:
        """Bed-days reported, or the flat sum of the month: invoice, and payment within two weeks."""
        world, contract = self.world, ward.contract
        amount = contract.prices_fen[""]
        at = world.hour(world.today, 9, 11)
        if not ward.is_clinic:
            self._report(ward, at)
            amount *= ward.bed_days
        ward.bed_days = 0
        if amount == 0:
            return
        number = world.names.invoice(world.year(at))
        body = {
            "invoice_no": number,
            "seller_org": contract.seller.code,
            "buyer_org": contract.buyer.code,
            "lines": [money_line(contract, amount)],
        }
        billed_at = at + 4 * HOUR_US
        telling = world.telling(at + 3 * HOUR_US)
        telling.tell(contract.seller, "invoice-issued.v1", billed_at, body)
        paid_at = billed_at + DAY_US + world.seconds(0, 12 * 86400)
        lines = [money_line(contract, amount, invoice_no=number)]
        payment(world, lines, contract.buyer, contract.seller, paid_at, known_at=telling.known_at)

    def _report(self, ward: Ward, at: int) -> None:
        world = self.world
        today = world.days.date(world.today)
        first = max((today - timedelta(days=1)).replace(day=1), world.days.first)
        body = {
            "site": ward.site.site,
            "org": ward.site.org.code,
            "destination_org": ward.contract.facility.base.org.code,
            "period_from": f"{first.isoformat()}T00:00:00+08:00",
            "period_until": f"{today.isoformat()}T00:00:00+08:00",
            "measure": "bed_days",
            "amount": ward.bed_days,
        }
        world.telling().tell(ward.site.org, "activity-reported.v1", at, body)
