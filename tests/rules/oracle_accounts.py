"""What the naive reading of settlement finds wrong with go-betweens, month by month."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from models.exact import beijing_midnight
from tests.rules.oracle_settlement import Oracle, Told


@dataclass
class Accounts:
    """The accounts outside an oracle's pair."""

    books: Oracle

    def findings(self) -> list[Told]:
        pair = {self.books.origin, self.books.destination}
        flows: dict[str, list[tuple[int, int, bool]]] = {}
        for document in self.books.documents():
            if document.startswith("invoice"):
                continue
            (s,) = self.books.papers(document)
            body: Any = s.body
            if body.deposit:
                continue
            fen = sum(fen for *_, fen in self.books.net(document))
            for org, comes in ((body.payee_org, True), (body.payer_org, False)):
                if org not in pair:
                    flows.setdefault(org, []).append((s.occurred_at, fen, comes))
        found: list[Told] = []
        for org, flow in flows.items():
            found += self._go_between(org, flow) + self._keeps(org, flow)
        return found

    def _go_between(self, org: str, flow: list[tuple[int, int, bool]]) -> list[Told]:
        came, went = [x for x in flow if x[2]], [x for x in flow if not x[2]]
        terms: list[Any] = [s.body for no in self.books.numbers() for _, s in self.books.terms(no)]
        declared = {x for body in terms for x in body.intermediary_orgs}
        if org in declared or not sum(x[1] for x in came) or not sum(x[1] for x in went):
            return []
        since = max(min(x[0] for x in came), min(x[0] for x in went))
        return [("intermediary.undeclared", f"trader:{org}", since, None)]

    def _keeps(self, org: str, flow: list[tuple[int, int, bool]]) -> list[Told]:
        found: list[Told] = []
        since: int | None = None
        for year, month in [(y, m) for y in (2024, 2025) for m in range(1, 13)]:
            start = beijing_midnight(date(year, month, 1))
            before = beijing_midnight(date(year, month - 1, 1) if month > 1 else date(year - 1, 12, 1))
            after = beijing_midnight(date(year, month + 1, 1) if month < 12 else date(year + 1, 1, 1))
            received = sum(fen for at, fen, comes in flow if comes and at < before)
            passed_on = sum(fen for at, fen, comes in flow if not comes and at < after)
            keeps = (received - passed_on) * 5 > received
            if keeps and since is None:
                since = start
            if not keeps and since is not None:
                found.append(("payment.retained", f"trader:{org}", since, start))
                since = None
        return found if since is None else [*found, ("payment.retained", f"trader:{org}", since, None)]
