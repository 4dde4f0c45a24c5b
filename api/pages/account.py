"""/account: a person's own password, second factor, recovery codes, sessions, language and role."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from api.address import address_of
from api.pages.access import NoRight, NotLoggedIn, PageRoute, frame_of
from api.pages.frame import HEADERS, LANG_COOKIE, YEAR_S, Frame, page
from api.pages.login import enrol_page, held_off
from api.parts import parts_of
from api.sessions import by_of, fields_of, is_https, keep_sid, seat_of, sid_of
from api.words import Lang
from models.facts.base import Role
from models.people import Act, Outcome
from streams import sessions, user_secrets
from streams.credential_log import note
from streams.databases import guarded
from streams.sessions import Seat
from streams.users import User, set_lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_DONE: Final = frozenset({"password", "totp", "removed", "ended", "lang"})
_TYPED_CHARS_MAX: Final = 1024


@router.get("/account")
def account(request: Request) -> Response:
    """Everything about oneself; `done` says what was just changed."""
    return _account(request)


def _account(request: Request, *, status: int = 200, wrong: dict[str, str] | None = None) -> Response:
    frame, seat = _here(request)
    parts = parts_of(request)
    done = request.query_params.get("done", "")
    left = user_secrets.codes_left(parts.databases, seat.user.user_id) if seat.user is not None else 0
    return page(
        frame,
        "people/account.html",
        status=status,
        seat=seat,
        user=seat.user,
        seats=sessions.seats_of(parts.databases, seat, parts.settings),
        codes_left=left,
        wrong=defaultdict(str, wrong or {}),
        done=done if done in _DONE else "",
        langs=tuple(Lang),
    )


@router.post("/account/password")
def password(request: Request) -> Response:
    """Another password, with the present one; all other sessions end."""
    seat, user = _person(request)
    parts, fields = parts_of(request), fields_of(request)
    new = fields.get("password", "")[:_TYPED_CHARS_MAX]
    if wrong := _wrong_password(request, seat, user, "present"):
        return _account(request, status=401, wrong=wrong)
    if flaw := user_secrets.flaw_for(user, new, parts.settings):
        _note_refusal(request, seat, user, str(flaw))
        return _account(request, status=422, wrong={"password": f"flaw.{flaw}"})
    if new != fields.get("again", ""):
        return _account(request, status=422, wrong={"again": "flaw.differs"})
    user_secrets.change_password(
        parts.databases, parts.passwords, user, new, by_of(request, seat), seat.session_no
    )
    return _done("password")


@router.get("/account/totp")
def offer(request: Request) -> Response:
    """A new secret for the authenticator, where there is none in force."""
    frame, seat = _here(request)
    user = _user(seat)
    secret = user_secrets.offer_totp(parts_of(request).databases, user.user_id)
    if secret is None:
        return RedirectResponse("/account", 303, HEADERS)
    return enrol_page(frame, user, secret, wish="/account?done=totp", action="/account/totp")


@router.post("/account/totp")
def confirm(request: Request) -> Response:
    """The first code: from now on it is asked for. Recovery codes are shown this once."""
    frame, seat = _here(request)
    user, parts = _user(seat), parts_of(request)
    code = fields_of(request).get("code", "")[:_TYPED_CHARS_MAX]
    codes = user_secrets.confirm_totp(parts.databases, user, code, by_of(request, seat))
    if codes is not None:
        return page(frame, "people/codes.html", codes=codes, onward="/account?done=totp")
    secret = user_secrets.offered_totp(parts.databases, user.user_id)
    if secret is None:
        return RedirectResponse("/account", 303, HEADERS)
    return enrol_page(frame, user, secret, wish="/account", wrong=True, action="/account/totp")


@router.post("/account/totp/remove")
def remove(request: Request) -> Response:
    """No second factor any more, with a code of it; refused for whom it is required."""
    seat, user = _person(request)
    if user.needs_second_factor:
        raise NoRight
    if wrong := _wrong_code(request, seat, user, "remove_code"):
        return _account(request, status=401, wrong=wrong)
    user_secrets.remove_totp(parts_of(request).databases, user, by_of(request, seat))
    return _done("removed")


@router.post("/account/codes")
def codes(request: Request) -> Response:
    """New recovery codes, with a code of the authenticator; the old ones are no good any more."""
    frame, seat = _here(request)
    user = _user(seat)
    if wrong := _wrong_code(request, seat, user, "codes_code"):
        return _account(request, status=401, wrong=wrong)
    made = user_secrets.new_codes(parts_of(request).databases, user, by_of(request, seat))
    return page(frame, "people/codes.html", codes=made, onward="/account")


@router.post("/account/sessions/end")
def end_session(request: Request) -> Response:
    """End one session by its number, or with `session=others` all but this one."""
    _, seat = _here(request)
    databases, by = parts_of(request).databases, by_of(request, seat)
    which = fields_of(request).get("session", "")[:16]
    if which == "others":
        sessions.end_others_of(databases, seat, by)
    else:
        sessions.end_one_of(databases, seat, which, by)
    return _done("ended") if which != seat.session_no else RedirectResponse("/login", 303, HEADERS)


@router.post("/account/language")
def lang(request: Request) -> Response:
    """The language of pages and mail from now on."""
    _, seat = _here(request)
    wish = fields_of(request).get("lang", "")
    response = _done("lang")
    if wish in set(Lang):
        if seat.user is not None:
            set_lang(parts_of(request).databases, seat.user.user_id, wish)
        response.set_cookie(
            LANG_COOKIE, wish, max_age=YEAR_S, samesite="lax", httponly=True, secure=is_https(request)
        )
    return response


@router.post("/account/role")
def role(request: Request) -> Response:
    """Act in another of one's roles: a session under a new number."""
    seat, user = _person(request)
    wish = fields_of(request).get("role", "")
    if wish not in set(user.roles):
        raise NoRight
    sid = sessions.take_role(
        parts_of(request).databases, sid_of(request), seat, Role(wish), by_of(request, seat)
    )
    response = RedirectResponse("/", 303, HEADERS)
    keep_sid(request, response, sid)
    return response


