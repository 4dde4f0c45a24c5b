"""One batch's lineage (批次来源与去向): the steps before and after it, both ways, and over manifests into other sites."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.frame import page
from api.parts import parts_of
from api.questions import note_site
from api.views.lineage import across
from streams.databases import beyond, reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/sites/{site}/lineage")
def lineage(request: Request, site: str, lot: str = "", manifest: str = "") -> Response:
    """The page, for the site's own organisation and for readers of all."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)

    if not viewer.reach.site(site):
        raise NotThere
    start = f"leaving:{manifest}" if manifest else f"lot:{lot}"
    with beyond(), reading(desk.state) as connection:  # `across` tells what may be seen.
        found = across(connection, desk.ledger, site, start, viewer.reach.site)
    if found is None:
        raise NotThere
    for seen in (site, *(part["site"] for part in found["elsewhere"])):
        note_site(parts_of(request), viewer.reach, seen, len(found["steps"]))
    return page(frame, "lineage.html", pulse=desk.pulse(), **found)
