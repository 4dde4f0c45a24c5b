"""The types that facts are made of: identifiers, exact numbers, instants. Used by every fact module.

On the wire a mass is a string of kilograms, money a string of yuan, an instant RFC 3339 with offset; inside they are
integers of grams, fen and microseconds. The name carries the unit on both sides: wire `mass_kg`, inside `mass_g`.
"""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from models.exact import (
    Unreadable,
    format_instant,
    format_kg,
    format_yuan,
    parse_instant,
    parse_kg,
    parse_yuan,
)
from models.excerpt import cut, in_json
from models.problem_texts import FACT_TEXTS

# What the parsers of models.exact take, told so that a validator elsewhere refuses what the door refuses; ECMA 262, no
# look-ahead. Days that do not exist are left to `format`.
_MONTH_DAY: Final = "(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
DAY_PATTERN: Final = f"^(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{{2}}|[1-9][0-9]{{3}})-{_MONTH_DAY}$"
INSTANT_PATTERN: Final = (
    f"^(1969-12-31|(19[7-9][0-9]|2[01][0-9]{{2}})-{_MONTH_DAY}|2200-01-01)"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
_SOME_KG: Final = (
    r"0\.([1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9])|[1-9][0-9]{0,8}(\.[0-9]{1,3})?|1000000000(\.0{1,3})?"
)
SOME_KG_PATTERN: Final = f"^({_SOME_KG})$"
KG_PATTERN: Final = rf"^(0(\.0{{1,3}})?|{_SOME_KG})$"
YUAN_PATTERN: Final = r"^((0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?|10000000000000(\.0{1,2})?)$"


def wrong(text: str, /, **values: object) -> PydanticCustomError:
    """What a validator raises: its type is the name of a text (models.problem_texts), which says it in both languages."""
    return PydanticCustomError(text, FACT_TEXTS[text][1], values)


def _read(code: str, parse: Callable[[str], Any], value: object) -> Any:
    """A string goes through `parse`; anything else, and a failure, becomes an error with our own code."""
    if not isinstance(value, str):
        raise wrong(f"{code}/type", value=in_json(value))
    try:
        return parse(value)
    except Unreadable as error:
        raise wrong(error.text, **error.values) from None


def _exact(
    code: str, parse: Callable[[str], Any], show: Callable[[Any], str], pattern: str, **more: str
) -> tuple[Any, Any, Any]:
    return (
        BeforeValidator(partial(_read, code, parse)),
        PlainSerializer(show, return_type=str),
        WithJsonSchema({"type": "string", "pattern": pattern, **more}),
    )


def _positive_kg(text: str) -> int:
    grams = parse_kg(text)
    if grams == 0:
        raise Unreadable("bad_mass/zero", value=text)
    return grams


def _parse_date(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise Unreadable("bad_date", value=cut(text))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable("bad_date/no_day", value=text) from None


InstantField = Annotated[
    int, *_exact("bad_instant", parse_instant, format_instant, INSTANT_PATTERN, format="date-time")
]
MassField = Annotated[int, *_exact("bad_mass", _positive_kg, format_kg, SOME_KG_PATTERN)]
CountedMassField = Annotated[int, *_exact("bad_mass", parse_kg, format_kg, KG_PATTERN)]
MoneyField = Annotated[int, *_exact("bad_money", parse_yuan, format_yuan, YUAN_PATTERN)]
Day = Annotated[
    date,
    BeforeValidator(partial(_read, "bad_date", _parse_date)),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DAY_PATTERN}),
]


def _event_id(text: str) -> str:
    return text.lower()


def text_field(pattern: str, max_length: int) -> Any:
    """A strict string by pattern; ASCII classes are written out, since \\d would admit other digits."""
    return Field(strict=True, pattern=pattern, max_length=max_length)


