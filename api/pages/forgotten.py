"""/forgotten: what to do without the password. Where mail can be sent, a link for a new one goes to the user's address."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask

from api.address import address_of
from api.pages.access import PageRoute, desk_of
from api.pages.frame import Frame, language, page
from api.pages.login import held_off
from api.parts import Parts, parts_of
from api.sessions import fields_of
from models.people import UserState
from streams.credential_log import NOBODY, By
from streams.users import find_user, folded, new_link

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/forgotten")
def forgotten(request: Request) -> Response:
    """Whom to ask; and a field for one's address where mail can be sent."""
    return _form(request)


@router.post("/forgotten")
def asked(request: Request) -> Response:
    """The same answer whether there is such a user or not; the mail itself is sent after it."""
    parts, login = parts_of(request), folded(fields_of(request).get("login", "")[:200])
    if parts.mail_link is None:
        return _form(request)
    address = address_of(request)
    if not held_off(request, f"mail {login}"):
        parts.throttle.wrong(address, f"mail {login}")  # So that nobody's mailbox is filled.
        response = _form(request, sent=True)
        response.background = BackgroundTask(_mail, parts, login, address)
        return response
    return _form(request, sent=True)


def _mail(parts: Parts, login: str, address: str) -> None:
    """Make and mail the link once the answer is out, so that the answer's time tells nothing."""
    user = find_user(parts.databases, login=login)
    if parts.mail_link is None or user is None or user.state is not UserState.ACTIVE or "@" not in user.login:
        return
    token = new_link(parts.databases, user.user_id, user.org, By(NOBODY, address), parts.settings)
    parts.mail_link(user.login, user.lang, f"{parts.settings.public_url.rstrip('/')}/welcome?token={token}")


def _form(request: Request, *, sent: bool = False) -> Response:
    parts, frame = parts_of(request), Frame(request, language(request), None, desk_of(request))
    return page(frame, "people/forgotten.html", sent=sent, mails=parts.mail_link is not None)
