"""A naive second reading of settlement: keeps raw facts, searches them for every question, knows nothing of closing.

Written from the prose of rules/settlement alone, and compared with it on random dealings. A finding is the plain tuple
(kind, subject, since, until). What it finds is in oracle_settlement_findings.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from models.catalogue import category_of
from models.envelope import Stated
from models.exact import DAY_US, beijing_date, beijing_midnight

BY_MASS = {"tonne": 1, "kg": 1000}


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
class Oracle:
    """A pair and its facts in force, folded in order."""

    origin: str
    destination: str
    facts: list[Stated] = field(default_factory=list)
    purses: list[Purse] = field(default_factory=list)
    laid: list[Piece] = field(default_factory=list)

    # Facts by what they are about

    def fold(self, facts: Iterable[Stated]) -> None:
        for stated in sorted(facts, key=lambda s: s.order):
            self._take(stated)

    def of(self, *kinds: str) -> Iterator[Stated]:
        return (s for s in self.facts if s.kind.removesuffix(".v1") in kinds)

    def movement_name(self, s: Stated) -> str | None:
        body: Any = s.body
        if s.kind == "activity-reported.v1":
            return f"activity:{body.site}@{body.period_from}" if body.measure == "bed_days" else None
        if body.manifest_no:
            return f"manifest:{body.manifest_no}"
        return f"round:{body.round_id}@{body.origin}"

    def movements(self) -> dict[str, Stated]:
        found: dict[str, Stated] = {}
        for s in self.of("receipt-accepted", "waste-collected", "activity-reported"):
            if (name := self.movement_name(s)) is not None:
                found.setdefault(name, s)
        return found

    def papers(self, document: str) -> list[Stated]:
        kind, _, number = document.partition(":")
        found: dict[str, Stated] = {}
        for s in self.of("invoice-issued" if kind == "invoice" else "payment-made"):
            body: Any = s.body
            if (body.invoice_no if kind == "invoice" else body.bank_reference) == number:
                found.setdefault(body.seller_org if kind == "invoice" else "", s)
        return list(found.values())

    def documents(self) -> list[str]:
        names = [f"invoice:{s.body.invoice_no}" for s in self.of("invoice-issued")]  # type: ignore[union-attr]
        names += [f"payment:{s.body.bank_reference}" for s in self.of("payment-made")]  # type: ignore[union-attr]
        return sorted(set(names))

    def returns(self, document: str) -> list[Stated]:
        kind, _, number = document.partition(":")
        found: dict[str, Stated] = {}
        for s in self.of("invoice-reversed" if kind == "invoice" else "payment-refunded"):
            body: Any = s.body
            if (body.reverses_invoice_no if kind == "invoice" else body.refunds_bank_reference) == number:
                found.setdefault(body.invoice_no if kind == "invoice" else body.bank_reference, s)
        return list(found.values())

    def ours(self, body: Any) -> list[Any]:
        return [x for x in body.lines if (x.origin_org, x.destination_org) == (self.origin, self.destination)]

    # Contracts

    def terms(self, no: str) -> list[tuple[Any, Stated]]:
        found = []
        for s in self.of("contract-signed", "contract-amended"):
            body: Any = s.body
            if body.contract_no == no:
                found.append((getattr(body, "effective_from", None) or body.valid_from, s))
        return found

    def ended(self, no: str) -> list[Stated]:
        return [s for s in self.of("contract-ended") if s.body.contract_no == no]  # type: ignore[union-attr]

    def numbers(self) -> list[str]:
        signed: list[Any] = [s.body for s in self.of("contract-signed", "contract-amended")]
        return sorted({body.contract_no for body in signed})

    def version(self, no: str, day: Any) -> Any:
        begun = [(start, "amended" in s.kind, s) for start, s in self.terms(no) if start <= day]
        if not begun:
            return None
        newest = max((start, amended) for start, amended, _ in begun)
        return next(s for start, amended, s in begun if (start, amended) == newest).body

    def holds(self, no: str, day: Any) -> bool:
        version = self.version(no, day)
        if version is None or day > version.valid_until:
            return False
        return not any(day > beijing_date(s.occurred_at) for s in self.ended(no)[:1])

    def start(self, no: str, day: Any) -> Any:
        version = self.version(no, day)
        return getattr(version, "effective_from", None) or version.valid_from

    def agreements(self, no: str | None, day: Any) -> list[tuple[str, Any]]:
        if no:
            return [(no, self.version(no, day))] if self.version(no, day) is not None else []
        current = [n for n in self.numbers() if self.holds(n, day)]
        current.sort(key=lambda n: (-self.start(n, day).toordinal(), n))
        return [(n, self.version(n, day)) for n in current]

    def price(self, agreements: list[tuple[str, Any]], code: str | None) -> tuple[str, Any] | None:
        for no, version in agreements:
            exact = [p for p in version.lines if p.waste_code and p.waste_code == code]
            kind = [
                p for p in version.lines
                if not p.waste_code and p.category and code and p.category == category_of(code)
            ]  # fmt: skip
            anything = [p for p in version.lines if not p.waste_code and not p.category]
            if chosen := (exact or kind or anything):
                return no, chosen[0]
        return None

    # What is owed

    def owed(self, name: str) -> list[int] | None:
        s = self.movements().get(name)
        if s is None:
            return None
        body: Any = s.body
        sums = [0, 0]
        if s.kind == "activity-reported.v1":
            for _, version in self.agreements(None, beijing_date(body.period_from)):
                for p in version.lines:
                    if p.basis == "bed_day":
                        sums[p.payer == "destination"] = p.price_fen * body.amount
                        return sums
            return None
        found = False
        for x in body.lines:
            known = self.price(
                self.agreements(self.contract_named(s), beijing_date(s.occurred_at)), x.waste_code
            )
            if known is None:
                return None
            p = known[1]
            if p.basis in BY_MASS:
                if x.mass_g is None:
                    return None
                found = True
                half = 500_000 // BY_MASS[p.basis]
                sums[p.payer == "destination"] += (p.price_fen * x.mass_g + half) // (2 * half)
        return sums if found else None

    def worth(self, name: str) -> tuple[object, ...]:
        """What a contract may change of a movement: sums, the contract, and what the origin pays a tonne by line."""
        s: Any = self.movements()[name]
        tonnes = []
        for x in getattr(s.body, "lines", ()):
            known = self.price(
                self.agreements(self.contract_named(s), beijing_date(s.occurred_at)), x.waste_code
            )
            p = known[1] if known is not None else None
            ours = p is not None and p.basis in BY_MASS and p.payer == "origin"
            tonnes.append(p.price_fen * BY_MASS[p.basis] if p is not None and ours else None)
        return self.owed(name), self.contract_of(name), tonnes

    def contract_named(self, s: Stated) -> str | None:
        return getattr(s.body, "contract_no", None)

    def contract_of(self, name: str) -> str:
        s = self.movements().get(name)
        if s is None:
            return ""
        if self.contract_named(s):
            return str(self.contract_named(s))
        body: Any = s.body
        if s.kind == "activity-reported.v1":
            for no, version in self.agreements(None, beijing_date(body.period_from)):
                if any(p.basis == "bed_day" for p in version.lines):
                    return no
            return ""
        for x in body.lines:
            known = self.price(self.agreements(None, beijing_date(s.occurred_at)), x.waste_code)
            if known is not None:
                return known[0]
        return ""

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
        rows = [[s, x, x.amount_fen] for s in self.papers(document) for x in self.ours(s.body)]
        for back in self.returns(document):
            for x in self.ours(back.body):
                rest = x.amount_fen
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
            if way is None:
                continue
            agreements = self.agreements(x.contract_no, beijing_date(s.occurred_at))
            bases = {p.basis for _, version in agreements for p in version.lines}
            periodic = bool(bases) and not bases & set(BY_MASS)
            known = self.price(agreements, x.waste_code) if bases - set(BY_MASS) else None
            if known is not None and known[1].basis == "month_flat":
                counts = document.startswith("payment") or way[1]
                before = flat.get(known[0], (0, 0, True, 0))[1]
                flat[known[0]] = (s.occurred_at, before + fen, counts, known[1].price_fen)
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
        total = sum(y.amount_fen for y in lines)
        if not total or not any(y.manifest_no for y in lines):
            return [own]
        found, done, spent = [], 0, 0
        for y in lines:
            done += y.amount_fen
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

    def contract_end(self, no: str) -> int:
        last = max(s.body.valid_until for _, s in self.terms(no))  # type: ignore[union-attr]
        for s in self.ended(no)[:1]:
            last = min(last, beijing_date(s.occurred_at))
        return beijing_midnight(last) + DAY_US
