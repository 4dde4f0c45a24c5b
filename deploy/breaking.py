"""What a change of a published description breaks for those who build on it; docs/contracts.md says what is promised.

Two ways to look at a schema: what others SEND us must go on being taken, and what they READ of us must go on being what
they know. More members and more names in closed sets may come in what is read; nothing may go. Where containment cannot be
told (another pattern, another format) a change counts as breaking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

Schema = Any
_LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_TEXTS: Final = ("pattern", "format")
_METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options")


class Way(Enum):
    """Who writes what a schema describes: they (`SENT`), or we (`READ`)."""

    SENT = "sent"
    READ = "read"


class Break(NamedTuple):
    """One thing that breaks: where, and what."""

    where: str
    what: str

    def __str__(self) -> str:
        """For the one who has to read it in CI."""
        return f"{self.where}: {self.what}"


class Comparer:
    """Compares schemas of two documents; references are followed in each of them, cycles once."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._old, self._new = old, new
        self._met: set[tuple[str, str, Way]] = set()

    def schemas(self, old: Schema, new: Schema, where: str, way: Way) -> list[Break]:
        """What breaks where `old` became `new`."""
        key = (repr(old), repr(new), way)
        if key in self._met:
            return []
        self._met.add(key)
        try:
            return self._variants(old, new, where, way)
        finally:
            self._met.discard(key)

    def _variants(self, old: Schema, new: Schema, where: str, way: Way) -> list[Break]:
        was, now = _variants(old, self._old), _variants(new, self._new)
        if len(was) == 1 and len(now) == 1:
            return self._plain(was[0], now[0], where, way)
        # Sent: each of the old ones must still be taken. Read: each of the new ones must be known.
        found: list[Break] = []
        for one in was if way is Way.SENT else now:
            pairs = [
                (one, other) if way is Way.SENT else (other, one) for other in self._others(was, now, way)
            ]
            found += self._best(pairs, where, way)
        return found

    def _others(self, was: list[Schema], now: list[Schema], way: Way) -> list[Schema]:
        return now if way is Way.SENT else was

    def _best(self, pairs: list[tuple[Schema, Schema]], where: str, way: Way) -> list[Break]:
        """Nothing where some pair fits; else what is wrong with the pair that is the most alike."""
        tried: list[list[Break]] = []
        for old, new in pairs:
            found = self._plain(old, new, where, way)
            if not found:
                return []
            if _name(old) == _name(new):
                tried.append(found)
        what = "a form is no longer taken" if way is Way.SENT else "may be in a form that was not there"
        return min(tried, key=len, default=[Break(where, what)])

    def _plain(self, old: Schema, new: Schema, where: str, way: Way) -> list[Break]:
        if old is True or old is False or new is True or new is False:
            return self._booleans(old, new, where, way)
        return [
            *_types(old, new, where, way),
            *_values(old, new, where, way),
            *_bounds(old, new, where, way),
            *_spelling(old, new, where, way),
            *self._members(old, new, where, way),
            *self._items(old, new, where, way),
        ]

    def _booleans(self, old: Schema, new: Schema, where: str, way: Way) -> list[Break]:
        wide, narrow = (new, old) if way is Way.SENT else (old, new)
        return (
            [] if wide in (True, {}) or narrow is False else [Break(where, "takes other values than it did")]
        )

    def _members(self, old: Schema, new: Schema, where: str, way: Way) -> list[Break]:
        was, now = old.get("properties", {}), new.get("properties", {})
        found = []
        for name, schema in was.items():
            if name in now:
                found += self.schemas(schema, now[name], f"{where}.{name}", way)
            elif way is Way.READ or new.get("additionalProperties") is False:
                found.append(Break(f"{where}.{name}", "is gone"))
        must, musts = set(old.get("required", ())), set(new.get("required", ()))
        if way is Way.SENT:
            found += [Break(f"{where}.{name}", "has become required") for name in sorted(musts - must)]
            if _is_open(old) and not _is_open(new) and "object" in _type_set(old):
                found.append(Break(where, "takes no other members any more"))
        else:
            gone = sorted((must - musts) & now.keys())
            found += [Break(f"{where}.{name}", "may now be missing") for name in gone]
        return found + self._others_of(old, new, where, way)

    def _others_of(self, old: Schema, new: Schema, where: str, way: Way) -> list[Break]:
        was, now = old.get("additionalProperties"), new.get("additionalProperties")
        if isinstance(was, dict) and isinstance(now, dict):
            return self.schemas(was, now, f"{where}.*", way)
        return []

    def _items(self, old: Schema, new: Schema, where: str, way: Way) -> list[Break]:
        if "items" in old and "items" in new:
            return self.schemas(old["items"], new["items"], f"{where}[]", way)
        if "items" in (new if way is Way.SENT else old) and "array" in _type_set(old):
            return [Break(f"{where}[]", "takes other items than it did")]
        return []


