"""A process that states facts as fast as it can and prints each receipt once it has it; tests kill it."""

import sys
import threading
from pathlib import Path

from models.settings import Settings
from streams.databases import open_databases
from streams.ledger import Accepted, Ledger, Submission
from tests.facts import PRODUCER_ORG
from tests.streams.ledgers import prepared, stored

THREADS = 3
BATCH = 7


def state(ledger: Ledger, count: int) -> None:
    """State `count` batches, each fact twice within its batch's neighbours."""
    for _ in range(count):
        facts = [prepared(stored()) for _ in range(BATCH)]
        for outcome in ledger.accept([Submission(PRODUCER_ORG, facts), Submission(PRODUCER_ORG, facts[:2])]):
            assert isinstance(outcome, Accepted)
            for receipt in outcome.receipts:
                sys.stdout.write(f"{receipt.seq} {receipt.event_id} {receipt.leaf.hex()}\n")
            sys.stdout.flush()


def main(database: str, folder: str, batches: int) -> None:
    """Some threads at once, as a server has them."""
    ledger = Ledger(open_databases(Settings(database=database, data_dir=Path(folder))))
    threads = [threading.Thread(target=state, args=(ledger, batches)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
