"""Ready-made HTTP requests of simulated facts: single ones and batches, each with a key whose role may state it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice

import orjson

from deploy.simulator import Said
from models.facts import Role
from streams.keys import create_key
from streams.ledger import Ledger
from tests.facts import Wire

BATCH_FACTS = 100
Tokens = Mapping[Role, str]


def keys_for(ledger: Ledger, said: Iterable[Said]) -> Tokens:
    """One key for each role: of the first organisation that has it."""
    orgs: dict[Role, str] = {}
    for fact in said:
        orgs.setdefault(fact.role, fact.stated_by)
    return {role: create_key(ledger.databases, org, role, "benchmark")[1] for role, org in orgs.items()}


def anew(said: list[Said], first: int) -> Iterator[tuple[Role, Wire]]:
    """The facts over and over, each time under other ids. Corrections are left out: they need their original's stater."""
    plain = [fact for fact in said if "correct" not in fact.wire["kind"]]
    for number in count(first):
        fact = plain[number % len(plain)]
        yield fact.role, {**fact.wire, "event_id": f"01900000-0000-7000-8000-{number:012x}"}


def single_posts(said: list[Said], tokens: Tokens, first: int, facts: int) -> list[bytes]:
    """So many requests with one fact each."""
    return [request(tokens[role], wire) for role, wire in islice(anew(said, first), facts)]


def batch_posts(said: list[Said], tokens: Tokens, first: int, batches: int) -> list[bytes]:
    """So many requests with a hundred facts each."""
    waiting: dict[Role, list[Wire]] = defaultdict(list)
    posts: list[bytes] = []
    for role, wire in anew(said, first):
        waiting[role].append(wire)
        if len(waiting[role]) == BATCH_FACTS:
            posts.append(request(tokens[role], waiting.pop(role)))
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
