"""One site (场所): who it is, what it has in store by code and lot, its licences, and its alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api import show
from api.pages import limits
from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.frame import Frame, page
from api.pages.licences import licences_of
from api.pages.moment import Moment, moment_asked
from api.pages.rows import lines_of
from api.parts import parts_of
from api.past import alerts_at, key_then
from api.questions import note_site
from api.reads import shown_reads
from api.views import alerts, on_the_way, subjects
from api.views import permits as site_permits
from api.views.alerts import AlertView, alert_of
from models.exact import beijing_date, days_between
from models.facts.oversight import Subject
from models.law import Law
from models.tables import AlertRow
from models.topics import Concern
from rules import permits, storage
from streams.databases import beyond, reading
from streams.moments import moment_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_LOTS_MAX: Final = 300
_ALERTS_MAX: Final = 200
_SOON_DAYS: Final = 30
_LONG_TERM_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class StoredLot:
    """A lot in store: `days` since it came, `left` to its last day (negative: over; None: no term)."""

    lot: str
    code: str
    name: str
    mass_g: int | None
    pieces: int | None
    stored_at: int
    limit_at: int | None
    place: str
    days: int
    left: int | None
    basis: str
    extended_until: int | None
    age_known: bool
    containers: dict[str, Any] | None

    @property
    def soon(self) -> bool:
        """Whether its term is nearly over; terms of days are always nearly over, and no news."""
        is_long = self.days + (self.left or 0) >= _LONG_TERM_DAYS
        return self.left is not None and self.left <= _SOON_DAYS and is_long


@router.get("/sites/{site}")
def site(request: Request, site: str) -> Response:
    """The page, for its own organisation and for readers of all."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    known = desk.names.sites.get(site)
    moment = moment_asked(frame)
    with reading(desk.state) as connection:
        stock = subjects.open_of_key(connection, storage, site)
        held = subjects.open_of_key(connection, permits, site)
        today = f"day:{beijing_date(desk.now()).isoformat()}"
        held |= subjects.of_keys(connection, permits, site, (today,)).get(site, {})
        loads = on_the_way.loads(connection, site, desk.now())
        found_permits = site_permits.of_site(connection, desk.law(), site, desk.now())
        found = alerts.of_site(connection, viewer.reach, site)
    if not viewer.reach.site(site) or not (known or stock or found):
        raise NotThere
    law, now = desk.law(), desk.now()
    if moment is not None and not moment.wrong:
        stock, held, found, law, now = _then(frame, site, moment)
        # What is on the road and what was filed are told as of now only.
        loads, found_permits = {}, site_permits.SitePermits()
    told = viewer.reach.stock(site, storage.summary(stock, law, site))
    note_site(parts_of(request), viewer.reach, site, len(told["lots"]))
    lots, codes = _stock(frame, told, now)
    return page(
        frame,
        "site.html",
        pulse=desk.pulse(),
        site=site,
        known=known,
        moment=moment,
        lots=lots[:_LOTS_MAX],
        left_out=max(0, len(lots) - _LOTS_MAX),
        codes=codes,
        licences=licences_of(frame, site, held, now, loads),
        permits=found_permits,
        credit=desk.names.credits.get(known.org) if known else None,
        reads=None if moment else shown_reads(viewer.reach, desk.ledger, Subject.SITE, site),
        points=told["points"],
        counts=told["counts"],
        alerts=lines_of(frame, found),
        rules=limits.rules_at(
            frame,
            law,
            site,
            known.role if known else None,
            [code["waste_code"] for code in codes],
            now,
        ),
        total_g=sum(lot.mass_g or 0 for lot in lots),
    )


def _then(
    frame: Frame, site: str, moment: Moment
) -> tuple[dict[str, Any], dict[str, Any], list[AlertView], Law, int]:
    """Stock and licences folded to the moment, the alerts that lasted then, the law known then, and what is counted to."""
    parts = parts_of(frame.request)
    then = moment_of(parts.ledger, moment.as_of, moment.known_at)
    with beyond():  # The site is theirs to see, and a fold needs all that was stated of it.
        stock, _ = key_then(parts, Concern.STORAGE, site, then)
        held, _ = key_then(parts, Concern.PERMITS, site, then)
    assert frame.viewer is not None
    wanted = [AlertRow.site == site, *frame.viewer.reach.alerts_where()]
    with reading(parts.databases.state) as connection:
        told, _ = alerts_at(connection, wanted, moment.known_at, moment.as_of, _ALERTS_MAX)
    law = parts.law.book().before(then.known_seq + 1)
    found = alerts.in_order([alert_of(body) for body in told])
    return stock.case.state.subjects, held.case.state.subjects, found, law, moment.at


def _stock(frame: Frame, told: dict[str, Any], now: int) -> tuple[list[StoredLot], list[dict[str, Any]]]:
    """Lots, those with the least time left first, and totals by code."""
    lots = sorted((_lot(frame, lot, now) for lot in told["lots"]), key=_urgency)
    codes = [{**code, "name": show.waste_name(frame.lang, code["waste_code"])} for code in told["codes"]]
    return lots, codes


def _urgency(lot: StoredLot) -> tuple[bool, int, int]:
    return (lot.left is None, lot.left or 0, lot.stored_at)


def _lot(frame: Frame, lot: dict[str, Any], now: int) -> StoredLot:
    limit_at = lot.get("limit_at")
    return StoredLot(
        lot=lot["lot"],
        code=lot["waste_code"],
        name=show.waste_name(frame.lang, lot["waste_code"]),
        mass_g=lot["mass_g"],
        pieces=lot["pieces"],
        stored_at=lot["stored_at"],
        limit_at=limit_at,
        place=lot["place"] or "",
        days=days_between(lot["stored_at"], now),
        left=days_between(now, limit_at) if limit_at is not None else None,
        basis=show.basis(frame.lang, lot["basis"]) if lot.get("basis") else "",
        extended_until=lot.get("extended_until"),
        age_known=lot["age_known"],
        containers=lot["containers"],
    )
