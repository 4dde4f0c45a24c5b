"""100,000 rows of a workbook, from its first byte to the result; and how long others wait at the door meanwhile."""

import threading
import time
import zipfile
from pathlib import Path
from time import perf_counter
from xml.sax.saxutils import escape

import httpx

from api.bulk.columns import sheet_of
from api.bulk.headings import ROW_ID, extra_heading, heading
from models.facts import Role
from streams.ledger import Ledger, Submission
from streams.ledger_reading import read_fact
from streams.ledger_types import Prepared
from tests import facts
from tests.api.bulk.sheets import XLSX, book_of
from tests.api.house import House
from tests.benchmarks.conftest import Report
from tests.benchmarks.figures import Figure, Floor, percentile
from tests.facts import PRODUCER_ORG, Wire, day
from tests.streams.ledgers import fresh_id, new_ledger

PART = "Uploads, SQLite"
KIND = "waste-stored.v1"
ROWS = 100_000
GROUP = 500
MINUTE_S = 60


def wire_of(number: int) -> Wire:
    return facts.stored(
        f"HW2025{number:06d}",
        at=day(number % 300, 8 + number % 10, number % 60),
        kg=f"{number % 997 + 1}.{number % 10}5",
        place=f"A{number % 20}",
        pieces=number % 9 + 1,
        containers={"container_kind": "drum", "count": number % 9 + 1},
    )


def workbook(folder: Path) -> Path:
    """As Excel writes one, but with its texts in the cells: openpyxl would take a minute for it."""
    columns = sheet_of(KIND).columns
    heads = [extra_heading(ROW_ID, KIND), *(heading(column) for column in columns)]
    path = folder / "hundred-thousand.xlsx"
    frame = zipfile.ZipFile(_framed(folder))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in frame.namelist():
            if name != "xl/worksheets/sheet1.xml":
                packed.writestr(name, frame.read(name))
        with packed.open("xl/worksheets/sheet1.xml", "w") as stream:
            stream.write(
                b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            )
            stream.write(_row(1, dict(enumerate(heads))))
            for number in range(ROWS):
                wire = wire_of(number)
                cells = {at: _told(wire, column.path) for at, column in enumerate(columns, 1)}
                stream.write(_row(number + 2, {0: str(number + 1), **cells}))
            stream.write(b"</sheetData></worksheet>")
    return path


def _framed(folder: Path) -> Path:
    path = folder / "frame.xlsx"
    path.write_bytes(book_of(KIND, [wire_of(0)]))
    return path


def _told(wire: Wire, path: tuple[str, ...]) -> str | None:
    value: object = wire
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return None if value is None else str(value)


def _row(number: int, cells: dict[int, str | None]) -> bytes:
    told = "".join(
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        for at, value in cells.items()
        if value is not None
    )
    return f'<row r="{number}">{told}</row>'.encode()


def accepted_alone(ledger: Ledger) -> float:
    """The same facts read and accepted in the same groups, with no file and nobody else."""
    wires = [wire_of(number) for number in range(ROWS)]
    started = perf_counter()
    for first in range(0, ROWS, GROUP):
        read = [read_fact(wire) for wire in wires[first : first + GROUP]]
        ledger.accept([Submission(PRODUCER_ORG, [fact for fact in read if isinstance(fact, Prepared)])])
    return ROWS / (perf_counter() - started)


class Neighbour(threading.Thread):
    """Somebody who posts a single fact twenty times a second all the while."""

    def __init__(self, base: str, token: str) -> None:
        super().__init__(daemon=True)
        self._base, self._token = base, token
        self.over = threading.Event()
        self.times: list[float] = []

    def run(self) -> None:
        with httpx.Client(base_url=self._base, headers={"authorization": f"Bearer {self._token}"}) as client:
            while not self.over.wait(0.05):
                wire = facts.stored("OTHER", at=day(1), event_id=fresh_id())
                started = perf_counter()
                assert client.post("/v1/facts", json=wire).status_code == 201
                self.times.append(perf_counter() - started)


def test_a_hundred_thousand_rows(tmp_path: Path, report: Report) -> None:
    alone = new_ledger(tmp_path / "alone")
    floor = accepted_alone(alone)
    alone.databases.dispose()
    path = workbook(tmp_path)
    house = House(tmp_path / "house")
    with house.served() as base:
        read, whole, neighbour = _uploaded(base, house.tokens, path)
    beside = Floor("read and accepted alone", floor)
    lines = [
        Figure(PART, "100,000 rows, sent to stated", ROWS / read, "rows/s", ROWS / MINUTE_S, beside),
        Figure(PART, "— sent to the result with its marks", ROWS / whole, "rows/s", ROWS / MINUTE_S),
        Figure(PART, "— a single post meanwhile, median", percentile(neighbour.times, 0.5), "ms"),
        Figure(PART, "— a single post meanwhile, p99", percentile(neighbour.times, 0.99), "ms"),
    ]
    report.figures.extend(lines)


def _uploaded(base: str, tokens: dict[Role, str], path: Path) -> tuple[float, float, Neighbour]:
    """Seconds until all rows were stated, seconds until the result was there, and how a neighbour fared."""
    headers = {"authorization": f"Bearer {tokens[Role.PRODUCER]}"}
    neighbour = Neighbour(base, tokens[Role.FACILITY])
    neighbour.start()
    with httpx.Client(base_url=base, headers=headers, timeout=60) as client:
        started = perf_counter()
        with path.open("rb") as stream:
            sent = client.post(
                "/v1/uploads", content=iter(lambda: stream.read(65_536), b""), headers={"content-type": XLSX}
            )
        upload, read = sent.json(), 0.0
        while upload["state"] not in {"done", "failed"}:
            time.sleep(0.1)
            upload = client.get(f"/v1/uploads/{upload['upload_id']}").json()
            if upload["state"] in {"writing", "done"} and not read:
                read = perf_counter() - started
        whole = perf_counter() - started
        assert upload["facts"]["accepted"] == ROWS, upload
        assert len(client.get(upload["result"]).content) > 1_000_000
    neighbour.over.set()
    neighbour.join()
    return read, whole, neighbour
