"""资金差异: open settlement findings with the money at risk; and one pair's book of contracts, movements, documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api import show
from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.frame import Frame, page
from api.pages.rows import AlertLine, line_of, lines_of, pair_href, pair_text, text_of
from api.parts import parts_of
from api.views import alerts, money
from api.views.alerts import SETTLEMENT_KINDS, AlertFilter, AlertView
from api.views.money import PairBook
from models.alerts import ALERTS, AlertKind
from models.exact import beijing_date
from models.facts.oversight import Subject
from rules.settlement.contracts import end_of, terms_on
from rules.settlement.subjects import Contract, Price, Terms
from streams.databases import reading

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_ROWS_MAX: Final = 300
_PAIRS_MAX: Final = 15
_MOVEMENTS_MAX: Final = 60
_DOCUMENTS_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """A finding with its amounts in fen (None where it names none) and what it puts at risk."""

    line: AlertLine
    expected_fen: int | None
    invoiced_fen: int | None
    paid_fen: int | None
    difference_fen: int | None
    stake_fen: int
    pair_href: str | None
    pair_text: str


_ORDERS: Final[Mapping[str, Callable[[MoneyRow], Any]]] = {
    "stake": lambda row: (-row.stake_fen, row.line.alert.since),
    "since": lambda row: (-row.line.alert.since, row.line.alert.alert_id),
    "kind": lambda row: (row.line.alert.kind, -row.stake_fen),
    "pair": lambda row: (row.pair_text, -row.stake_fen),
}


@router.get("/settlement")
def findings(request: Request) -> Response:
    """The page. `kind` and `region` choose, `sort` orders, a leading `-` the other way."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    wanted = AlertFilter.of(request.query_params, viewer.reach)
    kind = wanted.kind if wanted.kind in SETTLEMENT_KINDS else ""
    with reading(desk.state) as connection:
        found = alerts.lasting(connection, SETTLEMENT_KINDS, viewer.reach, wanted.region)
    chosen = [_row(frame, alert) for alert in found if not kind or alert.kind == kind]
    asked = request.query_params.get("sort", "")
    sort = asked if asked.removeprefix("-") in _ORDERS else "stake"
    chosen.sort(key=_ORDERS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return page(
        frame,
        "settlement.html",
        pulse=desk.pulse(),
        rows=chosen[:_ROWS_MAX],
        left_out=max(0, len(chosen) - _ROWS_MAX),
        kinds=_kinds(frame, found),
        kind=kind,
        sort=sort,
        sort_href=lambda name: _sort_href(kind, wanted.region, name, sort),
        pairs=_pairs(frame, found),
        total_fen=money.at_risk_fen(found),
        number=len(found),
    )


def _sort_href(kind: str, region: str, name: str, now: str) -> str:
    kept = {key: value for key, value in (("kind", kind), ("region", region)) if value}
    return "/settlement?" + urlencode({**kept, "sort": f"-{name}" if now == name else name})


def _row(frame: Frame, alert: AlertView) -> MoneyRow:
    told = alert.amounts
    amounts = {
        name: value if isinstance(value := told.get(name), int) else None
        for name in ("expected_fen", "invoiced_fen", "paid_fen", "difference_fen")
    }
    return MoneyRow(
        line=line_of(frame, alert),
        stake_fen=money.stake_fen(alert),
        pair_href=pair_href(alert.pair) if alert.pair else None,
        pair_text=pair_text(frame, alert.pair) if alert.pair else _parties(frame, alert),
        **amounts,
    )


def _parties(frame: Frame, alert: AlertView) -> str:
    return "、".join(frame.org_name(org) for org in alert.parties)


def _kinds(frame: Frame, found: list[AlertView]) -> list[dict[str, Any]]:
    """Each settlement kind with how many are open and what they put at risk."""
    told = []
    for kind in SETTLEMENT_KINDS:
        mine = [alert for alert in found if alert.kind == kind]
        told.append(
            {
                "kind": kind,
                "title": text_of(frame.lang, kind).title,
                "severity": ALERTS[AlertKind(kind)].severity.value,
                "number": len(mine),
                "stake_fen": money.at_risk_fen(mine),
            }
        )
    return told


def _pairs(frame: Frame, found: list[AlertView]) -> list[dict[str, Any]]:
    totals = money.by_pair(found)[:_PAIRS_MAX]
    most = max((total.stake_fen for total in totals), default=0)
    return [
        {
            "href": pair_href(total.pair),
            "text": pair_text(frame, total.pair),
            "findings": total.findings,
            "stake_fen": total.stake_fen,
            "permille": total.stake_fen * 1000 // most if most else 0,
        }
        for total in totals
    ]


# One pair


@router.get("/settlement/{origin}/{destination}")
def pair(request: Request, origin: str, destination: str) -> Response:
    """The book of a pair, for both of them and for readers of all."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    if not viewer.reach.pair(origin, destination):
        raise NotThere
    key = f"{origin}>{destination}"
    with reading(desk.state) as connection:
        book = money.pair_book(connection, key)
        found = alerts.of_key(connection, viewer.reach, "settlement", key)
    if book is None and not found:
        raise NotThere
    rows = len(book.documents) + len(book.movements) if book else 0
    parts_of(request).reads.note(viewer.reach.holder, Subject.PAIR, key, rows)
    return page(
        frame,
        "pair.html",
        pulse=desk.pulse(),
        origin=origin,
        destination=destination,
        contracts=_contracts(frame, book, desk.now()) if book else [],
        movements=_newest(book),
        left_out=max(0, len(book.movements) - _MOVEMENTS_MAX) if book else 0,
        documents=_latest(book),
        documents_left_out=max(0, len(book.documents) - _DOCUMENTS_MAX) if book else 0,
        accounts=book.accounts if book else [],
        totals=_totals(book),
        alerts=lines_of(frame, found),
        subject_of=lambda name: _subject(name),
    )


def _newest(book: PairBook | None) -> list[dict[str, Any]]:
    """Movements, the latest first."""
    return list(reversed(book.movements))[:_MOVEMENTS_MAX] if book else []


def _latest(book: PairBook | None) -> list[dict[str, Any]]:
    """Documents, those with money left first, then the latest first."""
    rows = book.documents if book else []
    return sorted(rows, key=lambda row: (not row["left"], -row["at"], row["subject"]))[:_DOCUMENTS_MAX]


def _totals(book: PairBook | None) -> dict[str, int]:
    names = ("accepted_g", "expected_fen", "invoiced_fen", "paid_fen", "left_fen")
    rows = book.movements if book else []
    return {name: sum(row[name] or 0 for row in rows) for name in names}


def _subject(name: str) -> tuple[str, str | None]:
    """What a subject is called, and its page where it has one."""
    kind, _, rest = name.partition(":")
    return rest, f"/manifests/{rest}" if kind == "manifest" else None


def _agreed(frame: Frame, contract: Contract, terms: Terms | None) -> str:
    """The mass that it names, and what was accepted of it."""
    if terms is None or terms.grams is None:
        return ""
    return frame.say("pair.agreed", mass=show.mass(terms.grams), taken=show.mass(contract.taken_g))


def _conditions(frame: Frame, price: Price) -> Iterator[str]:
    """What else a price line says: its minimum, its tax, and who pays where it is not the origin."""
    if price.minimum_fen is not None:
        yield "; " + frame.say("price.minimum", sum=show.yuan(price.minimum_fen))
    if price.tax_permille:
        yield "; " + frame.say("price.plus_tax", rate=f"{price.tax_permille / 10:g}")
    if price.payer == "destination":
        yield f"（{frame.say('price.by_destination')}）"


def _contracts(frame: Frame, book: PairBook, now: int) -> list[dict[str, Any]]:
    return [_contract(frame, number, contract, now) for number, contract in sorted(book.contracts.items())]


def _contract(frame: Frame, number: str, contract: Contract, now: int) -> dict[str, Any]:
    """Its terms as they are today, or as they were or will be last and first."""
    today = beijing_date(now)
    terms = terms_on(contract, today) or (contract.terms[0] if contract.terms else None)
    end = end_of(contract)
    return {
        "number": number,
        "from": terms.from_day.isoformat() if terms else show.NOTHING,
        "until": show.day(end - 1) if end is not None else show.NOTHING,
        "over": end is not None and now >= end,
        "prices": [
            f"{price.code or price.category or frame.say('price.any')} {show.yuan(price.fen)} / "
            f"{frame.say(f'price.{price.basis}')}" + "".join(_conditions(frame, price))
            for price in (terms.prices if terms else [])
        ],
        "agreed": _agreed(frame, contract, terms),
        "intermediaries": [frame.org_name(org) for org in (terms.intermediaries if terms else [])],
    }
