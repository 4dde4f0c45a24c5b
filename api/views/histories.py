"""The histories that exports tell: of a manifest with what was done to its load, and of a site's stock. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api.reach import Reach
from models.exact import parse_instant
from models.interchange import epcis
from models.interchange.epcis import Told
from models.interchange.epcis_events import Event
from streams.databases import guarded, reading
from streams.ledger import Ledger
from streams.told import manifest_told, told_of, treated_after

_ACCEPTED = "receipt-accepted.v1"


def manifest_history(ledger: Ledger, number: str, reach: Reach | None) -> list[Told] | None:
    """A manifest's facts, and what was done to its load where it was taken in; None where it is not there to be seen.

    A reader (None: whoever has the ledger itself) sees the facts under the number as of any manifest, and of the rest
    what is for it by itself.
    """
    own = seen_of_manifest(ledger, number, reach)
    if own is None:
        return None
    after = told_of(ledger, _treated(ledger, number, own))
    if reach is None:
        return own + after
    rows = ledger.rows_by_seq(_seq(told) for told in after)
    return own + [told for told in after if _seq(told) in rows and reach.row(rows[_seq(told)])]


def seen_of_manifest(ledger: Ledger, number: str, reach: Reach | None) -> list[Told] | None:
    """What a reader may see of a manifest's facts; None where it may not be seen, or is not there."""
    told = manifest_told(ledger, number)
    if reach is None:
        return told or None
    # By the ledger itself: what was stated a moment ago may not be judged yet.
    found = ledger.rows_by_seq(_seq(each) for each in told)
    rows = [found[seq] for seq in sorted(found)]
    if not told or not reach.manifest(number, rows):
        return None
    allowed = {row.seq for row in reach.manifest_rows(number, rows)}
    return [each for each in told if _seq(each) in allowed]


def _seq(told: Told) -> int:
    """Under which number it was first stated."""
    return told.versions[0].seq


def _treated(ledger: Ledger, number: str, own: Iterable[Told]) -> set[int]:
    lots: dict[str, set[str]] = {}
    for told in own:
        if told.kind == _ACCEPTED and told.withdrawn_at is None:
            body = told.versions[-1].body
            site = body.get("receiver") or body["destination"]
            for line in body["lines"]:
                name = line.get("stored_as") or f"{number}/{line['line']}"
                lots.setdefault(site, set()).update((name, f"{name}@{line['waste_code']}"))
    with guarded(), reading(ledger.databases.state) as connection:
        return {seq for site, names in lots.items() for seq in treated_after(ledger, connection, site, names)}


def events(ledger: Ledger, history: Sequence[Told]) -> list[Event]:
    """The EPCIS events of a history, in order of the time at which things happened."""
    ledger_id = ledger.meta.ledger_id
    found = [event for told in history for event in epcis.events_of(told, ledger_id)]
    return sorted(found, key=lambda event: (parse_instant(event["eventTime"]), int(event["feilian:seq"])))
