"""One batch's lineage (批次来源与去向): the steps before and after it, both ways, and over manifests into other sites."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.frame import page
from api.views.lineage import across
from streams.databases import reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/sites/{site}/lineage")
def lineage(request: Request, site: str, lot: str = "", manifest: str = "") -> Response:
    """The page, for the site's own organisation and for readers of all."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)

    def sees(asked: str) -> bool:
        known = desk.names.sites.get(asked)
        return viewer.sees_all or (known is not None and known.org == viewer.org)

    if not sees(site):
        raise NotThere
    start = f"leaving:{manifest}" if manifest else f"lot:{lot}"
    with reading(desk.state) as connection:
        found = across(connection, desk.ledger, site, start, sees)
    if found is None:
        raise NotThere
    return page(frame, "lineage.html", pulse=desk.pulse(), **found)
