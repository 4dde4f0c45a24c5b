"""批量填报: fetch a template, send it filled in, see how far it is, fetch the same file back. For whoever states facts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from python_multipart.exceptions import FormParserError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.types import Message

from api.bulk.store import Part, State, Upload, Uploads
from api.bulk.taking import may_upload, take_in
from api.bulk.templates import ALL, groups_for, kinds_for
from api.pages.access import NoRight, NotLoggedIn, NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.frame import HEADERS, Frame, fragment, page
from api.parts import parts_of
from api.problems import ProblemError, refused
from api.sessions import holder_of
from api.uploads import result_response, row_problems
from api.words import Lang
from models.access import Scope
from models.settings import Settings
from streams.keys import Holder

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_CHUNK: Final = 256 * 1024
_SHOWN_MAX: Final = 100
_PIECES_MAX: Final = 400
# A form is a little longer than the file in it.
_FORM_MORE_BYTES: Final = 64 * 1024


def _who(request: Request) -> tuple[Frame, Holder]:
    """The frame and the holder of somebody who may state facts; NoRight for others. Blocks."""
    frame, holder = frame_of(request), holder_of(request)
    if holder is None:
        raise NotLoggedIn
    if Scope.FACTS_WRITE not in holder.scopes or not may_upload(holder):
        raise NoRight
    return frame, holder


def _store(request: Request) -> Uploads:
    return parts_of(request).uploads.store


@router.get("/uploads")
def uploads(request: Request) -> Response:
    """Templates, the form, and what was sent before."""
    frame, holder = _who(request)
    return _shown(frame, holder)


def _shown(frame: Frame, holder: Holder, wrong: str = "", status: int = 200) -> Response:
    desk, _ = desk_and_viewer(frame)
    return page(
        frame,
        "uploads.html",
        status=status,
        pulse=desk.pulse(),
        role=holder.role.value,
        groups=[(group, kinds_for(holder.role, group)) for group in (ALL, *groups_for(holder.role))],
        kinds=kinds_for(holder.role),
        latest=_store(frame.request).latest(holder.org),
        wrong=wrong,
        most_mib=parts_of(frame.request).settings.upload_bytes_max // 2**20,
        most_rows=parts_of(frame.request).settings.upload_rows_max,
    )


@router.post("/uploads")
async def send(request: Request) -> Response:
    """A file from the form; then to the page on which it is followed. What is wrong is told beside the form."""
    frame, holder = await run_in_threadpool(_who, request)
    try:
        found = await _taken(request, frame, holder)
    except ProblemError as error:
        words = error.say(frame.lang)
        return await run_in_threadpool(_shown, frame, holder, words, error.status)
    parts_of(request).uploads.wake()
    return RedirectResponse(f"/uploads/{found.upload_id}", 303, HEADERS)


async def _taken(request: Request, frame: Frame, holder: Holder) -> Upload:
    settings = parts_of(request).settings
    bounded = Request(request.scope, _bounded(request, settings))
    try:
        async with asyncio.timeout(settings.upload_seconds_max):
            form = await bounded.form(max_files=1, max_fields=10)
    except TimeoutError:
        raise refused(408, "body_too_slow", seconds=settings.upload_seconds_max) from None
    except (HTTPException, FormParserError):
        raise refused(422, "empty_file") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise refused(422, "empty_file")
        kind, dry_run = str(form.get("kind", "")), form.get("dry_run") == "1"
        return await take_in(
            _store(request), settings, holder, _chunks(file), file.filename, kind or None, frame.lang, dry_run
        )
    finally:
        await form.close()


def _bounded(request: Request, settings: Settings) -> Any:
    """What is received of a form, no more of it than a file may have: the parser would write the rest to disk."""
    left = settings.upload_bytes_max + _FORM_MORE_BYTES

    async def receive() -> Message:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise refused(413, "body_too_large", (), {"Connection": "close"}, most=settings.upload_bytes_max)
        return message

    return receive


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk


@router.get("/uploads/{upload_id}")
def upload(request: Request, upload_id: str) -> Response:
    """One upload: how far it is, what became of its rows, and what is wrong with the first of them."""
    frame, holder = _who(request)
    desk, _ = desk_and_viewer(frame)
    found = _found(request, holder, upload_id)
    return page(frame, "upload.html", pulse=desk.pulse(), **_told(frame, found))


@router.get("/fragments/uploads/{upload_id}")
def progress(request: Request, upload_id: str) -> Response:
    """The same anew, asked for every second until it is over."""
    frame, holder = _who(request)
    return fragment(frame, "parts/upload.html", **_told(frame, _found(request, holder, upload_id)))


def _found(request: Request, holder: Holder, upload_id: str) -> Upload:
    found = _store(request).find(upload_id[:36], holder.org)
    if found is None or found.state is State.RECEIVING:
        raise NotThere
    return found


def _told(frame: Frame, found: Upload) -> dict[str, Any]:
    problems = _first_problems(frame, found) if found.is_over and found.facts_refused else []
    zh = frame.lang is Lang.ZH
    told = [{**each, "words": each["zh"] if zh and each["zh"] else each["message"]} for each in found.told]
    return {"u": found, "told": told, "problems": problems, "shown_max": _SHOWN_MAX}


def _first_problems(frame: Frame, found: Upload) -> list[Any]:
    shown: list[Any] = []
    pieces = _store(frame.request).pieces(found.upload_id, Part.OUTCOMES)
    for _, piece in zip(range(_PIECES_MAX), pieces, strict=False):
        shown += row_problems(piece, frame.lang)[0]
        if len(shown) >= _SHOWN_MAX:
            break
    return shown[:_SHOWN_MAX]


@router.post("/uploads/{upload_id}/cancel")
def cancel(request: Request, upload_id: str) -> Response:
    """Stop reading it."""
    _, holder = _who(request)
    found = _found(request, holder, upload_id)
    _store(request).cancel(found.upload_id, holder.org)
    return RedirectResponse(f"/uploads/{found.upload_id}", 303, HEADERS)


@router.get("/uploads/{upload_id}/result")
def result(request: Request, upload_id: str) -> Response:
    """The same file back."""
    _, holder = _who(request)
    found = _found(request, holder, upload_id)
    if found.state is not State.DONE:
        raise NotThere
    return result_response(_store(request), found)
