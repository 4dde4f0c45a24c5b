"""A fact as rows: what templates show as their example, and what exports write; drafts read it back as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.bulk.cells import words_of
from api.bulk.columns import Cell, Column, Sheet
from api.bulk.neutral import Value
from api.words import WORDS, Lang


def rows_of(sheet: Sheet, wire: Mapping[str, Any], lang: Lang = Lang.ZH) -> list[list[Value]]:
    """The rows of a fact as it was stated, a value for each column of its sheet; None for what it does not say."""
    lists = {group: wire.get(group) or [] for group in sheet.groups}
    height = max([1, *(len(items) for items in lists.values())])
    return [
        [_value(column, _source(column, wire, lists, nth), lang) for column in sheet.columns]
        for nth in range(height)
    ]


def _source(column: Column, wire: Mapping[str, Any], lists: Mapping[str, list[Any]], nth: int) -> Any:
    """What holds a column's field in one row, and the field in it."""
    value: Any
    if column.group is None:
        value, path = wire if nth == 0 else None, column.path
    else:
        items = lists[column.group]
        value, path = items[nth] if nth < len(items) else None, column.path[1:]
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _value(column: Column, value: Any, lang: Lang) -> Value:
    if value is None or value == []:
        return None
    if isinstance(value, list):
        return "、".join(map(str, value))
    if column.cell is Cell.FLAG:
        return WORDS["bulk.flag.true" if value else "bulk.flag.false"][0 if lang is Lang.ZH else 1]
    if column.cell is Cell.CHOICE:
        return words_of(column, str(value))[0 if lang is Lang.ZH else 1]
    if column.cell is Cell.WHOLE and isinstance(value, int):
        return value
    return str(value)
