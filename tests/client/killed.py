"""A sender that is killed: run as a process of its own by test_killed, since it forks and kills what it forks.

Each child opens the outbox, sends what waits, and is killed with SIGKILL at a random moment; this goes on until so many
were killed at work, and then one is let live. Usage: python -m tests.client.killed URL KEY OUTBOX KILLS SEED
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from client import Feilian, Outbox, Patience, Unreachable, new_event_id

LONGEST_SECONDS = 0.06
BATCH = 5
FEW = 20


def sender(url: str, key: str, outbox: Path) -> None:
    """Send what waits, in small batches, for as long as one lives."""
    with Outbox(outbox) as waiting, Feilian(url, key, patience=Patience(seconds=20)) as feilian:
        for _ in waiting.flush(feilian, BATCH):
            pass


def lots(first: int, count: int) -> list[dict[str, str]]:
    """New facts; the outbox gives nothing twice, so they have their ids from the start."""
    return [
        {
            "kind": "waste-generated.v1",
            "event_id": new_event_id(),
            "occurred_at": "2026-03-02T09:00:00+08:00",
            "site": "330106-PLATER01",
            "lot": f"KILLED-{number:06d}",
            "waste_code": "336-064-17",
            "mass_kg": "1",
        }
        for number in range(first, first + count)
    ]


def refill(outbox: Path, made: int) -> int:
    """Keep some facts waiting; how many were made so far."""
    with Outbox(outbox) as facts:
        if facts.waiting() < FEW:
            made += facts.put(lots(made, 10 * FEW))
    return made


def killed_at_random(url: str, key: str, outbox: Path, seconds: float) -> bool:
    """One child, killed after so long; whether it was still at work."""
    child = os.fork()
    if child == 0:
        try:
            sender(url, key, outbox)
        except Unreachable:
            os._exit(3)
        os._exit(0)
    time.sleep(seconds)
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        assert status == 0, status
        return False
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def main() -> int:
    """Kill so many senders at work, then let one live; prints how many facts were made."""
    url, key, outbox, kills, seed = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    chance = random.Random(seed)
    made = killed = 0
    while killed < kills:
        made = refill(outbox, made)
        killed += killed_at_random(url, key, outbox, chance.uniform(0.0, LONGEST_SECONDS))
    sender(url, key, outbox)
    print(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
