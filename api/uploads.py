"""Templates and uploads over HTTP: fetch a template, send it filled in, watch it being read, fetch the same file back."""

from __future__ import annotations

from typing import Annotated, Any, Final, cast
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.responses import StreamingResponse

from api.answers.basics import Words
from api.answers.uploads import RowProblem, RowProblems, Template, TemplateKind, Templates, ToldOfFile
from api.answers.uploads import Upload as UploadWire
from api.answers.uploads import Uploads as UploadsWire
from api.auth import Reader, Stater, granted, with_scope
from api.bulk.columns import KINDS
from api.bulk.store import Part, State, Upload
from api.bulk.tables import XLSX
from api.bulk.taking import may_upload, take_in
from api.bulk.templates import ALL, GROUPS, csv_bytes, groups_for, kinds_for, workbook_bytes
from api.bulk.told import told
from api.described import DescribedRoute
from api.parts import parts_of
from api.problems import ProblemError, not_found
from api.spoken import spoken
from api.words import WORDS, Lang
from models.access import Scope
from models.canonical import sha256
from models.exact import format_instant
from models.facts import Role
from models.language import Both
from models.problems import Code
from streams.keys import Holder

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE: Final = "text/csv; charset=utf-8"
_TAKEN: Final = frozenset(
    {
        XLSX_TYPE,
        "text/csv",
        "text/plain",
        "text/tab-separated-values",
        "application/csv",
        "application/vnd.ms-excel",  # What Windows calls a .csv.
        "application/octet-stream",
    }
)
_Id = Annotated[str, Path(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
_PROBLEMS_MAX: Final = 500
_PIECES_MAX: Final = 50


async def _uploader(holder: Stater) -> Holder:
    """A key that may state facts: never by the cookie of a page, since this writes."""
    return _may(with_scope(holder, Scope.FACTS_WRITE))


def _may(holder: Holder) -> Holder:
    if not may_upload(holder):
        raise _problem(403, Code.FORBIDDEN, "nothing", role=_role(holder.role))
    return holder


def _role(role: Role) -> Both:
    return Both(*WORDS[f"role.{role}"])


def _problem(status: int, code: Code, key: str, **values: object) -> ProblemError:
    """A refusal with the words of this part."""
    found = told("$", code, key, **values)
    return ProblemError(status, code, found.message, zh=found.zh)


Uploader = Annotated[Holder, Depends(_uploader)]
Follower = Annotated[Holder, Depends(granted(Scope.FACTS_WRITE))]


# Templates


@router.get("/templates")
def templates(_holder: Reader, role: Role | None = None) -> Templates:
    """The templates there are, by role and group of facts; every kind also as a CSV of its own."""
    wanted = [role] if role is not None else [each for each in Role if kinds_for(each)]
    return {
        "templates": [
            _template(each, group) for each in wanted for group in (ALL, *groups_for(each)) if kinds_for(each)
        ]
    }


def _template(role: Role, group: str) -> Template:
    query = "" if group == ALL else f"?group={group}"
    kinds: list[TemplateKind] = [
        {"kind": kind, "words": _words(kind), "csv": f"/v1/templates/{kind}.csv"}
        for kind in kinds_for(role, group)
    ]
    return {
        "role": role.value,
        "group": group,
        "words": _words(f"bulk.group.{group}"),
        "xlsx": f"/v1/templates/{role.value}.xlsx{query}",
        "kinds": kinds,
    }


def _words(key: str) -> Words:
    zh, en = WORDS[key]
    return {"zh": zh, "en": en}


@router.get("/templates/{role}.xlsx", response_class=Response)
def template_xlsx(request: Request, _holder: Reader, role: Role, group: str = ALL) -> Response:
    """A workbook to fill in: a sheet a kind, with explanations, an example and pick lists."""
    kinds = kinds_for(role, group) if group == ALL or group in GROUPS else ()
    if not kinds:
        raise not_found(f'template "{role}/{group[:40]}"')
    zh = f"{WORDS[f'role.{role}'][0]}-{WORDS[f'bulk.group.{group}'][0]}"
    return _file(request, workbook_bytes(kinds), XLSX_TYPE, f"{role}-{group}.xlsx", f"{zh}.xlsx")


@router.get("/templates/{kind}.csv", response_class=Response)
def template_csv(request: Request, _holder: Reader, kind: str) -> Response:
    """A CSV of one kind to fill in, in UTF-8 with the mark that Excel needs."""
    if kind not in KINDS:
        raise not_found(f'template "{kind[:40]}"')
    return _file(request, csv_bytes(kind), CSV_TYPE, f"{kind}.csv", f"{WORDS[kind][0]}.csv")


def _file(request: Request, body: bytes, media: str, name: str, zh: str) -> Response:
    tag = f'"{sha256(body).hex()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", **attachment(name, zh)}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media, headers=headers)


def attachment(name: str, zh: str = "") -> dict[str, str]:
    """The header that has a browser keep a file, under its Chinese name where it knows how."""
    plain = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in name
    )
    told_name = f"; filename*=UTF-8''{quote(zh or name, safe='')}"
    return {"Content-Disposition": f'attachment; filename="{plain or "file"}"{told_name}'}


# Uploads


@router.post(
    "/uploads",
    status_code=202,
    response_description="The file is here, and will be read.",
    responses={408: {}, 413: {}, 415: {}, 429: {}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                media: {"schema": {"type": "string", "format": "binary"}} for media in (XLSX_TYPE, "text/csv")
            },
        }
    },
)
async def upload(
    request: Request,
    holder: Uploader,
    name: Annotated[str, Query(max_length=200, description="What the file is called.")] = "",
    kind: Annotated[
        str | None,
        Query(
            max_length=40,
            description="What facts a CSV holds whose headings do not say so.",
            json_schema_extra={"enum": list(KINDS)},
        ),
    ] = None,
    lang: Annotated[Lang, Query(description="The language of the result.")] = Lang.ZH,
    dry_run: Annotated[bool, Query(description="Check everything, state nothing.")] = False,
) -> UploadWire:
    """A workbook or CSV as the body, as it is. It is read in the background: follow it at its address.

    Every row is stated under an id that follows from what it says: the same file again, or the same file with some rows put
    right, states each fact once.
    """
    parts = parts_of(request)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in _TAKEN:
        raise _problem(415, Code.NOT_A_TABLE, "content_type")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise _problem(415, Code.NOT_A_TABLE, "content_encoding")
    if kind is not None and kind not in KINDS:
        raise _problem(422, Code.UNKNOWN_KIND, "no_such_kind", kind=kind)
    found = await take_in(
        parts.uploads.store, parts.settings, holder, request.stream(), name, kind, lang, dry_run
    )
    parts.uploads.wake()
    headers = {"Location": f"/v1/uploads/{found.upload_id}"}
    answer: Any = Response(
        orjson.dumps(upload_wire(found, spoken(request))), 202, headers, "application/json"
    )
    return cast("UploadWire", answer)


