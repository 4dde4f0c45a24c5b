"""`make mutants`: changes rules/ in small ways, one at a time, and counts which changes the tests of the law notice.

All mutants of a release would take days of one core, so a fixed share of them is drawn by name: the same names in every
run, spread over all modules. `python -m tests.mutants --every 1` tries all, `--only custody` those of some modules.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest
from click.testing import CliRunner
from mutmut.__main__ import cli

FOLDER: Final = Path("mutants")
EXAMPLES_MAX: Final = 12
GOAL_PERCENT: Final = 90
KILLED: Final = frozenset({1, 3, 24, -24, 36, 152, 255})  # A mutant that hangs is noticed too.


def lighten() -> None:
    """Fewer examples, always the same, and no search for the smallest: a mutant need only be noticed."""
    made = hypothesis.settings.__init__

    def lighter(self: hypothesis.settings, parent: Any = None, **named: Any) -> None:
        if "max_examples" in named:
            named["max_examples"] = min(named["max_examples"], EXAMPLES_MAX)
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        made(self, parent, **{**named, "derandomize": True, "database": None, "phases": phases})

    hypothesis.settings.__init__ = lighter  # type: ignore[method-assign]
    # mutmut 3.7 asks pytest 9 for a name that it no longer has.
    pytest.Item._nodeid = property(lambda self: self.nodeid)  # type: ignore[attr-defined]


def mutants() -> Iterator[tuple[str, int | None]]:
    """Every mutant that was made, with the exit code of its last run."""
    for path in sorted(FOLDER.glob("rules/**/*.meta")):
        known = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        yield from sorted(known.items())


def drawn(every: int, only: str) -> list[str]:
    """One name in `every`, by its hash."""
    return [
        name
        for name, _ in mutants()
        if only in name and int.from_bytes(sha256(name.encode()).digest()[:4], "big") % every == 0
    ]


def run(names: list[str], children: int) -> int:
    """Let mutmut try these."""
    result = CliRunner().invoke(cli, ["run", "--max-children", str(children), *names], catch_exceptions=True)
    print(result.output[-2_000:] if result.exit_code else "", end="")
    return result.exit_code


def main() -> int:
    """Try the share, print what survived and the percentage; 1 where it is below the goal."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--every", type=int, default=25)
    asked.add_argument("--only", default="")
    asked.add_argument("--children", type=int, default=2)
    given = asked.parse_args()
    lighten()
    run(["rules.none_of_this_name"], given.children)  # Makes the mutants and learns which tests reach which.
    names = drawn(given.every, given.only)
    run(names, given.children)
    codes = dict(mutants())
    tried = {name: codes[name] for name in names if codes[name] is not None}
    for name in sorted(name for name, code in tried.items() if code not in KILLED):
        print("survived:", name)
    by_module = Counter((name.partition(".x")[0], code in KILLED) for name, code in tried.items())
    for module in sorted({module for module, _ in by_module}):
        print(
            f"{module:<40} {by_module[module, True]:>4} of {by_module[module, True] + by_module[module, False]}"
        )
    killed = sum(code in KILLED for code in tried.values())
    percent = killed * 100 / len(tried) if tried else 0
    print(f"{len(tried)} of {len(codes)} mutants of rules/ tried, {killed} killed: {percent:.1f} %")
    return 0 if percent >= GOAL_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
