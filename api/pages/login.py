"""Logging in and out: password, then the one-time code; a first login by its link; a key; a link that is good once.

What is wrong is said the same way, after the same time, whether the user is unknown, locked or mistaken.
"""

from __future__ import annotations

from math import ceil
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from api.address import address_of
from api.pages.access import NotLoggedIn, PageRoute, desk_of
from api.pages.frame import HEADERS, LANG_COOKIE, YEAR_S, Frame, language, onward, page
from api.parts import parts_of
from api.sessions import (
    browser_of,
    by_of,
    drop_sid,
    fields_of,
    is_foreign,
    is_https,
    keep_sid,
    seat_of,
    sid_of,
)
from models.metrics import CREDENTIAL_EVENTS
from models.people import Act, Outcome, Purpose, Stage, Way
from streams import user_secrets
from streams.credential_log import NOBODY, By, note
from streams.databases import guarded
from streams.key_ring import KeyRefused, token_parts
from streams.keys import Holder
from streams.one_time import look_at, take
from streams.second_factor import address_of as otp_address
from streams.second_factor import picture_of
from streams.sessions import Seat, complete, end_seat, open_for_key, open_for_user
from streams.users import User, find_user, folded

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
_TYPED_CHARS_MAX: Final = 1024


@router.get("/login")
def login(request: Request) -> Response:
    """The form; `wrong` and `over` say why somebody is here again."""
    why = next((name for name in ("wrong", "over") if name in request.query_params), "")
    return _login_form(request, status=401 if why else 200, why=why)


@router.post("/login")
def log_in(request: Request) -> Response:
    """The form sent: `login` and `password`, or `key`; and `next`, where to go on to."""
    if fields_of(request).get("key", "").strip():
        return _with_key(request)
    return _with_password(request)


def _with_password(request: Request) -> Response:
    parts, fields = parts_of(request), fields_of(request)
    typed = folded(fields.get("login", "")[:_TYPED_CHARS_MAX])
    if held := held_off(request, f"user {typed}"):
        return _login_form(request, status=429, why="held", seconds=held)
    by = By(NOBODY, address_of(request))
    password = fields.get("password", "")[:_TYPED_CHARS_MAX]
    user = user_secrets.check_password(parts.databases, parts.passwords, typed, password, by)
    if user is None:
        parts.throttle.wrong(by.address, f"user {typed}")
        return _login_form(request, status=401, why="wrong")
    return enter(request, user, Way.PASSWORD, asks_code=user.totp_since is not None)


def _with_key(request: Request) -> Response:
    parts, key, address = parts_of(request), fields_of(request)["key"].strip(), address_of(request)
    key_id = token_parts(key)[0]
    if held := held_off(request, key_id):
        return _login_form(request, status=429, why="held", seconds=held)
    try:
        holder = parts.keys.recognise(key, address)
    except KeyRefused as error:
        return _login_form(request, status=401, why=f"key.{error.code}")
    if holder is None:
        parts.throttle.wrong(address, key_id)
        with guarded(), parts.databases.ledger.begin() as connection:
            by = By(NOBODY, address)
            note(connection, Act.LOGIN_FAILED, by, subject=key_id, detail="key", outcome=Outcome.REFUSED)
        return _login_form(request, status=401, why="key.wrong")
    parts.throttle.right(address, key_id)
    return _enter_with(request, holder, Way.KEY, _wish(request))


def enter(
    request: Request, user: User, way: Way, *, asks_code: bool, is_strong: bool = False, wish: str = ""
) -> Response:
    """Open a session for a user who has shown who they are, as far as that goes, and lead on.

    `is_strong`: a provider vouches for a second factor of its own.
    """
    stage = Stage.WHOLE
    if asks_code:
        stage = Stage.CODE
    elif user.needs_second_factor and not is_strong:
        stage = Stage.ENROL
    parts = parts_of(request)
    if stage is Stage.WHOLE:
        parts.throttle.right(address_of(request), f"user {user.login}")
    sid = open_for_user(parts.databases, user, stage, way, browser_of(request), parts.settings)
    paths = {Stage.CODE: "/login/code", Stage.ENROL: "/login/enrol"}
    goal = wish or _wish(request)
    path = f"{paths[stage]}?{urlencode({'next': goal})}" if stage in paths else goal
    return _seated(request, sid, path, user)