@router.get("/uploads")
def uploads(request: Request, holder: Follower) -> UploadsWire:
    """The organisation's latest uploads, a hundred at most."""
    return {
        "uploads": [
            upload_wire(each, spoken(request)) for each in parts_of(request).uploads.store.latest(holder.org)
        ]
    }


@router.get("/uploads/{upload_id}")
def upload_state(request: Request, holder: Follower, upload_id: _Id) -> UploadWire:
    """How far an upload is, and what became of its facts so far."""
    return upload_wire(_found(request, holder, upload_id), spoken(request))


@router.get("/uploads/{upload_id}/problems")
def upload_problems(
    request: Request,
    holder: Follower,
    upload_id: _Id,
    after: Annotated[int, Query(ge=-1, le=10**9, description="`next` of the page before.")] = -1,
) -> RowProblems:
    """What was wrong or doubtful, cell by cell, in the order of the file; it grows while the file is read."""
    _found(request, holder, upload_id)
    store, lang = parts_of(request).uploads.store, spoken(request)
    problems: list[RowProblem] = []
    warnings: list[RowProblem] = []
    last = after
    for piece in store.pieces(upload_id, Part.OUTCOMES, after):
        last += 1
        wrong, doubtful = row_problems(piece, lang)
        problems, warnings = problems + wrong, warnings + doubtful
        if len(problems) + len(warnings) >= _PROBLEMS_MAX or last - after >= _PIECES_MAX:
            return {"problems": problems, "warnings": warnings, "next": last}
    return {"problems": problems, "warnings": warnings, "next": None}


