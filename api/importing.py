"""What imports do with documents of other systems: read them, hold them against the ledger, say what would be stated.

Called by api.imports for senders and by `feilian import`. Nothing is overwritten: a manifest that says something else than
a fact in force is held back as a whole, and the conflict told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from api.problems import ProblemError
from models.interchange import emanifest, national, national_conflicts, national_reading
from models.interchange.comparing import counterpart, differences
from models.interchange.emanifest_schema import problems_of as form_problems
from models.interchange.national_fields import read_names
from models.interchange.reading import read_decimals
from models.interchange.report import Conflict, InForce, NoteCode, Reading, Register, with_ids
from models.malformed import Malformed
from models.problems import Code, Problem, json_path
from models.roles import may_state
from streams.fact_problems import PROBLEMS_MAX
from streams.keys import Holder
from streams.ledger import Ledger
from streams.ledger_reading import read_fact
from streams.ledger_types import Prepared
from streams.own_side import OwnSide
from streams.told import in_force, manifest_told, names_org

MANIFESTS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Importing:
    """Who imports, for which side, against which ledger, with which names of the national fields."""

    ledger: Ledger
    holder: Holder
    own: OwnSide
    register: Register
    names: Mapping[str, str]


@dataclass(slots=True)
class Found:
    """One document of an import, with what it is held against."""

    reading: Reading
    ours: list[InForce] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    to_state: list[Prepared] = field(default_factory=list)


def parsed(body: bytes) -> Any:
    """A body as JSON with exact decimals; ProblemError 400 for anything else."""
    try:
        return read_decimals(body)
    except Malformed as error:
        code = Code(error.code.value)
        problem = Problem(error.path, code, error.message)
        raise ProblemError(400, code, "the body is not strict JSON", [problem]) from None


def _manifests(value: Any) -> tuple[list[Any], str]:
    """The documents of a body, and the path at which they stand."""
    if isinstance(value, Mapping) and "manifests" in value:
        found, path = value["manifests"], "$.manifests"
    else:
        found, path = (value, "$") if isinstance(value, list) else ([value], "")
    if not isinstance(found, list) or not found:
        wrong = Problem(path or "$", Code.EMPTY_BATCH, "manifests are a list with at least one document")
        raise ProblemError(422, Code.EMPTY_BATCH, wrong.message, [wrong])
    wrong_ones = [place for place, each in enumerate(found) if not isinstance(each, Mapping)]
    if wrong_ones:
        problems = [
            Problem(_path(path, place), Code.WRONG_TYPE, "a manifest is an object") for place in wrong_ones
        ]
        raise ProblemError(422, Code.WRONG_TYPE, "nothing was read", problems[:PROBLEMS_MAX])
    if len(found) > MANIFESTS_MAX:
        message = f"an import holds at most {MANIFESTS_MAX} manifests, not {len(found)}"
        raise ProblemError(422, Code.TOO_MANY_FACTS, message, [Problem(path, Code.TOO_MANY_FACTS, message)])
    return found, path


def _path(path: str, place: int) -> str:
    return f"{path}[{place}]" if path else "$"


def read_national(about: Importing, value: Any) -> list[Found]:
    """Documents in the national field names. Blocks."""
    found = []
    given, path = _manifests(value)
    for place, item in enumerate(given):
        spelled = read_names(item, about.names) if isinstance(item, Mapping) else item
        document = national_reading.read(spelled, _path(path, place), about.register)
        one = Found(document.reading)
        if number := document.reading.manifest_no:
            one.ours = _ours(about, number)
            if (written := national.written(number, one.ours, about.register)) is not None:
                one.conflicts = national_conflicts.conflicts(document, written)
        found.append(one)
    return _once(found)


def read_emanifest(about: Importing, value: Any) -> list[Found]:
    """EPA documents and the tables beside them; ProblemError 422 with all that is wrong with their form. Blocks."""
    given, path = _manifests(value)
    tables = _tables(value)
    problems = [
        problem for place, item in enumerate(given) for problem in form_problems(item, _path(path, place))
    ]
    if problems:
        detail = f"{len(problems)} problems of form; nothing was read"
        raise ProblemError(422, Code(problems[0].code.value), detail, problems[:PROBLEMS_MAX])
    found = []
    for place, item in enumerate(given):
        one = Found(emanifest.read(item, _path(path, place), tables))
        if one.reading.manifest_no:
            one.ours = _ours(about, one.reading.manifest_no)
        for fact in one.reading.facts:
            if (known := counterpart(fact, one.ours)) is not None:
                one.conflicts += differences(fact, known, one.reading.path)
        found.append((emanifest.version_of(item), one))
    # The latest version first; sorting is stable, so of one version the first document counts.
    _once([one for _, one in sorted(found, key=lambda each: -each[0])])
    return [one for _, one in found]


def _tables(value: Any) -> emanifest.Tables:
    given = value.get("tables", {}) if isinstance(value, Mapping) and "manifests" in value else {}
    try:
        return emanifest.Tables.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[:PROBLEMS_MAX]
        problems = [
            Problem(json_path(detail["loc"], "$.tables"), Code.INVALID, str(detail["msg"])[:300].lower())
            for detail in found
        ]
        raise ProblemError(422, Code.INVALID, "the tables are not valid", problems) from None


def _once(found: list[Found]) -> list[Found]:
    """Of several documents with one number the first counts; of the others no fact follows."""
    seen: set[str] = set()
    for one in found:
        number = one.reading.manifest_no
        if number is not None and number in seen:
            why = "this import has another document of this number, which counts (the latest version, else the first)"
            one.reading.note("", NoteCode.AMBIGUOUS, number, why)
            one.reading.facts.clear()
            one.conflicts.clear()
        elif number is not None:
            seen.add(number)
    return found


# Against the ledger


def _ours(about: Importing, number: str) -> list[InForce]:
    """The facts in force of a manifest that the importer is a party of; none of another's."""
    told = manifest_told(about.ledger, number)
    if not any(names_org(each, about.holder.org) for each in told):
        return []
    return in_force(told)


