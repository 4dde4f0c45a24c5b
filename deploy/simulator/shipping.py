"""One transfer from issue to confirmation, step by step: a lawful one by default, an irregular one where told so."""

from collections.abc import Sequence
from typing import NamedTuple

from deploy.simulator.cast import Carrier, Contract, Due, Facility, Lot, Site
from deploy.simulator.journal import Org, Wire
from deploy.simulator.world import World, kg, worth
from models.exact import MINUTE_US, format_instant

_SEEN_SHARE = 0.15


class Load(NamedTuple):
    """One line of a manifest: a code, grams, and the lot it comes from where the origin names it."""

    waste_code: str
    mass_g: int
    lot: str | None = None
    pieces: int | None = None


class Transfer:
    """A manifest's course. Each step may be given its own time or content; steps not called did not happen."""

    def __init__(
        self,
        world: World,
        contract: Contract,
        origin: Site,
        loads: Sequence[Load],
        depart_at: int,
        *,
        carrier: Carrier | None = None,
        manifest_no: str | None = None,
        destination: Facility | None = None,
    ) -> None:
        self.world = world
        self.contract = contract
        self.origin = origin
        self.loads = loads
        self.facility = destination or contract.facility
        self.carrier = carrier or world.carrier()
        self.plate = world.rng.choice(self.carrier.plates)
        self.on_round = False  # The lorry of a milk run serves all its stops.
        self.telling = world.telling()
        self.depart_at = depart_at
        self.arrive_at = depart_at + world.seconds(3600, 6 * 3600)
        self.accept_at = self.arrive_at + world.seconds(1200, 5400)
        self.manifest_no = manifest_no or world.names.manifest(origin.region, world.year(depart_at))
        self.body: Wire = {
            "manifest_no": self.manifest_no,
            "origin": origin.site,
            "origin_org": origin.org.code,
            "destination": self.facility.base.site,
            "destination_org": self.facility.base.org.code,
        }
        self.due: Due | None = None
        self.departed: Wire = {}
        self.bound_for = self.facility.base.site  # Where the lorry really goes.

    @property
    def loaded_g(self) -> int:
        """What left, in grams."""
        return sum(load.mass_g for load in self.loads)

    def lines(self, loads: Sequence[Load]) -> list[Wire]:
        """Waste lines on the wire."""
        lines: list[Wire] = []
        for number, load in enumerate(loads, start=1):
            line: Wire = {"line": number, "waste_code": load.waste_code, "mass_kg": kg(load.mass_g)}
            if load.lot is not None:
                line["lot"] = load.lot
            if load.pieces is not None:
                line["pieces"] = load.pieces
            lines.append(line)
        return lines

    def issue(self, **more: object) -> "Transfer":
        """联单开具 within the hour before departure."""
        self.issue_wire(**more)
        return self

    def issue_wire(self, by: Org | None = None, /, **more: object) -> Wire:
        """The same, by the origin unless told; the fact itself, for a later correction."""
        at = self.depart_at - self.world.seconds(600, 3600)
        carriers = [{"org": self.carrier.org.code, "transport_licence_no": self.carrier.licence_no}]
        body = {**self.body, "carriers": carriers, "lines": self.lines(self.loads)}
        body |= {**self._agreed(), **more}
        return self.telling.tell(by or self.origin.org, "manifest-issued.v1", at, body, lag=0)

    def _agreed(self) -> Wire:
        """The contract it goes under, where there is one."""
        return {"contract_no": self.contract.no} if self.contract.no else {}

    def depart(self, **more: object) -> "Transfer":
        """起运, with a lorry that is free."""
        if not self.on_round:
            there = self.bound_for[:4]
            stops = ((self.depart_at, self.origin.site[:4]), (self.arrive_at, there))
            self.plate = self.world.lorry(self.carrier, self.plate, *stops)
        lines = self.lines(self.loads)
        self.departed = self._carry("transport-departed.v1", self.depart_at, lines=lines, **more)
        return self

    def arrive(self, **more: object) -> "Transfer":
        """运抵."""
        self._carry("transport-arrived.v1", self.arrive_at, **more)
        return self

    def _carry(self, kind: str, at: int, **more: object) -> Wire:
        body = {**self.body, "carrier_org": self.carrier.org.code, "vehicle": self.plate, **more}
        return self.telling.tell(self.carrier.org, kind, at, body, lag=self.world.seconds(60, 900))

    def weigh(self, loads: Sequence[Load] | None = None, **more: object) -> "Transfer":
        """核实过磅."""
        at = self.arrive_at + (self.accept_at - self.arrive_at) // 2
        body = {**self.body, "lines": self.lines(loads or self.loads), **more}
        org = self.facility.base.org
        self.telling.tell(org, "receipt-weighed.v1", at, body, lag=MINUTE_US)
        return self

    def accept(
        self,
        loads: Sequence[Load] | None = None,
        receiver: Facility | None = None,
        *,
        owed: bool = True,
        **more: object,
    ) -> Wire:
        """接受: into the receiver's stock; with `owed`, money falls due for it."""
        taken = loads or self.loads
        facility = receiver or self.facility
        body = {**self.body, "lines": self._taken_in(taken, facility), **self._agreed(), **more}
        if receiver is not None:
            body |= {"receiver": receiver.base.site, "receiver_org": receiver.base.org.code}
        wire = self.telling.tell(facility.base.org, "receipt-accepted.v1", self.accept_at, body)
        if owed:
            self.redeem(taken)
        return wire

    def redeem(self, loads: Sequence[Load]) -> None:
        """So much of the load falls due at the contract's prices."""
        self.due = self._owed(loads)

    def _taken_in(self, loads: Sequence[Load], facility: Facility) -> list[Wire]:
        world = self.world
        day = world.days.of(self.accept_at)
        lines = self.lines(loads)
        for line, load in zip(lines, loads, strict=True):
            stored_as = world.names.batch("RK", facility.base.site, world.days.date(day))
            line["method"] = facility.methods("HW" + load.waste_code[-2:])
            line["stored_as"] = stored_as
            facility.held.append(Lot(stored_as, load.waste_code, load.mass_g, day + 1))
        return lines

    def _owed(self, loads: Sequence[Load]) -> Due:
        prices = self.contract.prices_fen
        mass_g = sum(load.mass_g for load in loads)
        amount = sum(worth(load.mass_g, prices[load.waste_code]) for load in loads)
        return Due(
            self.manifest_no, amount, mass_g, loads[0].waste_code, self.accept_at, self.telling.known_at
        )

    def confirm(self, at: int | None = None) -> "Transfer":
        """确认接受: the same day or up to three days later, weekends included, so always in time."""
        world = self.world
        soon = self.accept_at + world.seconds(1800, 3 * 24 * 3600)
        lag = MINUTE_US
        org = self.facility.base.org
        self.telling.tell(org, "manifest-confirmed.v1", at or soon, dict(self.body), lag=lag)
        return self

    def _seen(self) -> None:
        """途中监控: a gate on the way."""
        self.observe("gate", self.depart_at + (self.arrive_at - self.depart_at) // 2)

    def observe(self, observation: str, at: int, until: int | None = None) -> None:
        """途中监控 by the haulier, told within a minute, or after `until` where the end is known."""
        body = {**self.body, "vehicle": self.plate, "observation": observation}
        lag = MINUTE_US
        if until is not None:
            body["until"] = format_instant(until)
            lag += until - at
        self.telling.tell(self.carrier.org, "transport-observed.v1", at, body, lag=lag)

    def weighed_loads(self) -> list[Load]:
        """What the destination's weighbridge says: often the same, else off by less than 1 %."""
        rng = self.world.rng
        if rng.random() < 0.6:
            return list(self.loads)
        permille = rng.randrange(992, 1005)
        return [load._replace(mass_g=load.mass_g * permille // 10_000 * 10) for load in self.loads]

    def run(self, **issued: object) -> "Transfer":
        """All steps in the ordinary way."""
        self.issue(**issued)
        trip = {"trip_id": issued["trip_id"]} if "trip_id" in issued else {}
        loads = self.weighed_loads()
        self.depart(**trip)
        if self.world.rng.random() < _SEEN_SHARE:
            self._seen()
        self.arrive().weigh(loads)
        self.accept(loads)
        return self.confirm()
