"""One site (场所): who it is, what it has in store by code and lot, its licences, and its alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api import show
from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.frame import Frame, page
from api.pages.licences import licences_of
from api.pages.rows import lines_of
from api.views import alerts, on_the_way, subjects
from api.views import permits as site_permits
from models.exact import beijing_date, days_between
from models.law import Law
from rules import permits, storage
from streams.databases import reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_LOTS_MAX: Final = 300
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
    with reading(desk.state) as connection:
        stock = subjects.open_of_key(connection, storage, site)
        held = subjects.open_of_key(connection, permits, site)
        today = f"day:{beijing_date(desk.now()).isoformat()}"
        held |= subjects.of_keys(connection, permits, site, (today,)).get(site, {})
        loads = on_the_way.loads(connection, site, desk.now())
        found_permits = site_permits.of_site(connection, desk.law(), site, desk.now())
        found = alerts.of_site(connection, site)
    own = known is not None and known.org == viewer.org
    if not (viewer.sees_all or own) or not (known or stock or found):
        raise NotThere
    law, now = desk.law(), desk.now()
    lots, codes = _stock(frame, stock, law, site, now)
    return page(
        frame,
        "site.html",
        pulse=desk.pulse(),
        site=site,
        known=known,
        lots=lots[:_LOTS_MAX],
        left_out=max(0, len(lots) - _LOTS_MAX),
        codes=codes,
        licences=licences_of(frame, site, held, now, loads),
        permits=found_permits,
        credit=desk.names.credits.get(known.org) if known else None,
        alerts=lines_of(frame, [alert for alert in found if viewer.sees_all or viewer.org in alert.parties]),
        total_g=sum(lot.mass_g or 0 for lot in lots),
    )


def _stock(
    frame: Frame, stock: dict[str, Any], law: Law, site: str, now: int
) -> tuple[list[StoredLot], list[dict[str, Any]]]:
    """Lots, those with the least time left first, and totals by code."""
    told = storage.summary(stock, law, site)
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
    )
