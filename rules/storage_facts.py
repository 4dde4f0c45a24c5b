"""What each kind of fact does to the stock of a site: lots in, lines out, lots made of other lots; for rules.storage."""

from bisect import insort
from collections.abc import Callable, Iterable
from typing import Any, Final

from models.envelope import Stated
from models.exact import BEIJING_OFFSET_US, DAY_US
from rules.storage_chain import chain, parents_of, repack, take_line
from rules.storage_counts import count, declare_age, surplus_batch
from rules.storage_moves import Moment, Put, Take, move_place, put, stock_of
from rules.storage_store import Store
from rules.storage_subjects import Leaving, Left, Link, Packed, with_row

Body = Any
MADE, STORED, OPENING, OUTPUT, BACK = "made", "stored", "opening", "output", "back"
PIPELINE: Final = "pipeline-metered.v1"


def puts_of(stated: Stated, key: str) -> list[Put]:
    """What comes into the site's stock, where that follows from the fact alone."""
    find = _PUTS.get(stated.kind)
    return find(stated, stated.body, key) if find is not None else []


def takes_of(stated: Stated, key: str) -> list[Take]:
    """What leaves the site's stock by departure, collection, pipeline or treatment."""
    body: Body = stated.body
    kind = stated.kind
    if kind == "waste-treated.v1" or (
        kind in DOCUMENTED and body.origin == key and _is_taken_here(kind, body)
    ):
        return [_take(line) for line in body.lines]
    return []


def _is_taken_here(kind: str, body: Body) -> bool:
    """A refused load that goes on left before; of a pipeline's meters the origin's says what left."""
    if kind == "transport-departed.v1":
        return body.onward_of is None or bool(body.onward_of == body.manifest_no)
    return kind != PIPELINE or bool(body.metered_by == "origin")


def _take(line: Body) -> Take:
    return Take(
        line.line, line.waste_code, line.mass_g, line.pieces, line.lot or "", line.place or "", line.parents
    )


def _of_lot(stated: Stated, body: Body, how: str, source: str = "", since: int = 0) -> Put:
    return Put(
        body.lot,
        body.waste_code,
        body.mass_g,
        body.pieces,
        body.place or "",
        how,
        source or f"{how}|{stated.occurred_at}",
        since,
        _packed(stated, body.containers),
        body.temperature or "",
    )


def _packed(stated: Stated, containers: Body) -> Packed | None:
    if containers is None:
        return None
    return Packed(*stated.order, containers.container_kind, containers.count, containers.ids)


def _generated(stated: Stated, body: Body, _key: str) -> list[Put]:
    return [_of_lot(stated, body, MADE)]


def _stored(stated: Stated, body: Body, _key: str) -> list[Put]:
    if body.opening:
        return [_of_lot(stated, body, OPENING, OPENING, body.stored_since or 0)]
    return [] if body.parents else [_of_lot(stated, body, STORED)]


def _accepted(_stated: Stated, body: Body, _key: str) -> list[Put]:
    """A lot per line: the receiver's own batch code, else the manifest's number and line."""
    no = body.manifest_no
    return [
        Put(
            line.stored_as or f"{no}/{line.line}",
            line.waste_code,
            line.mass_g,
            line.pieces,
            line.place or "",
            MADE,
            f"{no}/{line.line}",
            temperature=line.temperature or "",
        )
        for line in body.lines
    ]


def _brought(stated: Stated, body: Body, key: str) -> list[Put]:
    """A round's waste at its destination: a lot per line, named after round, origin, day and line."""
    if body.destination != key:
        return []
    stop = f"{body.round_id}/{body.origin}/{_day(stated.occurred_at)}"
    return [
        Put(f"{stop}/{line.line}", line.waste_code, line.mass_g, line.pieces, "", MADE, f"{stop}/{line.line}")
        for line in body.lines
    ]


def _metered(_stated: Stated, body: Body, key: str) -> list[Put]:
    """What a pipeline's meter at the destination says came in on a day: a lot per line, named after pipe, day and line."""
    if body.metered_by == "origin" or body.destination != key:
        return []
    stop = f"{body.pipeline}/{body.day.isoformat()}"
    return [
        Put(f"{stop}/{line.line}", line.waste_code, line.mass_g, line.pieces, "", MADE, f"{stop}/{line.line}")
        for line in body.lines
    ]


def _residues(stated: Stated, body: Body, _key: str) -> list[Put]:
    source = f"{MADE}|{stated.occurred_at}"
    return [_new_lot(stated, new, MADE, source) for new in body.residues]


def _new_lot(stated: Stated, new: Body, how: str, source: str) -> Put:
    packed = _packed(stated, new.containers)
    return Put(new.lot, new.waste_code, new.mass_g, None, new.place or "", how, source, 0, packed)


