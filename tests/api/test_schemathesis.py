"""Schemathesis over the whole description: right and wrong questions to every operation, and walks along its links.

No check may fail. What the description cannot tell (one parameter against another) is excused by code, never by operation.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.alerts import _cursor
from api.app import create_app
from models.exact import format_instant
from models.examples import example
from models.facts import Role
from models.problems import Code
from tests.pages.province import END, all_facts
from tests.pages.world import World, in_order

# What a schema can tell: refused by one of these, a body or parameter was not as described.
TELLABLE: Final = frozenset(
    {
        Code.UNKNOWN_KIND,
        Code.UNKNOWN_FIELD,
        Code.MISSING,
        Code.WRONG_TYPE,
        Code.BAD_FORMAT,
        Code.NOT_ONE_OF,
        Code.OUT_OF_RANGE,
        Code.WRONG_LENGTH,
        Code.BAD_DATE,
        Code.BAD_MASS,
        Code.BAD_MONEY,
        Code.BAD_JSON,
        Code.NOT_JSON,
        Code.EMPTY_BATCH,
        Code.TOO_MANY_FACTS,
    }
)
ENDLESS: Final = (
    "^/v1/stream$"  # It is answered for as long as somebody listens; tests/api/test_stream.py has it.
)
WALKS: Final = 30
EXAMPLES: Final = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2"))
HURRY: Final[dict[str, Any]] = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.generate],
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A judged province that is tried at; thousands of wrong keys lock nobody out of it."""
    made = World(tmp_path_factory.mktemp("schemathesis"))
    made.post(*in_order(all_facts()))
    made.settle(END)
    yield made
    made.databases.dispose()


def load(world: World) -> Any:
    """The description as served, with ways to make what it calls an instant or a cursor."""
    whole = st.integers(0, 7_000_000_000).map(lambda s: format_instant(s * 1_000_000))
    schemathesis.openapi.format("date-time", whole)
    rows = st.fixed_dictionaries({"raised_at": st.integers(0, 2**50), "alert_id": st.just("0" * 32)})
    schemathesis.openapi.format("cursor", rows.map(_cursor))
    patient = world.settings.model_copy(update={"wrong_secrets_max": 10**9})
    app = create_app(patient, databases=world.databases, ledger=world.ledger)
    return schemathesis.openapi.from_asgi("/openapi.json", app).exclude(path_regex=ENDLESS)


@pytest.fixture(scope="module")
def described(world: World) -> Any:
    """The description, loaded once."""
    return load(world)


def check(case: Any, token: str) -> None:
    """Ask, and hold the answer against every check; a right question may be refused for what no schema can tell."""
    answer = case.call(headers={"Authorization": f"Bearer {token}"})
    case.validate_response(answer, excluded_checks=[positive_data_acceptance])
    if case.meta.generation.mode is GenerationMode.POSITIVE and answer.status_code in (400, 422):
        assert not said(answer) & TELLABLE, f"{answer.text[:500]}\n{case.as_curl_command()}"


def said(answer: Any) -> set[str]:
    """The codes of a refusal, but those about the replacement in a correction."""
    problem = answer.json()
    if "code" not in problem:
        return set()  # The token's door speaks as RFC 6749 asks.
    errors = problem.get("errors", [{"path": "", "code": problem["code"]}])
    return {error["code"] for error in errors if ".replacement" not in error["path"]}


def try_everything(described: Any, token: str, examples: int) -> None:
    """All operations, right and wrong questions to each; tells all that fail."""
    failed: list[str] = []
    for found in described.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            if mode is GenerationMode.NEGATIVE and not (operation.body or any(operation.iter_parameters())):
                continue  # There is nothing that could be wrong.

            @settings(max_examples=examples, **HURRY)
            @given(case=operation.as_strategy(generation_mode=mode))
            def attempt(case: Any) -> None:
                check(case, token)

            try:
                attempt()
            except BaseExceptionGroup as errors:
                failed += [f"{operation.label} {mode.name}: {error}" for error in errors.exceptions]
            except Exception as error:  # noqa: BLE001 - whatever fails is told with the others
                failed.append(f"{operation.label} {mode.name}: {error}")
    assert not failed, "\n\n".join(failed)


def test_no_answer_breaks_the_description(world: World, described: Any) -> None:
    try_everything(described, world.key(Role.REGULATOR), EXAMPLES)


@pytest.mark.bench  # Minutes for each role: a search, not a check of every change.
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("role", [Role.REGULATOR, Role.PRODUCER, Role.FACILITY])
def test_no_answer_breaks_the_description_at_length(world: World, described: Any, role: Role) -> None:
    try_everything(described, world.key(role), 60)


def test_links_lead_where_they_say(world: World) -> None:
    """Walks along links; what is posted is a real fact each time, so that there is somewhere to go.

    Chance says where it goes; that each link leads to what is there is shown in test_links.py.
    """
    token, described = world.key(Role.REGULATOR), load(world)
    described.config.generation.update(modes=[GenerationMode.POSITIVE])
    numbers = iter(range(10**6))
    kinds = ("clue-recorded.v1", "credit-rated.v1", "licence-granted.v1")

    @described.hook("map_body")  # type: ignore[untyped-decorator]
    def a_real_fact(context: Any, body: Any) -> Any:
        if context.operation.path != "/v1/facts":
            return body
        number = next(numbers)
        wire = example(kinds[number % len(kinds)])
        return {**wire, "event_id": f"0199a1c0-7000-7000-8000-{number:012d}"}

    @described.hook("map_query")  # type: ignore[untyped-decorator]
    def plainly(context: Any, query: Any) -> Any:
        """Without filters, so that lists have something in them; what must be asked stays."""
        wanted = {one.name for one in context.operation.query if one.is_required}
        return {name: value for name, value in (query or {}).items() if name in wanted}

    reached: Counter[str] = Counter()

    class Walk(described.as_state_machine()):  # type: ignore[misc]
        """Asks with a key."""

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Bearer {token}"}}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            reached[f"{case.operation.label} {response.status_code}"] += 1
            excluded = [*more.pop("excluded_checks", []), positive_data_acceptance]
            case.validate_response(response, excluded_checks=excluded, **more)

    Walk.run(settings=settings(max_examples=WALKS, stateful_step_count=8, **HURRY))
    led_to = {one for one in reached if "{" in one and one.startswith("GET") and one.endswith(" 200")}
    assert led_to, reached