def _resolved(schema: Schema, document: Mapping[str, Any]) -> Schema:
    """A schema in the place of a reference to it; members beside a reference go over it."""
    while isinstance(schema, dict) and "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        schema = {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema


def _variants(schema: Schema, document: Mapping[str, Any]) -> list[Schema]:
    schema = _resolved(schema, document)
    if not isinstance(schema, dict):
        return [schema]
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return [found for part in schema[word] for found in _variants(part, document)]
    if "allOf" in schema:
        return [_merged(schema, document)]
    types = schema.get("type")
    if isinstance(types, list):
        return [{**schema, "type": one} for one in types]
    return [schema]


def _merged(schema: Schema, document: Mapping[str, Any]) -> Schema:
    whole = {name: value for name, value in schema.items() if name != "allOf"}
    for part in schema["allOf"]:
        resolved = _resolved(part, document)
        properties = {**whole.get("properties", {}), **resolved.get("properties", {})}
        required = sorted({*whole.get("required", ()), *resolved.get("required", ())})
        whole = {**whole, **resolved, "properties": properties, "required": required}
    return whole


def _name(schema: Schema) -> str:
    """By what two forms are the same: the kind that they say, or their title, or their type."""
    if not isinstance(schema, dict):
        return str(schema)
    kind = schema.get("properties", {}).get("kind", {})
    return str(kind.get("const") or schema.get("title") or schema.get("type"))


def _type_set(schema: Schema) -> set[str]:
    types = schema.get("type", ())
    return {types} if isinstance(types, str) else set(types)


def _is_open(schema: Schema) -> bool:
    return schema.get("additionalProperties") is not False


def _types(old: Schema, new: Schema, where: str, way: Way) -> Iterator[Break]:
    narrow, wide = (_type_set(old), _type_set(new)) if way is Way.SENT else (_type_set(new), _type_set(old))
    if wide and not narrow:
        yield Break(where, "says no more of which type it is" if way is Way.READ else "takes fewer types")
    elif wide and narrow - wide - ({"integer"} if "number" in wide else set()):
        yield Break(where, f"was {_listed(_type_set(old))}, is {_listed(_type_set(new))}")


def _values(old: Schema, new: Schema, where: str, way: Way) -> Iterator[Break]:
    was, now = _allowed(old), _allowed(new)
    if now is None:
        if was is not None and way is Way.READ:
            yield Break(where, "is no longer one of a closed set")
    elif was is None:
        if way is Way.SENT:
            yield Break(where, f"takes only {_listed(now)} now")
    elif gone := was - now:
        yield Break(where, f"{_listed(gone)} is gone")


def _allowed(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(value) for value in schema["enum"]} if "enum" in schema else None


def _bounds(old: Schema, new: Schema, where: str, way: Way) -> Iterator[Break]:
    narrow, wide = (old, new) if way is Way.SENT else (new, old)
    for word in _LEAST:
        if word in wide and (word not in narrow or narrow[word] < wide[word]):
            yield Break(where, f"{word} was {old.get(word, 'free')}, is {new.get(word, 'free')}")
    for word in _MOST:
        if word in wide and (word not in narrow or narrow[word] > wide[word]):
            yield Break(where, f"{word} was {old.get(word, 'free')}, is {new.get(word, 'free')}")


def _spelling(old: Schema, new: Schema, where: str, way: Way) -> Iterator[Break]:
    narrow, wide = (old, new) if way is Way.SENT else (new, old)
    for word in _TEXTS:
        if word in wide and narrow.get(word) != wide[word]:
            yield Break(where, f"{word} was {old.get(word, 'free')}, is {new.get(word, 'free')}")


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "anything"


