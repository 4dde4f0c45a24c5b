"""The page of an organisation's webhooks: how each endpoint fares, its last deliveries, what was put aside, and buttons.

Forms post to the page of an endpoint and lead back to it; only a secret, which is shown once, is answered at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from api.hooks import NewHook, check_url, create, own_hook, ping, store_of
from api.pages.access import NoRight, NotLoggedIn, NotThere, PageRoute, frame_of
from api.pages.frame import HEADERS, Frame, page
from api.parts import Parts, parts_of
from api.problems import ProblemError
from api.sessions import fields_of, holder_of
from models.access import Scope
from models.hooks import DeadState, EventType, Filter, HookBody, HookState, Position
from streams.hook_store import DeadLetter, Delivery, Hook
from streams.keys import Holder

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_DELIVERIES: Final = 30
_LETTERS: Final = 50
_ACTS: Final = frozenset({"test", "pause", "enable", "rotate", "remove", "redrive"})
_NOWHERE: Final = Position(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One endpoint on the page; `host` stands for its URL, whose path may be a secret of the receiver."""

    hook: Hook
    host: str
    told: Position
    deliveries: list[Delivery]
    letters: list[DeadLetter]

    @property
    def is_failing(self) -> bool:
        """Whether its next message waits for another try."""
        return self.hook.state is HookState.ACTIVE and self.told.attempts > 0

    @property
    def waiting(self) -> int:
        """How many dead letters wait for somebody."""
        return sum(letter.state is DeadState.WAITING for letter in self.letters)


def _managing(request: Request) -> Holder:
    """Who looks, if they may manage webhooks. Blocks."""
    holder = holder_of(request)
    if holder is None:
        raise NotLoggedIn
    if Scope.HOOKS_MANAGE not in holder.scopes:
        raise NoRight
    return holder


@router.get("/hooks")
def hooks(request: Request) -> Response:
    """All endpoints of the viewer's organisation."""
    holder, asked = _managing(request), request.query_params
    frame = frame_of(request)
    return _shown(frame, parts_of(request), holder, said=_said(frame, dict(asked)))


def _shown(frame: Frame, parts: Parts, holder: Holder, *, status: int = 200, **values: Any) -> Response:
    given = {"said": "", "secret": "", "wrong": "", "url": "", "name": "", **values}
    lines = _lines(parts, holder)
    types = [kind.value for kind in EventType]
    return page(frame, "hooks.html", status=status, lines=lines, types=types, bodies=list(HookBody), **given)


def _lines(parts: Parts, holder: Holder) -> list[Line]:
    store = store_of(parts)
    found = store.of_org(holder.org)
    told = store.positions([hook.hook_id for hook in found])
    return [
        Line(
            hook,
            urlsplit(hook.url).netloc,
            told.get(hook.hook_id, _NOWHERE),
            store.deliveries(hook.hook_id, _DELIVERIES),
            [
                letter
                for letter in store.dead_letters(hook.hook_id, _LETTERS)
                if letter.state is not DeadState.DELIVERED
            ],
        )
        for hook in found
    ]


def _said(frame: Frame, asked: dict[str, str]) -> str:
    """What the last button came to, from the address it led to; words of ours only, numbers at most."""
    number = asked.get("n", "")
    if asked.get("queued") is not None and number.isdigit():
        return frame.say("hook.queued", n=number)
    outcome = asked.get("tested", "")
    if not frame.has(f"hook.outcome.{outcome}"):
        return ""
    status = asked.get("status", "")
    return frame.say(
        "hook.tested",
        outcome=frame.say(f"hook.outcome.{outcome}"),
        status=status if status.isdigit() else frame.say("hook.no_answer"),
        ms=number if number.isdigit() else "0",
    )


@router.post("/hooks")
async def makes(request: Request) -> Response:
    """The form for a new endpoint; the answer shows its secret this once."""
    holder = await asyncio.to_thread(_managing, request)
    parts, fields = parts_of(request), fields_of(request)
    url, name = fields.get("url", "").strip(), fields.get("name", "").strip()[:100]
    frame = await asyncio.to_thread(frame_of, request)
    kind = fields.get("type", "")
    wanted = Filter(types=(EventType(kind),)) if kind in set(EventType) else Filter()
    body = HookBody.THIN if fields.get("body") == HookBody.THIN else HookBody.FULL
    try:
        await check_url(parts, url)
        new = NewHook(url=url, name=name, body=body, wanted=wanted)
        made = await asyncio.to_thread(create, parts, holder, new)
    except ProblemError as error:
        wrong = frame.say("hook.refused", why=error.say(frame.lang))
        values: dict[str, Any] = {"status": error.status, "wrong": wrong, "url": url, "name": name}
        return await asyncio.to_thread(lambda: _shown(frame, parts, holder, **values))
    return await asyncio.to_thread(lambda: _shown(frame, parts, holder, secret=made.secret))


@router.post("/hooks/{hook_id}/{act}")
async def acts(request: Request, hook_id: str, act: str) -> Response:
    """A button of an endpoint."""
    holder = await asyncio.to_thread(_managing, request)
    parts = parts_of(request)
    if act not in _ACTS:
        raise NotThere
    try:
        hook = await asyncio.to_thread(own_hook, parts, holder, hook_id)
    except ProblemError:
        raise NotThere from None
    if act == "test":
        found = await ping(parts, hook)
        return _back(tested=found["outcome"], status=found["status"] or "", n=found["latency_ms"])
    if act == "rotate":
        overlap = parts.settings.hook_secret_overlap_s
        rotated = await asyncio.to_thread(store_of(parts).rotate, holder.org, hook_id, overlap)
        if rotated is None:
            raise NotThere
        frame = await asyncio.to_thread(frame_of, request)
        return await asyncio.to_thread(lambda: _shown(frame, parts, holder, secret=rotated.secret))
    return await asyncio.to_thread(_quiet, parts, holder, hook, act, fields_of(request).get("message"))


def _quiet(parts: Parts, holder: Holder, hook: Hook, act: str, message: str | None) -> Response:
    """The buttons that only change something."""
    store = store_of(parts)
    if act == "redrive":
        return _back(queued="", n=store.redrive(hook.hook_id, message or None))
    if act == "remove":
        store.remove(holder.org, hook.hook_id)
    else:
        state = HookState.PAUSED if act == "pause" else HookState.ACTIVE
        store.change(holder.org, hook.hook_id, state=state.value)
    return _back()


def _back(**values: object) -> Response:
    asked = f"?{urlencode(values)}" if values else ""
    return RedirectResponse(f"/hooks{asked}", 303, HEADERS)
