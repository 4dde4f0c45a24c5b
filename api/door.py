"""POST /v1/facts: the only way in. Checks credentials and shape, then waits for the ledger's word (DESIGN D1, D2).

A plain Starlette route, since this is the path that has to carry thousands of requests a second.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final, NoReturn, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Send

from api.auth import stater, too_many, with_scope
from api.door_answers import PATH, answer, answer_each, merged, refusal
from api.fields import field_of
from api.parts import Parts, parts_of
from api.prefer import Wishes, wishes_of
from api.problems import ProblemError, refused
from api.regulators import within_reach
from api.spoken import spoken_in
from models.access import Scope
from models.canonical import read_json
from models.exact import parse_instant
from models.excerpt import cut
from models.facts import EXPORTED, FACT_TYPES
from models.malformed import Malformed
from models.metrics import FACTS_REFUSED
from models.problems import Code, Problem, problem
from models.roles import ROLE_WORDS, may_state
from models.settings import Settings
from streams.fact_problems import PROBLEMS_MAX
from streams.keys import Holder
from streams.ledger_reading import read_fact
from streams.ledger_types import Accepted, Handling, Outcome, Prepared, Receipt, Refused, Submission
from streams.own_side import OwnSide

__all__ = ["PATH", "decide", "decide_each", "lingering", "own_side", "parsed", "post_facts"]

LINGER_SECONDS: Final = 2
LINGER_BYTES: Final = 16 * 1024 * 1024
# Reading a thousand facts takes some fifty milliseconds; others get their turn in between.
_TURN_FACTS: Final = 50


async def post_facts(request: Request) -> Response:
    """One fact, or an array of up to a thousand that are accepted together or not at all, or each for itself."""
    try:
        return await _post(request, parts_of(request))
    except ProblemError as error:
        FACTS_REFUSED.labels(error.problems[0].code if error.problems else error.code).inc()
        raise


async def _post(request: Request, parts: Parts) -> Response:
    holder = with_scope(await stater(request), Scope.FACTS_WRITE)
    _check_content_type(request)
    wishes = wishes_of(request.scope["query_string"], request.headers.getlist("prefer"))
    value = parsed(await _body(request, parts.settings))
    lang = spoken_in(request.scope)
    if seconds := parts.facts.take(holder.key_id, len(value) if isinstance(value, list) else 1):
        raise too_many(seconds, "facts")
    if isinstance(value, list) and wishes.handling is Handling.PROCEED:
        return answer_each(await decide_each(parts, holder, value, wishes), wishes, lang)
    values = value if isinstance(value, list) else [value]
    outcome = await decide(parts, holder, values, wishes, many=isinstance(value, list))
    return answer(outcome, isinstance(value, list), wishes, lang)


async def decide(
    parts: Parts, holder: Holder, values: list[Any], wishes: Wishes, *, many: bool = True
) -> Outcome:
    """All facts together or not at all; ProblemError with all problems where any is not well-formed."""
    read = await _read(parts, holder, values)
    problems: list[Problem] = []
    for place, found in enumerate(read):
        if isinstance(found, tuple) and len(problems) < PROBLEMS_MAX:
            problems += [wrong.under(f"$[{place}]") for wrong in found] if many else found
    if problems:
        raise refusal(problems)
    return await _submit(parts, holder, [found for found in read if isinstance(found, Prepared)], wishes)


async def decide_each(
    parts: Parts, holder: Holder, values: list[Any], wishes: Wishes
) -> list[Receipt | Refused]:
    """Every fact for itself: its receipt, or what is wrong with it."""
    read = await _read(parts, holder, values)
    facts = [found for found in read if isinstance(found, Prepared)]
    return merged(read, await _submit(parts, holder, facts, wishes) if facts else None)


async def _submit(parts: Parts, holder: Holder, facts: list[Prepared], wishes: Wishes) -> Outcome:
    submission = Submission(
        holder.org,
        facts,
        role=holder.role,
        sender=(holder.key_id, holder.via),
        handling=wishes.handling,
        rehearsal=wishes.dry_run,
    )
    outcome = await parts.acceptor.submit(submission)
    if isinstance(outcome, Accepted) and not wishes.dry_run:
        parts.sites.learn(holder.org, facts, outcome.receipts)
    return outcome


def _check_content_type(request: Request) -> None:
    content_type = field_of(request.scope, b"content-type")
    media, _, parameters = content_type.partition(";")
    charset = parameters.replace(" ", "").replace('"', "").lower()
    if media.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise refused(415, "not_json")
    encoding = field_of(request.scope, b"content-encoding", "identity")
    if encoding.lower() != "identity":
        raise refused(415, "not_json/encoding", encoding=cut(encoding))


async def _body(request: Request, settings: Settings) -> bytes:
    return await bounded_body(request, settings.body_bytes_max, settings.body_seconds_max)


async def bounded_body(request: Request, limit: int, seconds: int) -> bytes:
    """The body, never more of it than is allowed: what is too long is not read on, what is too slow not waited for."""
    announced = field_of(request.scope, b"content-length")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    message = await request.receive()
    body = _chunk(message)
    if not message.get("more_body", False):
        return body if len(body) <= limit else _raise(_too_large(limit))
    try:
        async with asyncio.timeout(seconds):
            return await _rest(request, body, limit)
    except TimeoutError:
        close = {"Connection": "close"}
        raise refused(408, "body_too_slow", (), close, seconds=seconds) from None


async def _rest(request: Request, first: bytes, limit: int) -> bytes:
    chunks, size, more = [first], len(first), True
    while more:
        if size > limit:
            raise _too_large(limit)
        message = await request.receive()
        chunks.append(_chunk(message))
        size += len(chunks[-1])
        more = message.get("more_body", False)
    return b"".join(chunks) if size <= limit else _raise(_too_large(limit))


def _chunk(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise refused(400, "bad_json/early")
    return cast("bytes", message.get("body", b""))


def _raise(error: ProblemError) -> NoReturn:
    raise error


def _too_large(limit: int) -> ProblemError:
    return refused(413, "body_too_large", (), {"Connection": "close"}, most=limit)


def lingering(receive: Receive, send: Send) -> Send:
    """A `send` that answers at once, and then throws away for a moment what the sender is still sending.

    A connection that is closed on unread bytes is reset, and the sender never reads why.
    """

    async def answering(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        await send({**message, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                await _throw_away(receive, LINGER_BYTES)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return answering


async def _throw_away(receive: Receive, room: int) -> None:
    while room > 0:
        message = await receive()
        room -= len(message.get("body", b""))
        if not message.get("more_body", False):
            return


def parsed(body: bytes) -> object:
    """The body as strict JSON; ProblemError 400 for anything else."""
    try:
        return read_json(body)
    except Malformed as error:
        code = Code(error.code.value)
        found = Problem(error.path, code, error.message, error.zh)
        raise refused(400, "bad_json/strict", [found], code=code) from None


async def _now(parts: Parts, values: list[Any]) -> int:
    """The ledger's time. A driven one may have been driven on by another process, so it is asked where it matters."""
    ledger = parts.ledger
    if not ledger.opened:
        return await asyncio.to_thread(ledger.now)
    if ledger.meta.driven and _latest(values) > ledger.now():
        await asyncio.to_thread(ledger.look_at_clock)
    return ledger.now()


