"""The server without a database behind it: all of the door, and an acceptor that says yes at once. The floor of accepting.

Run as a process of its own: port and folder; the folder has a ledger with the keys.
"""

import gc
import sys
from pathlib import Path
from typing import Any

from deploy import house
from deploy.founding import opened
from models.settings import Settings
from streams.ledger_types import Accepted, Receipt, Submission

LEAF = bytes(32)


class YesMan:
    """In the acceptor's place."""

    def __init__(self) -> None:
        self._seq = 0

    def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to end."""

    async def submit(self, submission: Submission) -> Accepted:
        """Accepted, numbered, and forgotten."""
        first = self._seq + 1
        self._seq += len(submission.facts)
        return Accepted(
            tuple(
                Receipt(fact.event_id, seq, 1_767_225_600_000_000, LEAF, False, fact.warnings)
                for seq, fact in enumerate(submission.facts, first)
            )
        )


def main() -> None:
    """Serve until told to end."""
    gc.set_threshold(100_000, 50, 1_000)  # As the command `feilian` does.
    port, folder = sys.argv[1:]
    # Keys are asked for once: where they are kept is what this server is to do without.
    settings = Settings(data_dir=Path(folder), key_cache_ms=3_600_000)
    app: Any = house.application(settings, opened(settings))
    app.state.parts.acceptor = YesMan()
    house.serve(app, house.bound_socket("127.0.0.1", int(port)))


if __name__ == "__main__":
    main()
