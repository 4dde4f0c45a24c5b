"""A naive second reading of settlement: keeps raw facts, searches them for every question, knows nothing of closing.

Written from the prose of rules/settlement alone, and compared with it on random dealings. A finding is the plain tuple
(kind, subject, since, until). What it finds is in oracle_settlement_findings.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from models.envelope import Stated
from models.exact import beijing_date
from tests.rules.oracle_contracts import BY_LOAD, Known, fen_of

Told = tuple[str, str, int, int | None]


@dataclass
class Piece:
    """Some money of a document for a movement ("" while it has none)."""

    document: str
    at: int
    seq: int
    side: int
    sent: bool
    received: bool
    fen: int
    movement: str = ""
    laid: bool = False
    closing: bool = False


@dataclass
class Purse:
    """Unnamed money of one statement in one scope."""

    piece: Piece
    contract: str
    code: str
    left: int
    odd: int = 0
    claimed: int = 0

    @property
    def scope(self) -> tuple[object, ...]:
        piece = self.piece
        return (piece.document, piece.at, piece.seq, piece.side, self.contract, self.code, piece.fen)


@dataclass
class Oracle(Known):
    """A pair and its facts in force, folded in order."""

    purses: list[Purse] = field(default_factory=list)
    laid: list[Piece] = field(default_factory=list)

    def fold(self, facts: Iterable[Stated]) -> None:
        for stated in sorted(facts, key=lambda s: s.order):
            self._take(stated)

    # Money of documents

    def way(self, s: Stated) -> tuple[int, bool, bool] | None:
        body: Any = s.body
        payer = getattr(body, "payer_org", None) or body.buyer_org
        payee = getattr(body, "payee_org", None) or body.seller_org
        if payer == self.origin or payee == self.destination:
            return 0, payer == self.origin, payee == self.destination
        if payer == self.destination or payee == self.origin:
            return 1, payer == self.destination, payee == self.origin
        return None

    def net(self, document: str) -> list[tuple[Stated, Any, int]]:
        rows = [[s, x, fen_of(x)] for s in self.papers(document) for x in self.ours(s.body)]
        for back in self.returns(document):
            for x in self.ours(back.body):
                rest = fen_of(x)
                same = [r for r in rows if x.manifest_no and r[1].manifest_no == x.manifest_no]
                for r in same or rows[::-1]:
                    cut = min(rest, r[2])
                    r[2] -= cut
                    rest -= cut
        return [(s, x, fen) for s, x, fen in rows]

    def split(self, document: str) -> tuple[list[Piece], list[Purse], dict[str, tuple[int, int, bool, int]]]:
        """Named pieces, unnamed purses, and flat sums (contract to (at, fen, counts, price))."""
        named: list[Piece] = []
        purses: dict[tuple[object, ...], Purse] = {}
        flat: dict[str, Any] = {}
        for s, x, fen in self.net(document):
            way = self.way(s)
            if way is None or getattr(self.papers(document)[0].body, "deposit", False):
                continue
            agreements = self.agreements(x.contract_no, beijing_date(s.occurred_at))
            bases = {p.basis for _, version in agreements for p in version.lines}
            periodic = bool(bases) and not bases & BY_LOAD
            known = self.price(agreements, x.waste_code) if bases - BY_LOAD else None
            if known is not None and known[1].basis in {"month_flat", "year_flat"}:
                counts = document.startswith("payment") or way[1]
                due = f"{known[0]}/{known[1].waste_code or known[1].category or ''}"
                before = flat.get(due, (0, 0, True, 0))[1]
                flat[due] = (s.occurred_at, before + fen, counts, known[1])
                continue
            for manifest, contract, code, share in self.parts(document, x, fen, periodic):
                piece = Piece(document, s.occurred_at, s.seq, *way, share)
                if manifest and not periodic:
                    piece.movement = f"manifest:{manifest}"
                    named.append(piece)
                elif (scope := (s.seq, contract, code)) in purses:
                    purses[scope].piece.fen += share
                    purses[scope].left += share
                else:
                    purses[scope] = Purse(piece, contract, code, share)
        return named, list(purses.values()), flat

    def parts(self, document: str, x: Any, fen: int, periodic: bool) -> list[tuple[str, str, str, int]]:
        own = (x.manifest_no or "", x.contract_no or "", x.waste_code or "", fen)
        if (x.manifest_no and not periodic) or document.startswith("invoice") or not x.invoice_no:
            return [own]
        lines = [y for s in self.papers(f"invoice:{x.invoice_no}") for y in self.ours(s.body)]
        total = sum(fen_of(y) for y in lines)
        if not total or not any(y.manifest_no for y in lines):
            return [own]
        found, done, spent = [], 0, 0
        for y in lines:
            done += fen_of(y)
            share = fen * done // total - spent
            spent += share
            contract = x.contract_no or y.contract_no or ""
            found.append((y.manifest_no or "", contract, x.waste_code or y.waste_code or "", share))
        return found

    def on(self, movement: str, kind: str) -> list[Piece]:
        found = [p for p in self.laid if p.movement == movement]
        for document in self.documents():
            found += [p for p in self.split(document)[0] if p.movement == movement]
        ours = [p for p in found if p.document.startswith(kind)]
        return sorted(ours, key=lambda p: (p.at, p.seq, p.document))

    def need(self, movement: str, kind: str, side: int, sent: bool, received: bool) -> int:
        owed = self.owed(movement)
        if not owed or not owed[side]:
            return 0
        pieces = [p for p in self.on(movement, kind) if p.side == side]
        if any(p.closing and ((p.sent and sent) or (p.received and received)) for p in pieces):
            return 0
        got = max(
            sum(p.fen for p in pieces if p.sent) if sent else 0,
            sum(p.fen for p in pieces if p.received) if received else 0,
        )
        left = owed[side] - got
        return left if left * 20 > owed[side] else 0

    def unpaid(self, movement: str) -> bool:
        for side in (0, 1):
            if self.need(movement, "payment", side, True, True):
                return True
            sent = any(p.sent and p.side == side for p in self.on(movement, "payment"))
            if sent and self.need(movement, "payment", side, False, True):
                return True
        return False

    # Laying unnamed money

    def fits(self, purse: Purse, movement: str) -> bool:
        if purse.contract and purse.contract != self.contract_of(movement):
            return False
        body: Any = self.movements()[movement].body
        return not purse.code or any(x.waste_code == purse.code for x in getattr(body, "lines", ()))

    def put(self, purse: Purse, movement: str, need: int) -> None:
        p = purse.piece
        fen = min(need, purse.left)
        purse.left -= fen
        purse.claimed += need
        short = need - fen
        closing = short > 0 and (
            short * 20 <= purse.claimed or (p.received and not p.sent and short * 2 <= need)
        )
        self.laid.append(
            Piece(p.document, p.at, p.seq, p.side, p.sent, p.received, fen, movement, True, closing)
        )

    def kind(self, document: str) -> str:
        return document.partition(":")[0]

    def lay(self, purse: Purse, candidates: list[str]) -> None:
        p = purse.piece
        for movement in candidates:
            if not purse.left:
                break
            if not self.fits(purse, movement):
                continue
            need = self.need(movement, self.kind(p.document), p.side, p.sent, p.received)
            if not need:
                continue
            if need > purse.left and purse.claimed and purse.left * 20 <= purse.claimed:
                break
            self.put(purse, movement, need)
        if purse.claimed:
            purse.odd, purse.left = purse.odd + purse.left, 0

    def offer(self, movement: str) -> None:
        for purse in sorted(self.purses, key=lambda q: (q.piece.at, q.piece.seq, q.piece.document)):
            p = purse.piece
            if not purse.left or not self.fits(purse, movement):
                continue
            need = self.need(movement, self.kind(p.document), p.side, p.sent, p.received)
            if not need:
                continue
            self.put(purse, movement, need)
            if p.document.startswith("invoice") or purse.left * 20 <= need:
                purse.odd, purse.left = purse.odd + purse.left, 0

    def in_order(self) -> list[str]:
        return sorted(self.movements(), key=lambda n: self.movements()[n].order)

    def anew(self) -> None:
        self.laid, self.purses = [], []
        came: list[tuple[tuple[int, int], Any]] = [(s.order, n) for n, s in self.movements().items()]
        for document in self.documents():
            came += [((q.piece.at, q.piece.seq), q) for q in self.split(document)[1]]
        here: list[str] = []
        for _, what in sorted(came, key=lambda pair: pair[0]):
            if isinstance(what, str):
                here.append(what)
                self.offer(what)
            else:
                self.lay(what, [m for m in here if self.unpaid(m)])
                self.purses.append(what)

    def _take(self, stated: Stated) -> None:
        before = {d: self.split(d) for d in self.documents()}
        movements = set(self.movements())
        worth = {n: self.worth(n) for n in movements}
        self.facts.append(stated)
        after = {d: self.split(d) for d in self.documents()}
        if stated.kind.startswith("contract"):
            if worth != {n: self.worth(n) for n in movements} or before != after:
                self.anew()
            return
        for name in set(self.movements()) - movements:
            self.offer(name)
        self._restated(before, after)

    def _restated(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        new: list[Purse] = []
        for document, (named, purses, _) in after.items():
            old_named, old_purses, _ = before.get(document, ([], [], {}))
            sums, old_sums = self.sums(named), self.sums(old_named)
            moved = {m for m in sums.keys() | old_sums.keys() if sums.get(m) != old_sums.get(m)}
            kind = self.kind(document)
            if any(p.movement in moved and p.document.startswith(kind) for p in self.laid):
                return self.anew()
            if [q.scope for q in purses] != [q.scope for q in old_purses]:
                if old_purses:
                    return self.anew()
                new += purses
        candidates = [m for m in self.in_order() if self.unpaid(m)] if new else []
        for purse in new:
            self.lay(purse, candidates)
            self.purses.append(purse)
        return None

    def sums(self, named: list[Piece]) -> dict[str, tuple[int, int, int, int]]:
        found: dict[str, tuple[int, int, int, int]] = {}
        for p in named:
            _, _, _, fen = found.get(p.movement, (0, 0, 0, 0))
            found[p.movement] = (p.at, p.seq, p.side, fen + p.fen)
        return found
