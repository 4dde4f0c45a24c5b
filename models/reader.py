"""Stored facts read fast: msgspec types made from the pydantic models, with the same attributes. streams.decode calls it.

What the ledger holds was checked at the door, so here nothing is checked again: this reads what the door wrote, several
times as fast as the models do, and refuses only what cannot be read at all.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec
from pydantic import BaseModel

from models.exact import BEIJING_OFFSET, parse_instant
from models.facts import FACT_TYPES
from models.facts.base import CountedMassField, EventId, InstantField, MassField, MoneyField

_BEIJING_EPOCH: Final = datetime(1970, 1, 1, 8)  # noqa: DTZ001 - wall clocks of one zone, since zones cost the most
_DAY_S: Final = 86_400


def _instant(text: str) -> int:
    """Nearly all are Beijing time to the second; the rest are read as the door reads them."""
    if text[19:] != BEIJING_OFFSET:
        return parse_instant(text)
    since = datetime.fromisoformat(text[:19]) - _BEIJING_EPOCH
    return (since.days * _DAY_S + since.seconds) * 1_000_000


@lru_cache(maxsize=65536)  # Scales show a few thousand different masses.
def _thousandths(text: str) -> int:
    whole, _, places = text.partition(".")
    return int(whole) * 1000 + (int(places.ljust(3, "0")) if places else 0)


def _hundredths(text: str) -> int:
    whole, _, places = text.partition(".")
    return int(whole) * 100 + (int(places.ljust(2, "0")) if places else 0)


class _Plain(type):
    """msgspec asks whether what a hook made is of the field's type; it is a plain int or str, as in the models."""

    def __instancecheck__(cls, instance: object) -> bool:
        return True


class _Instant(metaclass=_Plain):
    """On the wire RFC 3339, inside microseconds."""


class _Mass(metaclass=_Plain):
    """On the wire kilograms, inside grams."""


class _Money(metaclass=_Plain):
    """On the wire yuan, inside fen."""


class _Lower(metaclass=_Plain):
    """An event_id, in lower case however it was sent."""


_READ: Final[dict[type, Callable[[str], int | str]]] = {
    _Instant: _instant,
    _Mass: _thousandths,
    _Money: _hundredths,
    _Lower: str.lower,
}
_READ_AS: Final[tuple[tuple[Any, type], ...]] = (
    (InstantField, _Instant),
    (MassField, _Mass),
    (CountedMassField, _Mass),
    (MoneyField, _Money),
    (EventId, _Lower),
)


def _hook(wanted: type, text: Any) -> Any:
    return _READ[wanted](text)


def _type_of(hint: Any) -> Any:
    """The msgspec type for a model's annotation."""
    for field_type, read_as in _READ_AS:
        if hint == field_type:
            return read_as
    origin = get_origin(hint)
    if origin is Annotated:
        return _type_of(get_args(hint)[0])
    if origin in (Union, UnionType):
        return reduce(or_, (_type_of(part) for part in get_args(hint) if part is not NoneType)) | None
    if origin is tuple:
        return tuple[_type_of(get_args(hint)[0]), ...]  # type: ignore[misc]  # Made while running.
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return _struct(hint)
    return hint


_structs: dict[type[BaseModel], type[msgspec.Struct]] = {}


def _struct(model: type[BaseModel]) -> type[msgspec.Struct]:
    """A frozen struct with the model's attributes, wire names and defaults; facts hold no cycles, so none are sought."""
    if model not in _structs:
        hints = get_type_hints(model, include_extras=True)
        _structs[model] = msgspec.defstruct(
            model.__name__,
            [(name, _type_of(hints[name]), _field(model, name)) for name in model.model_fields],
            namespace={"__doc__": model.__doc__, "model_fields": model.model_fields},
            frozen=True,
            kw_only=True,
            gc=False,
        )
    return _structs[model]


def _field(model: type[BaseModel], name: str) -> Any:
    known = model.model_fields[name]
    if known.is_required():
        return msgspec.field(name=known.alias)
    return msgspec.field(name=known.alias, default=_default(known.default))


def _default(value: Any) -> Any:
    """A default that is itself a model, as an empty scope, is made of the struct's own defaults."""
    return _struct(type(value))() if isinstance(value, BaseModel) else value


_DECODERS: Final = {
    kind: msgspec.json.Decoder(_struct(model), dec_hook=_hook) for kind, model in FACT_TYPES.items()
}


def read_stored(kind: str, data: bytes | msgspec.Raw) -> Any:
    """A stored body by its kind, with the attributes that the model of this kind has; KeyError where none has it.

    Raises msgspec.DecodeError or ValueError where it is none of ours.
    """
    return _DECODERS[kind].decode(data)
