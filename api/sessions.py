"""Browsers: the cookie of a session, who sits in it, and the token that every form has to bring back. Used by all pages.

On https the cookie is `__Host-sid`, which no neighbouring host can set; on http it is `sid`. Before anybody is logged in
a form's token is bound to a cookie of its own, so that nobody can be logged in by another site's form.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from hashlib import sha256
from typing import Final, cast
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api.address import address_of
from api.parts import parts_of
from api.problems import refused
from models.people import Stage
from streams.credential_log import NOBODY, By
from streams.key_ring import KeyRefused
from streams.keys import Holder
from streams.sessions import Browser, Seat, find_seat

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_FIELD: Final = "csrf"
TOKEN_HEADER: Final = "x-csrf-token"
FORM_BYTES_MAX: Final = 16 * 1024
_FORM_FIELDS_MAX: Final = 100
_FORM_SECONDS_MAX: Final = 20
_SID: Final = "sid"
_BEFORE: Final = "before"
_SECURE_PREFIX: Final = "__Host-"
_NUMBER_CHARS_MAX: Final = 64
_FORM_TYPE: Final = "application/x-www-form-urlencoded"


def is_https(request: Request) -> bool:
    """Whether the browser came by TLS, as far as our own proxy tells."""
    return request.url.scheme == "https"


def sid_of(request: Request) -> str:
    """The number in the cookie; empty for none. Only the name that is right for the scheme counts."""
    return _cookie(request, _SID)


def seat_of(request: Request) -> Seat | None:
    """Whose session the cookie is of, at whatever stage; None for none. Blocks; asks the database each time."""
    sid = sid_of(request)
    if not sid:
        return None
    parts = parts_of(request)
    return find_seat(parts.databases, sid, parts.settings)


def holder_in(request: Request, seat: Seat) -> Holder | None:
    """Who speaks in a whole session; None for one that is half-way, and where its key is no longer good. Blocks."""
    if seat.stage is not Stage.WHOLE:
        return None
    if seat.key_id is None:
        return seat.holder
    keys, address = parts_of(request).keys, address_of(request)
    try:
        try:
            return keys.remembered_by_id(seat.key_id, address)
        except KeyError:
            return keys.recognise_by_id(seat.key_id, address)
    except KeyRefused:
        return None


def holder_of(request: Request) -> Holder | None:
    """Who speaks by the cookie of this request; None for nobody. Blocks."""
    seat = seat_of(request)
    return holder_in(request, seat) if seat is not None else None


def browser_of(request: Request) -> Browser:
    """From where and with what somebody comes."""
    return Browser(address_of(request), request.headers.get("user-agent", ""))


def by_of(request: Request, seat: Seat | None) -> By:
    """Who does something, for the log of credentials."""
    return By(seat.by if seat is not None else NOBODY, address_of(request))


def by_holder(request: Request, holder: Holder) -> By:
    """The same for a key, a token, or a session that asks the API."""
    kind = "user" if holder.key_id.startswith("u") else "key"
    return By(f"{kind}:{holder.key_id}", address_of(request))


def keep_sid(request: Request, response: Response, sid: str) -> None:
    """Put a session's number into the browser; it goes when the browser is closed. The earlier token is of no use now."""
    _set_cookie(request, response, _SID, sid)
    response.delete_cookie(
        _name(request, _BEFORE), path="/", secure=is_https(request), httponly=True, samesite="lax"
    )


def drop_sid(request: Request, response: Response) -> None:
    """Take it out."""
    response.delete_cookie(
        _name(request, _SID), path="/", secure=is_https(request), httponly=True, samesite="lax"
    )


def form_token(request: Request) -> str:
    """The token for a page's forms, bound to the session, or before there is one to a cookie that `keep_before` sets."""
    bound = sid_of(request) or _cookie(request, _BEFORE)
    if not bound:
        bound = getattr(request.state, "before", "") or secrets.token_urlsafe(32)
        request.state.before = bound
    return _token_of(bound)


def binding_of(request: Request) -> str:
    """What ties a way out to a provider to this browser: its form token, made where there is none yet."""
    return form_token(request)


def keep_before(request: Request, response: Response) -> None:
    """Set the cookie that a token was just bound to."""
    if bound := getattr(request.state, "before", ""):
        _set_cookie(request, response, _BEFORE, bound)


def is_foreign(request: Request) -> bool:
    """Whether another site's page sent this request."""
    origin = request.headers.get("origin")
    public = parts_of(request).settings.public_url
    ours = {f"{request.url.scheme}://{request.url.netloc}"}
    if public:
        ours.add("{0.scheme}://{0.netloc}".format(urlsplit(public)))
    return (origin is not None and origin not in ours) or (
        request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}
    )


def is_right_token(request: Request, given: str) -> bool:
    """Whether a token is the one of this browser's session; an earlier session's is not."""
    bound = sid_of(request) or _cookie(request, _BEFORE)
    return bool(bound) and hmac.compare_digest(_token_of(bound).encode(), given.encode())


async def check_form(request: Request, bytes_max: int = FORM_BYTES_MAX) -> None:
    """For whatever changes something: ProblemError 403 unless it comes from a page of ours, with the token.

    The token is in the header `X-CSRF-Token`, in the field `csrf` of a form, or (uploads in parts, which are not read
    here) in the query. The fields of a form are read, bounded, and found by `fields_of`.
    """
    if is_foreign(request):
        raise refused(403, "foreign_form")
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == _FORM_TYPE:
        request.state.fields = await _read_fields(request, bytes_max)
    given = request.headers.get(TOKEN_HEADER) or fields_of(request).get(TOKEN_FIELD, "")
    if media == "multipart/form-data":
        given = given or request.query_params.get(TOKEN_FIELD, "")
    if not is_right_token(request, given):
        raise refused(403, "stale_form")


def check_token_header(request: Request) -> None:
    """The same for requests of scripts: only the header counts."""
    if is_foreign(request):
        raise refused(403, "foreign_form")
    if not is_right_token(request, request.headers.get(TOKEN_HEADER, "")):
        raise refused(403, "stale_form")


def fields_of(request: Request) -> dict[str, str]:
    """The fields of the form that was sent; of several of a name the first."""
    return {name: values[0] for name, values in _fields(request).items()}


def all_of(request: Request, name: str) -> list[str]:
    """All values of a field that may be given several times."""
    return _fields(request).get(name, [])


def _fields(request: Request) -> dict[str, list[str]]:
    return cast("dict[str, list[str]]", getattr(request.state, "fields", {}))


async def _read_fields(request: Request, bytes_max: int) -> dict[str, list[str]]:
    announced = request.headers.get("content-length", "")
    if not announced.isdigit() or int(announced) > bytes_max:
        raise refused(413, "body_too_large", most=bytes_max)
    try:
        async with asyncio.timeout(_FORM_SECONDS_MAX):
            body = await request.body()
    except TimeoutError:
        raise refused(408, "body_too_slow/form") from None
    try:
        return parse_qs(
            body.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELDS_MAX, errors="strict"
        )
    except ValueError:
        raise refused(400, "bad_utf8/form") from None


def _token_of(bound: str) -> str:
    return hmac.new(bound.encode(), b"feilian form", sha256).hexdigest()


def _name(request: Request, name: str) -> str:
    return _SECURE_PREFIX + name if is_https(request) else name


def _cookie(request: Request, name: str) -> str:
    found = request.cookies.get(_name(request, name), "")
    return found if len(found) <= _NUMBER_CHARS_MAX and found.isascii() else ""


def _set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        _name(request, name), value, path="/", secure=is_https(request), httponly=True, samesite="lax"
    )
