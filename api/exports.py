"""Exports in other systems' words: a manifest in the national field names, and histories as GS1 EPCIS 2.0 JSON-LD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, cast

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.answers.interchange import EpcisDocument, NationalDocument, NationalDocuments, Noted
from api.asking import reach_for
from api.auth import granted
from api.described import DescribedRoute
from api.parts import Parts, parts_of
from api.past import parameter_instant
from api.problems import ProblemError, not_found
from api.questions import note_site
from api.reach import Reach
from api.views.histories import events, manifest_history, seen_of_manifest
from api.views.register import KnownNames
from models.access import Scope
from models.facts.oversight import Subject
from models.interchange import epcis, national
from models.interchange.epcis import Told
from models.interchange.national_fields import renamed
from models.problems import Code
from streams.keys import Holder
from streams.told import in_force, site_told

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
EVENTS_MAX: Final = 1000
MANIFESTS_MAX: Final = 200
_FOREVER: Final = 2**62
_MOVED: Final = frozenset({"transport-departed.v1", "receipt-accepted.v1"})
_JSON_TYPES: Final = frozenset({"application/ld+json", "application/json", "application/*", "*/*", ""})

_LD: Final[dict[int | str, Any]] = {
    200: {"content": {epcis.MEDIA_TYPE: {}}, "headers": {"Vary": {"schema": {"type": "string"}}}},
    406: {},
}

_Reader = Annotated[Holder, Depends(granted(Scope.FACTS_READ))]
_Number = Annotated[str, Path(pattern="^[0-9]{14}$")]
_Site = Annotated[str, Path(pattern="^[1-8][0-9]{5}-[0-9A-Za-z]{1,24}$")]
_From = Annotated[
    str | None, Query(alias="from", description="Happened at or after this instant (RFC 3339).")
]
_Until = Annotated[str | None, Query(description="Happened before this instant (RFC 3339).")]
_After = Annotated[int, Query(ge=0, le=_FOREVER, description="`next` of the page before.")]


@router.get("/manifests/{number}/epcis", response_model=EpcisDocument, responses=_LD)
def manifest_epcis(request: Request, holder: _Reader, number: _Number) -> Response:
    """A manifest's history as an EPCIS 2.0 document: what happened to the load, and what was done to it where it came in.

    Events have hash ids (CBV 2.0); a corrected fact stays, with an error declaration that names the events in its place.
    """
    _acceptable(request)
    parts = parts_of(request)
    reach = reach_for(request, holder)
    history = manifest_history(parts.ledger, number, reach)
    if history is None:
        raise not_found(f'manifest "{number}"')
    parts.reads.note(holder, Subject.MANIFEST, number, len(history))
    return _document(request, parts, history)


@router.get("/sites/{site}/epcis", response_model=EpcisDocument, responses=_LD)
def site_epcis(
    request: Request,
    holder: _Reader,
    site: _Site,
    begin: _From = None,
    until: _Until = None,
    after: _After = 0,
    limit: Annotated[int, Query(ge=1, le=EVENTS_MAX)] = EVENTS_MAX,
) -> Response:
    """What happened to a site's stock in a period, as an EPCIS 2.0 document of at most `limit` facts in ledger order.

    Where there is more, a Link header with rel="next" leads on. For the site's own organisation and readers of all.
    """
    _acceptable(request)
    parts, _ = _of_site(request, holder, site, limit)
    history, following = site_told(parts.ledger, site, epcis.exports, after, *_period(begin, until), limit)
    response = _document(request, parts, history)
    if following is not None:
        response.headers["Link"] = f'<{request.url.include_query_params(after=following)}>; rel="next"'
    return response


def _of_site(request: Request, holder: Holder, site: str, limit: int) -> tuple[Parts, Reach]:
    """For who may have a whole site's history: what is medical is not cut out of it. ProblemError 404 for others."""
    parts, reach = parts_of(request), reach_for(request, holder)
    if not reach.site(site) or reach.medical_only:
        raise not_found(f'site "{site}"')
    note_site(parts, reach, site, limit)
    return parts, reach


def _acceptable(request: Request) -> None:
    """JSON-LD is the one form there is; who asks for XML is told so instead of given something else."""
    wishes = request.headers.get("accept", "").split(",")
    if not any(wish.partition(";")[0].strip().lower() in _JSON_TYPES for wish in wishes):
        raise ProblemError(406, Code.NOT_ACCEPTABLE, "epcis is given as application/ld+json")


def _document(request: Request, parts: Parts, history: Sequence[Told]) -> Response:
    """Under the media type that was asked for: it is plain JSON too."""
    document = epcis.document(events(parts.ledger, history), parts.ledger.head().recorded_at)
    wish = request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip().lower()
    media_type = "application/json" if wish == "application/json" else epcis.MEDIA_TYPE
    return Response(orjson.dumps(document), media_type=media_type, headers={"Vary": "Accept"})


def _period(begin: str | None, until: str | None) -> tuple[int, int]:
    return (
        parameter_instant("from", begin) if begin is not None else 0,
        parameter_instant("until", until) if until is not None else _FOREVER,
    )


@router.get("/manifests/{number}/national")
def manifest_national(request: Request, holder: _Reader, number: _Number) -> NationalDocument:
    """A manifest in the national system's field names; masses are tonnes. What has no name there is in `left_out`."""
    parts = parts_of(request)
    found = _national(request, parts, reach_for(request, holder), number)
    if found is None:
        raise not_found(f'manifest "{number}"')
    return found


@router.get("/sites/{site}/national")
def site_national(
    request: Request,
    holder: _Reader,
    site: _Site,
    begin: _From = None,
    until: _Until = None,
    after: _After = 0,
    limit: Annotated[int, Query(ge=1, le=MANIFESTS_MAX)] = 50,
) -> NationalDocuments:
    """The manifests on which something left a site or was accepted there in a period, in the national field names."""
    parts, reach = _of_site(request, holder, site, limit)
    told, following = site_told(parts.ledger, site, _MOVED.__contains__, after, *_period(begin, until), limit)
    numbers = dict.fromkeys(each.versions[-1].body["manifest_no"] for each in told)
    documents = [_national(request, parts, reach, number) for number in numbers]
    return {"manifests": [found for found in documents if found is not None], "next": following}


def _national(request: Request, parts: Parts, reach: Reach, number: str) -> NationalDocument | None:
    told = seen_of_manifest(parts.ledger, number, reach)
    if told is None or reach.way_only:  # A whole document tells what was weighed at the end.
        return None
    parts.reads.note(reach.holder, Subject.MANIFEST, number, len(told))
    written = national.written(number, in_force(told), KnownNames.of(request))
    if written is None:
        return None
    names = parts.settings.national_names
    return {
        "manifest": renamed(written.document, names),
        "says": {_renamed(path, names): seq for path, seq in written.says.items()},
        "left_out": cast("list[Noted]", [note.wire() for note in written.left]),
    }


def _renamed(path: str, names: Mapping[str, str]) -> str:
    """A path such as `details[0].zysl` in other spellings."""
    return ".".join(
        names.get(name, name) + bracket + place
        for name, bracket, place in (step.partition("[") for step in path.split("."))
    )