def _latest(values: list[Any]) -> int:
    found = 0
    for value in values:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            found = max(found, parse_instant(value["occurred_at"]))
    return found


async def own_side(parts: Parts, holder: Holder) -> OwnSide:
    """What looks whether facts are of the holder's own side, by a register of sites that is two seconds old at most."""
    sites = parts.sites
    if not sites.loaded:
        await asyncio.to_thread(sites.refresh)
    elif sites.stale:
        parts.later(sites.refresh)  # Nobody waits for what others may have registered.
    return OwnSide(holder.org, holder.role, sites.owners, holder.regulator, holder.region)


async def _read(parts: Parts, holder: Holder, values: list[Any]) -> list[Prepared | tuple[Problem, ...]]:
    """Every fact of the body, or what is wrong with it."""
    if not values:
        raise refused(422, "empty_batch")
    if len(values) > parts.settings.batch_facts_max:
        raise refused(422, "too_many_facts", most=parts.settings.batch_facts_max, found=len(values))
    own, now = await own_side(parts, holder), await _now(parts, values)
    read: list[Prepared | tuple[Problem, ...]] = []
    for place, value in enumerate(values):
        if place % _TURN_FACTS == _TURN_FACTS - 1:
            await asyncio.sleep(0)
        read.append(_one(value, holder, own, now))
    if any(isinstance(found, Prepared) and found.kind == EXPORTED for found in read):
        return await asyncio.to_thread(within_reach, parts, holder, read)
    return read


def _one(value: Any, holder: Holder, own: OwnSide, now: int) -> Prepared | tuple[Problem, ...]:
    found = read_fact(value, now)
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in FACT_TYPES or may_state(holder.role, kind):
        return own.look(found) if isinstance(found, Prepared) else found
    wrong = problem("$.kind", "role_may_not_state", role=ROLE_WORDS[holder.role], kind=kind)
    return (wrong,) if isinstance(found, Prepared) else (wrong, *found)
