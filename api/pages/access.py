"""Who may see a page, and what is shown instead to whom it is not meant for. Logging in is in api/pages/login."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import urlencode

import sqlalchemy.exc
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from api.asking import desk_of as desk_of
from api.asking import reach_for
from api.pages.frame import HEADERS, Frame, Viewer, language, page
from api.problems import ProblemError
from api.sessions import FORM_BYTES_MAX, SAFE_METHODS, check_form, holder_of
from api.views.desk import Desk
from models.access import Scope
from models.errors import LedgerUnavailable, NotForThisLedger
from models.problems import Code
from streams.keys import Holder
from streams.passwords import PasswordsBusy

log = logging.getLogger(__name__)
_TROUBLES: Final = {
    Code.FOREIGN_FORM: "no_right",
    Code.STALE_FORM: "stale_form",
    Code.BODY_TOO_LARGE: "bad_form",
    Code.BODY_TOO_SLOW: "bad_form",
    Code.BAD_UTF8: "bad_form",
}
_AWAY: Final = (LedgerUnavailable, NotForThisLedger, sqlalchemy.exc.OperationalError)


class NotLoggedIn(Exception):
    """Nobody is logged in: they are sent to the form, and back afterwards."""


class NoRight(Exception):
    """The viewer is known and this is not meant for them."""


class NotThere(Exception):
    """There is no such thing, or none that the viewer may know of."""


def frame_of(request: Request) -> Frame:
    """The frame for somebody who is logged in, with names up to date; NotLoggedIn else. Blocks."""
    holder = holder_of(request)
    if holder is None:
        raise NotLoggedIn
    return frame_for(request, holder)


def frame_for(request: Request, holder: Holder) -> Frame:
    """The frame for somebody who is known already, by a key too. Blocks."""
    desk = desk_of(request)
    desk.names.refresh()
    return Frame(request, language(request), _viewer(request, holder), desk, holder.scopes)


def _viewer(request: Request, holder: Holder) -> Viewer:
    return Viewer(holder.org, holder.role.value, holder.name, reach_for(request, holder))


def desk_and_viewer(frame: Frame) -> tuple[Desk, Viewer]:
    """Both are there in every frame that `frame_of` made."""
    if frame.desk is None or frame.viewer is None:
        raise NotLoggedIn
    return frame.desk, frame.viewer


class PageRoute(APIRoute):
    """A route whose failures are pages too: login, no right, not there, away, our own fault.

    Whatever changes something is let through only from a page of ours, with the token of its session.
    """

    form_bytes_max = FORM_BYTES_MAX

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wraps the handler that FastAPI made."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                if request.method not in SAFE_METHODS:
                    await check_form(request, self.form_bytes_max)
                return await handle(request)
            except NotLoggedIn:
                return _to_login(request)
            except NoRight:
                return await run_in_threadpool(trouble, request, 403, "no_right")
            except NotThere:
                return await run_in_threadpool(trouble, request, 404, "not_found")
            except ProblemError as error:
                log.info("page refused", extra={"reason": error.detail})
                return await run_in_threadpool(
                    trouble, request, error.status, _TROUBLES.get(error.code, "too_many")
                )
            except PasswordsBusy as error:
                log.warning("too many log in at once", extra={"reason": str(error)})
                return trouble(request, 503, "away", bare=True)
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
    viewer, scopes = (_viewer(request, holder), holder.scopes) if holder else (None, frozenset[Scope]())
    frame = Frame(request, language(request), viewer, desk_of(request), scopes)
    response = page(frame, "trouble.html", status=status, what=what, code=status)
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response


def _to_login(request: Request) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={**HEADERS, "HX-Redirect": "/login"})
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    asked = asked if request.method in SAFE_METHODS else "/"
    return RedirectResponse(f"/login?{urlencode({'next': asked})}", 303, HEADERS)
