"""Every answer that is not a success, as RFC 9457 problem+json; raised as `ProblemError`, or made from what others raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from models.errors import LedgerUnavailable, NotForThisLedger
from models.problems import Code, Problem, json_path

CONTENT_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 2
_BY_STATUS: Final = {
    400: Code.INVALID,
    401: Code.UNAUTHENTICATED,
    403: Code.FORBIDDEN,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
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
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.problems = problems
        self.headers = dict(headers or {})


def problem_response(error: ProblemError) -> Response:
    """`errors` holds path, code and message of each problem; `code` says in one word what to do about the whole."""
    body: dict[str, Any] = {
        "type": f"urn:feilian:problem:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.detail,
        "code": str(error.code),
    }
    if error.problems:
        body["errors"] = [problem.wire() for problem in error.problems]
    return Response(orjson.dumps(body), error.status, error.headers, CONTENT_TYPE)


def not_found(what: str) -> ProblemError:
    """The same for what is not there and for what the asker may not see."""
    return ProblemError(404, Code.NOT_FOUND, f"{what} is not there, or not yours to see")


def unavailable(reason: str) -> ProblemError:
    """Nothing was promised; the same request may be sent again."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return ProblemError(503, Code.UNAVAILABLE, reason, headers=headers)


def as_problem(error: ProblemError | LedgerUnavailable | NotForThisLedger) -> ProblemError:
    """An error that a route may raise on purpose, as a problem."""
    return error if isinstance(error, ProblemError) else unavailable(str(error))


def install(app: FastAPI) -> None:
    """Make every error of this application a problem+json."""

    @app.exception_handler(ProblemError)
    async def on_problem(_request: Request, error: ProblemError) -> Response:
        return problem_response(error)

    @app.exception_handler(LedgerUnavailable)
    async def on_unavailable(_request: Request, error: LedgerUnavailable) -> Response:
        return problem_response(unavailable(str(error)))

    @app.exception_handler(NotForThisLedger)
    async def on_no_ledger(_request: Request, error: NotForThisLedger) -> Response:
        return problem_response(unavailable(str(error)))

    @app.exception_handler(HTTPException)
    async def on_http(_request: Request, error: HTTPException) -> Response:
        code = _BY_STATUS.get(error.status_code, Code.INVALID)
        found = ProblemError(error.status_code, code, str(error.detail).lower(), headers=error.headers)
        return problem_response(found)

    @app.exception_handler(RequestValidationError)
    async def on_parameters(_request: Request, error: RequestValidationError) -> Response:
        found = [_parameter(detail) for detail in error.errors()]
        return problem_response(ProblemError(422, Code.INVALID, "parameters are not valid", found))

    @app.exception_handler(Exception)
    async def on_bug(_request: Request, _error: Exception) -> Response:
        return problem_response(ProblemError(500, Code.INTERNAL, "something is wrong on our side"))


def _parameter(detail: Any) -> Problem:
    where, *steps = detail["loc"]
    return Problem(json_path(steps, str(where)), Code.INVALID, str(detail["msg"])[:300].lower())