def _back(_stated: Stated, body: Body, _key: str) -> list[Put]:
    """A line that comes back: into its lot where it names one, else a lot by the manifest's number and line."""
    no = body.manifest_no
    return [
        Put(
            line.lot or f"{no}/{line.line}",
            line.waste_code,
            line.mass_g,
            line.pieces,
            line.place or "",
            BACK,
            f"back {no}/{line.line}",
        )
        for line in body.lines
    ]


_PUTS: Final[dict[str, Callable[[Stated, Body, str], list[Put]]]] = {
    "waste-generated.v1": _generated,
    "waste-stored.v1": _stored,
    "receipt-accepted.v1": _accepted,
    "waste-collected.v1": _brought,
    PIPELINE: _metered,
    "waste-treated.v1": _residues,
    "transport-returned.v1": _back,
}
DOCUMENTED: Final = frozenset({"transport-departed.v1", "waste-collected.v1", PIPELINE})
_RECEIVED: Final = frozenset({"receipt-accepted.v1", "transport-returned.v1"})
CHAINED: Final = frozenset({"waste-stored.v1", "waste-released.v1"})
SIMPLE: Final = DOCUMENTED | {
    "waste-generated.v1",
    "waste-stored.v1",
    "receipt-accepted.v1",
    "waste-treated.v1",
}
MATTER: Final = SIMPLE | {
    "waste-released.v1",
    "lot-repacked.v1",
    "stock-taken.v1",
    "transport-returned.v1",
}


def _day(at: int) -> int:
    """Beijing days since 1970-01-01."""
    return (at + BEIJING_OFFSET_US) // DAY_US


def document_of(stated: Stated) -> str:
    """The subject of what left on a manifest, a round that has none, or a pipeline's day; empty for other facts."""
    if stated.kind not in DOCUMENTED and stated.kind not in _RECEIVED:
        return ""
    body: Body = stated.body
    if stated.kind == PIPELINE:
        return f"leaving:{body.pipeline}/{body.day.isoformat()}/{body.destination}"
    if body.manifest_no is not None:
        return f"leaving:{body.manifest_no}"
    return f"leaving:{body.round_id}/{body.origin}/{_day(stated.occurred_at)}"


def names_of(stated: Stated, key: str) -> Iterable[str]:
    """Subjects that a fact names: documents, lots (under another code too) and codes."""
    if document := document_of(stated):
        yield document
    for batch, code in batches_of(stated, key):
        if batch:
            yield f"lot:{batch}"
        if code:
            yield f"code:{code}"
            if batch:
                yield f"lot:{batch}@{code}"
    body: Body = stated.body
    if stated.kind in CHAINED:
        yield from (f"lot:{parent}@{body.waste_code}" for parent in body.parents)
    elif stated.kind == "stock-taken.v1":
        yield from (f"counted:{count.waste_code}" for count in body.counts)
    else:
        yield from (f"lot:{parent}@{what.code}" for what in takes_of(stated, key) for parent in what.parents)


def batches_of(stated: Stated, key: str) -> Iterable[tuple[str, str]]:
    """Batch and code as a fact gives them; either may be empty."""
    body: Body = stated.body
    if stated.kind in CHAINED:
        yield body.lot, body.waste_code
        yield from ((parent, "") for parent in body.parents)
    elif stated.kind == "lot-repacked.v1":
        yield from ((share.lot, "") for share in body.inputs)
        yield from ((new.lot, new.waste_code) for new in body.outputs)
    elif stated.kind == "stock-taken.v1":
        for number, count in enumerate(body.counts, start=1):
            yield count.lot or surplus_batch(stated, number), count.waste_code
    elif stated.kind == "extension-granted.v1":
        yield body.lot or "", body.waste_code or ""
    else:
        for what in takes_of(stated, key):
            yield what.batch, what.code
            yield from ((parent, "") for parent in what.parents)
        yield from ((what.batch, what.code) for what in puts_of(stated, key))


def home_org(stated: Stated, key: str) -> str:
    """Which organisation is at home at the site, as far as a fact tells."""
    body: Body = stated.body
    kind = stated.kind
    if kind == "waste-generated.v1":
        return stated.stated_by
    if kind == "receipt-accepted.v1":
        named = body.destination_org if body.destination == key else stated.stated_by
        return str(body.receiver_org or named)
    if kind == "waste-treated.v1":
        return str(body.org)
    if kind in DOCUMENTED or kind == "transport-returned.v1":
        return str(body.origin_org if body.origin == key else body.destination_org)
    return stated.stated_by


def apply(state: Store, stated: Stated, moment: Moment) -> None:
    """Take a fact about matter in."""
    body: Body = stated.body
    kind = stated.kind
    if kind == "waste-generated.v1":
        put(state, _of_lot(stated, body, MADE), moment)
    elif kind in CHAINED and (kind == "waste-released.v1" or body.parents):
        _chain(state, stated, body, moment)
    elif kind in _APPLY:
        _APPLY[kind](state, stated, body, moment)
    elif kind != "receipt-accepted.v1" or not _brought_already(state, stated):
        for come in puts_of(stated, state.key):
            if come.how == OPENING:
                _open(state, come, moment)
            else:
                put(state, come, moment)


