"""/organisation/delegations: who may act for the organisation (委托), for what and until when; given and ended here."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from fastapi import APIRouter, Request, Response

from api.pages.access import NotThere, PageRoute
from api.pages.frame import page
from api.pages.organisation import Desk, back
from api.pages.organisation_keys import number_of_days, role_of
from api.sessions import all_of, fields_of
from models.access import DELEGABLE_ROLES, DELEGABLE_SCOPES, KEY_DAYS, KEY_DAYS_MAX, SCOPES_OF, Scope
from models.credit import credit_code_ok
from models.facts.base import Role
from models.problems import Code
from streams.clock import local_now
from streams.delegations import find_delegation, give, list_delegations, revoke_delegation
from streams.keys import WishRefused

router = APIRouter(include_in_schema=False, route_class=PageRoute)
PATH: Final = "/organisation/delegations"


@router.get(PATH)
def delegations(request: Request) -> Response:
    """Those that were given and those that were received; and the form for a new one."""
    return _delegations(Desk(request))


def _delegations(desk: Desk, *, status: int = 200, wrong: WishRefused | None = None) -> Response:
    now, org = local_now(), desk.holder.org
    known = list_delegations(desk.parts.databases, party=org)
    given, given_scopes = fields_of(desk.request), all_of(desk.request, "scopes")
    return page(
        desk.frame,
        "people/delegations.html",
        status=status,
        ours=[one for one in known if one.org == org and one.revoked_at is None and now < one.expires_at],
        received=[one for one in known if one.org != org and one.live(now)],
        over=[
            one for one in known if one.org == org and (one.revoked_at is not None or now >= one.expires_at)
        ][:50],
        now=now,
        roles=_roles(desk),
        scopes=sorted(_givable(desk)),
        days=KEY_DAYS,
        days_max=KEY_DAYS_MAX,
        given=defaultdict(str, given),
        given_scopes=given_scopes,
        wrong=wrong,
        doubtful=lambda code: not credit_code_ok(code),
        done=desk.done,
        tab="delegations",
    )


@router.post(PATH)
def give_one(request: Request) -> Response:
    """Let another organisation act: never in more than one's own roles, nor for more than one has."""
    desk, fields = Desk(request), fields_of(request)
    try:
        made = give(
            desk.parts.databases,
            desk.holder.org,
            fields.get("delegate", "").strip().upper()[:40],
            role_of(desk, _roles(desk)),
            scopes=_scopes(desk),
            days=number_of_days(fields.get("days", ""), "days"),
            created_by=desk.by.actor,
            by=desk.by,
        )
    except WishRefused as error:
        return _delegations(desk, status=422, wrong=error)
    desk.parts.delegations.forget(made.delegate, made.org)
    return back(PATH, "given")


@router.post(PATH + "/{delegation_id}/end")
def end(request: Request, delegation_id: str) -> Response:
    """From now on the other acts no more; doors forget it within seconds."""
    desk = Desk(request)
    found = find_delegation(desk.parts.databases, delegation_id[:16])
    if found is None or found.org != desk.holder.org:
        raise NotThere
    revoke_delegation(desk.parts.databases, found.delegation_id, by=desk.by)
    desk.parts.delegations.forget(found.delegate, found.org)
    return back(PATH, "withdrawn")


def _roles(desk: Desk) -> tuple[Role, ...]:
    """Those of one's roles in which somebody else can act; a regulator acts for itself only."""
    return tuple(role for role in desk.roles if role in DELEGABLE_ROLES)


def _givable(desk: Desk) -> frozenset[Scope]:
    of_roles = frozenset[Scope]().union(*(SCOPES_OF[role] for role in _roles(desk)))
    return desk.holder.scopes & DELEGABLE_SCOPES & of_roles


def _scopes(desk: Desk) -> frozenset[Scope]:
    named = set(all_of(desk.request, "scopes"))
    wished = frozenset(scope for scope in _givable(desk) if scope.value in named)
    if len(wished) != len(named):
        raise WishRefused(Code.SCOPE_NOT_OF_ROLE, "scopes", "scopes that cannot be delegated by you")
    return wished
