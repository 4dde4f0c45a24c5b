"""Ready-made HTTP requests of simulated facts: single ones and batches, each with a key of who states it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice
from typing import Final

import orjson

from deploy.simulator import Said
from models.facts import Role
from streams.keys import create_key
from streams.ledger import Ledger
from tests.facts import FACILITY_ORG, Wire

BATCH_FACTS = 100
Who = tuple[Role, str]  # A role, and the organisation that speaks in it.
Tokens = Mapping[Who, str]
# What one key may send is bounded; a bench asks for what all keys may.
UNLIMITED: Final = {
    f"FEILIAN_{name}": "1000000"
    for name in ("REQUESTS_PER_SECOND", "REQUESTS_BURST", "FACTS_PER_SECOND", "FACTS_BURST")
}


def keys_for(ledger: Ledger, said: Iterable[Said]) -> Tokens:
    """A key for everybody who states something, and for the facility of the tests."""
    who = dict.fromkeys([(fact.role, fact.stated_by) for fact in said] + [(Role.FACILITY, FACILITY_ORG)])
    return {(role, org): create_key(ledger.databases, org, role, "benchmark")[1] for role, org in who}


def anew(said: list[Said], first: int) -> Iterator[tuple[Who, Wire]]:
    """The facts over and over, each time under other ids. Corrections are left out: they need their original's stater."""
    plain = [fact for fact in said if "correct" not in fact.wire["kind"]]
    for number in count(first):
        fact = plain[number % len(plain)]
        yield (fact.role, fact.stated_by), {**fact.wire, "event_id": f"01900000-0000-7000-8000-{number:012x}"}


def single_posts(said: list[Said], tokens: Tokens, first: int, facts: int) -> list[bytes]:
    """So many requests with one fact each."""
    return [request(tokens[who], wire) for who, wire in islice(anew(said, first), facts)]


def batch_posts(said: list[Said], tokens: Tokens, first: int, batches: int) -> list[bytes]:
    """So many requests with a hundred facts each."""
    waiting: dict[Who, list[Wire]] = defaultdict(list)
    posts: list[bytes] = []
    for who, wire in anew(said, first):
        waiting[who].append(wire)
        if len(waiting[who]) == BATCH_FACTS:
            posts.append(request(tokens[who], waiting.pop(who)))
            if len(posts) == batches:
                break
    return posts


def request(token: str, body: Wire | list[Wire]) -> bytes:
    """POST /v1/facts with this body."""
    data = orjson.dumps(body)
    head = (
        "POST /v1/facts HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {token}\r\ncontent-length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data
