"""What links in mails lead to: confirming a subscription, and ending one. Nobody is logged in; the token is the right.

A GET changes nothing, since mail scanners follow every link; the button does, and so does a mail program's one-click
unsubscribing (RFC 8058), which posts to the address of the link without having seen the page.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.asking import desk_of
from api.hooks import position_now
from api.mail_subscriptions import mail_store
from api.pages.frame import Frame, language, page
from api.parts import parts_of

router = APIRouter(include_in_schema=False)
Token = Annotated[str, Query(max_length=100)]


def _page(request: Request, what: str, token: str, said: str = "", **values: str) -> Response:
    frame = Frame(request, language(request), None, desk_of(request))
    words = frame.say(said, **values) if said else frame.say(f"mail.{what}_about", **values)
    action = "" if said else f"/mail/{what}?{urlencode({'token': token})}"
    status = 404 if said == "mail.bad_link" else 200
    return page(frame, "mail_link.html", status=status, what=what, words=words, action=action)


@router.get("/mail/confirm")
def asks_to_confirm(request: Request, token: Token = "") -> Response:
    """A button; the token is looked at when it is pressed."""
    return _page(request, "confirm", token)


@router.post("/mail/confirm")
def confirms(request: Request, token: Token = "") -> Response:
    """The subscription is active, and told of what comes after this moment."""
    parts = parts_of(request)
    found = mail_store(parts).confirm(token, position_now(parts))
    return _page(request, "confirm", token, "mail.confirmed" if found else "mail.bad_link")


@router.get("/mail/leave")
def asks_to_leave(request: Request, token: Token = "") -> Response:
    """A button, for those who came by the link."""
    found = mail_store(parts_of(request)).leaving(token)
    if found is None:
        return _page(request, "leave", token, "mail.bad_link")
    return _page(request, "leave", token, address=found.address)


@router.post("/mail/leave")
def leaves(request: Request, token: Token = "") -> Response:
    """The subscription is ended; again it is a link that leads nowhere."""
    done = mail_store(parts_of(request)).leave(token)
    return _page(request, "leave", token, "mail.left" if done else "mail.bad_link")
