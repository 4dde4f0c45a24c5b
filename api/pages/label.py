"""A lot's label (标签, HJ 1276-2022): how it looks, what is left to be written by hand, and the way to the printer."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response

from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.frame import page
from api.views.labels import label_of, lot_named
from api.views.register import KnownNames
from models.interchange.label import NotThisForm, Size
from streams.databases import reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_LOT: Final = re.compile(r"[0-9A-Za-z_/-]{1,100}").fullmatch
_VOLUME: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,2})?").fullmatch
_SERIAL: Final = re.compile(r"[0-9]{3}").fullmatch


@router.get("/sites/{site}/lots/{lot:path}/label")
def label(request: Request, site: str, lot: str) -> Response:
    """The page, for the site's own organisation and for readers of all."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    known = desk.names.sites.get(site)
    if not viewer.reach.site(site) or not _LOT(lot):
        raise NotThere
    asked = _asked(request)
    with reading(desk.state) as connection:
        found = lot_named(connection, site, lot, asked["code"])
    if found is None:
        raise NotThere
    org = found.org or (known.org if known else "")
    try:
        made = label_of(
            found,
            site,
            lot,
            org,
            KnownNames(desk.names),
            volume_l=float(asked["volume_l"]) if asked["volume_l"] else None,
            serial=asked["serial"],
            size=Size(asked["size"]) if asked["size"] else None,
        )
    except NotThisForm:
        made = None
    given = {name: value for name, value in asked.items() if value}
    address = f"/v1/sites/{site}/lots/{quote(lot)}/label"
    return page(
        frame,
        "label.html",
        pulse=desk.pulse(),
        site=site,
        lot=lot,
        code=found.code,
        label=made,
        asked=asked,
        sizes=[size.value for size in Size],
        svg=f"{address}.svg?{urlencode(given)}",
        pdf=f"{address}.pdf?{urlencode(given)}",
    )


def _asked(request: Request) -> dict[str, Any]:
    """The form's fields as far as they are well-formed; others count as not given."""
    query = request.query_params
    volume = query.get("volume_l", "")
    good_volume = _VOLUME(volume) is not None and float(volume) > 0
    return {
        "code": query.get("code") or None,
        "volume_l": volume if good_volume else None,
        "serial": query["serial"] if _SERIAL(query.get("serial", "")) else None,
        "size": query["size"] if query.get("size") in set(Size) else None,
    }
