"""One manifest (联单): who, what, where; its timeline with both times; and for auditors how it stood at a chosen moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson
from fastapi import APIRouter, Response
from fastapi import Request as Asked

from api import show
from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.corrections import wish_line
from api.pages.facts import FactLine, fact_lines
from api.pages.frame import Frame, page
from api.pages.moment import Moment, moment_asked, seen
from api.pages.rows import lines_of, pair_href, text_of
from api.parts import parts_of
from api.questions import note_manifest
from api.reads import shown_reads
from api.views import alerts, manifests
from models.alerts import ALERTS
from models.envelope import Row
from models.exact import beijing_date
from models.facts.oversight import Subject
from models.topics import Concern
from rules import custody
from rules.custody_manifest import Manifest
from rules.custody_refused import owed
from rules.routes import pair_key
from streams.databases import beyond, reading
from streams.ledger_history import Request, waiting_about

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_STEPS: Final = ("issued", "departed", "arrived", "accepted", "confirmed")
_SIDE: Final = frozenset({"voided", "refused", "returned"})


@dataclass(frozen=True, slots=True)
class WasteRow:
    """A line of the manifest in all its masses (grams; None where nothing was said) and their difference."""

    line: int
    code: str
    name: str
    issued_g: int | None
    loaded_g: int | None
    accepted_g: int | None
    refused_g: int | None

    @property
    def difference_g(self) -> int | None:
        """Received less loaded."""
        if self.loaded_g is None or self.accepted_g is None:
            return None
        return self.accepted_g + (self.refused_g or 0) - self.loaded_g

    @property
    def difference_permille(self) -> int | None:
        """The difference in thousandths of what was loaded, towards zero."""
        if self.difference_g is None or not self.loaded_g:
            return None
        share = abs(self.difference_g) * 1000 // self.loaded_g
        return -share if self.difference_g < 0 else share


@router.get("/manifests/{manifest_no}")
def manifest(request: Asked, manifest_no: str) -> Response:
    """The page; with `known_at` and perhaps `as_of` (Beijing time) as it stood then, for regulators and auditors."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    rows = _rows(frame, manifest_no)
    with reading(desk.state) as connection:
        known = manifests.current(connection, manifest_no)
        keys = _other_keys(known)
        found = alerts.of_manifest(connection, viewer.reach, manifest_no, keys)
    if not viewer.reach.manifest(manifest_no, rows):
        raise NotThere
    rows = viewer.reach.manifest_rows(manifest_no, rows)
    note_manifest(parts_of(request), viewer.reach, manifest_no, rows)
    moment = moment_asked(frame, rows[-1].recorded_at)
    then = _then(frame, manifest_no, rows, moment) if moment and not moment.wrong else None
    shown = then["manifest"] if then else known
    return page(
        frame,
        "manifest.html",
        pulse=desk.pulse(),
        live_url="/live",
        number=manifest_no,
        m_view=_described(frame, shown) if shown else None,
        own_org=viewer.org,
        timeline=_lanes(frame, fact_lines(frame, then["rows"] if then else rows), known),
        alerts=then["alerts"] if then else lines_of(frame, found),
        findings=then["findings"] if then else [],
        wishes=[] if then else [wish_line(frame, wish) for wish in _waiting(frame, rows)],
        moment=moment,
        reads=None if then else shown_reads(viewer.reach, desk.ledger, Subject.MANIFEST, manifest_no),
        may_go_back=viewer.reach.oversees,
        hidden=len(rows) - len(then["rows"]) if then else 0,
    )


def _rows(frame: Frame, manifest_no: str) -> list[Row]:
    if frame.desk is None or not (len(manifest_no) == 14 and manifest_no.isascii() and manifest_no.isdigit()):
        raise NotThere
    with reading(frame.desk.state) as connection:
        seqs = manifests.fact_seqs(connection, "custody", manifest_no)
    with beyond():  # Whether it is theirs depends on all that was stated under its number.
        found = frame.desk.ledger.rows_by_seq(seqs)
    return [found[seq] for seq in sorted(found)]


