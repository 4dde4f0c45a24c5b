"""/organisation: an administrator's pages: users, and what was done with credentials. Keys: organisation_keys.

Whoever may do this is decided by the scope keys:manage: administrators have it, and keys that were given it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from api.pages.access import NoRight, NotLoggedIn, PageRoute, frame_of
from api.pages.frame import HEADERS, Frame, page
from api.parts import Parts, parts_of
from api.sessions import all_of, by_of, fields_of, holder_in, seat_of
from api.words import Lang
from models.access import RegulatorKind, Scope
from models.facts.base import Role
from models.people import Right, needs_second_factor
from streams import users
from streams.credential_log import ROWS_MAX, By, log_of
from streams.keys import Holder
from streams.sessions import Seat
from streams.users import User, UserFlaw, UserRefused, Wish

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_DONE: Final = frozenset({"locked", "unlocked", "ended", "right", "totp", "revoked", "given", "withdrawn"})


class Desk:
    """An administrator at work: frame, session, who speaks, and for the log by whom."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.frame: Frame = frame_of(request)
        seat = seat_of(request)
        holder = holder_in(request, seat) if seat is not None else None
        if seat is None or holder is None:
            raise NotLoggedIn
        if Scope.KEYS_MANAGE not in holder.scopes:
            raise NoRight
        self.seat: Seat = seat
        self.holder: Holder = holder
        self.parts: Parts = parts_of(request)
        self.by: By = by_of(request, seat)

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that may be given on: one's own."""
        return self.seat.user.roles if self.seat.user is not None else (self.holder.role,)

    @property
    def done(self) -> str:
        """What was just changed, for a line at the top."""
        done = self.request.query_params.get("done", "")
        return done if done in _DONE else ""

    def address(self, path: str) -> str:
        """A whole address for a link that is passed on."""
        base = self.parts.settings.public_url.rstrip("/") or str(self.request.base_url).rstrip("/")
        return base + path


def back(path: str, done: str) -> Response:
    """To the list again, which says what was done."""
    return RedirectResponse(f"{path}?done={done}", 303, HEADERS)


@router.get("/organisation")
def people(request: Request) -> Response:
    """The users, and the form that invites one."""
    return _people(Desk(request))


def _people(desk: Desk, *, status: int = 200, wrong: UserRefused | None = None) -> Response:
    return page(
        desk.frame,
        "people/users.html",
        status=status,
        users=users.users_of(desk.parts.databases, desk.holder.org),
        me=desk.seat.user.user_id if desk.seat.user is not None else "",
        roles=desk.roles,
        rights=tuple(Right),
        kinds=(desk.holder.regulator,) if desk.holder.regulator else tuple(RegulatorKind),
        regulates=Role.REGULATOR in desk.roles,
        region=desk.holder.region,
        langs=tuple(Lang),
        given=defaultdict(str, fields_of(desk.request)),
        given_roles=all_of(desk.request, "roles"),
        wrong=wrong,
        done=desk.done,
        tab="users",
    )


@router.post("/organisation/users")
def invite(request: Request) -> Response:
    """Invite somebody: the link is shown this once, to be passed on."""
    desk = Desk(request)
    try:
        wish = _wish(desk)
        users.may_invite(desk.holder, desk.roles, wish)
        user, token = users.invite(desk.parts.databases, wish, desk.by, desk.parts.settings)
    except UserRefused as error:
        return _people(desk, status=422, wrong=error)
    return _link(desk, user, token)


@router.post("/organisation/users/{user_id}/link")
def link(request: Request, user_id: str) -> Response:
    """A new link: for a first login that was missed, or a password that was forgotten."""
    desk = Desk(request)
    try:
        user = _own(desk, user_id)
        token = users.new_link(
            desk.parts.databases, user.user_id, desk.holder.org, desk.by, desk.parts.settings
        )
    except UserRefused as error:
        return _people(desk, status=_status(error), wrong=error)
    return _link(desk, user, token)


