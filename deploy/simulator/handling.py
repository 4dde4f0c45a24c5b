"""处理: what the authority does about alerts: most are taken up within days, some are resolved. None changes a verdict."""

from collections import Counter

from deploy.simulator.journal import Expected, Telling, Wire
from deploy.simulator.world import World
from models.exact import MINUTE_US

_PEOPLE = ("王敏", "李强", "陈静", "周涛", "吴霞")
_TAKEN_UP, _RESOLVED = 0.6, 0.5


class Desk:
    """The authority's desk; it looks at each day's new entries of the truth."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._seen = 0
        self._episodes: Counter[tuple[str, str, str]] = Counter()

    def work(self) -> None:
        """Take up what was set up to go wrong since the last call, after it will have shown."""
        truth = self.world.journal.truth
        for expected in truth[self._seen :]:
            name = (str(expected.kind), expected.key, expected.subject)
            self._episodes[name] += 1
            if self.world.rng.random() < _TAKEN_UP:
                self._take_up(expected, self._episodes[name])
        self._seen = len(truth)

    def _take_up(self, expected: Expected, episode: int) -> None:
        world = self.world
        about: Wire = {
            "concern": str(expected.concern),
            "key": expected.key,
            "alert_kind": str(expected.kind),
            "subject": expected.subject,
            "episode": episode,
        }
        person = {"person": world.rng.choice(_PEOPLE)}
        at = expected.raised_at + world.seconds(4 * 3600, 3 * 86400)
        telling = Telling(world.journal)
        telling.tell(world.regulator, "alert-acknowledged.v1", _whole(at), about | person, lag=MINUTE_US)
        if world.rng.random() < _RESOLVED:
            found = {"resolution": "confirmed", "explanation": "经核查属实 found to be so"}
            later = _whole(at + world.seconds(4 * 86400, 15 * 86400))
            telling.tell(world.regulator, "alert-resolved.v1", later, about | found, lag=MINUTE_US)


def _whole(at: int) -> int:
    """Whole seconds, as all instants here are said."""
    return at // 1_000_000 * 1_000_000
