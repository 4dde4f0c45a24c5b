"""Webhooks over HTTP: an organisation's endpoints, their secrets, deliveries and dead letters (scope hooks:manage).

Whoever asks sees the endpoints of its own organisation only: another's id and one that never was are the same 404.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.answers import hooks as answers
from api.auth import granted
from api.described import DescribedRoute
from api.parts import Parts, parts_of
from api.past import bad_parameter
from api.problems import ProblemError, not_found, refused
from models.access import Scope
from models.exact import format_instant
from models.hooks import PING, DeadState, Filter, HookBody, HookState, Position
from models.problems import Code, problem
from streams.changes import last_change_no
from streams.clock import local_now
from streams.databases import beyond
from streams.egress import AddressRefused, Bounds, Poster, admitted, target_of
from streams.hook_events import ping_body, signed_headers, webhook_id
from streams.hook_store import DeadLetter, Delivery, Hook, HookStore, TooManyHooks
from streams.keys import Holder

router = APIRouter(prefix="/v1/hooks", route_class=DescribedRoute, tags=["webhooks"])
_TESTS_MAX: Final = 8  # Pings under way at a time in this process.
_LOOK_UP_SECONDS: Final = 5
_testing = asyncio.Semaphore(_TESTS_MAX)
Managing = Annotated[Holder, Depends(granted(Scope.HOOKS_MANAGE))]
HookId = Annotated[str, Path(pattern="^wh_[0-9a-f]{16}$")]
WebhookId = Annotated[str, Path(pattern="^msg_[0-9a-f]{32}$")]
Url = Annotated[str, Field(min_length=1, max_length=1000)]
Name = Annotated[str, Field(max_length=100)]


class NewHook(BaseModel):
    """An endpoint to be told from now on. Without `wanted.types` it is told of everything that it may be told."""

    model_config = ConfigDict(extra="forbid")
    url: Url
    name: Name = ""
    body: HookBody = HookBody.FULL
    wanted: Filter = Filter()


class HookChanges(BaseModel):
    """What is to be other than it is. `active` after `paused` or `disabled` goes on where it stopped."""

    model_config = ConfigDict(extra="forbid")
    url: Url | None = None
    name: Name | None = None
    body: HookBody | None = None
    wanted: Filter | None = None
    state: Literal["active", "paused"] | None = None


def store_of(parts: Parts) -> HookStore:
    """The endpoints of this application's database."""
    return HookStore(parts.databases)


@router.post("", status_code=201, responses={409: {}})
async def make_hook(request: Request, holder: Managing, new: Annotated[NewHook, Body()]) -> answers.Hook:
    """Make a webhook endpoint; the answer shows its secret this once."""
    parts = parts_of(request)
    await check_url(parts, new.url)
    made = await asyncio.to_thread(create, parts, holder, new)
    return {**hook_wire(made, await _position(parts, made)), "secret": made.secret}


def create(parts: Parts, holder: Holder, new: NewHook) -> Hook:
    """A new endpoint that is told what comes after this moment; blocks. ProblemError 409 where there are enough."""
    most = parts.settings.hooks_max
    try:
        return store_of(parts).create(
            holder, new.url, new.name, new.body, new.wanted, position_now(parts), most
        )
    except TooManyHooks:
        raise refused(409, "too_many_hooks/of", most=most) from None


def position_now(parts: Parts) -> Position:
    """After all that there is; blocks."""
    head = parts.ledger.head()
    with beyond():  # The last of all, not of those that whoever asks may see.
        return Position(last_change_no(parts.databases.state), head.recorded_at, head.seq)


async def check_url(parts: Parts, url: str) -> None:
    """ProblemError 422 for an address that we would not post to, or whose name is not found."""
    bounds = Bounds.of(parts.settings)
    try:
        target = target_of(url, bounds)
        async with asyncio.timeout(_LOOK_UP_SECONDS):
            await admitted(target.host, target.port, bounds)
    except AddressRefused as error:
        raise _url_refused(error.text, **error.values) from None
    except (OSError, UnicodeError):  # TimeoutError is an OSError too.
        raise _url_refused("hook_url_refused/unfound") from None


