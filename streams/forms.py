"""How each identifier is written, in words, by its pattern; and what was probably meant by what is written otherwise.

For the messages of streams.fact_problems: a firm's clerk reads no regular expressions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final

from models.exact import Unreadable, parse_instant, parse_kg, parse_yuan
from models.language import Both

_COMPARED_CHARS_MAX: Final = 40
_NEAR: Final = 0.6

FORMS: Final[dict[str, Both]] = {
    r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[1-8][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$": Both(
        "UUID（建议 v7），如 0199a1c0-4000-7000-8000-000000000001",
        "a UUID, best of version 7, as 0199a1c0-4000-7000-8000-000000000001",
    ),
    r"^[0-9A-HJ-NPQRTUWXY]{18}$": Both(
        "统一社会信用代码：18 位数字和大写字母，不含 I、O、S、V、Z",
        "a unified social credit code: 18 digits and capitals, without I, O, S, V, Z",
    ),
    r"^[1-8][0-9]{5}-[0-9A-Za-z]{1,24}$": Both(
        "场所编号：6 位行政区划代码、连字符、1 至 24 位字母或数字，如 330106-PLATER01",
        "a site: the 6 digits of its region, a hyphen, 1 to 24 letters or digits, as 330106-PLATER01",
    ),
    r"^[0-9A-Za-z_-]{1,32}$": Both("1 至 32 位字母、数字、_ 或 -", "1 to 32 letters, digits, _ or -"),
    r"^[0-9A-Za-z_-]{1,40}$": Both(
        "批次编码：1 至 40 位字母、数字、_ 或 -，如 HWCS20260101001",
        "a batch code: 1 to 40 letters, digits, _ or -, as HWCS20260101001",
    ),
    r"^[0-9A-Za-z_/-]{1,100}$": Both(
        "批次：1 至 100 位字母、数字、_、/ 或 -，如 HWCS20260101001 或 20253301000001/1",
        "a lot: 1 to 100 letters, digits, _, / or -, as HWCS20260101001 or 20253301000001/1",
    ),
    r"^[0-9A-Za-z_.-]{1,64}$": Both(
        "容器标签：1 至 64 位字母、数字、_、. 或 -", "a container's label: 1 to 64 letters, digits, _, . or -"
    ),
    r"^[0-9]{3}-[0-9]{3}-[0-9]{2}$": Both(
        "废物代码：8 位数字，写作 3-3-2，如 900-249-08",
        "a waste code: 8 digits written 3-3-2, as 900-249-08",
    ),
    r"^HW[0-9]{2}$": Both("废物类别：HW 加两位数字，如 HW08", "a category: HW and two digits, as HW08"),
    r"^[0-9]{14}$": Both(
        "联单编号：14 位数字（年份 4、省 2、市 2、顺序号 6），如 20263301000001",
        "a manifest number: 14 digits (year 4, province 2, city 2, serial 6), as 20263301000001",
    ),
    r"^[A-Z][0-9]{0,2}$": Both(
        "利用处置方式代码：一个大写字母加至多两位数字，如 D10",
        "a treatment code: a capital and up to two digits, as D10",
    ),
    r"^([1-8][0-9]{1}|[1-8][0-9]{3}|[1-8][0-9]{5})?$": Both(
        "行政区划代码的前 2、4 或 6 位，或留空表示全国",
        "the first 2, 4 or 6 digits of a region, or nothing for the whole country",
    ),
    r"^[1-8][0-9]{5}$": Both("6 位行政区划代码，如 330106", "the 6 digits of a region, as 330106"),
    r"^[1-8][0-9]$": Both("省份的 2 位代码，如 33", "the 2 digits of a province, as 33"),
    r"^[0-9A-Za-z\u4e00-\u9fff()（）〔〕/_.-]{1,40}$": Both(
        "文号：1 至 40 个字母、数字、汉字或 ()（）〔〕/_.-",
        "a document's number: 1 to 40 letters, digits, Chinese characters or ()（）〔〕/_.-",
    ),
    r"^[0-9A-Za-z\u4e00-\u9fff·-]{3,16}$": Both(
        "号牌：3 至 16 个字母、数字、汉字、· 或 -，如 浙D12345",
        "a plate: 3 to 16 letters, digits, Chinese characters, · or -, as 浙D12345",
    ),
    r"^[a-z]+(\.[a-z_]+)+$": Both(
        "小写字母和点，如 duty.storage_one_year", "small letters and dots, as duty.storage_one_year"
    ),
    r"^[a-z]+\.[a-z_]+$": Both("告警类型，如 storage.over_limit", "a kind of alert, as storage.over_limit"),
    r"^20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}$": Both(
        "豁免编号：名录年份-项-行，如 2021-7-1", "an exemption: year of the list, item, row, as 2021-7-1"
    ),
    r"^[A-E]$": Both("A 至 E 中的一个字母", "a letter from A to E"),
}
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "bad_mass": parse_kg,
    "bad_money": parse_yuan,
    "bad_instant": parse_instant,
}
_UNIT = re.compile(r"(?:kg|千克|公斤|元|yuan|cny|rmb|¥|￥)", re.IGNORECASE)
_NO_LETTERS: Final = str.maketrans({"O": "0", "I": "1", "Z": "2", "S": "5"})


def form(pattern: str) -> Both:
    """A pattern in words; the pattern itself where it has none."""
    return FORMS.get(pattern) or Both(pattern, pattern)


def nearest(written: object, allowed: Iterable[str]) -> str | None:
    """The allowed name that is most like what was written; None where none is, or it is long."""
    if not isinstance(written, str) or not 0 < len(written) <= _COMPARED_CHARS_MAX:
        return None
    return _nearest(written, tuple(allowed))


@lru_cache(maxsize=1024)
def _nearest(written: str, allowed: tuple[str, ...]) -> str | None:
    found = get_close_matches(written.strip().lower().replace(" ", "_"), allowed, 1, _NEAR)
    return found[0] if found else next((name for name in allowed if name.startswith(f"{written}.")), None)


def meant_by_pattern(written: object, pattern: str) -> str | None:
    """What fits once blanks, full-width and small letters and the like are put right; None where nothing does."""
    if not isinstance(written, str) or len(written) > 2 * _COMPARED_CHARS_MAX:
        return None
    fits = re.compile(pattern).fullmatch
    return next((wish for wish in _spellings(written) if fits(wish) and wish != written), None)


def _spellings(written: str) -> Iterator[str]:
    """From the mildest change to the boldest."""
    plain = unicodedata.normalize("NFKC", written).strip()
    yield plain
    dashed = plain.translate(dict.fromkeys(map(ord, "–—_./ ·"), "-"))
    yield dashed
    bare = re.sub(r"[\s·.\-–—_/]", "", plain)
    yield bare
    yield plain.upper()
    yield bare.upper()
    yield bare.upper().translate(_NO_LETTERS)
    if re.fullmatch(r"[0-9]{8}", bare):
        yield f"{bare[:3]}-{bare[3:6]}-{bare[6:]}"
    if found := re.fullmatch(r"([0-9]{6})[-_]?([0-9A-Za-z]{1,24})", bare):
        yield f"{found[1]}-{found[2]}"


def meant_by_reading(written: object, code: str) -> str | None:
    """A mass, an amount or an instant as it should have been written; None where it is not plain which was meant."""
    if isinstance(written, bool) or not isinstance(written, str | int) or code not in _READERS:
        return None
    text = unicodedata.normalize("NFKC", str(written)).strip()
    if len(text) > _COMPARED_CHARS_MAX:
        return None
    wishes = _instants(text) if code == "bad_instant" else _amounts(text)
    return next((wish for wish in wishes if wish != written and _reads(wish, _READERS[code])), None)


def _instants(text: str) -> Iterator[str]:
    spaced = text.upper().replace("/", "-").replace(" ", "T", 1)
    for wish in (text, spaced, spaced.replace(" ", "")):
        yield wish
        yield f"{wish}+08:00"
        yield f"{wish}:00+08:00"


def _amounts(text: str) -> Iterator[str]:
    bare = _UNIT.sub("", text).replace(" ", "").removeprefix("+")
    yield bare
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", bare):
        yield bare.replace(",", "")
    yield bare.lstrip("0") or "0"
    yield bare.rstrip("0").removesuffix(".") if "." in bare else bare
    if bare.startswith("."):
        yield f"0{bare}"


def _reads(text: str, reader: Callable[[str], Any]) -> bool:
    try:
        return bool(reader(text))  # Nothing is suggested that is refused as zero.
    except Unreadable:
        return False
