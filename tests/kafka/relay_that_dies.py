"""A relay that is killed after the broker has acknowledged and before it is noted; run by test_relay as a process."""

import asyncio
import os
import signal
import sys

from streams.relay import Relay, SentBook
from tests.kafka.hands import open_ledger


def die(*_: object) -> None:
    """SIGKILL: nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    bootstrap, url = sys.argv[1:]
    SentBook.mark = die  # type: ignore[method-assign, assignment]
    asyncio.run(Relay(bootstrap, open_ledger(url), lease_seconds=1).run(asyncio.Event()))
