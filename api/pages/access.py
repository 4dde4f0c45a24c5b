"""Who may see a page: the login form, the cookie, and what is shown instead to whom it is not meant for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlencode

import sqlalchemy.exc
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from api.auth import COOKIE, sees_all
from api.pages.frame import HEADERS, Frame, Viewer, language, page
from api.parts import parts_of
from api.problems import ProblemError
from api.views.desk import Desk
from models.errors import LedgerUnavailable, NotForThisLedger
from streams.keys import Holder

log = logging.getLogger(__name__)
SESSION_S: Final = 12 * 3600
_FORM_BYTES_MAX: Final = 4096
_AWAY: Final = (LedgerUnavailable, NotForThisLedger, sqlalchemy.exc.OperationalError)


class NotLoggedIn(Exception):
    """Nobody is logged in: they are sent to the form, and back afterwards."""


class NoRight(Exception):
    """The viewer is known and this is not meant for them."""


class NotThere(Exception):
    """There is no such thing, or none that the viewer may know of."""


def desk_of(request: Request) -> Desk:
    """The desk of this application; made at the first page."""
    state = request.app.state
    if not hasattr(state, "desk"):
        state.desk = Desk(parts_of(request).ledger)
    return cast("Desk", state.desk)


def holder_of(request: Request) -> Holder | None:
    """Whose key the cookie holds; None for none, and for one that is wrong or revoked. Blocks."""
    token, keys = request.cookies.get(COOKIE, ""), parts_of(request).keys
    try:
        return keys.remembered(token)
    except KeyError:
        return keys.recognise(token)


def frame_of(request: Request) -> Frame:
    """The frame for somebody who is logged in, with names up to date; NotLoggedIn else. Blocks."""
    holder = holder_of(request)
    if holder is None:
        raise NotLoggedIn
    desk = desk_of(request)
    desk.names.refresh()
    return Frame(request, language(request), _viewer(holder), desk)


def _viewer(holder: Holder) -> Viewer:
    return Viewer(holder.org, holder.role.value, holder.name, sees_all(holder))


def desk_and_viewer(frame: Frame) -> tuple[Desk, Viewer]:
    """Both are there in every frame that `frame_of` made."""
    if frame.desk is None or frame.viewer is None:
        raise NotLoggedIn
    return frame.desk, frame.viewer


class PageRoute(APIRoute):
    """A route whose failures are pages too: login, no right, not there, away, our own fault."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wraps the handler that FastAPI made."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except NotLoggedIn:
                return _to_login(request)
            except NoRight:
                return await run_in_threadpool(trouble, request, 403, "no_right")
            except NotThere:
                return await run_in_threadpool(trouble, request, 404, "not_found")
            except ProblemError as error:
                log.info("page refused", extra={"reason": error.detail})
                return await run_in_threadpool(trouble, request, error.status, "too_many")
            except _AWAY as error:
                log.warning("page cannot be shown", extra={"reason": str(error)})
                return trouble(request, 503, "away", bare=True)
            except Exception:
                log.exception("page failed", extra={"path": request.url.path})
                return trouble(request, 500, "fault", bare=True)

        return handled


def trouble(request: Request, status: int, what: str, *, bare: bool = False) -> Response:
    """A page that says what is the matter and what can be done; `bare` asks the database for nothing."""
    holder = None if bare else holder_of(request)
    frame = Frame(request, language(request), _viewer(holder) if holder else None, desk_of(request))
    response = page(frame, "trouble.html", status=status, what=what, code=status)
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response


def _to_login(request: Request) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={**HEADERS, "HX-Redirect": "/login"})
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?{urlencode({'next': asked})}", 303, HEADERS)


router = APIRouter(include_in_schema=False, route_class=PageRoute)


def _onward(wish: str | None) -> str:
    """Only to a page of ours: an absolute address, or one that a browser reads as such, leads to the overview."""
    plain = wish is not None and wish.isprintable() and "\\" not in wish
    return wish if wish is not None and plain and wish.startswith("/") and not wish.startswith("//") else "/"


@router.get("/login")
def login(request: Request) -> Response:
    """The form; with `?key=` (the link that `feilian up` prints) the cookie at once, and an address without the key."""
    key, onward = request.query_params.get("key"), _onward(request.query_params.get("next"))
    if key is None:
        return _form(request, onward, wrong="wrong" in request.query_params)
    response = _enter(request, key, onward)
    return response if response.status_code == 303 else RedirectResponse("/login?wrong", 303, HEADERS)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """The form sent: `key`, and `next`, where to go on to."""
    if _is_foreign(request):
        return await run_in_threadpool(trouble, request, 403, "no_right")
    fields = await _fields(request)
    return await run_in_threadpool(
        _enter, request, fields.get("key", "").strip(), _onward(fields.get("next"))
    )


@router.post("/logout")
async def logout(request: Request) -> Response:
    """Forget the key in this browser."""
    response = RedirectResponse("/login", 303, HEADERS)
    if not _is_foreign(request):
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response


def _is_foreign(request: Request) -> bool:
    """Whether another site's page sent this form."""
    origin = request.headers.get("origin")
    return origin not in {None, f"{request.url.scheme}://{request.url.netloc}"} or (
        request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}
    )


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a small form; what is longer is cut off, and then no key."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_BYTES_MAX:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _form(request: Request, onward: str, *, wrong: bool = False) -> Response:
    frame = Frame(request, language(request), None, desk_of(request))
    return page(frame, "login.html", status=401 if wrong else 200, onward=onward, wrong=wrong)


def _enter(request: Request, key: str, onward: str) -> Response:
    if parts_of(request).keys.recognise(key) is None:
        return _form(request, onward, wrong=True)
    response = RedirectResponse(onward, 303, {**HEADERS, "Referrer-Policy": "no-referrer"})
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, key, max_age=SESSION_S, httponly=True, samesite="lax", secure=secure)
    return response
