"""Keys, delegations and oneself over HTTP: what an organisation manages by a key with the scope keys:manage.

Everything is about one's own organisation; what belongs to another is not there (404). Blocking, so FastAPI runs each in
a thread.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, NoReturn

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.answers.keys import Delegation, Delegations, Key, KeyMade, Keys, Me, Organisation
from api.asking import reach_for
from api.auth import Reader, granted
from api.described import DescribedRoute
from api.parts import Parts, parts_of
from api.problems import ProblemError, not_found
from api.sessions import by_holder
from api.wire import instant
from models.access import KEY_DAYS, KEY_DAYS_MAX, ROTATION_DAYS_MAX, RegulatorKind, Scope
from models.credit import credit_code_ok
from models.facts.base import OrgId, Role
from models.networks import RANGES_MAX
from models.problems import Code, Problem
from models.roles import STATES_OF_OTHERS
from streams import delegations as delegating
from streams import keys as making
from streams.delegations import DelegationInfo
from streams.keys import Holder, KeyInfo, WishRefused
from streams.organisations import name_of

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
Manager = Annotated[Holder, Depends(granted(Scope.KEYS_MANAGE))]
_KeyId = Annotated[str, Path(pattern="^[0-9a-f]{12}$")]
# Control characters are no part of a name, and PostgreSQL keeps no NUL.
_Name = Annotated[str, Field(strict=True, max_length=making.NAME_CHARS_MAX, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Days = Annotated[int, Field(strict=True, ge=1, le=KEY_DAYS_MAX)]


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KeyWish(_Wish):
    """A key for one's own organisation and role; its scopes are among those of the key that asks."""

    name: _Name
    scopes: Annotated[tuple[Scope, ...] | None, Field(max_length=len(Scope))] = None
    days: _Days = KEY_DAYS
    allow: Annotated[
        tuple[Annotated[str, Field(strict=True, max_length=50)], ...], Field(max_length=RANGES_MAX)
    ] = ()


class Rotation(_Wish):
    """How long the old key lives on beside its successor, and how long that lives."""

    overlap_days: Annotated[int, Field(strict=True, ge=0, le=ROTATION_DAYS_MAX)] = ROTATION_DAYS_MAX
    days: _Days = KEY_DAYS


class DelegationWish(_Wish):
    """Whom to let act, and how far. `org` and `role` are for a regulator, who gives it for an organisation of its region."""

    delegate: OrgId
    scopes: Annotated[tuple[Scope, ...] | None, Field(max_length=len(Scope))] = None
    days: _Days = KEY_DAYS
    org: OrgId | None = None
    role: Role | None = None


# Oneself


@router.get("/me", response_model=Me)
def me(request: Request, holder: Reader) -> dict[str, Any]:
    """Who this key or token is, for whom it speaks, what it may, until when, and how much of it."""
    parts = parts_of(request)
    settings = parts.settings
    names = (
        "requests_per_second",
        "requests_burst",
        "facts_per_second",
        "facts_burst",
        "body_bytes_max",
        "batch_facts_max",
    )
    return {
        "org": holder.org,
        "role": holder.role.value,
        "name": holder.name,
        "key_id": holder.key_id,
        "scopes": sorted(holder.scopes),
        "regulator": holder.regulator,
        "region": holder.region,
        "via": holder.via,
        "expires_at": _at(holder.until),
        "limits": {name: getattr(settings, name) for name in names},
        "delegations": [
            _delegation(one)
            for one in delegating.list_delegations(parts.databases, party=holder.via or holder.org)
            if holder.via is None or one.org == holder.org
        ],
        "organisation": _organisation(parts, holder.org),
    }


@router.get("/organisations/{org}", response_model=Organisation)
def organisation(request: Request, holder: Reader, org: OrgId) -> dict[str, Any]:
    """An organisation's name and registered sites: one's own, or any for who reads everything."""
    if not reach_for(request, holder).organisation(org):
        raise not_found(f'organisation "{org}"')
    return _organisation(parts_of(request), org)


