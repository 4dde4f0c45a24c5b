"""A province that lives day by day: `simulate` runs it for a period, the demo lets it go on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from deploy.simulator.agenda import Agenda
from deploy.simulator.billing import bill_the_week
from deploy.simulator.cast import Site
from deploy.simulator.collecting import send_on
from deploy.simulator.filing import file, plans
from deploy.simulator.founding import found, licensed, sign_all
from deploy.simulator.handling import Desk
from deploy.simulator.journal import Expected, Org, Said
from deploy.simulator.medical import Rounds
from deploy.simulator.producing import produce
from deploy.simulator.trade import ProvinceSize
from deploy.simulator.treating import treat
from deploy.simulator.world import World


@dataclass(frozen=True, slots=True)
class Simulation:
    """A period of a province. `facts` are in recorded order; `truth` is every episode that the law raises by `end`."""

    facts: list[Said]
    truth: list[Expected]
    orgs: dict[str, Org]
    sites: dict[str, Site]
    start: int
    end: int


class Province:
    """A province from its first day on; the same seed, size and day tell the same story."""

    def __init__(self, seed: int, size: ProvinceSize, start: date, *, irregular: bool = True) -> None:
        self.world = World(seed, start)
        found(self.world, size)
        self._rounds = Rounds(self.world, size)
        self._agenda = Agenda(self.world, self._rounds, size, irregular=irregular)
        self._desk = Desk(self.world)
        licensed(self.world)
        sign_all(self.world)
        plans(self.world)

    @property
    def truth(self) -> list[Expected]:
        """All that has been set up so far to go wrong, also what will show only later."""
        return self.world.journal.truth

    def next_day(self) -> Iterator[Said]:
        """Play the next day; the facts that are recorded on it."""
        world = self.world
        if world.today > 0:
            self._play()
        day = world.today
        world.today += 1
        return world.journal.day(day)

    def _play(self) -> None:
        world = self.world
        file(world)
        treat(world)
        send_on(world)
        produce(world)
        if world.days.working(world.today):
            for contract in world.contracts:
                if contract.unbilled and world.today - world.days.of(contract.unbilled[0].accepted_at) >= 7:
                    bill_the_week(world, contract)
        self._agenda.play()
        self._rounds.day()
        self._desk.work()


def simulate(seed: int, size: ProvinceSize, start: date, days: int, *, irregular: bool = True) -> Simulation:
    """Run a province for `days` from Beijing midnight of `start`; `end` is the period's last microsecond."""
    province = Province(seed, size, start, irregular=irregular)
    facts = [said for _ in range(days) for said in province.next_day()]
    world = province.world
    end = world.days.at(days) - 1
    truth = sorted(
        (expected for expected in province.truth if expected.raised_at <= end),
        key=lambda expected: (expected.raised_at, expected.key, expected.subject, expected.kind),
    )
    return Simulation(facts, truth, world.orgs, world.sites, world.days.origin, end)
