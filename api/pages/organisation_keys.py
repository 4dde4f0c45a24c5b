"""/organisation/keys: an organisation's access keys: what each is good for, made (shown once), rotated, revoked."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from fastapi import APIRouter, Request, Response

from api.pages.access import NoRight, NotThere, PageRoute
from api.pages.frame import page
from api.pages.organisation import Desk, back
from api.parts import parts_of
from api.sessions import all_of, fields_of
from models.access import KEY_DAYS, KEY_DAYS_MAX, ROTATION_DAYS_MAX, SCOPES_OF, RegulatorKind, Scope
from models.facts.base import Role
from models.problems import Code
from streams.clock import local_now
from streams.keys import Holder, KeyInfo, WishRefused, create_key, find_key, list_keys, revoke_key, rotate_key

router = APIRouter(include_in_schema=False, route_class=PageRoute)
PATH: Final = "/organisation/keys"
_DAYS_CHARS_MAX: Final = 4


@router.get(PATH)
def keys(request: Request) -> Response:
    """The live keys first, then those that are over; and the form for a new one."""
    return _keys(Desk(request))


def _keys(desk: Desk, *, status: int = 200, wrong: WishRefused | None = None) -> Response:
    now = local_now()
    known = list_keys(desk.parts.databases, desk.holder.org)
    live = [info for info in known if info.live(now)]
    return page(
        desk.frame,
        "people/keys.html",
        status=status,
        live=sorted(live, key=lambda info: -info.created_at),
        over=sorted((info for info in known if not info.live(now)), key=lambda info: -info.created_at)[:50],
        now=now,
        roles=desk.roles,
        scopes=sorted(_givable(desk)),
        days=KEY_DAYS,
        days_max=KEY_DAYS_MAX,
        overlap=ROTATION_DAYS_MAX,
        given=defaultdict(str, fields_of(desk.request)),
        given_scopes=all_of(desk.request, "scopes"),
        wrong=wrong,
        done=desk.done,
        tab="keys",
    )


@router.post(PATH)
def make(request: Request) -> Response:
    """A new key: never good for more than the one who makes it, nor beyond their region."""
    desk, fields = Desk(request), fields_of(request)
    try:
        holder, token = create_key(
            desk.parts.databases,
            desk.holder.org,
            role_of(desk, desk.roles),
            fields.get("name", "").strip()[:200],
            scopes=_scopes(desk),
            days=number_of_days(fields.get("days", ""), "days"),
            allow=fields.get("allow", "").replace(",", " ").split()[:100],
            regulator=desk.holder.regulator if role_of(desk, desk.roles) is Role.REGULATOR else None,
            region=desk.holder.region if role_of(desk, desk.roles) is Role.REGULATOR else "",
            by=desk.by,
        )
    except WishRefused as error:
        return _keys(desk, status=422, wrong=error)
    return _shown(desk, holder, token)


@router.post(PATH + "/{key_id}/rotate")
def rotate(request: Request, key_id: str) -> Response:
    """A successor; the old key lives on for as many days as are asked for."""
    desk = Desk(request)
    _own(desk, key_id)
    try:
        overlap = number_of_days(fields_of(request).get("overlap", "7"), "overlap_days")
        holder, token = rotate_key(desk.parts.databases, key_id, overlap_days=overlap, by=desk.by)
    except WishRefused as error:
        return _keys(desk, status=422, wrong=error)
    desk.parts.keys.forget(key_id)
    return _shown(desk, holder, token, old=key_id)


@router.post(PATH + "/{key_id}/revoke")
def revoke(request: Request, key_id: str) -> Response:
    """No door takes it any more, and sessions that were opened with it are over."""
    desk = Desk(request)
    _own(desk, key_id)
    revoke_key(desk.parts.databases, key_id, desk.by)
    desk.parts.keys.forget(key_id)
    return back(PATH, "revoked")


def _givable(desk: Desk) -> frozenset[Scope]:
    """What one may give on: what one has oneself, as far as any of one's roles allows it."""
    of_roles = frozenset[Scope]().union(*(SCOPES_OF[role] for role in desk.roles))
    return desk.holder.scopes & of_roles


def _scopes(desk: Desk) -> frozenset[Scope]:
    named = all_of(desk.request, "scopes")
    wished = frozenset(scope for scope in _givable(desk) if scope.value in named)
    if len(wished) != len(set(named)):
        raise WishRefused(Code.SCOPE_NOT_OF_ROLE, "scopes", "scopes that you do not have yourself")
    return wished


def role_of(desk: Desk, roles: tuple[Role, ...]) -> Role:
    """The role that the form names, among those that one may choose from; the first where it names none."""
    named = fields_of(desk.request).get("role", roles[0].value if roles else "")
    if named not in set(roles):
        raise WishRefused(Code.NOT_ONE_OF, "role", "a role that you do not have yourself")
    return Role(named)


def number_of_days(text: str, field: str) -> int:
    """A number as typed; WishRefused for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DAYS_CHARS_MAX):
        raise WishRefused(Code.OUT_OF_RANGE, field, f'"{text[:20]}" is no number of days')
    return int(text)


def _own(desk: Desk, key_id: str) -> KeyInfo:
    """One of this organisation's keys; the same 404 for a foreign and an unknown id, 403 for one that reaches further."""
    info = find_key(parts_of(desk.request).databases, key_id[:16])
    if info is None or info.holder.org != desk.holder.org:
        raise NotThere
    if not _is_within(info.holder, desk):
        raise NoRight
    return info


def _is_within(key: Holder, desk: Desk) -> bool:
    """Whether a key reaches no further than who manages it; or its successor's token would be a way to climb."""
    mine = desk.holder
    kinds = {key.regulator or RegulatorKind.ENVIRONMENT, mine.regulator or RegulatorKind.ENVIRONMENT}
    same_kind = key.role is not Role.REGULATOR or len(kinds) == 1
    return (
        key.role in desk.roles
        and key.scopes <= mine.scopes
        and same_kind
        and key.region.startswith(mine.region)
    )


def _shown(desk: Desk, holder: Holder, token: str, old: str = "") -> Response:
    return page(
        desk.frame,
        "people/key.html",
        holder=holder,
        token=token,
        old=old,
        base=desk.address(""),
        tab="keys",
    )
