"""The lists of reference data, and how each is made from the catalogue, the vocabulary and the book of the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from typing import Any, Final

from api.answers import reference as answers
from api.answers.basics import Words
from api.views.search import Entry
from api.words import WORDS
from models import catalogue, examples
from models.alerts import ALERTS, AlertText
from models.catalogue.waste import edition_on
from models.facts import FACT_TYPES, Role
from models.facts.law import LIMIT_UNITS, CodeListPublished, LimitName, LimitSet
from models.language import Both
from models.law import Law
from models.problem_meanings import MEANINGS
from models.problems import Code, Warned
from models.roles import MAY_STATE

Item = dict[str, Any]
Entries = Iterator[Entry[Item]]
_REGIONS_EDITION: Final = "2023"


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """A list: its name in addresses and words, the type of its entries, and how to make it as of a day.

    `by_law`: the book decides and the day counts; else the list comes with the build.
    """

    name: str
    entry: type[Any]
    by_law: bool
    edition: Callable[[Law, date], str]
    entries: Callable[[Law, date], Iterable[Entry[Item]]]

    @property
    def title(self) -> Words:
        """What it is called."""
        return words(f"reference.{self.name}")


def words(key: str) -> Words:
    """Both languages; a key without words is its own text."""
    zh, en = WORDS.get(key, (key, key))
    return {"zh": zh, "en": en}


def _build(_law: Law, _on: date) -> str:
    return version("feilian")


def _book(law: Law, _on: date) -> str:
    return str(law.seq)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


# The national list


def _begun(law: Law, on: date) -> list[CodeListPublished]:
    """Recorded editions from their first day on, the latest one first."""
    found = [edition for edition in reversed(law.lists) if edition.effective_from <= on]
    return sorted(found, key=lambda edition: edition.effective_from, reverse=True)


def _edition(law: Law, on: date) -> str:
    begun = _begun(law, on)
    return begun[0].edition if begun else edition_on(on)


def _waste_codes(law: Law, on: date) -> Entries:
    """The catalogue's codes of the day, as recorded editions have changed them."""
    identified = (catalogue.waste_code(f"900-000-{one.category[2:]}", on) for one in catalogue.categories())
    known_of = (*catalogue.waste_codes(), *(entry for entry in identified if entry is not None))
    listed = {entry.code: _listed(entry) for entry in known_of if _covers(entry, on)}
    for edition in reversed(_begun(law, on)):
        for said in edition.codes:
            known = listed.pop(said.waste_code, None)
            if said.listed:
                change = {"name": said.name, "hazard": said.hazard, "edition": edition.edition}
                since = {"valid_from": edition.effective_from.isoformat(), "valid_to": None, "recorded": True}
                listed[said.waste_code] = {**(known or _unknown(said.waste_code)), **change, **since}
    for code, item in sorted(listed.items()):
        about = (item["name"], item["category_zh"], item["industry"], item["category_en"])
        yield Entry(item, (code, item["category"]), about)


def _covers(entry: catalogue.WasteCode, on: date) -> bool:
    return (entry.valid_from is None or entry.valid_from <= on) and (
        entry.valid_to is None or on <= entry.valid_to
    )


def _listed(entry: catalogue.WasteCode) -> Item:
    return {
        **_unknown(entry.code),
        "name": entry.name_zh,
        "industry": entry.industry_zh,
        "hazard": entry.hazard,
        "edition": entry.edition,
        "valid_from": _iso(entry.valid_from),
        "valid_to": _iso(entry.valid_to),
    }


def _unknown(code: str) -> Item:
    family = catalogue.category(catalogue.category_of(code))
    return {
        "code": code,
        "category": catalogue.category_of(code),
        "category_zh": family.name_zh if family is not None else "",
        "category_en": family.name_en if family is not None else "",
        "name": "",
        "industry": "",
        "hazard": "",
        "edition": "",
        "recorded": False,
        "valid_from": None,
        "valid_to": None,
    }


def _categories(_law: Law, _on: date) -> Entries:
    names = [f"HW{number:02d}" for number in range(1, 51)]
    for found in filter(None, map(catalogue.category, names)):
        yield Entry(asdict(found), (found.category,), (found.name_zh, found.name_en))


def _treatment_codes(_law: Law, _on: date) -> Entries:
    for found in catalogue.treatment_codes():
        item = {name: value for name, value in asdict(found).items() if name != "status"}
        yield Entry(item, (found.code,), (found.name_zh, found.name_en))


def _exemptions(_law: Law, on: date) -> Entries:
    for row in catalogue.exemptions():
        last = row.valid_to
        item = {
            **asdict(row),
            "stages": sorted(row.stages),
            "valid_from": _iso(row.valid_from),
            "valid_to": _iso(last),
            "in_force": (row.valid_from is None or row.valid_from <= on) and (last is None or on <= last),
        }
        names = (row.scope, row.waste_scope, row.stage_zh, row.condition_en, row.effect_en)
        yield Entry(item, (row.exemption_id, *row.codes), names)


