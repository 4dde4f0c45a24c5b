"""Where an irregularity or an oddity is played: a producer, a facility and a code that meet nowhere else.

So nothing else can match, hide or repeat what is set up, and its effects are known in full.
"""

from dataclasses import dataclass

from deploy.simulator.billing import Bill, invoice, pay
from deploy.simulator.cast import Contract, Facility, Lot, Site
from deploy.simulator.filing import plan_for
from deploy.simulator.founding import price_of
from deploy.simulator.journal import Org
from deploy.simulator.shipping import Load, Transfer
from deploy.simulator.trade import TRADES, Plant
from deploy.simulator.world import World, kg
from models.exact import MINUTE_US

_TRIES = 200
_CATEGORIES = list(TRADES)
_SHARES = [trade.share_permille for trade in TRADES.values()]


class NoPairLeft(Exception):
    """Everybody who could has dealt with everybody: the scene is left out."""


@dataclass(slots=True)
class Stage:
    """A pair with a contract of its own for one code that the site makes in no stream."""

    world: World
    site: Site
    facility: Facility
    code: str
    contract: Contract
    load_g: int

    @property
    def category(self) -> str:
        """The category of its code."""
        return "HW" + self.code[-2:]

    @property
    def pair(self) -> str:
        """The settlement key."""
        return f"{self.site.org.code}>{self.facility.base.org.code}"

    def lot(self, mass_g: int | None = None, day: int | None = None) -> Lot:
        """产生 of a lot this morning, or on another day that was or will be; stated within minutes of it."""
        world = self.world
        day = world.today if day is None else day
        at = world.hour(day, 7, 8)
        batch = world.names.batch("CS", self.site.site, world.days.date(day))
        mass_g = self.load_g if mass_g is None else mass_g
        body = {"site": self.site.site, "lot": batch, "waste_code": self.code, "mass_kg": kg(mass_g)}
        world.telling().tell(self.site.org, "waste-generated.v1", at, body, lag=2 * MINUTE_US)
        return Lot(batch, self.code, mass_g, day)

    def transfer(self, mass_g: int | None = None, day: int | None = None, lot: Lot | None = None) -> Transfer:
        """A lot of this morning and the transfer that fetches all of it, today or on a later day."""
        world = self.world
        day = world.today if day is None else day
        lot = lot or self.lot(mass_g, day)
        load = Load(self.code, lot.mass_g if mass_g is None else mass_g, lot.batch)
        return Transfer(world, self.contract, self.site, [load], world.hour(day, 9, 12))

    def billed(self, transfer: Transfer, after_days: int = 2) -> Bill:
        """The right invoice for a transfer."""
        assert transfer.due is not None
        at = transfer.due.accepted_at + self.world.seconds(after_days * 86400, (after_days + 1) * 86400)
        return invoice(self.world, self.contract, [transfer.due], at)

    def paid(self, bill: Bill, after_days: int = 6) -> str:
        """The right payment for an invoice."""
        at = bill.issued_at + self.world.seconds(after_days * 86400, (after_days + 1) * 86400)
        return pay(self.world, [bill], at)

    def settled(self, transfer: Transfer) -> None:
        """Billed and paid as agreed."""
        self.paid(self.billed(transfer))


def stage(
    world: World,
    *,
    category: str | None = None,
    facility: Facility | None = None,
    fen_a_tonne: int | None = None,
    bought: bool = False,
    intermediary: Org | None = None,
    large: bool = False,
    planned: bool = True,
) -> Stage:
    """A pair that never met, at random; its contract is signed this very night, and its plan changed where `planned`."""
    rng = world.rng
    for _ in range(_TRIES):
        site = rng.choice(world.producers)
        trade = TRADES[category or rng.choices(_CATEGORIES, _SHARES)[0]]
        taker = facility or rng.choice(_ordinary(world, trade.category))
        code = rng.choice(trade.codes)
        pair = (site.org.code, taker.base.org.code)
        if pair in world.pairs or (site.site, code) in world.made or (large and site.site in world.small):
            continue
        if trade.bought and not bought and category is None:
            continue
        world.pairs.add(pair)
        world.made.add((site.site, code))
        price = price_of(world, trade) if fen_a_tonne is None else fen_a_tonne
        contract = Contract("", site.org, taker, {code: price}, bought=bought)
        at = world.days.at(world.today, 1)
        world.sign(contract, at, [intermediary] if intermediary else ())
        if planned:
            plan_for(world, site, code, taker)
        small = site.site in world.small
        load_g = rng.randrange(400, 1500) * 1000 if small else rng.randrange(10_000, 15_000) * 1000
        return Stage(world, site, taker, code, contract, load_g)
    raise NoPairLeft(f'no free pair is left for "{category}"')


def small_stage(world: World) -> Stage:
    """One of a small producer, which has a storage point."""
    for _ in range(_TRIES):
        scene = stage(world)
        if scene.site.site in world.small:
            return scene
    raise NoPairLeft("no free pair of a small producer is left")


def rare_stage(world: World, code: str, facility: Facility, yuan_a_tonne: int) -> Stage:
    """A large producer's pair with the one facility for a rare code; its contract is signed this very night."""
    rng = world.rng
    large = [site for site in world.producers if site.site not in world.small]
    for _ in range(_TRIES):
        site = rng.choice(large)
        pair = (site.org.code, facility.base.org.code)
        if pair not in world.pairs and (site.site, code) not in world.made:
            world.pairs.add(pair)
            world.made.add((site.site, code))
            contract = Contract("", site.org, facility, {code: yuan_a_tonne * 100})
            world.sign(contract, world.days.at(world.today, 1))
            plan_for(world, site, code, facility)
            return Stage(world, site, facility, code, contract, 8_000_000)
    raise NoPairLeft(f'no free pair is left for "{code}"')


def _ordinary(world: World, category: str) -> list[Facility]:
    """Facilities that take a category as a matter of course."""
    return [f for f in world.facilities_for(category) if f.plant is not Plant.COLLECTOR]
