"""A notify of its own, as the command runs it; started and killed by tests as a process: bootstrap and database address."""

import asyncio
import sys

from consumers.notify import Notify
from models.settings import Settings
from tests.consumers.receiver import quick
from tests.kafka.hands import open_ledger

if __name__ == "__main__":
    bootstrap, url = sys.argv[1:]
    settings = quick(Settings(), kafka=bootstrap, hook_backoff_ms=50, hook_attempts_max=1000)
    asyncio.run(Notify(settings, open_ledger(url), lease_seconds=1).run(asyncio.Event()))
