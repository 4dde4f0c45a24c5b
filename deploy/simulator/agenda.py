"""When which irregularity and which oddity is played: each kind once in every stretch of days, on a day by chance."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from deploy.simulator.epidemic import plan_that_suffices, surge
from deploy.simulator.irregular_capacity import CAPACITY
from deploy.simulator.irregular_carriage import CARRIAGE
from deploy.simulator.irregular_corrections import CORRECTIONS
from deploy.simulator.irregular_custody import CUSTODY
from deploy.simulator.irregular_filing import FILING
from deploy.simulator.irregular_intake import INTAKE
from deploy.simulator.irregular_money import MONEY
from deploy.simulator.irregular_permits import PERMITS
from deploy.simulator.irregular_storage import STORAGE, missed_round
from deploy.simulator.irregular_watch import WATCH
from deploy.simulator.medical import Rounds
from deploy.simulator.odd_carriage import ODD_CARRIAGE
from deploy.simulator.odd_matter import ODD_MATTER
from deploy.simulator.odd_money import ODD_MONEY
from deploy.simulator.odd_permits import ODD_PERMITS
from deploy.simulator.odd_watch import ODD_WATCH
from deploy.simulator.stage import NoPairLeft
from deploy.simulator.trade import ProvinceSize
from deploy.simulator.world import World

_STRETCH_DAYS = 150
Scene = Callable[[World], None]


@dataclass(slots=True)
class _Turn:
    """One kind of scene and the day of its next play."""

    scene: Scene
    stretch_from: int
    day: int = 0


class Agenda:
    """Plays what falls on a day. Scenes are played on working days, as people do business then."""

    def __init__(self, world: World, rounds: Rounds, size: ProvinceSize, *, irregular: bool) -> None:
        self.world = world
        self.stretch = max(_STRETCH_DAYS // size.irregularities, 10)
        scenes: list[Scene] = [
            *ODD_MATTER,
            *ODD_CARRIAGE,
            *ODD_MONEY,
            *ODD_PERMITS,
            *ODD_WATCH,
            plan_that_suffices,
        ]
        if irregular:
            scenes += (
                *CORRECTIONS,
                *CUSTODY,
                *CARRIAGE,
                *STORAGE,
                *WATCH,
                *INTAKE,
                *MONEY,
                *PERMITS,
                *FILING,
                *CAPACITY,
                surge,
                partial(missed_round, rounds=rounds),
            )
        self._turns = [_Turn(scene, 1) for scene in scenes]
        for turn in self._turns:
            self._draw(turn)

    def _draw(self, turn: _Turn) -> None:
        turn.day = turn.stretch_from + self.world.rng.randrange(self.stretch - 12)
        turn.stretch_from += self.stretch

    def play(self) -> None:
        """Today's scenes."""
        world = self.world
        if not world.days.working(world.today):
            return
        for turn in self._turns:
            if turn.day <= world.today:
                with suppress(NoPairLeft):
                    turn.scene(world)
                self._draw(turn)