def _url_refused(text: str, **values: object) -> ProblemError:
    found = problem("$.url", text, **values)
    return ProblemError(422, Code.HOOK_URL_REFUSED, found.message, [found], zh=found.zh)


@router.get("")
def list_hooks(request: Request, holder: Managing) -> answers.Hooks:
    """The organisation's endpoints, the oldest first."""
    store = store_of(parts_of(request))
    found = store.of_org(holder.org)
    positions = store.positions([hook.hook_id for hook in found])
    return {"hooks": [hook_wire(hook, positions.get(hook.hook_id)) for hook in found]}


@router.get("/{hook_id}")
def one_hook(request: Request, holder: Managing, hook_id: HookId) -> answers.Hook:
    """One endpoint, and how far it was told."""
    return _shown(parts_of(request), own_hook(parts_of(request), holder, hook_id))


@router.patch("/{hook_id}")
async def change_hook(
    request: Request, holder: Managing, hook_id: HookId, changes: Annotated[HookChanges, Body()]
) -> answers.Hook:
    """Change an endpoint; what is left out stays. It goes on where it was told last."""
    parts = parts_of(request)
    await asyncio.to_thread(own_hook, parts, holder, hook_id)
    if changes.url is not None:
        await check_url(parts, changes.url)
    values: dict[str, Any] = changes.model_dump(exclude_none=True, exclude={"wanted"})
    if changes.wanted is not None:
        values["wanted"] = changes.wanted.model_dump_json().encode()
    found = await asyncio.to_thread(lambda: store_of(parts).change(holder.org, hook_id, **values))
    if found is None:
        raise not_found(f'hook "{hook_id}"')
    return hook_wire(found, await _position(parts, found))


@router.delete("/{hook_id}", status_code=204, response_class=Response)
def remove_hook(request: Request, holder: Managing, hook_id: HookId) -> Response:
    """Remove an endpoint, with its deliveries and dead letters."""
    if not store_of(parts_of(request)).remove(holder.org, hook_id):
        raise not_found(f'hook "{hook_id}"')
    return Response(status_code=204)


@router.post("/{hook_id}/secret")
def rotate_secret(request: Request, holder: Managing, hook_id: HookId) -> answers.Hook:
    """A new secret, shown this once; the one before it signs too for a day."""
    parts = parts_of(request)
    found = store_of(parts).rotate(holder.org, hook_id, parts.settings.hook_secret_overlap_s)
    if found is None:
        raise not_found(f'hook "{hook_id}"')
    return {**_shown(parts, found), "secret": found.secret}


@router.post("/{hook_id}/test")
async def test_hook(request: Request, holder: Managing, hook_id: HookId) -> answers.Try:
    """Send a signed `hook.ping` now, and tell what came back: never any of its body."""
    parts = parts_of(request)
    return await ping(parts, await asyncio.to_thread(own_hook, parts, holder, hook_id))


async def ping(parts: Parts, hook: Hook) -> answers.Try:
    """A ping to an endpoint, and what came back; ProblemError 503 while too many are under way."""
    if _testing.locked():
        raise refused(503, "unavailable/tests", (), {"Retry-After": "2"})
    async with _testing:
        now, poster = local_now(), Poster(parts.settings)
        body = ping_body(PING, now, hook.hook_id)
        identity = webhook_id(parts.ledger.meta.ledger_id, hook.hook_id, "test", str(now))
        try:
            found = await poster.post(hook.url, signed_headers(hook.secrets(now), identity, now, body), body)
        finally:
            await poster.close()
    return {
        "outcome": found.outcome,
        "status": found.status,
        "latency_ms": found.latency_ms,
        "error": found.error,
    }


@router.get("/{hook_id}/deliveries")
def list_deliveries(
    request: Request, holder: Managing, hook_id: HookId, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> answers.Deliveries:
    """The last tries to deliver, the latest first; the last five hundred are kept."""
    parts = parts_of(request)
    own_hook(parts, holder, hook_id)
    return {"deliveries": [_delivery_wire(each) for each in store_of(parts).deliveries(hook_id, limit)]}


@router.get("/{hook_id}/dead-letters")
def list_dead_letters(
    request: Request,
    holder: Managing,
    hook_id: HookId,
    state: DeadState | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(max_length=60)] = "",
) -> answers.DeadLetters:
    """Messages that were put aside, the earliest first."""
    parts = parts_of(request)
    own_hook(parts, holder, hook_id)
    found = store_of(parts).dead_letters(hook_id, limit + 1, _after(cursor), state)
    last = found[limit - 1] if len(found) > limit else None
    return {
        "dead_letters": [_dead_wire(each) for each in found[:limit]],
        "next": f"{last.dead_at}.{last.webhook_id}" if last else None,
    }