def _waiting(frame: Frame, rows: list[Row]) -> list[Request]:
    """Requests for corrections of its facts that wait for an answer."""
    seqs = [row.seq for row in rows if row.original is None]
    return waiting_about(frame.desk.ledger, seqs) if frame.desk is not None else []


def _other_keys(known: Manifest | None) -> list[str]:
    """Under which keys other concerns may have alerts of this manifest: the pair, and the sites it went to."""
    if known is None:
        return []
    told = custody.summary(known)
    sites = [told["destination"], *told["receivers"]]
    return [pair_key(told["origin_org"], told["destination_org"]), *(site for site in sites if site)]


# How it stood at a moment


def _then(frame: Frame, manifest_no: str, rows: list[Row], moment: Moment) -> dict[str, Any]:
    """The manifest, its alerts and its facts as they were, from the ledger alone."""
    assert frame.desk is not None
    book = frame.desk.book()
    known = manifests.as_known_at(manifest_no, rows, book, moment.known_at)
    told: dict[str, Any] = {"manifest": known.manifest, "rows": known.rows, "findings": []}
    assert frame.viewer is not None
    found = [seen(Concern.CUSTODY, manifest_no, alert) for alert in known.alerts]
    reach = frame.viewer.reach
    told["alerts"] = lines_of(
        frame, alerts.in_order([alert for alert in found if reach.alert_of_seen(alert.fields)])
    )
    if moment.as_of is not None:
        happened = manifests.as_of(manifest_no, known.rows, book, moment.as_of)
        told["manifest"], told["alerts"] = happened.manifest, []
        told["rows"] = _happened(known.rows, happened.seqs)
        told["findings"] = [
            {
                "text": text_of(frame.lang, finding.kind),
                "severity": ALERTS[finding.kind].severity.value,
                "since": finding.since,
            }
            for finding in happened.findings
        ]
    return told


def _happened(rows: list[Row], seqs: frozenset[int]) -> list[Row]:
    """Rows of facts that had happened, with their corrections."""
    return [
        row
        for row in rows
        if row.seq in seqs or (row.original is not None and orjson.loads(row.original)["seq"] in seqs)
    ]


# What is shown


def _described(frame: Frame, known: Manifest) -> dict[str, Any]:
    """Parties by name, the steps reached, and the lines with their masses."""
    assert frame.viewer is not None
    told = frame.viewer.reach.summary(custody.summary(known))
    acts: dict[str, int] = told["acts"]
    on = beijing_date(min(acts.values())) if acts else date.max
    return {
        **told,
        "steps": [(name, frame.say(f"act.{name}"), acts.get(name)) for name in _STEPS],
        "side": [(frame.say(f"act.{name}"), acts[name]) for name in sorted(_SIDE & acts.keys())],
        "rows": [_waste_row(frame, line, on) for line in told["lines"]],
        "pair_href": pair_href(pair_key(told["origin_org"], told["destination_org"])),
        "carrier_names": [(org, frame.org_name(org)) for org in told["carriers"]],
        "way": [{**leg, "name": frame.org_name(leg["carrier"])} for leg in told["legs"]],
        "held_by": _held_by(frame, told["holder"]),
        "refusal": owed(known, frame.desk.book().latest) if known.refused and frame.desk else None,
    }


def _held_by(frame: Frame, holder: dict[str, Any] | None) -> dict[str, Any] | None:
    """Who has the load now, or had it at the moment shown."""
    return {**holder, "name": frame.org_name(holder["org"])} if holder else None


def _waste_row(frame: Frame, line: dict[str, Any], on: date) -> WasteRow:
    code = line["waste_code"]
    masses = {name: line[name] for name in ("issued_g", "loaded_g", "accepted_g", "refused_g")}
    return WasteRow(line["line"], code, show.waste_name(frame.lang, code, on), **masses)


def _lanes(frame: Frame, facts: list[FactLine], known: Manifest | None) -> list[tuple[str, FactLine]]:
    """Each fact with the lane of its actor: origin, carrier, destination, other."""
    told = custody.summary(known) if known else {}
    lanes = dict.fromkeys(told.get("carriers", ()), "carrier")
    lanes |= {told.get("destination_org", ""): "destination", told.get("origin_org", ""): "origin"}
    return [(lanes.get(fact.actor_org, "other"), fact) for fact in facts]
