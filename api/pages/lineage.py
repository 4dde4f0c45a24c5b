"""One batch's lineage (批次来源与去向): the steps before and after it at its site, both ways."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.frame import page
from api.views import subjects
from rules import storage
from streams.databases import reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/sites/{site}/lineage")
def lineage(request: Request, site: str, lot: str = "", manifest: str = "") -> Response:
    """The page, for the site's own organisation and for readers of all."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    known = desk.names.sites.get(site)
    if not (viewer.sees_all or (known is not None and known.org == viewer.org)):
        raise NotThere
    start = f"leaving:{manifest}" if manifest else f"lot:{lot}"
    with reading(desk.state) as connection:
        found = storage.lineage(lambda names: subjects.named(connection, storage, site, names), start)
    if found is None:
        raise NotThere
    return page(frame, "lineage.html", pulse=desk.pulse(), site=site, **found)
