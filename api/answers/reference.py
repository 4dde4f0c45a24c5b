"""Reference data: the entries of each list, and a page of them."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field
from typing_extensions import TypedDict

from api.answers.alerts import Explanation
from api.answers.basics import DayText, Seq, Words
from models.alerts import AlertKind, Severity
from models.catalogue.exemptions import Stage
from models.facts import Role
from models.facts.law import LimitName, Unit
from models.problems import Code, Warned
from models.topics import Concern

ItemT = TypeVar("ItemT")


class Listing(TypedDict, Generic[ItemT]):
    """A page of a list; `next` is the `offset` of the page after this one, null on the last."""

    name: str
    title: Words
    edition: str
    on: DayText | None
    law_seq: Annotated[int | None, Field(description="The last law fact that was considered.")]
    total: int
    offset: int
    next: int | None
    items: list[ItemT]


class WasteCodeEntry(TypedDict):
    """废物代码 of the list in force on the day; `recorded` where an edition in the ledger says so."""

    code: str
    category: str
    category_zh: str
    category_en: str
    name: str
    industry: str
    hazard: str
    edition: str
    recorded: bool
    valid_from: DayText | None
    valid_to: DayText | None


class CategoryEntry(TypedDict):
    """废物类别; those that are not in use have no codes."""

    category: str
    name_zh: str
    name_en: str
    in_use: bool


class TreatmentCodeEntry(TypedDict):
    """利用处置方式代码."""

    code: str
    group: str
    name_zh: str
    name_en: str
    applies_to: str
    enabled: bool


class RegionEntry(TypedDict):
    """行政区划 (GB/T 2260): provinces and cities."""

    code: str
    level: str
    name_zh: str
    name_en: str
    parent: str
    grouping: bool


class AlertKindEntry(TypedDict):
    """A kind of alert: what it is about, how grave, on what it rests, what to do."""

    kind: AlertKind
    concern: Concern
    subject: str
    severity: Severity
    duty: str | None
    basis: str
    zh: Explanation
    en: Explanation


class FactField(TypedDict):
    """A member of a fact, as it is called on the wire."""

    name: str
    required: bool


class FactKindEntry(TypedDict):
    """A kind of fact: what it says, who may state it, its members, and where its schema and an example are."""

    kind: str
    title: Words
    description: str
    staters: list[Role]
    fields: list[FactField]
    schema: str
    example: Annotated[dict[str, Any], Field(description="A whole fact that the door accepts.")]


class CodeEntry(TypedDict):
    """Why something is refused (`error`), or accepted with a doubt (`warning`)."""

    code: Code | Warned
    sort: Literal["error", "warning"]
    status: Annotated[int | None, Field(description="The HTTP status it comes with; null for a warning.")]
    title: Words
    means: Words
    advice: Words


class LimitPolicy(TypedDict):
    """A policy that is in force on the day; `scope` says for what, {} for everything."""

    seq: Seq
    scope: dict[str, Any]
    value: int
    unit: Unit
    duty: str | None
    citation: str
    effective_from: DayText
    effective_until: DayText | None


class LimitEntry(TypedDict):
    """A limit of the law by name, in what it is given, and the policies in force."""

    limit: LimitName
    title: Words
    units: list[Unit]
    policies: list[LimitPolicy]


class ExemptionEntry(TypedDict):
    """豁免管理清单: one stage of one item."""

    exemption_id: str
    item_no: int
    scope: str
    codes: list[str]
    waste_scope: str
    stage_zh: str
    stages: list[Stage]
    condition_en: str
    effect_en: str
    edition: str
    valid_from: DayText | None
    valid_to: DayText | None
    in_force: bool


class HolidayEntry(TypedDict):
    """A day off, or a weekend day that is worked, of a published year."""

    day: DayText
    kind: Literal["off", "work"]


class ListName(TypedDict):
    """A list, and where it is."""

    name: str
    title: Words
    href: str


class Lists(TypedDict):
    """All lists."""

    lists: list[ListName]
