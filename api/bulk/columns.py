"""The columns of each kind's sheet, derived from the fact models: nothing of them is listed a second time.

A field is a column, a field of an optional part such as `containers` too. A list of parts such as `lines` gives one row
an item: its columns stand beside those of the fact, and the fact's own may be left blank from the second row on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from models.facts import ABOUT_FACTS, ALERT_FOLLOW_UPS, FACT_TYPES, LAW_KINDS
from models.facts.base import (
    CountedMassField,
    Day,
    DocumentNumber,
    InstantField,
    ManifestNumber,
    MassField,
    MoneyField,
)
from models.roles import MAY_STATE

# What is about another fact, an alert or the law is stated one by one, with care; and some only the system states.
KINDS: Final = tuple(
    kind for kind in FACT_TYPES if kind not in LAW_KINDS | ABOUT_FACTS | ALERT_FOLLOW_UPS and MAY_STATE[kind]
)
_NOT_COLUMNS: Final = frozenset({"kind", "event_id"})


class Cell(StrEnum):
    """What a cell holds; how it is read, and how the template formats it."""

    INSTANT = "instant"
    DAY = "day"
    MASS = "mass"
    MONEY = "money"
    WHOLE = "whole"
    FLAG = "flag"
    CHOICE = "choice"
    CODE = "code"
    TEXT = "text"


_EXACT: Final[tuple[tuple[Any, Cell], ...]] = (
    (InstantField, Cell.INSTANT),
    (MassField, Cell.MASS),
    (CountedMassField, Cell.MASS),
    (MoneyField, Cell.MONEY),
    (Day, Cell.DAY),
)
_DOCUMENTS: Final = (DocumentNumber, ManifestNumber)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `path` has the names on the wire, `names` those of the model, for words; both from the fact down.

    `group` is the list whose items it belongs to. `many`: several values in one cell. `ascii`: full-width letters are
    taken for plain ones, since no other can be meant.
    """

    path: tuple[str, ...]
    names: tuple[str, ...]
    cell: Cell
    required: bool
    group: str | None = None
    many: bool = False
    choices: tuple[str, ...] = ()
    document: bool = False
    ascii: bool = False
    default: Any = None  # What the field is where nothing is said; it is left out of the fact then.

    @property
    def wire(self) -> str:
        """`lines.mass_kg`: the column's name on the wire, which every heading of ours ends with."""
        return ".".join(self.path)

    @property
    def name(self) -> str:
        """The field's own name in its model."""
        return self.names[-1]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All columns of a kind. `groups` are its lists, `musts` those that may not be empty, `numbered` those whose
    items have a number.

    `key` says which rows are one fact: those that agree in these columns (see api.bulk.drafts).
    """

    kind: str
    columns: tuple[Column, ...]
    groups: tuple[str, ...]
    numbered: frozenset[str]
    key: tuple[Column, ...]
    by_document: bool
    needs_row_id: bool
    musts: frozenset[str]
    by_wire: dict[str, Column] = field(repr=False)


@lru_cache(maxsize=len(KINDS))
def sheet_of(kind: str) -> Sheet:
    """The sheet of a kind of KINDS."""
    columns = tuple(_columns(FACT_TYPES[kind], (), (), None, True))
    groups = tuple(dict.fromkeys(column.group for column in columns if column.group is not None))
    own = tuple(column for column in columns if column.group is None)
    documents = tuple(column for column in own if column.document and column.required)
    key = (*(column for column in own if column.cell is Cell.INSTANT and column.required), *documents)
    must = [name for name in groups if FACT_TYPES[kind].model_fields[name].is_required()]
    return Sheet(
        kind=kind,
        columns=columns,
        groups=groups,
        numbered=frozenset(c.group for c in columns if c.group and c.path[1:] == ("line",)),
        key=key if documents else own,
        by_document=bool(documents),
        needs_row_id=not documents and len(must) > 1,
        musts=frozenset(must),
        by_wire={column.wire: column for column in columns},
    )


def _columns(
    model: type[BaseModel], path: tuple[str, ...], names: tuple[str, ...], group: str | None, must: bool
) -> Iterator[Column]:
    hints = get_type_hints(model, include_extras=True)
    for name, about in model.model_fields.items():
        if not path and name in _NOT_COLUMNS:
            continue
        wire = about.alias or name
        required = must and about.is_required()
        yield from _of(hints[name], about, (*path, wire), (*names, name), group, required)


def _of(
    hint: Any,
    about: FieldInfo,
    path: tuple[str, ...],
    names: tuple[str, ...],
    group: str | None,
    required: bool,
) -> Iterator[Column]:
    hint = _without_none(hint)
    part = _bare(hint)
    if isinstance(part, type) and issubclass(part, BaseModel):
        yield from _columns(part, path, names, group, required)
        return
    if get_origin(part) is not tuple:
        yield _scalar(hint, about, path, names, group, required)
        return
    item = get_args(part)[0]
    inside = _bare(item)
    if isinstance(inside, type) and issubclass(inside, BaseModel):
        if group is not None or len(path) > 1:
            raise TypeError(f'"{".".join(path)}" is a list of parts inside another: no sheet can show it')
        yield from _columns(inside, path, names, path[0], required)
        return
    yield _scalar(item, about, path, names, group, required, many=True)


def _scalar(
    hint: Any,
    about: FieldInfo,
    path: tuple[str, ...],
    names: tuple[str, ...],
    group: str | None,
    required: bool,
    many: bool = False,
) -> Column:
    cell, bare, pattern = _cell(hint), _bare(hint), _pattern(hint)
    default = None if many or about.is_required() else about.default
    # A number of a line may be left out: rows are numbered as they stand.
    return Column(
        path=path,
        names=names,
        cell=cell,
        required=required and path[1:] != ("line",),
        group=group,
        many=many,
        choices=tuple(str(choice) for choice in bare) if cell is Cell.CHOICE else (),
        document=any(hint == known for known in _DOCUMENTS),
        ascii=bool(pattern) and pattern.isascii() and "\\u" not in pattern,
        default=str(default) if isinstance(default, StrEnum) else default,
    )


def _cell(hint: Any) -> Cell:
    for known, cell in _EXACT:
        if hint == known:
            return cell
    bare = _bare(hint)
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        return Cell.CHOICE
    if bare is bool:
        return Cell.FLAG
    if bare is int:
        return Cell.WHOLE
    if bare is str:
        return Cell.CODE if _pattern(hint) else Cell.TEXT
    raise TypeError(f'no cell is known for "{hint}"')


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        (found,) = (part for part in get_args(hint) if part is not NoneType)
        return found
    return hint


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _pattern(hint: Any) -> str:
    """The pattern of an annotated string, wherever pydantic keeps it; empty for none."""
    for part in get_args(hint)[1:] if get_origin(hint) is Annotated else ():
        for told in (part, *getattr(part, "metadata", ())):
            if found := getattr(told, "pattern", None):
                return str(found)
    return ""
