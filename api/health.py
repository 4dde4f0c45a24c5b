"""GET /healthz, /readyz and /metrics: for load balancers and Prometheus; they need no key and tell no secrets."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from api.answers.health import Alive, Ready
from api.described import DescribedRoute
from api.parts import Parts, parts_of
from models.errors import FeilianError
from streams.databases import guarded, reading

router = APIRouter(route_class=DescribedRoute)


@router.get("/healthz", response_model=Alive)
async def healthz() -> dict[str, str]:
    """The process answers; nothing is said of what it depends on."""
    return {"status": "ok"}


@router.get("/readyz", response_model=Ready, responses={503: {"model": Ready}})
def readyz(request: Request) -> JSONResponse:
    """200 when facts can be accepted and alerts read, else 503; `checks` gives each reason, null where all is well."""
    parts = parts_of(request)
    checks = {"ledger": _ledger(parts), "state": _state(parts)}
    checks.update({name: why() for name, why in parts.readiness.items()})
    ready = not any(checks.values())
    body = {"status": "ready" if ready else "not ready", "checks": checks}
    return JSONResponse(body, 200 if ready else 503, {} if ready else {"Retry-After": "2"})


def _ledger(parts: Parts) -> str | None:
    try:
        parts.ledger.look_at_clock()
    except FeilianError as error:
        return str(error)
    return None


def _state(parts: Parts) -> str | None:
    try:
        with guarded(), reading(parts.databases.state) as connection:
            connection.execute(text("SELECT 1 FROM positions LIMIT 1"))
    except FeilianError as error:
        return str(error)
    return None


@router.get("/metrics", response_class=PlainTextResponse)
def metrics() -> Response:
    """This process's own metrics."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