def _enter_with(request: Request, holder: Holder, way: Way, wish: str) -> Response:
    parts = parts_of(request)
    sid = open_for_key(parts.databases, holder, way, browser_of(request), parts.settings)
    return _seated(request, sid, wish, None)


def _seated(request: Request, sid: str, path: str, user: User | None) -> Response:
    response = RedirectResponse(path, 303, {**HEADERS, "Referrer-Policy": "no-referrer"})
    keep_sid(request, response, sid)
    if user is not None:
        response.set_cookie(
            LANG_COOKIE, user.lang, max_age=YEAR_S, samesite="lax", httponly=True, secure=is_https(request)
        )
    return response


def held_off(request: Request, name: str) -> int:
    """Seconds that a try of this name from this address has to wait; it is then not even looked at."""
    seconds = ceil(parts_of(request).throttle.wait(address_of(request), name))
    if seconds:
        CREDENTIAL_EVENTS.labels(Act.HELD_OFF, Outcome.REFUSED).inc()
    return seconds


@router.get("/login/code")
def code_form(request: Request) -> Response:
    """Asks for the one-time code."""
    return _code_form(request, _half_way(request, Stage.CODE))


@router.post("/login/code")
def code_sent(request: Request) -> Response:
    """A one-time code, or a recovery code: either is good once."""
    seat, user = _half_way(request, Stage.CODE)
    parts, name = parts_of(request), f"user {user.login}"
    if held := held_off(request, name):
        return _code_form(request, (seat, user), status=429, why="held", seconds=held)
    code = fields_of(request).get("code", "")[:_TYPED_CHARS_MAX]
    if not user_secrets.check_code(parts.databases, user, code, by_of(request, seat)):
        parts.throttle.wrong(address_of(request), name)
        return _code_form(request, (seat, user), status=401, why="wrong")
    parts.throttle.right(address_of(request), name)
    return _seated(
        request, complete(parts.databases, sid_of(request), seat, parts.settings), _wish(request), user
    )


@router.get("/login/enrol")
def enrol_form(request: Request) -> Response:
    """Offers a secret for the authenticator; a new one each time the page is asked for."""
    _, user = _half_way(request, Stage.ENROL)
    secret = user_secrets.offer_totp(parts_of(request).databases, user.user_id)
    if secret is None:
        raise NotLoggedIn  # Set up in another window meanwhile.
    return enrol_page(_frame(request), user, secret, wish=_wish(request))


@router.post("/login/enrol")
def enrolled(request: Request) -> Response:
    """The first code of the new secret: the second factor is in force, the session whole, recovery codes are shown."""
    seat, user = _half_way(request, Stage.ENROL)
    parts, wish, frame = parts_of(request), _wish(request), _frame(request)
    code = fields_of(request).get("code", "")[:_TYPED_CHARS_MAX]
    codes = user_secrets.confirm_totp(parts.databases, user, code, by_of(request, seat))
    if codes is None:
        secret = user_secrets.offered_totp(parts.databases, user.user_id)
        if secret is None:
            raise NotLoggedIn
        return enrol_page(frame, user, secret, wish=wish, wrong=True)
    sid = complete(parts.databases, sid_of(request), seat, parts.settings)
    response = page(frame, "people/codes.html", codes=codes, onward=wish)
    keep_sid(request, response, sid)
    return response


def enrol_page(
    frame: Frame, user: User, secret: str, *, wish: str, wrong: bool = False, action: str = "/login/enrol"
) -> Response:
    """The QR code and the secret, and the field for the first code."""
    picture = picture_of(otp_address(secret, user.login))
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return page(
        frame,
        "people/enrol.html",
        status=401 if wrong else 200,
        picture=picture,
        secret=spaced,
        onward=wish,
        wrong=wrong,
        action=action,
    )


@router.get("/login/once")
def once(request: Request) -> Response:
    """A link that is good once, as `feilian up` prints it. One that another site's page leads to is asked about first."""
    token = request.query_params.get("token", "")
    if not is_foreign(request):
        return _with_link(request, token)
    found = look_at(parts_of(request).databases, token, Purpose.ENTER)
    if found is None:
        return RedirectResponse("/login?over", 303, HEADERS)
    return page(_frame(request), "people/once.html", token=token)


