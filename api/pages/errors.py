"""/errors and /errors/{code}: what each code means and what to do, as a page or as JSON. Open to everybody."""

from __future__ import annotations

from typing import Any, Final

import orjson
from fastapi import APIRouter, Request, Response

from api.pages.access import NotThere, PageRoute, desk_of
from api.pages.frame import HEADERS, Frame, language, page
from api.problems import problem_response, refused
from api.spoken import spoken
from models.problem_meanings import MEANINGS, Meaning
from models.problems import TEXTS

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_CACHE: Final = {"Cache-Control": "public, max-age=3600", "Vary": "Accept"}


@router.get("/errors")
def errors(request: Request) -> Response:
    """All codes; JSON for whoever does not ask for HTML."""
    if not _wants_page(request):
        return _json({"errors": [described(code) for code in MEANINGS]})
    refusals = [(code, meaning) for code, meaning in MEANINGS.items() if meaning.status]
    doubts = [(code, meaning) for code, meaning in MEANINGS.items() if not meaning.status]
    return page(_frame(request), "errors.html", refusals=refusals, doubts=doubts)


@router.get("/errors/{code}")
def error(request: Request, code: str) -> Response:
    """One code."""
    meaning = MEANINGS.get(code)
    if meaning is None:
        if _wants_page(request):
            raise NotThere
        return problem_response(refused(404, "not_found/route"), spoken(request))
    if not _wants_page(request):
        return _json(described(code))
    return page(_frame(request), "error.html", code=code, meaning=meaning, texts=_texts(code))


def described(code: str) -> dict[str, Any]:
    """A code in both languages; KeyError for none."""
    meaning: Meaning = MEANINGS[code]
    return {
        "code": code,
        "type": f"urn:feilian:problem:{code}",
        "status": meaning.status or None,
        "is_warning": not meaning.status,
        **{
            name: {"zh": both.zh, "en": both.en}
            for name, both in (("title", meaning.title), ("means", meaning.means), ("advice", meaning.advice))
        },
        "example": meaning.example or None,
        "messages": [{"zh": zh, "en": en} for zh, en in _texts(code)],
    }


def _texts(code: str) -> list[tuple[str, str]]:
    return [both for text, both in TEXTS.items() if text.partition("/")[0] == code]


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _frame(request: Request) -> Frame:
    return Frame(request, language(request), None, desk_of(request))


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), headers={**HEADERS, **_CACHE}, media_type="application/json")
