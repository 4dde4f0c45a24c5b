"""One real example of every fact as it is sent; for descriptions, templates, pages and tests. Nothing is judged by them."""

import json
from functools import lru_cache
from importlib import resources
from typing import Any


def example(kind: str) -> dict[str, Any]:
    """A whole fact of this kind (`transport-departed.v1`) that the door accepts; a copy. KeyError for an unknown kind."""
    found: dict[str, Any] = json.loads(_text(kind))
    return found


@lru_cache(maxsize=256)
def _text(kind: str) -> str:
    try:
        return resources.files(__package__).joinpath(f"{kind}.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeyError(kind) from None