def row_problems(piece: bytes, lang: Lang) -> tuple[list[RowProblem], list[RowProblem]]:
    """Problems and warnings of one group of rows."""
    wrong: list[RowProblem] = []
    doubtful: list[RowProblem] = []
    for table, _, _, status, _, problems, warnings in orjson.loads(piece):
        wrong += (_row_problem(table, status, each, lang) for each in problems)
        doubtful += (_row_problem(table, status, each, lang) for each in warnings)
    return wrong, doubtful


def _row_problem(table: int, status: str, kept: list[Any], lang: Lang) -> RowProblem:
    row, at, code, path, message, zh = kept
    return {
        "sheet": table + 1,
        "row": row,
        "column": None if at is None else at + 1,
        "status": status,
        "path": path,
        "code": code,
        "message": zh if zh and lang is Lang.ZH else message,
    }


@router.get("/uploads/{upload_id}/result", response_class=Response, responses={409: {}})
def upload_result(request: Request, holder: Follower, upload_id: _Id) -> Response:
    """The same file back: what became of each row in the first column, wrong cells in red."""
    return result_response(parts_of(request).uploads.store, _found(request, holder, upload_id))


def result_response(store: Any, found: Upload) -> Response:
    """The result as a file; ProblemError 409 where there is none yet, or none at all."""
    if found.state is not State.DONE:
        which, code = ("ended", Code.UPLOAD_ENDED) if found.is_over else ("not_ready", Code.UPLOAD_NOT_READY)
        raise _problem(409, code, which)
    media = XLSX_TYPE if found.format == XLSX else CSV_TYPE
    stem = found.name.rpartition(".")[0] or found.name or "upload"
    headers = attachment(f"{stem}-result.{found.format}", f"{stem}-处理结果.{found.format}")
    headers |= {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(store.pieces(found.upload_id, Part.RESULT), media_type=media, headers=headers)


@router.delete("/uploads/{upload_id}", responses={409: {}})
def cancel(request: Request, holder: Uploader, upload_id: _Id) -> UploadWire:
    """Stop reading it. What was stated by then stays stated; sent again, the file goes on from there."""
    _found(request, holder, upload_id)
    if not parts_of(request).uploads.store.cancel(upload_id, holder.org):
        raise _problem(409, Code.UPLOAD_ENDED, "ended")
    return upload_wire(_found(request, holder, upload_id), spoken(request))


def _found(request: Request, holder: Holder, upload_id: str) -> Upload:
    found = parts_of(request).uploads.store.find(upload_id, holder.org)
    if found is None or found.state is State.RECEIVING:
        raise not_found(f'upload "{upload_id}"')
    return found


def _told(kept: dict[str, Any], lang: Lang) -> ToldOfFile:
    message = kept["zh"] if lang is Lang.ZH and kept["zh"] else kept["message"]
    return {"sheet": kept["sheet"], "path": kept["path"], "code": kept["code"], "message": message}


def upload_wire(found: Upload, lang: Lang) -> UploadWire:
    """An upload as it is told, in a language."""
    return {
        "upload_id": found.upload_id,
        "name": found.name,
        "format": found.format,
        "kind": found.kind,
        "dry_run": found.dry_run,
        "state": found.state.value,
        "size_bytes": found.size_bytes,
        "created_at": format_instant(found.created_at),
        "ended_at": format_instant(found.ended_at) if found.ended_at is not None else None,
        "rows_read": found.rows_read,
        "rows_total": found.rows_total,
        "permille": found.permille,
        "facts": {
            "accepted": found.facts_accepted,
            "known": found.facts_known,
            "refused": found.facts_refused,
            "repeated": found.facts_repeated,
            "warnings": found.warnings,
        },
        "told": [_told(each, lang) for each in found.told],
        "result": f"/v1/uploads/{found.upload_id}/result" if found.state is State.DONE else None,
    }
