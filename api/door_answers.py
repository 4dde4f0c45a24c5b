"""What the door answers: receipts, results of facts that were decided one by one, or the refusal of all. For api.door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import orjson
from starlette.responses import Response

from api.prefer import Wishes
from api.problems import ProblemError, refused
from api.spoken import language_headers
from models.language import Lang
from models.problems import Code, Problem
from streams.fact_problems import PROBLEMS_MAX
from streams.ledger_types import Outcome, Proceeded, Receipt, Refused

PATH: Final = "/v1/facts"
Result = Receipt | Refused


def refusal(problems: Sequence[Problem]) -> ProblemError:
    """Nothing was accepted, for these reasons."""
    return refused(422, "refused", problems, code=Code(problems[0].code.value), count=len(problems))


def answer(outcome: Outcome, many: bool, wishes: Wishes, lang: Lang) -> Response:
    """201 with a receipt for each fact; ProblemError 409 or 422 where none was accepted."""
    if isinstance(outcome, Refused):
        error = refusal([found if many else _alone(found) for found in outcome.problems])
        if outcome.conflict:
            error.status, error.code = 409, Code.EVENT_ID_REUSED
        raise error
    body: dict[str, Any] = {"receipts": [receipt.wire(lang) for receipt in outcome.receipts]}
    headers = _headers(outcome.receipts, wishes, lang)
    if not many and not wishes.dry_run:
        headers["Location"] = f"{PATH}/{outcome.receipts[0].seq}"
    return _response(201, body, wishes, headers)


def answer_each(results: Sequence[Result], wishes: Wishes, lang: Lang) -> Response:
    """201 where all were accepted, 200 where some were; ProblemError 422 where none was. In the order of the facts."""
    receipts = [told for told in results if isinstance(told, Receipt)]
    if not receipts:
        raise refusal([found for told in results if isinstance(told, Refused) for found in told.problems])
    body = {
        "accepted": len(receipts),
        "refused": len(results) - len(receipts),
        "results": [_result(told, lang) for told in results],
    }
    headers = _headers(receipts, wishes, lang)
    if len(receipts) < len(results):
        headers.update(language_headers(lang))
    return _response(201 if len(receipts) == len(results) else 200, body, wishes, headers)


def merged(read: Sequence[Any], outcome: Outcome | None) -> list[Result]:
    """Every fact's own result: `read` has the problems of those that were not read, `outcome` what became of the rest.

    Of each fact one problem is told, and of all together a thousand, as in a refusal.
    """
    decided = iter(outcome.results if isinstance(outcome, Proceeded) else ())
    results: list[Result] = []
    room = PROBLEMS_MAX
    for place, found in enumerate(read):
        if not isinstance(found, tuple):
            results.append(_at(next(decided), place))
            continue
        shown = found[: max(room, 1)]
        room -= len(shown)
        results.append(Refused(tuple(problem.under(f"$[{place}]") for problem in shown)))
    return results


def _at(result: Result, place: int) -> Result:
    """Paths of a fact that was decided among the good ones only, at its place in the body."""
    if isinstance(result, Receipt):
        return result
    return Refused(
        tuple(
            replace(problem, path=f"$[{place}]" + problem.path.partition("]")[2])
            for problem in result.problems
        )
    )


def _result(told: Result, lang: Lang) -> dict[str, Any]:
    if isinstance(told, Receipt):
        receipt = told.wire(lang)
        return {"status": receipt["status"], "receipt": receipt}
    return {"status": "refused", "errors": [problem.wire(lang) for problem in told.problems]}


def _headers(receipts: Sequence[Receipt], wishes: Wishes, lang: Lang) -> dict[str, str]:
    headers = {"Preference-Applied": wishes.applied} if wishes.applied else {}
    if any(receipt.warnings for receipt in receipts):
        headers.update(language_headers(lang))
    return headers


def _response(status: int, body: dict[str, Any], wishes: Wishes, headers: dict[str, str]) -> Response:
    if wishes.dry_run:
        body["dry_run"] = True
    return Response(orjson.dumps(body), status, headers, "application/json")


def _alone(found: Problem) -> Problem:
    """A fact that was not sent in an array is the root itself."""
    return replace(found, path="$" + found.path.removeprefix("$[0]"))
