"""Which language an answer is in: Accept-Language with its weights, English where nothing is wished for. For all routes.

Browsers say what they wish, so people read their own language; a program that says nothing gets English, as its logs want.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from starlette.requests import Request
from starlette.types import Scope

from api.fields import field_of
from models.language import Lang

_HEADER_CHARS_MAX: Final = 500
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{1,3})?|1(?:\.0{1,3})?)").fullmatch


@lru_cache(maxsize=512)
def preferred(header: str) -> Lang:
    """The language that an Accept-Language header likes best; of two liked alike the first. RFC 9110 12.5.4.

    What is no language range, or not one of ours, is passed over; `*` is English.
    """
    best, wish = 0.0, Lang.EN
    for part in header[:_HEADER_CHARS_MAX].lower().split(","):
        name, _, parameters = part.replace(" ", "").replace("\t", "").partition(";")
        lang = (
            Lang.EN if name == "*" else next((lang for lang in Lang if name.partition("-")[0] == lang), None)
        )
        weight = _weight(parameters)
        if lang is not None and weight > best:
            best, wish = weight, lang
    return wish


def _weight(parameters: str) -> float:
    if not parameters:
        return 1.0
    found = _WEIGHT(parameters)
    return float(found[1]) if found else 0.0


def spoken(request: Request) -> Lang:
    """The language of the answer to a request."""
    return preferred(request.headers.get("accept-language", ""))


def spoken_in(scope: Scope) -> Lang:
    """As `spoken`, for what has only the scope."""
    return preferred(field_of(scope, b"accept-language"))


def language_headers(lang: Lang) -> dict[str, str]:
    """What an answer with words in it says of its language."""
    return {"Content-Language": "zh-CN" if lang is Lang.ZH else "en", "Vary": "Accept-Language"}