def _organisation(parts: Parts, org: str) -> dict[str, Any]:
    if parts.sites.stale:
        parts.sites.refresh()
    sites = sorted(site for site, owner in list(parts.sites.owners.items()) if owner == org)
    return {
        "org": org,
        "check_digit_holds": credit_code_ok(org),
        "name": name_of(parts.databases, org),
        "sites": [{"site": site, "org": org} for site in sites[:_SITES_MAX]],
    }


_SITES_MAX: Final = 1000

# Keys


@router.get("/keys", response_model=Keys)
def keys(request: Request, holder: Manager) -> dict[str, Any]:
    """The organisation's keys, without their secrets."""
    return {"keys": [_key(info) for info in making.list_keys(parts_of(request).databases, holder.org)]}


@router.post("/keys", status_code=201, response_model=KeyMade)
def create_key(request: Request, response: Response, holder: Manager, wish: KeyWish) -> dict[str, Any]:
    """A new key, with no more than the one that asks; its token is in this answer and never again."""
    scopes = holder.scopes if wish.scopes is None else frozenset(wish.scopes)
    if beyond := sorted(scopes - holder.scopes):
        message = f'the key that asks has no scope "{beyond[0]}" itself'
        _refuse(WishRefused(Code.SCOPE_NOT_OF_ROLE, "scopes", message))
    if wish.scopes is None:
        scopes -= {Scope.KEYS_MANAGE}
    databases = parts_of(request).databases
    try:
        made, token = making.create_key(
            databases,
            holder.org,
            holder.role,
            wish.name,
            scopes=scopes,
            days=wish.days,
            allow=wish.allow,
            regulator=holder.regulator,
            region=holder.region,
            by=by_holder(request, holder),
        )
    except WishRefused as error:
        _refuse(error)
    return {**_shown(request, made.key_id), "token": token}


@router.post("/keys/{key_id}/rotate", status_code=201, response_model=KeyMade)
def rotate_key(
    request: Request, holder: Manager, key_id: _KeyId, wish: Rotation | None = None
) -> dict[str, Any]:
    """A successor with the same rights; the old key ends after the overlap. At most two of a lineage live."""
    _own_key(request, holder, key_id)
    wish = wish or Rotation()
    parts = parts_of(request)
    try:
        made, token = making.rotate_key(
            parts.databases,
            key_id,
            overlap_days=wish.overlap_days,
            days=wish.days,
            by=by_holder(request, holder),
        )
    except WishRefused as error:
        _refuse(error)
    parts.keys.forget(key_id)
    return {**_shown(request, made.key_id), "token": token}


@router.delete("/keys/{key_id}", response_model=Key)
def revoke_key(request: Request, holder: Manager, key_id: _KeyId) -> dict[str, Any]:
    """The key, revoked; every process forgets it within seconds, this one at once. Again changes nothing."""
    _own_key(request, holder, key_id)
    parts = parts_of(request)
    making.revoke_key(parts.databases, key_id, by_holder(request, holder))
    parts.keys.forget(key_id)
    return _shown(request, key_id)


def _own_key(request: Request, holder: Holder, key_id: str) -> KeyInfo:
    """A key that the holder may manage: of its organisation, role and reach, and with no scope that it has not itself."""
    found = making.find_key(parts_of(request).databases, key_id)
    if found is None or found.holder.org != holder.org:
        raise not_found(f'key "{key_id}"')
    of = found.holder
    if not of.scopes <= holder.scopes or (of.role, of.regulator, of.region) != (
        holder.role,
        holder.regulator,
        holder.region,
    ):
        raise ProblemError(403, Code.FORBIDDEN, f'key "{key_id}" reaches further than the one that asks')
    return found


def _shown(request: Request, key_id: str) -> dict[str, Any]:
    found = making.find_key(parts_of(request).databases, key_id)
    assert found is not None  # It was made or looked at just now, and no row is ever deleted.
    return _key(found)


