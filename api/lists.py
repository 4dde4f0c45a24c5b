"""导出: the lists that pages show as files for spreadsheets, by the same filters, for whoever may see them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from api import show
from api.auth import granted
from api.bulk.neutral import Value, csv_cell
from api.bulk.templates import put
from api.described import DescribedRoute
from api.pages.access import desk_and_viewer, frame_for
from api.pages.frame import Frame
from api.pages.rows import line_of
from api.parts import parts_of
from api.uploads import CSV_TYPE, XLSX_TYPE, attachment
from api.views import alerts, storage
from api.views.alerts import AlertFilter, AlertView
from models.access import Scope
from models.alerts import AlertKind, Severity
from models.exact import format_kg
from models.facts.oversight import Subject
from models.language import Lang
from streams.databases import guarded, reading
from streams.keys import Holder

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
ROWS_MAX: Final = 10_000
_PAGE: Final = 500
_Form = Annotated[str, Path(pattern="^(csv|xlsx)$")]
_Region = Annotated[str, Query(pattern="^([1-8][0-9]|[1-8][0-9]{3}|[1-8][0-9]{5})?$")]
_Language = Annotated[
    Lang | None, Query(description="Of headings and words; else as the browser has chosen.")
]
_Reading = Annotated[Holder, Depends(granted(Scope.ALERTS_READ))]
_ALERTS: Final = (
    "col.severity",
    "export.title",
    "export.kind",
    "col.condition",
    "export.subject",
    "col.place",
    "col.city",
    "export.raised",
    "col.from",
    "export.until",
    "export.gist",
    "alert_id",
)
_LOTS: Final = (
    "col.city",
    "site",
    "col.place",
    "col.lot",
    "col.code",
    "export.mass_kg",
    "export.pieces",
    "export.limit",
    "export.days",
    "alert_id",
)


def _frame(request: Request, holder: Holder, lang: Lang | None) -> Frame:
    frame = frame_for(request, holder)
    return replace(frame, lang=lang) if lang is not None else frame


@router.get("/alerts.{form}", response_class=Response)
def alerts_file(
    request: Request,
    holder: _Reading,
    form: _Form,
    kind: AlertKind | None = None,
    severity: Severity | None = None,
    region: _Region = "",
    condition: Literal["lasting", "over", "all"] = "lasting",
    lang: _Language = None,
) -> Response:
    """Alerts as a table, the latest first, ten thousand at most; chosen as on the page."""
    frame = _frame(request, holder, lang)
    desk, viewer = desk_and_viewer(frame)
    chosen = {"kind": kind or "", "severity": severity or "", "region": region, "condition": condition}
    wanted = AlertFilter.of(chosen, viewer.reach)
    with guarded(), reading(desk.state) as connection:
        found = list(_every(connection, wanted))
    parts_of(request).reads.note(holder, Subject.EXPORT, "alerts", len(found))
    return _file(frame, form, "alerts", "告警", _ALERTS, (_alert(frame, alert) for alert in found))


def _every(connection: Any, wanted: AlertFilter) -> Iterator[AlertView]:
    before, left = "", ROWS_MAX
    while left > 0:
        page = alerts.newest(connection, wanted, before, min(_PAGE, left))
        yield from page.alerts
        left -= len(page.alerts)
        if page.before is None:
            return
        before = page.before


def _alert(frame: Frame, alert: AlertView) -> list[Value]:
    line = line_of(frame, alert)
    return [
        frame.say(f"severity.{alert.severity}"),
        line.title,
        alert.kind,
        frame.say(f"condition.{alert.condition}"),
        line.subject,
        line.site_name,
        line.city,
        show.second(alert.raised_at),
        show.second(alert.since),
        show.second(alert.until) if alert.until is not None else None,
        line.gist,
        alert.alert_id,
    ]


@router.get("/storage.{form}", response_class=Response)
def storage_file(
    request: Request,
    holder: _Reading,
    form: _Form,
    region: _Region = "",
    which: Annotated[Literal["", "over", "due"], Query(alias="show")] = "",
    lang: _Language = None,
) -> Response:
    """Lots over their term or due soon, as a table; chosen as on the page."""
    frame = _frame(request, holder, lang)
    desk, viewer = desk_and_viewer(frame)
    wanted = AlertFilter.of({"region": region}, viewer.reach)
    with guarded(), reading(desk.state) as connection:
        found = storage.lots(connection, viewer.reach, wanted.region, desk.now())
    chosen = [row for row in found if not which or row.over == (which == "over")]
    chosen.sort(key=lambda row: (row.days, row.alert.site, row.lot))
    parts_of(request).reads.note(holder, Subject.EXPORT, "storage", len(chosen[:ROWS_MAX]))
    return _file(frame, form, "storage", "贮存期限", _LOTS, (_lot(frame, row) for row in chosen[:ROWS_MAX]))


def _lot(frame: Frame, row: storage.LotRow) -> list[Value]:
    return [
        show.place(frame.lang, row.alert.site),
        row.alert.site,
        frame.site_name(row.alert.site),
        row.lot,
        row.code,
        Decimal(format_kg(row.mass_g)) if row.mass_g is not None else None,
        row.pieces,
        show.day(row.limit_at),
        row.days,
        row.alert.alert_id,
    ]


def _file(
    frame: Frame, form: str, name: str, zh: str, columns: Sequence[str], rows: Iterable[list[Value]]
) -> Response:
    heads: list[Value] = [frame.say(column) for column in columns]
    body, media = (_csv(heads, rows), CSV_TYPE) if form == "csv" else (_book(heads, rows, zh), XLSX_TYPE)
    headers = {"Cache-Control": "no-store", **attachment(f"{name}.{form}", f"{zh}.{form}")}
    return Response(body, media_type=media, headers=headers)


def _csv(heads: list[Value], rows: Iterable[list[Value]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(csv_cell, heads))
    writer.writerows(map(csv_cell, row) for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _book(heads: list[Value], rows: Iterable[list[Value]], name: str) -> bytes:
    book = Workbook()
    page = book.worksheets[0]
    page.title = name
    for number, row in enumerate([heads, *rows], 1):
        for at, value in enumerate(row, 1):
            put(page, number, at, value)
    for at in range(1, len(heads) + 1):
        page.cell(1, at).font = Font(bold=True)
        page.column_dimensions[get_column_letter(at)].width = 20
    page.freeze_panes = "A2"
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()
