"""How numbers, instants and codes look on a page: units, thousands, Beijing time, code and name together. Pure."""

from datetime import date
from typing import Final

from api.words import Lang, has_words, say
from api.words_amounts import AMOUNTS
from api.words_basis import basis_zh
from models.catalogue import category, category_of, region_name, region_name_en, waste_code
from models.exact import (
    BEIJING_OFFSET_US,
    DAY_US,
    HOUR_US,
    MINUTE_US,
    beijing_date,
    format_instant,
    format_kg,
    format_tonnes,
    format_yuan_screen,
)

NOTHING: Final = "–"
NBSP: Final = "\u00a0"  # Between a number and its unit, so that no line breaks there.
_TONNE_G: Final = 1_000_000
_NAME_CHARS_MAX: Final = 24


def mass(grams: int | None) -> str:
    """Kilograms below one tonne, tonnes from there on; both exact, with thousands."""
    if grams is None:
        return NOTHING
    if abs(grams) < _TONNE_G:
        return f"{format_kg(grams)}{NBSP}kg"
    return f"{format_tonnes(grams)}{NBSP}t"


def tonnes(grams: int | None, places: int = 1) -> str:
    """Tonnes rounded, for totals and tiles."""
    return NOTHING if grams is None else f"{format_tonnes(grams, places)}{NBSP}t"


def plotted(grams: int) -> str:
    """Tonnes for a chart: exact, without thousands."""
    return format_tonnes(grams).replace(",", "")


def yuan(fen: int | None) -> str:
    """`¥1,234.50`, to the fen."""
    if fen is None:
        return NOTHING
    text = format_yuan_screen(abs(fen))
    return f"-¥{text}" if fen < 0 else f"¥{text}"


def wan(fen: int | None, lang: Lang) -> str:
    """Money for tiles: `¥12.3 万` in Chinese from ten thousand yuan on, `¥123 k` in English; exact below."""
    if fen is None or abs(fen) < 1_000_000:
        return yuan(fen)
    sign = "-" if fen < 0 else ""
    unit, name = (1_000_000, f"{NBSP}万") if lang is Lang.ZH else (100_000, f"{NBSP}k")
    tenths = (abs(fen) * 10 + unit // 2) // unit
    return f"{sign}¥{tenths // 10:,}.{tenths % 10}{name}"


def count(number: int | None) -> str:
    """A whole number with thousands."""
    return NOTHING if number is None else f"{number:,}"


def share(permille: int | None) -> str:
    """Thousandths as per cent: `4.2 %`."""
    if permille is None:
        return NOTHING
    whole, rest = divmod(abs(permille), 10)
    sign = "-" if permille < 0 else ""
    return f"{sign}{whole:,}.{rest}{NBSP}%" if rest else f"{sign}{whole:,}{NBSP}%"


def permille_of(part: int, whole: int) -> int | None:
    """How many thousandths, rounded down; None of nothing."""
    return part * 1000 // whole if whole > 0 else None


def instant(us: int | None) -> str:
    """`2026-11-21 14:03`, Beijing time."""
    return NOTHING if us is None else format_instant(us)[:16].replace("T", " ")


def second(us: int | None) -> str:
    """`2026-11-21 14:03:07`, Beijing time."""
    return NOTHING if us is None else format_instant(us)[:19].replace("T", " ")


def day(us: int | None) -> str:
    """`2026-11-21`, in Beijing."""
    return NOTHING if us is None else beijing_date(us).isoformat()


def limit(us: int) -> str:
    """A deadline: the day alone where it is over from midnight on."""
    return day(us) if (us + BEIJING_OFFSET_US) % DAY_US == 0 else instant(us)


def duration(lang: Lang, us: int) -> str:
    """The largest fitting unit, whole: `3 天`, `5 h`, `12 min`."""
    for unit, name in ((DAY_US, "unit.days"), (HOUR_US, "unit.hours"), (MINUTE_US, "unit.minutes")):
        if us >= unit:
            return say(lang, name, n=f"{us // unit:,}")
    return say(lang, "unit.seconds", n=us // 1_000_000)


def place(lang: Lang, code: str) -> str:
    """The name of a region or of a site's city; a county goes by its city."""
    if not code:
        return NOTHING
    digits = code[:6]
    return region_name(digits) if lang is Lang.ZH else region_name_en(digits)


def waste_name(lang: Lang, code: str, on: date | None = None) -> str:
    """The name beside a waste code: as the list of that day has it (Chinese), by category in English."""
    kind = category(category_of(code)) if "-" in code else category(code)
    if lang is Lang.EN:
        return kind.name_en if kind else ""
    listed = waste_code(code, on) if on is not None and "-" in code else None
    return listed.name_zh if listed else (kind.name_zh if kind else "")


def short(text: str, limit: int = _NAME_CHARS_MAX) -> str:
    """At most `limit` characters; the page shows the whole in a title."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def amount_label(lang: Lang, name: str) -> str:
    """The words for an amount of a finding; its bare name where there are none yet."""
    key = f"amount.{name}"
    return say(lang, key) if has_words(key) else name.rsplit("_", 1)[0].replace("_", " ")


def amount_order(name: str) -> tuple[bool, int, str]:
    """Where an amount stands in a list: in the order of its words, unknown ones last."""
    place = _AMOUNT_PLACES.get(f"amount.{name}")
    return (place is None, place or 0, name)


_AMOUNT_PLACES: Final = {key: place for place, key in enumerate(AMOUNTS)}
_AMOUNT_BY_SUFFIX: Final = (
    ("_fen_per_tonne", lambda value: f"{yuan(value)} / t"),
    ("_per_tonne_fen", lambda value: f"{yuan(value)} / t"),
    ("_g", mass),
    ("_fen", yuan),
    ("limit_at", limit),
    ("_at", instant),
    ("_permille", share),
)


def amount(lang: Lang, name: str, value: int | str) -> str:
    """An amount of a finding with its unit, which its name carries."""
    if isinstance(value, str):
        return _text_amount(lang, name, value)
    if name in {"year", "number_year", "line"}:
        return str(value)
    for suffix, shown in _AMOUNT_BY_SUFFIX:
        if name.endswith(suffix):
            return shown(value)
    return count(value)


def basis(lang: Lang, text: str) -> str:
    """On what a finding rests; a policy's own words where they are not known in Chinese."""
    return basis_zh(text) if lang is Lang.ZH else text


def _text_amount(lang: Lang, name: str, value: str) -> str:
    if has_words(f"{name}.{value}"):
        return say(lang, f"{name}.{value}")
    if name in {"waste_code", "category", "code"} and value:
        return f"{value} {short(waste_name(lang, value), 40)}".strip()
    return value or NOTHING


# The first mark that is found counts: most browsers also name those that they come from.
_BROWSERS: Final = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS: Final = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def agent(text: str) -> str:
    """A browser by its name and system, as far as it says; else what it says of itself, cut."""
    named = (
        next((name for mark, name in known.items() if mark in text), "") for known in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(filter(None, named)) or short(text, 40)
