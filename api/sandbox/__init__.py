"""The sandbox 沙箱: a ledger whose clock can be driven, and the conformance kit that software vendors run against it.

`feilian sandbox` installs it on an application over a driven ledger. Its routes are not there in production.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict

from api.auth import Reader
from api.past import parameter_instant
from api.problems import ProblemError, not_found
from api.sandbox.runs import Kit, Time, Trial, as_markdown, report
from api.sandbox.scenarios import BY_NAME, SCENARIOS
from api.sandbox.watching import Watch, Watched
from models.exact import format_instant
from models.problems import Code, Problem
from streams.ledger import Ledger

__all__ = ["Kit", "Time", "install"]

router = APIRouter(prefix="/v1/sandbox", tags=["sandbox"])
YEARS_MAX_US: Final = 10 * 366 * 24 * 3600 * 1_000_000
_Name = Annotated[str, Path(pattern="^[a-z-]{1,40}$")]


def install(app: FastAPI, ledger: Ledger, time: Time) -> Kit:
    """Put the sandbox around an application; the kit, for who judges in the same process."""
    kit = Kit(ledger, time, Watch())
    app.state.kit = kit
    app.include_router(router)
    app.add_middleware(Watched, watch=kit.watch)
    return kit


class Driven(BaseModel):
    """Where the clock is to go."""

    model_config = ConfigDict(extra="forbid")
    to: str


@router.get("/clock")
def clock(request: Request, holder: Reader) -> dict[str, str]:
    """The sandbox's time; it goes on by itself as yours does."""
    return {"now": format_instant(_kit(request).time.now())}


@router.post("/clock")
def drive(request: Request, holder: Reader, wish: Driven) -> dict[str, str]:
    """Drive the clock on to an instant, ten years at most; deadlines on the way are judged before the answer comes."""
    kit, to = _kit(request), parameter_instant("to", wish.to)
    now = kit.time.now()
    if to < now or to > now + YEARS_MAX_US:
        message = "the clock goes on from now, by ten years at most"
        raise ProblemError(422, Code.OUT_OF_RANGE, message, [Problem("$.to", Code.OUT_OF_RANGE, message)])
    return {"now": format_instant(kit.time.drive(to))}


@router.get("/scenarios")
def scenarios(holder: Reader) -> dict[str, Any]:
    """The twelve, with what is asked."""
    return {
        "scenarios": [
            {
                "scenario": scenario.name,
                "title": {"zh": scenario.title[0], "en": scenario.title[1]},
                "ask": {"zh": scenario.ask[0], "en": scenario.ask[1]},
            }
            for scenario in SCENARIOS
        ]
    }


@router.post("/scenarios/{name}/start")
def start(request: Request, holder: Reader, name: _Name) -> dict[str, Any]:
    """Begin a scenario (anew): what to use is in `given`. One at a time; faults are played from now on."""
    if name not in BY_NAME:
        raise not_found(f'scenario "{name}"')
    trial = _kit(request).begin(name)
    return {
        "scenario": name,
        "ask": {"zh": trial.scenario.ask[0], "en": trial.scenario.ask[1]},
        "given": trial.given,
    }


@router.post("/scenarios/{name}/finish")
def finish(request: Request, holder: Reader, name: _Name) -> dict[str, Any]:
    """Judge it by what your software did since its start."""
    kit = _kit(request)
    if name not in kit.trials:
        raise not_found(f'scenario "{name}" that was started')
    return _told(kit.judge(name))


@router.get("/report")
def the_report(
    request: Request,
    holder: Reader,
    form: Annotated[str, Query(alias="format", pattern="^(json|md)$")] = "json",
    lang: Annotated[str, Query(pattern="^(zh|en)$")] = "zh",
) -> Response:
    """What passed and what did not, with what was seen; as JSON or as Markdown."""
    told = report(_kit(request))
    if form == "md":
        return PlainTextResponse(as_markdown(told, lang), media_type="text/markdown")
    return JSONResponse(told)


def _told(trial: Trial) -> dict[str, Any]:
    return {
        "scenario": trial.scenario.name,
        "passed": trial.passed,
        "checks": [
            {"check": check.name, "passed": check.passed, "seen": {"zh": check.why[0], "en": check.why[1]}}
            for check in trial.checks or ()
        ],
    }


def _kit(request: Request) -> Kit:
    kit: Kit = request.app.state.kit
    return kit
