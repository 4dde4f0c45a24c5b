"""Makes the web application: routes, parts, problems, metrics. Called by `feilian serve`, `feilian up` and tests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

from fastapi import Depends, FastAPI
from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import (
    alerts,
    asked,
    capacity,
    door,
    exports,
    feeds,
    health,
    hooks,
    imports,
    keys,
    lineage,
    lists,
    mail_subscriptions,
    oauth,
    openapi,
    oversight,
    pages,
    permits,
    problems,
    questions,
    reads,
    reference,
    schemas,
    settlement,
    stream,
    uploads,
    warnings,
)
from api.armour import bounded, in_time, over_https, protect
from api.bulk.worker import Worker
from api.feed import Feed
from api.labels import routes as labels
from api.law import router as law_router
from api.methods import METHODS, without_body
from api.parts import CurrentLaw, Parts
from api.people_mail import link_mailer
from api.spoken import spoken_in
from models.errors import LedgerUnavailable, NotForThisLedger
from models.metrics import HTTP_REQUESTS, HTTP_SECONDS
from models.settings import Settings
from streams.databases import NOBODY, REACH, Databases, open_databases
from streams.key_ring import KeyRing
from streams.ledger import Ledger
from streams.ledger_acceptor import Acceptor

log = logging.getLogger(__name__)
_UNKNOWN_ROUTE: Final = "(none)"
_COUNTED: Final = frozenset({*METHODS, "HEAD", "OPTIONS"})


def create_app(
    settings: Settings, *, databases: Databases | None = None, ledger: Ledger | None = None
) -> FastAPI:
    """The application. Databases and ledger may be given, so that hands in the same process share them.

    It starts and answers though the database is away. `app.state.parts` has what routes work with; `parts.feed.wake`
    may be called whenever changes were numbered, and `parts.readiness` may be added to.
    """
    app = _bare()
    app.router.routes.extend(_routes())
    app.state.parts = _parts(settings, databases, ledger)
    app.state.owns_databases = databases is None and ledger is None
    problems.install(app)
    openapi.install(app)
    app.add_middleware(Measured)
    return app


def _bare() -> FastAPI:
    """An application without routes."""
    return FastAPI(
        title="Feilian 废联",
        version="1",
        docs_url=None,  # Its page would load scripts from elsewhere.
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
        dependencies=[Depends(asked.known_parameters)],
        generate_unique_id_function=lambda route: route.name,  # So clients that are generated read well.
        telemetry={"tracing": False, "metrics": False, "logs": False},  # We have our own metrics.
    )


@lru_cache(maxsize=1)
def _routes() -> tuple[BaseRoute, ...]:
    """All routes, put together once a process: FastAPI works out what each asks for when it is first called."""
    app = _bare()
    # For every other method; a POST never gets so far, see Measured.
    app.router.routes.append(openapi.door_route())
    for router in (
        feeds.router,
        hooks.router,
        mail_subscriptions.router,
        keys.router,
        oauth.router,
        questions.router,
        alerts.router,
        capacity.router,
        permits.router,
        oversight.router,
        lineage.router,
        reads.router,
        settlement.router,
        reference.router,
        schemas.router,
        stream.router,
        health.router,
        warnings.router,
        uploads.router,
        imports.router,
        exports.router,
        labels.router,
        lists.router,
        pages.router,
        law_router,
    ):
        app.include_router(router)
    return tuple(app.router.routes)


def _parts(settings: Settings, databases: Databases | None, ledger: Ledger | None) -> Parts:
    databases = databases or (ledger.databases if ledger else open_databases(settings))
    ledger = ledger or Ledger(databases)
    feed = Feed(
        databases,
        settings.stream_poll_ms / 1000,
        settings.stream_queue_max,
        settings.stream_clients_max,
        settings.heartbeat_s,
    )
    acceptor = Acceptor(ledger, settings.group_facts_max, settings.waiting_facts_max)
    ring = KeyRing(databases, settings.key_cache_ms)
    uploading = Worker(databases, ledger, acceptor, settings)
    parts = Parts(settings, databases, ledger, acceptor, ring, feed, CurrentLaw(ledger), uploading)
    parts.mail_link = link_mailer(settings)
    return parts


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    parts.acceptor.start()
    parts.uploads.start()
    try:
        await asyncio.to_thread(parts.ledger.now)
    except (LedgerUnavailable, NotForThisLedger) as error:
        log.warning("started without a ledger", extra={"reason": str(error)})
    parts.reads.start()
    yield
    await parts.uploads.stop()
    await parts.reads.stop()
    await parts.acceptor.stop()
    await parts.feed.stop()
    await parts.tails.stop()
    if app.state.owns_databases:
        parts.databases.dispose()


class Measured:
    """Counts requests by route and code, and times them; streams are timed to their end.

    The door is called from here: what FastAPI does for a request costs as much as the door itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, code = time.perf_counter(), 500

        parts: Parts = scope["app"].state.parts
        settings = parts.settings
        https = over_https(scope, settings.public_url.startswith("https:"), parts.proxies)

        async def sending(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
                protect(message, scope, https)
            await send(message)

        asked = scope
        at_door = scope["path"] == door.PATH and scope["method"] == "POST"
        nobody_yet = REACH.set(NOBODY)  # Until api/auth.py knows who asks, nothing that was stated is seen.
        try:
            if at_door:
                await _at_door(scope, receive, sending)
            else:
                bound = bounded(receive, scope, settings.body_bytes_max)
                asked, answering = without_body(scope, sending)
                await in_time(self._app, asked, bound, answering, settings)
        finally:
            REACH.reset(nobody_yet)
            route = door.PATH if at_door else _route(asked)
            # A sender may call a method what it likes; a metric has few labels.
            method = scope["method"] if scope["method"] in _COUNTED else "other"
            counter, seconds = _measures(route, method, code)
            counter.inc()
            seconds.observe(time.perf_counter() - started)


@lru_cache(maxsize=4096)
def _measures(route: str, method: str, code: int) -> tuple[Counter, Histogram]:
    """Looked up once: finding a metric by its labels costs more than counting in it."""
    return HTTP_REQUESTS.labels(route, method, code), HTTP_SECONDS.labels(route)


async def _at_door(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        response = await door.post_facts(Request(scope, receive))
    except (problems.ProblemError, LedgerUnavailable, NotForThisLedger) as error:
        response = problems.problem_response(problems.as_problem(error), spoken_in(scope))
    if response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        send = door.lingering(receive, send)
    await response(scope, receive, send)


def _route(scope: Scope) -> str:
    """The route's pattern, never the path itself: labels must stay few."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", _UNKNOWN_ROUTE))
