"""GET /v1/reference: waste codes, regions, kinds and codes, limits; searched, paged, by day, with entity tags. No key.

Nothing in it is about anybody, and forms need it before anyone has logged in; so caches on the way may keep it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Annotated, Any, Final
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Header, Query, Request, Response

from api.answers.reference import Listing, Lists
from api.described import DescribedRoute
from api.parts import parts_of
from api.views.reference import look_up
from api.views.reference_lists import LISTS, ReferenceList
from models.exact import beijing_date
from models.facts.base import Day
from models.law import Law

router = APIRouter(prefix="/v1/reference", route_class=DescribedRoute)
ITEMS_MAX: Final = 1000
CACHE: Final = "public, max-age=300"
_HEADERS: Final[dict[str, Any]] = {
    "ETag": {"schema": {"type": "string"}, "description": "Strong; send it back as If-None-Match."},
    "Cache-Control": {"schema": {"type": "string"}},
    "Feilian-Edition": {
        "schema": {"type": "string"},
        "description": "The edition, as in the body, percent-encoded UTF-8.",
    },
}
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"headers": _HEADERS},
    304: {"description": "Not changed since the answer that had this entity tag.", "headers": _HEADERS},
}
IfNoneMatch = Annotated[str | None, Header(max_length=1000)]


@router.get("", response_model=Lists, responses=RESPONSES)
def reference(if_none_match: IfNoneMatch = None) -> Response:
    """All lists of reference data, each with its address."""
    lists = [
        {"name": name, "title": listed.title, "href": f"{router.prefix}/{name}"}
        for name, listed in LISTS.items()
    ]
    return tagged(orjson.dumps({"lists": lists}), if_none_match)


def tagged(
    body: bytes,
    if_none_match: str | None,
    edition: str | None = None,
    media_type: str = "application/json",
) -> Response:
    """JSON with a strong entity tag; 304 without a body where the asker has it already (RFC 9110 13.1.2)."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": CACHE}
    if edition is not None:
        headers["Feilian-Edition"] = quote(edition, safe=" ;=/.:()")
    if if_none_match is not None and _has(if_none_match, tag):
        return Response(None, 304, headers)
    return Response(body, 200, headers, media_type)


def _has(if_none_match: str, tag: str) -> bool:
    tags = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return tag in tags or tags == ["*"]


def _question(which: ReferenceList) -> Callable[..., Response]:
    def listing(
        request: Request,
        q: Annotated[
            str, Query(max_length=60, description="Words: digits of a code, a name, or pinyin initials.")
        ] = "",
        on: Annotated[Day | None, Query(description="The Beijing day; default today.")] = None,
        limit: Annotated[int, Query(ge=1, le=ITEMS_MAX)] = 100,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        law, day = _then(request, which, on)
        found = look_up(which, law or Law(), day or date.today(), q)  # noqa: DTZ011 - not looked at without a law
        total = len(found.items)
        following = offset + limit
        body = {
            "name": which.name,
            "title": which.title,
            "edition": found.edition,
            "on": day.isoformat() if day is not None else None,
            "law_seq": law.seq if law is not None else None,
            "total": total,
            "offset": offset,
            "next": following if following < total else None,
            "items": found.items[offset:following],
        }
        return tagged(orjson.dumps(body), if_none_match, found.edition)

    listing.__name__ = which.name.replace("-", "_")
    listing.__doc__ = f"{which.title['zh']}: {which.title['en']}; what `q` finds, the best first."
    return listing


def _then(request: Request, which: ReferenceList, on: date | None) -> tuple[Law | None, date | None]:
    """The book and the day for a list that the law may change. A list that comes with the build needs no ledger."""
    if not which.by_law:
        return None, None
    parts = parts_of(request)
    return parts.law(), on or beijing_date(parts.ledger.now())


for _name, _listed in LISTS.items():
    router.add_api_route(
        f"/{_name}",
        _question(_listed),
        methods=["GET"],
        response_model=Listing[_listed.entry],  # type: ignore[name-defined]  # Made while running.
        responses=RESPONSES,
    )
