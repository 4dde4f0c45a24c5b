"""POST /v1/import/national and /v1/import/emanifest: documents of other systems, reported first, stated on demand.

Nothing is overwritten: a manifest that says something else than a fact in force is held back as a whole, and the conflict
told. What is stated is stated by the importer, in its role, for its own side, under ids that follow from the document, so
that the same import twice adds nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar

import orjson
from fastapi import APIRouter, Body, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.answers.interchange import ImportReport
from api.auth import stater, with_scope
from api.described import plain_route
from api.door import _body as body_of
from api.door import _check_content_type as check_content_type
from api.door import own_side
from api.importing import (
    MANIFESTS_MAX,
    Found,
    Importing,
    judge,
    parsed,
    read_emanifest,
    read_national,
    report,
)
from api.parts import Parts, parts_of
from api.problems import ProblemError
from api.views.register import KnownNames
from models.access import Scope
from models.interchange import emanifest, national
from models.interchange.emanifest_schema import Emanifest
from models.problems import Code, Problem
from streams.keys import Holder
from streams.ledger_types import Refused, Submission
from streams.own_side import OwnSide

router = APIRouter(prefix="/v1")
Mode = Literal["report", "state"]
_MODES: Final = ("report", "state")


_Read = Callable[[Importing, Any], list[Found]]
_D = TypeVar("_D")
_Several = Annotated[list[_D], Field(min_length=1, max_length=MANIFESTS_MAX)]


class NationalImport(BaseModel):
    """Manifests in the national system's field names, as docs/interchange.md lists them."""

    manifests: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MANIFESTS_MAX)]


class EmanifestImport(BaseModel):
    """EPA e-Manifest documents, and the tables that say what their sites, carriers and codes are here."""

    manifests: Annotated[list[Emanifest], Field(min_length=1, max_length=MANIFESTS_MAX)]
    tables: emanifest.Tables = emanifest.Tables()


async def _importer(request: Request) -> Holder:
    """The holder of a bearer key with the scope to state facts; a cookie is not enough for what may write."""
    return with_scope(await stater(request), Scope.FACTS_WRITE)


_Importer = Annotated[Holder, Depends(_importer)]
_Mode = Annotated[Mode, Query(description="`report` says what would be stated; `state` states it.")]


def _national(
    _holder: _Importer,
    body: Annotated[NationalImport | _Several[dict[str, Any]] | dict[str, Any], Body()],
    mode: _Mode = "report",
) -> ImportReport:
    """Import manifests in the national system's field names: a report, or the missing facts of one's own side stated.

    A single manifest, or an array of them, may also be sent bare. Amounts are text or numbers; jldw says the unit.
    """
    raise AssertionError(body, mode)  # Only its signature is used.


def _emanifest(
    _holder: _Importer,
    body: Annotated[EmanifestImport | _Several[Emanifest] | Emanifest, Body()],
    mode: _Mode = "report",
) -> ImportReport:
    """Import EPA e-Manifest documents (schema 1.3): a report, or the missing facts of one's own side stated.

    A single document, or an array of them, may also be sent bare: without tables it is only reported on.
    """
    raise AssertionError(body, mode)  # Only its signature is used.


async def import_national(request: Request) -> Response:
    """The handler of the national import."""
    return await _answered(request, national.SOURCE, read_national)


async def import_emanifest(request: Request) -> Response:
    """The handler of the EPA import."""
    return await _answered(request, emanifest.SOURCE, read_emanifest)


async def _answered(request: Request, source: str, read: _Read) -> Response:
    holder = await _importer(request)
    mode = request.query_params.get("mode", "report")
    if mode not in _MODES:
        wrong = Problem("query.mode", Code.NOT_ONE_OF, 'mode is "report" or "state"')
        raise ProblemError(422, Code.NOT_ONE_OF, "parameters are not valid", [wrong])
    check_content_type(request)
    parts = parts_of(request)
    value = parsed(await body_of(request, parts.settings))
    own = await own_side(parts, holder)
    found = await asyncio.to_thread(_found, request, holder, own, source, read, value)
    receipts = await _stated(parts, holder, found) if mode == "state" else []
    return Response(orjson.dumps(report(mode, source, found, receipts)), media_type="application/json")


def _found(
    request: Request, holder: Holder, own: OwnSide, source: str, read: _Read, value: Any
) -> list[Found]:
    parts = parts_of(request)
    about = Importing(parts.ledger, holder, own, KnownNames.of(request), parts.settings.national_names)
    found = read(about, value)
    judge(about, source, found)
    return found


async def _stated(parts: Parts, holder: Holder, found: Sequence[Found]) -> list[dict[str, Any]]:
    facts = [fact for one in found for fact in one.to_state]
    if not facts:
        return []
    if len(facts) > parts.settings.batch_facts_max:
        message = f"{len(facts)} facts would be stated, at most {parts.settings.batch_facts_max} are at once"
        raise ProblemError(422, Code.TOO_MANY_FACTS, message)
    outcome = await parts.acceptor.submit(Submission(holder.org, facts, role=holder.role))
    if isinstance(outcome, Refused):
        status, code = (
            (409, Code.EVENT_ID_REUSED) if outcome.conflict else (422, Code(outcome.problems[0].code.value))
        )
        raise ProblemError(status, code, "nothing was stated", outcome.problems)
    return [receipt.wire() for receipt in outcome.receipts]


_REFUSALS: Final[dict[int | str, Any]] = {
    status: {} for status in (400, 401, 403, 408, 409, 413, 415, 422, 503)
}
for _name, _handler, _signature in (
    ("national", import_national, _national),
    ("emanifest", import_emanifest, _emanifest),
):
    router.routes.append(
        plain_route(
            f"/v1/import/{_name}",
            _handler,
            _signature,
            methods=["POST"],
            name=f"import_{_name}",
            operation_id=f"import_{_name}",
            responses=_REFUSALS,
        )
    )
