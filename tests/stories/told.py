"""All that the stories tell, word for word: every change with every field of its finding, and what pages read at the end.

A story names only the kinds that it raises. What a finding says beside (since when, where, whose, how much, on which
basis) is kept in words/<file>.txt and read in review: `python -m tests.stories.told` writes the files anew, and the
difference shows what a change of the law makes of them.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
import orjson

from models.exact import beijing_date, format_instant
from models.law import Law
from models.topics import Concern
from rules import custody, permits_summary, storage, storage_balance
from rules.custody_manifest import Manifest
from rules.permits_applications import Application
from rules.permits_approvals import Approvals
from rules.permits_filings import SiteFile
from rules.permits_licences import Licence
from rules.permits_plans import Plan
from rules.settlement.explain import explain
from streams.keyjudge import Change
from tests.facts import instant
from tests.laws import default_law
from tests.rules.harness import Keeper
from tests.stories.runner import Teller, all_stories, rules_for, story_files

FOLDER: Final = Path(__file__).parent / "words"
_AN_INSTANT: Final = 10**14  # No mass and no sum of money is that large; instants since 1973 are.


def told(file: str) -> str:
    """What the stories of a file tell, one after the other."""
    law = default_law()
    lines = [
        line
        for (known, name), _ in all_stories().items()
        if known == file
        for line in _story(file, name, law)
    ]
    return "\n".join(lines) + "\n"


def _story(file: str, name: str, law: Law) -> Iterator[str]:
    teller = Teller(law, rules_for(file))
    yield f"# {name}"
    at = 0
    for step in all_stories()[file, name]:
        at = instant(step[0])
        for change in sorted(
            teller.step(step), key=lambda one: (one.alert.finding.kind, one.alert.alert_id, one.ordinal)
        ):
            yield _change(at, change)
    for (concern, key), keeper in sorted(teller.keepers.items()):
        for row in _read(concern, key, keeper, teller.law, at):
            yield f"  {concern} {key} {orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode()}"
    yield ""


def _change(at: int, change: Change) -> str:
    finding = change.alert.finding
    amounts = " ".join(f"{name}={_shown(value)}" for name, value in sorted(finding.amounts.items()))
    until = "" if finding.until is None else f" until {format_instant(finding.until)}"
    return (
        f"{format_instant(at)} {change.change} {finding.kind} {finding.subject} of {change.alert.episode}: "
        f"since {format_instant(finding.since)}{until}, conduct {_shown(finding.conduct_at or 0)}, "
        f"at {finding.site or '-'}, parties {','.join(finding.parties) or '-'}, on {finding.basis or '-'}: {amounts}"
    )


def _shown(value: int | str) -> str:
    return format_instant(value) if isinstance(value, int) and value >= _AN_INSTANT else str(value)


def _read(concern: Concern, key: str, keeper: Keeper, law: Law, at: int) -> Iterator[Any]:
    """What the pages and the API read of a key."""
    subjects = {
        name: msgspec.json.decode(body, type=keeper.rule.SUBJECT)
        for name, body in sorted(keeper.rows.items())
    }
    if concern is Concern.CUSTODY:
        yield from (custody.summary(value) for value in subjects.values() if isinstance(value, Manifest))
    elif concern is Concern.STORAGE:
        yield from _storage(key, subjects, law, at)
    elif concern is Concern.SETTLEMENT and ">" in key:
        yield from explain(keeper.case.state)
    elif concern is Concern.PERMITS:
        yield from _permits(key, subjects, law, at)


def _storage(key: str, subjects: dict[str, Any], law: Law, at: int) -> Iterator[Any]:
    yield storage.summary(subjects, law, key)
    today = beijing_date(at)
    for border in (2, 4):
        lines = storage_balance.balance(subjects, date(today.year, 1, 1), today, border)
        yield {code: {name: n for name, n in asdict(line).items() if n} for code, line in lines.items()}
    for name in subjects:
        if name.startswith(("lot:", "leaving:")):
            for way in ("before", "after"):
                yield storage.lineage(
                    lambda names: {n: subjects[n] for n in names if n in subjects}, name, way
                )


def _permits(key: str, subjects: dict[str, Any], law: Law, at: int) -> Iterator[Any]:
    for name, value in subjects.items():
        if isinstance(value, Approvals):
            yield permits_summary.approval(key.partition(":")[2], value, law, at)
        elif isinstance(value, Application):
            yield permits_summary.application(key.partition(":")[2], value, law)
        elif isinstance(value, SiteFile):
            yield permits_summary.filings(value, law, key[:6], at)
        elif isinstance(value, Licence):
            for terms in value.terms:
                for number in range(1, len(terms.lines) + 1):
                    yield permits_summary.taken_in_year(subjects, name, number, terms, beijing_date(at))
        elif isinstance(value, Plan):
            yield permits_summary.plan(subjects, int(name.partition(":")[2]))


def main() -> None:
    """Write the files anew."""
    FOLDER.mkdir(exist_ok=True)
    for file in story_files():
        (FOLDER / f"{file}.txt").write_text(told(file), encoding="utf-8")


if __name__ == "__main__":
    main()