def _after(cursor: str) -> tuple[int, str]:
    at, _, identity = cursor.partition(".")
    if cursor and not (at.isascii() and at.isdigit() and len(at) <= 18 and identity.startswith("msg_")):
        raise bad_parameter("cursor", "invalid/cursor")
    return int(at or 0), identity


@router.post("/{hook_id}/dead-letters/redrive", status_code=202)
def redrive_all(request: Request, holder: Managing, hook_id: HookId) -> answers.Queued:
    """Send all that were put aside and wait again, the earliest first."""
    parts = parts_of(request)
    own_hook(parts, holder, hook_id)
    return {"queued": store_of(parts).redrive(hook_id)}


@router.post("/{hook_id}/dead-letters/{webhook_id}/redrive", status_code=202)
def redrive_one(request: Request, holder: Managing, hook_id: HookId, webhook_id: WebhookId) -> answers.Queued:
    """Send one that was put aside again; none is queued where it was delivered, or is queued already."""
    parts = parts_of(request)
    own_hook(parts, holder, hook_id)
    if not store_of(parts).has_dead_letter(hook_id, webhook_id):
        raise not_found(f'dead letter "{webhook_id}"')
    return {"queued": store_of(parts).redrive(hook_id, webhook_id)}


def own_hook(parts: Parts, holder: Holder, hook_id: str) -> Hook:
    """The endpoint, if it is the asker's organisation's; else the same 404 as for none. Blocks."""
    found = store_of(parts).one(holder.org, hook_id)
    if found is None:
        raise not_found(f'hook "{hook_id}"')
    return found


async def _position(parts: Parts, hook: Hook) -> Position | None:
    found = await asyncio.to_thread(store_of(parts).positions, [hook.hook_id])
    return found.get(hook.hook_id)


def _shown(parts: Parts, hook: Hook) -> answers.Hook:
    return hook_wire(hook, store_of(parts).positions([hook.hook_id]).get(hook.hook_id))


def hook_wire(hook: Hook, position: Position | None) -> answers.Hook:
    """An endpoint as it is shown: without its secrets."""
    told = position or Position(0, 0, 0)
    waits = told.attempts and hook.state is HookState.ACTIVE
    return {
        "hook_id": hook.hook_id,
        "url": hook.url,
        "name": hook.name,
        "body": hook.body,
        "wanted": hook.wanted.model_dump(mode="json"),  # type: ignore[typeddict-item]
        "state": hook.state,
        "state_reason": hook.state_reason,
        "state_at": format_instant(hook.state_at),
        "created_at": format_instant(hook.created_at),
        "created_by": hook.holder.key_id,
        "old_secret_until": _instant(hook.old_secret_until if len(hook.secrets(local_now())) > 1 else None),
        "progress": {
            "change_no": told.change_no,
            "seq": told.seq,
            "attempts": told.attempts,
            "next_at": _instant(told.next_at if waits else None),
            "failing_since": _instant(told.failing_since),
        },
    }


def _instant(us: int | None) -> str | None:
    return format_instant(us) if us is not None else None


def _delivery_wire(each: Delivery) -> answers.Delivery:
    return {
        "webhook_id": each.webhook_id,
        "type": each.type,
        "position": each.position,
        "attempt": each.attempt,
        "at": format_instant(each.at),
        "outcome": each.outcome,
        "status": each.status,
        "latency_ms": each.latency_ms,
        "error": each.error,
    }


def _dead_wire(each: DeadLetter) -> answers.DeadLetter:
    return {
        "webhook_id": each.webhook_id,
        "type": each.type,
        "position": each.position,
        "dead_at": format_instant(each.dead_at),
        "attempts": each.attempts,
        "status": each.status,
        "error": each.error,
        "state": each.state,
        "state_at": format_instant(each.state_at),
        "body": orjson.loads(each.body),
    }