def _key(info: KeyInfo) -> dict[str, Any]:
    holder = info.holder
    return {
        "key_id": holder.key_id,
        "org": holder.org,
        "role": holder.role.value,
        "name": holder.name,
        "scopes": sorted(holder.scopes),
        "regulator": holder.regulator,
        "region": holder.region,
        "allow": list(info.allow),
        "lineage": info.lineage,
        "created_at": instant(info.created_at),
        "expires_at": instant(info.expires_at),
        "revoked_at": _at(info.revoked_at),
        "last_used_at": _at(info.last_used_at),
    }


# Delegations


@router.get("/delegations", response_model=Delegations)
def delegations(request: Request, holder: Manager) -> dict[str, Any]:
    """Delegations that the organisation gave or was given."""
    found = delegating.list_delegations(parts_of(request).databases, party=holder.org)
    return {"delegations": [_delegation(one) for one in found]}


@router.post("/delegations", status_code=201, response_model=Delegation)
def delegate(request: Request, holder: Manager, wish: DelegationWish) -> dict[str, Any]:
    """Let another organisation act for this one, in the role of the key that asks; a regulator names org and role."""
    parts = parts_of(request)
    org, role = _principal(holder, wish)
    try:
        made = delegating.give(
            parts.databases,
            org,
            wish.delegate,
            role,
            created_by=holder.key_id,
            scopes=wish.scopes,
            days=wish.days,
            by=by_holder(request, holder),
        )
    except WishRefused as error:
        _refuse(error)
    parts.delegations.forget(made.delegate, made.org)
    return _delegation(made)


@router.delete("/delegations/{delegation_id}", response_model=Delegation)
def revoke_delegation(request: Request, holder: Manager, delegation_id: _KeyId) -> dict[str, Any]:
    """The delegation, revoked: by who gave it, or laid down by who was given it. Again changes nothing."""
    parts = parts_of(request)
    found = delegating.find_delegation(parts.databases, delegation_id)
    if found is None or not (holder.org in (found.org, found.delegate) or _oversees(holder, found.org)):
        raise not_found(f'delegation "{delegation_id}"')
    delegating.revoke_delegation(parts.databases, delegation_id, by_holder(request, holder))
    parts.delegations.forget(found.delegate, found.org)
    after = delegating.find_delegation(parts.databases, delegation_id)
    return _delegation(after or found)


def _principal(holder: Holder, wish: DelegationWish) -> tuple[str, Role]:
    if holder.role in STATES_OF_OTHERS:
        if wish.org is None or wish.role is None or not _oversees(holder, wish.org):
            message = "a regulator names an organisation of its region, and the role it is to act in"
            _refuse(WishRefused(Code.NOT_YOUR_SIDE, "org", message))
        return wish.org, wish.role
    if wish.org not in (None, holder.org) or wish.role not in (None, holder.role):
        message = "an organisation delegates for itself, in the role of its key"
        _refuse(WishRefused(Code.NOT_YOUR_SIDE, "org", message))
    return holder.org, holder.role


def _oversees(holder: Holder, org: str) -> bool:
    """Whether a regulator is one for this organisation: of the environment, and where it is registered."""
    environment = holder.regulator in (None, RegulatorKind.ENVIRONMENT)
    return holder.role in STATES_OF_OTHERS and environment and org[2:8].startswith(holder.region)


def _delegation(info: DelegationInfo) -> dict[str, Any]:
    return {
        "delegation_id": info.delegation_id,
        "org": info.org,
        "delegate": info.delegate,
        "role": info.role.value,
        "scopes": sorted(info.scopes),
        "created_at": instant(info.created_at),
        "valid_from": instant(info.valid_from),
        "expires_at": instant(info.expires_at),
        "revoked_at": _at(info.revoked_at),
    }


def _at(us: int | None) -> str | None:
    return instant(us) if us is not None else None


def _refuse(error: WishRefused) -> NoReturn:
    found = Problem(f"$.{error.field}", error.code, str(error))
    raise ProblemError(422, error.code, str(error), [found]) from None