def judge(about: Importing, source: str, found: Sequence[Found]) -> None:
    """Decides what becomes of each fact. Blocks."""
    now = about.ledger.now()
    for one in found:
        for fact in with_ids(source, one.reading):
            one.facts.append(_fact(about, one, fact, now))


def _fact(about: Importing, one: Found, fact: dict[str, Any], now: int) -> dict[str, Any]:
    """What becomes of one fact; a missing one is noted down to be stated."""
    told: dict[str, Any] = {"kind": fact["kind"], "event_id": fact["event_id"], "fact": fact}
    if (known := counterpart(fact, one.ours)) is not None:
        return {"status": "present", **told, "seq": known.seq}
    if one.conflicts:
        return {"status": "held", **told}
    if not may_state(about.holder.role, fact["kind"]):
        return {"status": "not_yours", **told}
    read = read_fact(fact, now)
    if not isinstance(read, Prepared):
        return {"status": "invalid", **told, "problems": [problem.wire() for problem in read]}
    looked = about.own.look(read)
    if not isinstance(looked, Prepared):
        return {"status": "not_yours", **told, "problems": [problem.wire() for problem in looked]}
    one.to_state.append(looked)
    return {"status": "missing", **told}


def report(mode: str, source: str, found: Sequence[Found], receipts: list[dict[str, Any]]) -> dict[str, Any]:
    """As it is answered."""
    counts: dict[str, int] = {}
    for one in found:
        for fact in one.facts:
            counts[fact["status"]] = counts.get(fact["status"], 0) + 1
    counts |= {
        "conflicts": sum(len(one.conflicts) for one in found),
        "notes": sum(len(one.reading.notes) for one in found),
    }
    return {
        "mode": mode,
        "source": source,
        "counts": counts,
        "manifests": [_manifest(one) for one in found],
        "receipts": receipts,
    }


def _manifest(one: Found) -> dict[str, Any]:
    return {
        "path": one.reading.path,
        "source_no": one.reading.source_no,
        "manifest_no": one.reading.manifest_no,
        "facts": one.facts,
        "conflicts": [conflict.wire() for conflict in one.conflicts],
        "notes": [note.wire() for note in one.reading.notes],
    }