EventId = Annotated[
    str,
    text_field(
        r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[1-8][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$", 36
    ),
    AfterValidator(_event_id),
]
# 统一社会信用代码, GB 32100-2015: 18 characters of its alphabet of 31. A wrong check digit warns, since such codes exist.
OrgId = Annotated[str, text_field(r"^[0-9A-HJ-NPQRTUWXY]{18}$", 18)]
# A site begins with its six-digit region (GB/T 2260), so that a region can be read off it (DESIGN D10).
SiteId = Annotated[str, text_field(r"^[1-8][0-9]{5}-[0-9A-Za-z]{1,24}$", 31)]
PlaceId = Annotated[str, text_field(r"^[0-9A-Za-z_-]{1,32}$", 32)]
BatchCode = Annotated[str, text_field(r"^[0-9A-Za-z_-]{1,40}$", 40)]
# A lot that is there already: by its batch code, or as the ledger named it where nobody gave one (20253301000001/1).
LotName = Annotated[str, text_field(r"^[0-9A-Za-z_/-]{1,100}$", 100)]
# A label's digital code is 37 characters (HJ 1276); older labels and boxes have their own.
ContainerId = Annotated[str, text_field(r"^[0-9A-Za-z_.-]{1,64}$", 64)]
# 3-3-2: industry, serial, category (LIST21 art. 5). An unknown but well-formed code is accepted with a warning.
WasteCode = Annotated[str, text_field(r"^[0-9]{3}-[0-9]{3}-[0-9]{2}$", 10)]
CategoryCode = Annotated[str, text_field(r"^HW[0-9]{2}$", 4)]
# Exactly 14 digits: year, province, city, serial (MT art. 15). Older and provincial numbers order them otherwise.
ManifestNumber = Annotated[str, text_field(r"^[0-9]{14}$", 14)]
TreatmentMethod = Annotated[str, text_field(r"^[A-Z][0-9]{0,2}$", 3)]
RegionPrefix = Annotated[str, text_field(r"^([1-8][0-9]{1}|[1-8][0-9]{3}|[1-8][0-9]{5})?$", 6)]
DocumentNumber = Annotated[str, text_field(r"^[0-9A-Za-z\u4e00-\u9fff()（）〔〕/_.-]{1,40}$", 40)]
PlateNumber = Annotated[str, text_field(r"^[0-9A-Za-z\u4e00-\u9fff·-]{3,16}$", 16)]
DutyId = Annotated[str, text_field(r"^[a-z]+(\.[a-z_]+)+$", 60)]
Text = Annotated[str, Field(strict=True, min_length=1, max_length=500)]
Count = Annotated[int, Field(strict=True, ge=0, le=10**9)]
Pieces = Annotated[int, Field(strict=True, ge=1, le=10**6)]
Flag = Annotated[bool, Field(strict=True)]


class Role(StrEnum):
    """What an organisation is to Feilian; its key says so (DESIGN §3, accept)."""

    PRODUCER = "producer"
    CARRIER = "carrier"
    FACILITY = "facility"
    PAYER = "payer"
    INTERMEDIARY = "intermediary"
    REGULATOR = "regulator"
    AUDITOR = "auditor"
    VENDOR = "vendor"  # 软件服务商: states nothing in its own name, and acts for others by delegation.


class Weighing(StrEnum):
    """地磅 / 台秤 / 计量表 / 估算: how a mass was found. What is not said is not one of them."""

    WEIGHBRIDGE = "weighbridge"
    SCALE = "scale"
    METERED = "metered"
    ESTIMATED = "estimated"


class Part(BaseModel):
    """A piece of a fact: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


def _with_kind(schema: dict[str, Any]) -> None:
    """Its default is for our own code; a sender must say what he states."""
    if "kind" in schema.get("properties", {}) and "kind" not in schema.get("required", ()):
        schema["required"] = ["kind", *schema.get("required", ())]


class Fact(Part):
    """What every fact says: who may be recognised by it on a retry, and when it happened."""

    model_config = ConfigDict(json_schema_extra=_with_kind)

    event_id: EventId  # Chosen by the sender and kept there, so that a retry is recognised.
    occurred_at: InstantField


class Exemption(Part):
    """豁免: claimed by the sender with the item and the condition met, never inferred from a code (DOMAIN 3)."""

    exemption_id: Annotated[str, text_field(r"^20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}$", 10)]
    condition_met: Text


class TemperatureClass(StrEnum):
    """How cold medical waste is kept: at 5 °C or above, below, below and disinfected in a remote area (GB39707 5.4.6)."""

    WARM = "warm"
    COLD = "cold"
    COLD_REMOTE = "cold-remote"


class ContainerKind(StrEnum):
    """桶, 袋, 吨袋, 箱, 周转箱, 罐, 托盘, 散装: the usual words, since no official list was found (DOMAIN 5)."""

    DRUM = "drum"
    BAG = "bag"
    TONNE_BAG = "tonne-bag"
    BOX = "box"
    BIN = "bin"
    TANK = "tank"
    PALLET = "pallet"
    BULK = "bulk"


class Containers(Part):
    """容器和包装: how many of which kind a lot is in, and their labels where they are told."""

    container_kind: ContainerKind
    count: Pieces
    ids: Annotated[tuple[ContainerId, ...], Field(max_length=1000)] = ()

    def model_post_init(self, _context: object) -> None:
        """A label stands on one container."""
        if len(set(self.ids)) != len(self.ids) or len(self.ids) > self.count:
            raise wrong("contradiction/containers")


# Batch codes that matter came from (HJ 1259 6.3).
Parents = Annotated[tuple[LotName, ...], Field(max_length=200)]
Exemptions = Annotated[tuple[Exemption, ...], Field(max_length=10)]


class WasteLine(Part):
    """One kind of waste on a document. Mass may be absent where pieces are counted (medical, MWR 12).

    `parents` are the batches it was taken from where `lot` is the batch code of this very step (委外, 自行利用处置).
    """

    line: Annotated[int, Field(strict=True, ge=1, le=200)]
    waste_code: WasteCode
    mass_g: MassField | None = Field(default=None, alias="mass_kg")
    pieces: Pieces | None = None
    lot: LotName | None = None
    place: PlaceId | None = None
    parents: Parents = ()

    def model_post_init(self, _context: object) -> None:
        """Something must be counted."""
        if self.mass_g is None and self.pieces is None:
            raise wrong("no_amount")


def _repeated(lines: list[int], numbers: set[int]) -> str:
    return ", ".join(str(number) for number in sorted(numbers) if lines.count(number) > 1)


def distinct_lines(lines: tuple[WasteLine, ...]) -> tuple[WasteLine, ...]:
    """Line numbers identify lines across a manifest's documents, so they must not repeat."""
    if len(numbers := {line.line for line in lines}) != len(lines):
        raise wrong("duplicate_line", lines=_repeated([line.line for line in lines], numbers))
    return lines


Lines = Annotated[tuple[WasteLine, ...], Field(min_length=1, max_length=200), AfterValidator(distinct_lines)]
