"""A Faust worker whose agents only count: what bringing the messages costs. The floor of judging through Faust.

Run as a process of its own: the broker's address and how many messages there are; says how many seconds they took.
"""

import gc
import logging
import os
import sys
from time import perf_counter

from models.topics import Concern
from streams import app
from streams.agents import Batch, Bench
from streams.silence import Silence
from streams.transport import JudgedOffsets


class Tally(Bench):
    """In the place of the agents' bench: no decoding, no judge."""

    def __init__(self, wanted: int, offsets: JudgedOffsets) -> None:
        self._wanted, self._kept = wanted, offsets
        self._count, self._started = 0, 0.0

    async def judge(self, concern: Concern, batch: Batch) -> None:
        """Count a batch; the last one ends the process."""
        self._started = self._started or perf_counter()
        self._count += len(batch)
        last = batch[-1]
        self._kept.put(last.topic, last.partition, last.offset + 1)
        if self._count >= self._wanted:
            print(perf_counter() - self._started, flush=True)
            os._exit(0)


def main() -> None:
    """Count until all are counted."""
    logging.basicConfig(level=logging.WARNING)
    gc.set_threshold(100_000, 50, 1_000)  # As the command `feilian` does.
    bootstrap, wanted = sys.argv[1:]
    app.GROUP = "feilian-count"  # type: ignore[misc]  # Its offsets must not be those of the judge.
    offsets = JudgedOffsets(dict)
    made = app.make_app(bootstrap, Tally(int(wanted), offsets), offsets, Silence())
    app._Worker(made, quiet=True, redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main()
