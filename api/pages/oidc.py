"""Logging in at an identity provider: out with state, nonce and PKCE, and back as a user who is known here."""

from __future__ import annotations

import hmac
import logging
import secrets
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from sqlalchemy import select, update
from starlette.responses import RedirectResponse

from api.address import address_of
from api.pages.access import NotThere, PageRoute, desk_of
from api.pages.frame import HEADERS, Frame, language, onward, page
from api.pages.login import enter
from api.parts import Parts, parts_of
from api.sessions import binding_of, keep_before
from models.facts.base import Role
from models.people import MINUTE_US, Act, Outcome, Purpose, Right, UserState, Way
from models.tables_people import UserRow
from streams.credential_log import NOBODY, By, note
from streams.databases import guarded
from streams.oidc import Claims, OidcRefused, Provider, Start
from streams.one_time import make_token, take
from streams.users import User, UserRefused, Wish, find_user, folded, invite, user_of

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False, route_class=PageRoute)
BACK: Final = "/login/oidc/back"
_LIFE_US: Final = 10 * MINUTE_US


@router.get("/login/oidc")
def way_out(request: Request) -> Response:
    """To the provider; what has to be remembered is kept here, and bound to this browser."""
    provider, parts = _provider(request), parts_of(request)
    start = Start(secrets.token_urlsafe(32), secrets.token_urlsafe(48), _here(request) + BACK)
    data = {
        "nonce": start.nonce,
        "verifier": start.verifier,
        "redirect_uri": start.redirect_uri,
        "browser": binding_of(request),
        "next": onward(request.query_params.get("next")),
    }
    with guarded(), parts.databases.ledger.begin() as connection:
        state = make_token(connection, Purpose.OIDC, _LIFE_US, data=data)
    try:
        response = RedirectResponse(provider.way_out(state, start), 303, HEADERS)
    except OidcRefused as error:
        return _refused(request, str(error), "away")
    keep_before(request, response)
    return response


@router.get(BACK)
def way_back(request: Request) -> Response:
    """From the provider: a state that is ours, of this browser and unused, then a token that holds, then a user."""
    provider, parts, asked = _provider(request), parts_of(request), request.query_params
    with guarded(), parts.databases.ledger.begin() as connection:
        once = take(connection, asked.get("state", ""), Purpose.OIDC)
    if once is None or not hmac.compare_digest(once.data["browser"], binding_of(request)):
        return _refused(request, "the state is not one of this browser's, or over")
    if "code" not in asked:
        return _refused(request, f'the provider says "{asked.get("error", "nothing")[:60]}"')
    data = once.data
    try:
        start = Start(data["nonce"], data["verifier"], data["redirect_uri"])
        claims = provider.way_back(asked["code"], asked.get("iss"), start)
    except OidcRefused as error:
        return _refused(request, str(error))
    user = _known(parts, claims, By(NOBODY, address_of(request)))
    if user is None:
        return _refused(request, "nobody here is known by this", subject=claims.email)
    asks_code = user.totp_since is not None and not claims.is_strong
    return enter(request, user, Way.OIDC, asks_code=asks_code, is_strong=claims.is_strong, wish=data["next"])


def _known(parts: Parts, claims: Claims, by: By) -> User | None:
    """By the provider's subject; else, and this once, by the verified e-mail address. Nobody is made unless that is set."""
    with guarded(), parts.databases.ledger.begin() as connection:
        bound = connection.execute(
            select(UserRow).where(UserRow.oidc_subject == claims.subject)
        ).one_or_none()
        if bound is not None:
            return user_of(bound) if bound.state == UserState.ACTIVE.value else None
        if not claims.email:
            return None
        query = select(UserRow).where(
            UserRow.login == folded(claims.email),
            UserRow.oidc_subject.is_(None),
            UserRow.state.in_([UserState.ACTIVE.value, UserState.INVITED.value]),
        )
        row = connection.execute(query.with_for_update()).one_or_none()
        if row is not None:
            values: dict[str, Any] = {"oidc_subject": claims.subject, "state": UserState.ACTIVE.value}
            connection.execute(update(UserRow).where(UserRow.user_id == row.user_id).values(values))
            note(connection, Act.OIDC_BOUND, by, org=row.org, subject=row.login)
            anew = connection.execute(select(UserRow).where(UserRow.user_id == row.user_id)).one()
            return user_of(anew)
    return _made(parts, claims, by)


def _made(parts: Parts, claims: Claims, by: By) -> User | None:
    """A new reader of the organisation that the settings name; None where they name none, or the login is taken."""
    settings = parts.settings
    if not settings.oidc_new_users_org or find_user(parts.databases, login=claims.email) is not None:
        return None
    wish = Wish(
        login=claims.email,
        name=(claims.name or claims.email)[:60],
        org=settings.oidc_new_users_org,
        roles=(Role(settings.oidc_new_users_role),),
        right=Right.READER,
    )
    try:
        invite(parts.databases, wish, by, settings)
    except UserRefused as error:
        log.warning("a provider's user cannot be taken in", extra={"reason": str(error)})
        return None
    return _known(parts, claims, by)


def _provider(request: Request) -> Provider:
    provider = parts_of(request).provider
    if provider is None:
        raise NotThere
    return provider


def _here(request: Request) -> str:
    return parts_of(request).settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")


def _refused(request: Request, why: str, what: str = "refused", subject: str = "") -> Response:
    """Said to the browser without details; the log has them."""
    parts = parts_of(request)
    log.warning("login at the provider failed", extra={"reason": why})
    with guarded(), parts.databases.ledger.begin() as connection:
        by = By(NOBODY, address_of(request))
        note(connection, Act.OIDC_REFUSED, by, subject=subject, detail=why, outcome=Outcome.REFUSED)
    frame = Frame(request, language(request), None, desk_of(request))
    status = 503 if what == "away" else 403
    return page(
        frame, "people/provider.html", status=status, what=what, again=f"/login?{urlencode({'next': '/'})}"
    )