@router.post("/login/once")
def once_confirmed(request: Request) -> Response:
    """The same after it was asked about."""
    return _with_link(request, fields_of(request).get("token", ""))


def _with_link(request: Request, token: str) -> Response:
    parts, wish = parts_of(request), onward(request.query_params.get("next"))
    with guarded(), parts.databases.ledger.begin() as connection:
        found = take(connection, token, Purpose.ENTER)
    try:
        holder = (
            parts.keys.recognise_by_id(found.key_id, address_of(request)) if found and found.key_id else None
        )
    except KeyRefused:
        holder = None
    if holder is None:
        return RedirectResponse("/login?over", 303, HEADERS)
    return _enter_with(request, holder, Way.LINK, wish)


@router.get("/welcome")
def welcome(request: Request) -> Response:
    """The first login, or a new password, by a link: nothing is used up by looking."""
    return _welcome(request, request.query_params.get("token", ""))


@router.post("/welcome")
def welcomed(request: Request) -> Response:
    """The password is set, and its user logged in as far as the second factor."""
    parts, fields = parts_of(request), fields_of(request)
    token, password = fields.get("token", ""), fields.get("password", "")[:_TYPED_CHARS_MAX]
    user = _user_of_link(request, token)
    if user is None:
        return _welcome(request, token)
    if flaw := user_secrets.flaw_for(user, password, parts.settings):
        return _welcome(request, token, flaw=str(flaw))
    if password != fields.get("again", ""):
        return _welcome(request, token, flaw="differs")
    by = By(NOBODY, address_of(request))
    found = user_secrets.set_password_by_link(parts.databases, parts.passwords, token, password, by)
    if found is None:
        return _welcome(request, token)
    return enter(request, found, Way.PASSWORD, asks_code=found.totp_since is not None)


def _welcome(request: Request, token: str, flaw: str = "") -> Response:
    user, frame = _user_of_link(request, token), _frame(request)
    if user is None:
        return page(frame, "people/over.html", status=410)
    return page(frame, "people/welcome.html", status=422 if flaw else 200, user=user, token=token, flaw=flaw)


def _user_of_link(request: Request, token: str) -> User | None:
    databases = parts_of(request).databases
    found = look_at(databases, token, Purpose.INVITE, Purpose.RESET)
    return find_user(databases, user_id=found.user_id) if found is not None and found.user_id else None


@router.post("/logout")
def logout(request: Request) -> Response:
    """The session is over, on the server too."""
    seat = seat_of(request)
    if seat is not None:
        end_seat(parts_of(request).databases, seat, by_of(request, seat))
    response = RedirectResponse("/login", 303, HEADERS)
    drop_sid(request, response)
    return response


def _half_way(request: Request, stage: Stage) -> tuple[Seat, User]:
    """The session that waits at this stage, and its user; NotLoggedIn for any other."""
    seat = seat_of(request)
    if seat is None or seat.user is None or seat.stage is not stage:
        raise NotLoggedIn
    return seat, seat.user


def _wish(request: Request) -> str:
    return onward(fields_of(request).get("next") or request.query_params.get("next"))


def _frame(request: Request) -> Frame:
    return Frame(request, language(request), None, desk_of(request))


def _code_form(
    request: Request, who: tuple[Seat, User], *, status: int = 200, why: str = "", seconds: int = 0
) -> Response:
    response = page(
        _frame(request),
        "people/code.html",
        status=status,
        user=who[1],
        onward=_wish(request),
        why=why,
        seconds=seconds,
    )
    return _retry(response, seconds)


def _login_form(request: Request, *, status: int, why: str, seconds: int = 0) -> Response:
    settings = parts_of(request).settings
    response = page(
        _frame(request),
        "login.html",
        status=status,
        onward=_wish(request),
        why=why,
        seconds=seconds,
        typed=fields_of(request).get("login", "")[:120],
        provider=settings.oidc_name or "OIDC" if settings.oidc_issuer else "",
        is_open=not is_https(request) and request.url.hostname not in _LOOPBACK,
    )
    return _retry(response, seconds)


def _retry(response: Response, seconds: int) -> Response:
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response