def _treat(state: Store, stated: Stated, body: Body, moment: Moment) -> None:
    """利用处置: what is treated leaves the stock, and residues are new lots that came of it."""
    for line in body.lines:
        take_line(state, _take(line), moment)
    for come in _residues(stated, body, state.key):
        put(state, come, moment)
        lot = state.lot(state.lot_name(come.batch, come.code))
        for giver, amount in moment.gave:
            lot.came_from = with_row(lot.came_from, Link(*moment.order, giver, amount))


def _open(state: Store, come: Put, moment: Moment) -> None:
    """期初库存: there since the day it declares; where it declares none and nothing else is known, of unknown age."""
    name = state.lot_name(come.batch, come.code)
    lot = state.lot(name, come.code)
    is_new = not lot.since or (lot.emptied_at > 0 and lot.left <= 0)
    added = put(state, come, moment)
    declare_age(lot, come.since, is_new and added > 0, moment.order[0])


def _brought_already(state: Store, stated: Stated) -> bool:
    known = state.subjects.get(document_of(stated))
    return isinstance(known, Leaving) and known.brought


def left_as(leaving: Leaving, gone: Take) -> Left | None:
    """A line that left already, said the same way."""
    if leaving.lines:
        said = (gone.line, gone.code, _or_none(gone.mass_g), _or_none(gone.pieces))
        for known in leaving.lines:
            if (known.line, known.code, known.mass_g, known.pieces) == said:
                return known
    return None


def _or_none(amount: int | None) -> int:
    return -1 if amount is None else amount


def _leave(state: Store, stated: Stated, body: Body, moment: Moment) -> None:
    name = moment.to
    gone_lines = takes_of(stated, state.key)
    is_manifest = stated.kind != PIPELINE and body.manifest_no is not None
    if gone_lines or is_manifest:
        leaving = state.leaving(name)
        state.noted.add(name)
        for gone in gone_lines:
            if left_as(leaving, gone) is None:
                since = take_line(state, gone, moment)
                grams, pieces = _or_none(gone.mass_g), _or_none(gone.pieces)
                insort(leaving.lines, Left(*moment.order, gone.line, gone.code, grams, pieces, since))
    for come in puts_of(stated, state.key):
        put(state, come, moment)
        if is_manifest:
            state.leaving(name).brought = True


def _return(state: Store, stated: Stated, body: Body, moment: Moment) -> None:
    """What comes back has the clock of what left on that manifest and line, else of its lot, else its own."""
    name = document_of(stated)
    leaving = state.leaving(name)
    leaving.returned = max(leaving.returned, moment.order)
    state.noted.add(name)
    for line, come in zip(body.lines, puts_of(stated, state.key), strict=True):
        clocks = [known.since for known in leaving.lines if known.line == line.line and known.since]
        put(state, come, moment, min(clocks, default=0))


def _chain(state: Store, stated: Stated, body: Body, moment: Moment) -> None:
    """入库 or 出库 under a new batch code: it takes the matter and the oldest clock of its parents, and moves no more.

    A release that names no parents only leaves its place.
    """
    parents = parents_of(state, body.parents, body.lot, body.waste_code)
    if stated.kind == "waste-released.v1" and not parents:
        _leave_place(state, body, moment)
        return
    how = STORED if stated.kind == "waste-stored.v1" else OUTPUT
    chain(state, _of_lot(stated, body, how), parents, moment)


def _leave_place(state: Store, body: Body, moment: Moment) -> None:
    name = state.lot_name(body.lot, body.waste_code)
    lot = state.lot(name, body.waste_code)
    stock = stock_of(state, body.waste_code, moment)
    order = moment.order
    released = (body.mass_g if lot.weighed else body.pieces) or 0
    lot.released = min(lot.released + released, max(lot.left, 0))
    lot.latest, lot.taken = max(lot.latest, order), max(lot.taken, order)
    stock.taken, stock.drawn = max(stock.taken, order), max(stock.drawn, order)
    moment.touched.add(name)
    if order > lot.placed:
        held = lot.left > 0
        if held:
            state.leave(name, lot)
        move_place(state, lot, "", order)
        if held:
            state.enter(name, lot)


def _repack(state: Store, stated: Stated, body: Body, moment: Moment) -> None:
    source = f"repacked|{stated.occurred_at}"
    outputs = [_new_lot(stated, new, OUTPUT, source) for new in body.outputs]
    repack(state, [(share.lot, share.mass_g) for share in body.inputs], outputs, moment)


_APPLY: Final[dict[str, Callable[[Store, Stated, Body, Moment], None]]] = {
    "lot-repacked.v1": _repack,
    "stock-taken.v1": count,
    "transport-returned.v1": _return,
    "waste-treated.v1": _treat,
    **dict.fromkeys(DOCUMENTED, _leave),
}