def _here(request: Request) -> tuple[Frame, Seat]:
    """The frame and the session, of a user or a key; NotLoggedIn for none."""
    frame, seat = frame_of(request), seat_of(request)
    if seat is None:
        raise NotLoggedIn
    return frame, seat


def _person(request: Request) -> tuple[Seat, User]:
    _, seat = _here(request)
    return seat, _user(seat)


def _user(seat: Seat) -> User:
    """NoRight in a session of a key: it has no password and no second factor."""
    if seat.user is None:
        raise NoRight
    return seat.user


def _wrong_password(request: Request, seat: Seat, user: User, field: str) -> dict[str, str]:
    """Nothing where the field holds the present password; tries are counted as those of the login are."""
    parts, name = parts_of(request), f"user {user.login}"
    if held_off(request, name):
        return {field: "held.plain"}
    typed = fields_of(request).get(field, "")[:_TYPED_CHARS_MAX]
    if user_secrets.is_password_of(parts.databases, parts.passwords, user.user_id, typed):
        return {}
    parts.throttle.wrong(address_of(request), name)
    _note_refusal(request, seat, user, "present")
    return {field: "wrong.present"}


def _wrong_code(request: Request, seat: Seat, user: User, field: str) -> dict[str, str]:
    parts, name = parts_of(request), f"user {user.login}"
    if held_off(request, name):
        return {field: "held.plain"}
    typed = fields_of(request).get(field, "")[:_TYPED_CHARS_MAX]
    if user_secrets.check_code(parts.databases, user, typed, by_of(request, seat)):
        return {}
    parts.throttle.wrong(address_of(request), name)
    return {field: "wrong.code"}


def _note_refusal(request: Request, seat: Seat, user: User, detail: str) -> None:
    with guarded(), parts_of(request).databases.ledger.begin() as connection:
        by: Any = by_of(request, seat)
        note(
            connection,
            Act.PASSWORD_REFUSED,
            by,
            org=user.org,
            subject=user.login,
            detail=detail,
            outcome=Outcome.REFUSED,
        )


def _done(what: str) -> Response:
    return RedirectResponse(f"/account?done={what}", 303, HEADERS)
