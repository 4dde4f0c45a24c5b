"""Every answer that is not a success, as RFC 9457 problem+json; raised as `ProblemError`, or made from what others raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.methods import allowed, options
from api.spoken import language_headers, spoken
from models.errors import LedgerUnavailable, NotForThisLedger
from models.language import Lang
from models.problem_meanings import MEANINGS
from models.problems import Code, Problem, json_path, told
from streams.fact_problems import about_value

CONTENT_TYPE: Final = "application/problem+json"
HELP: Final = "/errors"
RETRY_AFTER_SECONDS: Final = 2
_BY_STATUS: Final = {
    400: Code.INVALID,
    401: Code.UNAUTHENTICATED,
    403: Code.FORBIDDEN,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    406: Code.NOT_ACCEPTABLE,
    408: Code.BODY_TOO_SLOW,
    413: Code.BODY_TOO_LARGE,
    415: Code.NOT_JSON,
    429: Code.TOO_MANY_REQUESTS,
    503: Code.UNAVAILABLE,
}


class ProblemError(Exception):
    """Ends a request with a status, a code, and the problems of its parts where it has several."""

    def __init__(
        self,
        status: int,
        code: Code,
        detail: str,
        problems: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
        zh: str = "",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.zh = zh or MEANINGS[code].means.zh
        self.problems = problems
        self.headers = dict(headers or {})

    def say(self, lang: Lang) -> str:
        """The detail in a language."""
        return self.zh if lang is Lang.ZH else self.detail


def refused(
    status: int,
    text: str,
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
    /,
    *,
    code: Code | None = None,
    **values: object,
) -> ProblemError:
    """A refusal by its text (models.problems.told); its code is what stands before the slash, where none is named."""
    zh, en = told(text, **values)
    return ProblemError(status, code or Code(text.partition("/")[0]), en, problems, headers, zh)


def problem_response(error: ProblemError, lang: Lang = Lang.EN) -> Response:
    """`errors` holds path, code and message of each problem; `code` says in one word what to do about the whole.

    `help` is where the code is explained; that of each of `errors` is at the same place.
    """
    body = problem_wire(error, lang)
    headers = {**error.headers, **language_headers(lang)}
    return Response(orjson.dumps(body), error.status, headers, CONTENT_TYPE)


def problem_wire(error: ProblemError, lang: Lang) -> dict[str, Any]:
    """The body of a refusal."""
    title = MEANINGS[error.code].title
    body: dict[str, Any] = {
        "type": f"urn:feilian:problem:{error.code}",
        "title": title.zh if lang is Lang.ZH else title.en,
        "status": error.status,
        "detail": error.say(lang),
        "code": str(error.code),
        "help": f"{HELP}/{error.code}",
    }
    if error.problems:
        body["errors"] = [problem.wire(lang) for problem in error.problems]
    return body


def not_found(what: str) -> ProblemError:
    """The same for what is not there and for what the asker may not see."""
    return refused(404, "not_found", what=what)


def unavailable(reason: str) -> ProblemError:
    """Nothing was promised; the same request may be sent again."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return ProblemError(503, Code.UNAVAILABLE, reason, headers=headers)


def as_problem(error: ProblemError | LedgerUnavailable | NotForThisLedger) -> ProblemError:
    """An error that a route may raise on purpose, as a problem."""
    return error if isinstance(error, ProblemError) else unavailable(str(error))


def install(app: FastAPI) -> None:
    """Make every error of this application a problem+json, in the language that was asked for."""

    @app.exception_handler(ProblemError)
    async def on_problem(request: Request, error: ProblemError) -> Response:
        return problem_response(error, spoken(request))

    @app.exception_handler(LedgerUnavailable)
    async def on_unavailable(request: Request, error: LedgerUnavailable) -> Response:
        return problem_response(unavailable(str(error)), spoken(request))

    @app.exception_handler(NotForThisLedger)
    async def on_no_ledger(request: Request, error: NotForThisLedger) -> Response:
        return problem_response(unavailable(str(error)), spoken(request))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "OPTIONS":
            return options(request)
        return problem_response(_of_http(request, error), spoken(request))

    @app.exception_handler(RequestValidationError)
    async def on_parameters(request: Request, error: RequestValidationError) -> Response:
        found = [_parameter(detail) for detail in error.errors()]
        return problem_response(refused(422, "invalid/parameters", found), spoken(request))

    @app.exception_handler(Exception)
    async def on_bug(request: Request, _error: Exception) -> Response:
        return problem_response(refused(500, "internal"), spoken(request))


def _of_http(request: Request, error: HTTPException) -> ProblemError:
    """What Starlette raises itself: no such address, no such method."""
    if error.status_code == HTTPStatus.NOT_FOUND:
        return refused(404, "not_found/route", (), error.headers)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(allowed(request))}
        return refused(405, "method_not_allowed", (), headers, method=request.method)
    code = _BY_STATUS.get(error.status_code, Code.INVALID)
    return ProblemError(error.status_code, code, str(error.detail).lower(), headers=error.headers)


def _parameter(detail: Any) -> Problem:
    """A parameter that pydantic refuses, in our words; the code of all of them is `invalid`."""
    where, *steps = detail["loc"]
    return replace(about_value(json_path(steps, str(where)), detail), code=Code.INVALID)