# Documents


def facts(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[Break]:
    """Schemas of facts by kind: a kind never goes, and what was a fact stays one."""
    found = [Break(kind, "is gone") for kind in old if kind not in new]
    for kind in old.keys() & new.keys():
        found += Comparer(old[kind], new[kind]).schemas(old[kind], new[kind], kind, Way.SENT)
    return sorted(found)


def openapi(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Break]:
    """Two editions of /openapi.json."""
    compare = Comparer(old, new)
    found = []
    for path, operations in old["paths"].items():
        for method in _METHODS:
            if method in operations:
                where = f"{method.upper()} {path}"
                now = new["paths"].get(path, {}).get(method)
                found += (
                    [Break(where, "is gone")]
                    if now is None
                    else _operation(compare, operations[method], now, where)
                )
    return found


def _operation(compare: Comparer, old: Any, new: Any, where: str) -> list[Break]:
    found = [
        *_parameters(compare, old, new, where),
        *_body(compare, old, new, where),
        *_answers(compare, old, new, where),
    ]
    if new.get("security") and not old.get("security"):
        found.append(Break(where, "needs a key now"))
    if old.get("operationId") != new.get("operationId"):
        found.append(Break(where, f"was called {old.get('operationId')}, is {new.get('operationId')}"))
    return found


def _parameters(compare: Comparer, old: Any, new: Any, where: str) -> Iterator[Break]:
    was, now = _by_name(old), _by_name(new)
    for key, parameter in now.items():
        if parameter.get("required") and not was.get(key, {}).get("required"):
            yield Break(f"{where} {key}", "has become required")
    for key, parameter in was.items():
        if key not in now:
            yield Break(f"{where} {key}", "is gone")
        else:
            yield from compare.schemas(parameter["schema"], now[key]["schema"], f"{where} {key}", Way.SENT)


def _by_name(operation: Any) -> dict[str, Any]:
    return {f"{one['in']}.{one['name']}": one for one in operation.get("parameters", ())}


def _body(compare: Comparer, old: Any, new: Any, where: str) -> Iterator[Break]:
    was, now = old.get("requestBody", {}), new.get("requestBody", {})
    if now.get("required") and not was.get("required"):
        yield Break(f"{where} body", "has become required")
    yield from _contents(compare, was, now, f"{where} body", Way.SENT)


def _answers(compare: Comparer, old: Any, new: Any, where: str) -> Iterator[Break]:
    """Refusals may go; what is not a refusal may not."""
    for status, answer in old["responses"].items():
        now = new["responses"].get(status)
        if now is None:
            if status < "400":
                yield Break(f"{where} {status}", "is gone")
            continue
        yield from _contents(compare, answer, now, f"{where} {status}", Way.READ)
        for header in answer.get("headers", {}).keys() - now.get("headers", {}).keys():
            yield Break(f"{where} {status} {header}", "is gone")


def _contents(compare: Comparer, old: Any, new: Any, where: str, way: Way) -> Iterator[Break]:
    for media, content in old.get("content", {}).items():
        now = new.get("content", {}).get(media)
        if now is None:
            yield Break(f"{where} {media}", "is gone")
        else:
            yield from compare.schemas(content.get("schema", {}), now.get("schema", {}), where, way)


def asyncapi(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Break]:
    """Two editions of /asyncapi.json: all of it is read."""
    compare = Comparer(old, new)
    found = []
    for name, channel in old["channels"].items():
        now = new["channels"].get(name)
        if now is None or now["address"] != channel["address"]:
            found.append(
                Break(name, "is gone" if now is None else f"was {channel['address']}, is {now['address']}")
            )
            continue
        for kind, message in channel["messages"].items():
            if kind not in now["messages"]:
                found.append(Break(f"{name} {kind}", "is gone"))
                continue
            was, is_now = _resolved(message, old), _resolved(now["messages"][kind], new)
            for part in ("payload", "headers"):
                found += compare.schemas(
                    was.get(part, {}), is_now.get(part, {}), f"{name} {kind} {part}", Way.READ
                )
    return sorted(set(found))
