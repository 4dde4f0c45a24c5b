"""An upload taken in: its bytes go into the database as they come, and it is read from there. Used by API and page."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Final
from uuid import uuid4

from api.bulk.columns import KINDS
from api.bulk.store import PIECE_BYTES, Part, State, Upload, Uploads
from api.bulk.tables import CSV, XLSX
from api.bulk.templates import kinds_for
from api.bulk.told import told
from api.problems import ProblemError, refused
from api.words import Lang
from models.access import RegulatorKind
from models.facts.base import Role
from models.problems import Code
from models.settings import Settings
from streams.clock import local_now
from streams.keys import Holder

_ZIP: Final = b"PK\x03\x04"
_NAME_CHARS_MAX: Final = 200
_CLOSE: Final = {"Connection": "close"}


def may_upload(holder: Holder) -> bool:
    """Whether there is a kind of fact on a sheet that this role may state."""
    return bool(kinds_for(holder.role))


async def take_in(
    store: Uploads,
    settings: Settings,
    holder: Holder,
    chunks: AsyncIterator[bytes],
    name: str,
    kind: str | None,
    lang: Lang,
    dry_run: bool,
) -> Upload:
    """A file as it arrives, to be read by a worker; ProblemError for what is too large, too slow, empty, or one too many."""
    await _check_room(store, settings, holder)
    upload = _new(holder, name, kind, lang, dry_run)
    await asyncio.to_thread(store.begin, upload)
    try:
        async with asyncio.timeout(settings.upload_seconds_max):
            size, digest = await _receive(store, upload, chunks, settings.upload_bytes_max)
    except TimeoutError:
        await asyncio.to_thread(store.forget, upload.upload_id)
        raise refused(408, "body_too_slow", (), _CLOSE, seconds=settings.upload_seconds_max) from None
    except BaseException:
        await asyncio.to_thread(store.forget, upload.upload_id)
        raise
    await asyncio.to_thread(store.received, upload.upload_id, size, digest)
    found = await asyncio.to_thread(store.find, upload.upload_id, holder.org)
    assert found is not None
    return found


async def _check_room(store: Uploads, settings: Settings, holder: Holder) -> None:
    waiting = await asyncio.to_thread(store.waiting, holder.org)
    if waiting >= settings.uploads_waiting_max:
        problem = told("$", Code.TOO_MANY_UPLOADS, "waiting", most=settings.uploads_waiting_max)
        headers = {**_CLOSE, "Retry-After": "30"}
        raise ProblemError(429, Code.TOO_MANY_UPLOADS, problem.message, (), headers, problem.zh)


def _bounds(holder: Holder) -> dict[str, str]:
    """What a regulator may state depends on them."""
    if holder.role is not Role.REGULATOR:
        return {}
    regulator = holder.regulator or RegulatorKind.ENVIRONMENT
    return {"regulator": regulator.value, "region": holder.region}


def _new(holder: Holder, name: str, kind: str | None, lang: Lang, dry_run: bool) -> Upload:
    shown = "".join(letter for letter in name if letter.isprintable())[:_NAME_CHARS_MAX].strip()
    return Upload(
        upload_id=str(uuid4()),
        org=holder.org,
        role=holder.role,
        stated={"key_id": holder.key_id, "name": holder.name, "via": holder.via, **_bounds(holder)},
        name=shown,
        format=XLSX,
        kind=kind if kind in KINDS else None,
        lang=lang,
        dry_run=dry_run,
        state=State.RECEIVING,
        size_bytes=0,
        created_at=local_now(),
        ended_at=None,
        groups_done=0,
        rows_total=0,
        rows_read=0,
        facts_accepted=0,
        facts_known=0,
        facts_refused=0,
        facts_repeated=0,
        warnings=0,
        told=[],
    )


async def _receive(
    store: Uploads, upload: Upload, chunks: AsyncIterator[bytes], limit: int
) -> tuple[int, bytes]:
    """Everything, a piece at a time; the format is told by the first bytes, whatever anybody calls it."""
    waiting, size, ordinal, digest = bytearray(), 0, 0, hashlib.sha256()
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise refused(413, "body_too_large", (), _CLOSE, most=limit)
        digest.update(chunk)
        waiting += chunk
        while len(waiting) >= PIECE_BYTES:
            await _put(store, upload, ordinal, bytes(waiting[:PIECE_BYTES]))
            ordinal += 1
            del waiting[:PIECE_BYTES]
    if waiting:
        await _put(store, upload, ordinal, bytes(waiting))
    if not size:
        problem = told("$", Code.EMPTY_FILE, "empty")
        raise ProblemError(422, Code.EMPTY_FILE, problem.message, zh=problem.zh)
    return size, digest.digest()


async def _put(store: Uploads, upload: Upload, ordinal: int, piece: bytes) -> None:
    if ordinal == 0 and not piece.startswith(_ZIP):
        await asyncio.to_thread(store.set_format, upload.upload_id, CSV)
    await asyncio.to_thread(store.put, upload.upload_id, Part.FILE, ordinal, piece)