@router.post("/organisation/users/{user_id}/{act}")
def change(request: Request, user_id: str, act: str) -> Response:
    """`lock`, `unlock`, `end`, `totp` (set up anew), or `right` with the field of that name."""
    desk = Desk(request)
    databases, org, by = desk.parts.databases, desk.holder.org, desk.by
    try:
        _own(desk, user_id)
        if act == "lock":
            users.lock(databases, user_id, org, by)
        elif act == "unlock":
            users.unlock(databases, user_id, org, by)
        elif act == "end":
            users.end(databases, user_id, org, by)
        elif act == "totp":
            users.reset_totp(databases, user_id, org, by)
        elif act == "right":
            users.set_right(databases, user_id, org, _right(desk), by)
        else:
            raise UserRefused(UserFlaw.NOT_THERE, "user", f'"{act[:20]}" is nothing that can be done')
    except UserRefused as error:
        return _people(desk, status=_status(error), wrong=error)
    done = {"lock": "locked", "unlock": "unlocked", "end": "ended"}.get(act, act)
    return back("/organisation", done)


@router.get("/organisation/log")
def log(request: Request) -> Response:
    """What was done with credentials of this organisation, the newest first."""
    desk = Desk(request)
    before = request.query_params.get("before", "")[:32]
    rows = log_of(desk.parts.databases, desk.holder.org, before)
    names = {
        f"user:{user.user_id}": user.name for user in users.users_of(desk.parts.databases, desk.holder.org)
    }
    return page(
        desk.frame,
        "people/log.html",
        rows=rows,
        names=names,
        detail=lambda text: _detail(desk.frame, text),
        following=rows[-1].event_id if len(rows) == ROWS_MAX else "",
        tab="log",
    )


def _detail(frame: Frame, text: str) -> str:
    """In words where there are some: a way to log in, a right, one right after another."""
    words = (f"log.detail.{text}", f"right.{text}")
    if " -> " in text:
        return " → ".join(_detail(frame, part) for part in text.split(" -> "))
    return next((frame.say(key) for key in words if frame.has(key)), text)


def _wish(desk: Desk) -> Wish:
    fields = fields_of(desk.request)
    named = all_of(desk.request, "roles") or ([desk.roles[0].value] if len(desk.roles) == 1 else [])
    roles = tuple(role for role in desk.roles if role.value in named)
    regulates = Role.REGULATOR in roles
    kind, lang = fields.get("kind", ""), fields.get("lang", "")
    return Wish(
        login=fields.get("login", "")[:200],
        name=fields.get("name", "")[:200],
        org=desk.holder.org,
        roles=roles,
        right=_right(desk),
        kind=_kind(desk, kind) if regulates else None,
        region=fields.get("region", "").strip()[:20] if regulates else "",
        lang=lang if lang in set(Lang) else Lang.ZH.value,
    )


def _kind(desk: Desk, named: str) -> RegulatorKind:
    return (
        RegulatorKind(named)
        if named in set(RegulatorKind)
        else desk.holder.regulator or RegulatorKind.ENVIRONMENT
    )


def _right(desk: Desk) -> Right:
    named = fields_of(desk.request).get("right", "")
    if named not in set(Right):
        raise UserRefused(UserFlaw.ROLES_BEYOND, "right", f'"{named[:20]}" is no right')
    return Right(named)


def _own(desk: Desk, user_id: str) -> User:
    """One of this organisation's; the same refusal for a foreign and an unknown id."""
    user = users.find_user(desk.parts.databases, user_id=user_id[:16])
    if user is None or user.org != desk.holder.org:
        raise UserRefused(UserFlaw.NOT_THERE, "user", f'there is no user "{user_id[:16]}"')
    return user


def _status(error: UserRefused) -> int:
    return 404 if error.flaw is UserFlaw.NOT_THERE else 422


def _link(desk: Desk, user: User, token: str) -> Response:
    parts = desk.parts
    return page(
        desk.frame,
        "people/link.html",
        user=user,
        address=desk.address(f"/welcome?token={token}"),
        hours=parts.settings.invite_hours,
        code_too=needs_second_factor(user.right, user.roles),
        tab="users",
    )