# Places and days


def _regions(_law: Law, _on: date) -> Entries:
    for found in catalogue.regions():
        yield Entry(asdict(found), (found.code,), (found.name_zh, found.name_en))


def _holidays(law: Law, _on: date) -> Entries:
    kinds = {**dict.fromkeys(law.calendar.off, "off"), **dict.fromkeys(law.calendar.work, "work")}
    for day, kind in sorted(kinds.items()):
        yield Entry({"day": day.isoformat(), "kind": kind}, (day.isoformat(), kind), ())


# The vocabulary


def _alert_kinds(_law: Law, _on: date) -> Entries:
    for kind, about in ALERTS.items():
        item = {
            "kind": kind,
            "concern": about.concern,
            "subject": about.subject,
            "severity": about.severity,
            "duty": about.duty,
            "basis": about.basis,
            "zh": _explanation(about.zh),
            "en": _explanation(about.en),
        }
        texts = (about.zh.title, about.en.title, about.zh.meaning, about.en.meaning)
        yield Entry(item, (kind, about.duty or ""), texts)


def _explanation(text: AlertText) -> Item:
    return {"title": text.title, "meaning": text.meaning, "advice": text.advice}


def _fact_kinds(_law: Law, _on: date) -> Entries:
    for kind, fact_type in FACT_TYPES.items():
        title = words(kind)
        item: Item = {
            "kind": kind,
            "title": title,
            "description": " ".join((fact_type.__doc__ or "").split()),
            "staters": [role for role in Role if role in MAY_STATE[kind]],
            "fields": [
                {"name": field.alias or name, "required": field.is_required() or name == "kind"}
                for name, field in fact_type.model_fields.items()
            ],
            "schema": f"/v1/schemas/{kind}",
            "example": examples.example(kind),
        }
        yield Entry(item, (kind,), (title["zh"], title["en"], item["description"]))


def _codes(_law: Law, _on: date) -> Entries:
    for code in (*Code, *Warned):
        meaning = MEANINGS[code]
        item = {
            "code": code,
            "sort": "warning" if isinstance(code, Warned) else "error",
            "status": meaning.status or None,
            "title": _both(meaning.title),
            "means": _both(meaning.means),
            "advice": _both(meaning.advice),
        }
        yield Entry(item, (code,), (*meaning.title, *meaning.means))


def _both(text: Both) -> Words:
    return {"zh": text.zh, "en": text.en}


def _limits(law: Law, on: date) -> Entries:
    held: dict[LimitName, list[Item]] = {}
    for entry in law.policies:
        policy = entry.policy
        if isinstance(policy, LimitSet) and policy.effective_from <= on <= policy.last_day:
            held.setdefault(policy.limit, []).append(_policy(entry.seq, policy))
    for name in LimitName:
        title = words(f"limit.{name}")
        item = {"limit": name, "title": title, "units": sorted(LIMIT_UNITS[name])}
        policies = held.get(name, [])
        cited = tuple(policy["citation"] for policy in policies)
        yield Entry({**item, "policies": policies}, (name,), (title["zh"], title["en"], *cited))


def _policy(seq: int, policy: LimitSet) -> Item:
    return {
        "seq": seq,
        "scope": policy.scope.model_dump(mode="json", exclude_defaults=True),
        "value": policy.value,
        "unit": policy.unit,
        "duty": policy.duty,
        "citation": policy.citation,
        "effective_from": policy.effective_from.isoformat(),
        "effective_until": _iso(policy.effective_until),
    }


_ALL: Final = (
    ReferenceList("waste-codes", answers.WasteCodeEntry, True, _edition, _waste_codes),
    ReferenceList("categories", answers.CategoryEntry, False, lambda _law, _on: "2025", _categories),
    ReferenceList("treatment-codes", answers.TreatmentCodeEntry, False, _build, _treatment_codes),
    ReferenceList("regions", answers.RegionEntry, False, lambda _law, _on: _REGIONS_EDITION, _regions),
    ReferenceList("fact-kinds", answers.FactKindEntry, False, _build, _fact_kinds),
    ReferenceList("alert-kinds", answers.AlertKindEntry, False, _build, _alert_kinds),
    ReferenceList("codes", answers.CodeEntry, False, _build, _codes),
    ReferenceList("limits", answers.LimitEntry, True, _book, _limits),
    ReferenceList("exemptions", answers.ExemptionEntry, True, lambda _law, _on: "2021", _exemptions),
    ReferenceList("holidays", answers.HolidayEntry, True, _book, _holidays),
)
LISTS: Final[dict[str, ReferenceList]] = {listed.name: listed for listed in _ALL}
