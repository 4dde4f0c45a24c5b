"""The few lines of docs/hashes.md, with nothing of ours, give the leaves that the ledger gave out."""

import json
import re
from pathlib import Path
from typing import Any

from deploy.docs import ROOT
from tests.facts import accepted, arrived, corrected, day, departed, issued
from tests.streams.world import make_world


def printed() -> Any:
    """`leaf` as the document prints it."""
    block = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "hashes.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    names: dict[str, Any] = {}
    exec(block[1], names)
    return names["leaf"]


def test_the_printed_lines_recompute_every_leaf(tmp_path: Path) -> None:
    world, leaf = make_world(tmp_path), printed()
    wrong = accepted(kg="8000.50", at=day(0))
    world.say_all([issued(kg=10_000), departed(kg=10_000), arrived(), wrong], day(0))
    world.say(corrected(wrong, withdrawn=True), day(1), stated_by=wrong["destination_org"])
    ledger = world.ledger
    found = ledger.leaves(0, 1_000)
    assert len(found) == ledger.head().seq > 100
    for item in found:
        row = item.row
        recomputed = leaf(
            ledger.meta.ledger_id, row.stated_by, json.loads(row.data), row.seq, row.recorded_at
        )
        assert recomputed == item.leaf.hex()
    world.databases.dispose()
