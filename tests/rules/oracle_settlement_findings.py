"""What the naive reading of settlement finds wrong, by searching everything for each question."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from models.exact import beijing_date, beijing_midnight
from models.facts.law import LimitName
from models.law import Case, Law
from tests.rules.oracle_accounts import Accounts
from tests.rules.oracle_contracts import fen_of, gross, half_up
from tests.rules.oracle_settlement import Oracle, Piece, Told


@dataclass
class Share:
    """What one document brought to one movement; `expected` None where no price is known."""

    moved_at: int | None
    fen: int
    expected: int | None
    claimed: int
    counted: int
    short: bool


@dataclass
class Judge:
    """The findings of an oracle's pair."""

    books: Oracle
    law: Law

    def findings(self, at: int) -> set[Told]:
        """Of each kind and subject the latest that has begun."""
        found: dict[tuple[str, str], Told] = {}
        for told in self._all():
            kind, subject, since, until = told
            known = found.get((kind, subject))
            if since <= at and (until is None or until > since) and (known is None or since > known[2]):
                found[kind, subject] = (kind, subject, since, until if until and until <= at else None)
        return set(found.values())

    def _all(self) -> list[Told]:
        found: list[Told] = []
        for name in self.books.movements():
            if not name.startswith("activity"):
                found += self._unpaid(name) + self._floor(name) + self._uncontracted(name)
        found += Accounts(self.books).findings()
        found += [told for no in self.books.numbers() for told in self._overfull(no)]
        for document in self.books.documents():
            if self.books.papers(document):
                found += self._amount(document)
                if document.startswith("invoice"):
                    found += self._mass(document)
                if document.startswith("payment"):
                    found += self._idle(document) + self._strangers(document)
        return found

    def _term(self, name: LimitName, region: str, start: int) -> int:
        limit = self.law.limit(name, Case(region=region), beijing_date(start))
        assert limit is not None
        return self.law.deadline(start, limit)

    # Movements

    def _unpaid(self, name: str) -> list[Told]:
        s: Any = self.books.movements()[name]
        owed = self.books.owed(name) or [0, 0]
        end = self._term(LimitName.PAYMENT_TERM, s.body.origin[:6], s.occurred_at)
        for side in (0, 1):
            paid = [p.at for p in self.books.on(name, "payment") if p.side == side and p.fen]
            first = min(paid, default=None)
            if owed[side] and (first is None or first > end):
                return [("movement.without_payment", name, end, first)]
        return []

    def _floor(self, name: str) -> list[Told]:
        s: Any = self.books.movements()[name]
        owed = self.books.owed(name)
        if owed is not None and owed[1]:
            return []
        end = self._term(LimitName.PAYMENT_TERM, s.body.origin[:6], s.occurred_at)
        pieces = self.books.on(name, "invoice") + self.books.on(name, "payment")
        instants = sorted({s.occurred_at, end, *(max(p.at, s.occurred_at) for p in pieces)})
        found: list[Told] = []
        since: int | None = None
        for at in instants:
            is_low = self._is_low(name, at, at >= end)
            if is_low and since is None:
                since = at
            if not is_low and since is not None:
                found.append(("price.below_floor", name, since, at))
                since = None
        return found if since is None else [*found, ("price.below_floor", name, since, None)]

    def _is_low(self, name: str, at: int, over: bool) -> bool:
        s: Any = self.books.movements()[name]
        day, region = beijing_date(s.occurred_at), s.body.origin[:6]
        share = self.law.limit(LimitName.FLOOR_SHARE, Case(region=region), day)
        assert share is not None
        weighed = 0
        agreements = self.books.agreements(self.books.contract_named(s), day)
        for x in s.body.lines:
            floor = self.law.floor_fen_per_tonne(Case(region=region, waste_code=x.waste_code), day)
            if floor is None:
                continue
            weighed += floor * (x.mass_g or 0)
            known = self.books.price(agreements, x.waste_code)
            if known and known[1].payer == "origin" and known[1].basis in {"tonne", "kg"}:
                tonne = known[1].price_fen * (1000 if known[1].basis == "kg" else 1)
                tonne = gross(tonne, known[1].plus_tax_permille)
                if self.books.is_least(name, known[1]):
                    continue
                if (
                    tonne * 1000 < share.value * floor
                    and any(y.mass_g for y in s.body.lines)
                    and self._any(s)
                ):
                    return True
        if not weighed:
            return False
        sums = self._sums(name, at)
        if not over and not self._settled(name, sums):
            return False
        low = [fen for fen in sums[:2] + sums[3:] if fen and fen * 10**9 < share.value * weighed]
        return bool(low)

    def _any(self, s: Any) -> bool:
        """Whether a line that has a floor has a mass."""
        day, region = beijing_date(s.occurred_at), s.body.origin[:6]
        return any(
            x.mass_g and self.law.floor_fen_per_tonne(Case(region=region, waste_code=x.waste_code), day)
            for x in s.body.lines
        )

    def _sums(self, name: str, at: int) -> list[int]:
        """Billed, asked, sent and received by the origin's debt."""
        bills = [p for p in self.books.on(name, "invoice") if p.side == 0 and p.at <= at]
        pays = [p for p in self.books.on(name, "payment") if p.side == 0 and p.at <= at]
        return [
            sum(p.fen for p in bills if p.sent),
            sum(p.fen for p in bills if p.received),
            sum(p.fen for p in pays if p.sent),
            sum(p.fen for p in pays if p.received),
        ]

    def _settled(self, name: str, sums: list[int]) -> bool:
        pieces = self.books.on(name, "invoice") + self.books.on(name, "payment")
        if any(p.laid and p.side == 0 for p in pieces):
            return False
        paid, owed = max(sums[2], sums[3]), self.books.owed(name)
        if not paid:
            return False
        if sums[0]:
            return paid >= sums[0]
        return owed is not None and (owed[0] - paid) * 20 <= owed[0]

    def _overfull(self, no: str) -> list[Told]:
        """More accepted under a contract than it names; since the load that made it so and has not been made good."""
        books = self.books
        terms = [(start, s) for start, s in books.terms(no) if s.body.mass_g is not None]  # type: ignore[union-attr]

        def agreed(day: date) -> tuple[date, int] | None:
            begun = [(start, "amended" in s.kind) for start, s in terms if start <= day]
            newest = max(begun, default=None)
            chosen: Any = [s for start, s in terms if (start, "amended" in s.kind) == newest]
            return (newest[0], chosen[0].body.mass_g) if newest else None

        taken, since = 0, None
        for name in books.in_order():
            s: Any = books.movements()[name]
            lines = getattr(s.body, "lines", ())
            if books.contract_of(name) != no or not lines or any(x.mass_g is None for x in lines):
                continue
            before, taken = taken, taken + sum(x.mass_g for x in lines)
            now = agreed(beijing_date(s.occurred_at))
            if now is None or taken <= now[1]:
                since = None
            elif since is None or before <= now[1]:
                since = s.occurred_at
        last = agreed(date.max)
        if last is None or taken <= last[1]:
            return []
        return [("contract.mass_exceeded", f"contract:{no}", since or beijing_midnight(last[0]), None)]

    def _uncontracted(self, name: str) -> list[Told]:
        s: Any = self.books.movements()[name]
        day, books = beijing_date(s.occurred_at), self.books
        begun = [no for no in books.numbers() if books.version(no, day) is not None]
        if books.contract_named(s) or not begun or any(books.holds(no, day) for no in begun):
            return []
        end = self._term(LimitName.CONTRACT_TERM, s.body.origin[:6], s.occurred_at)
        return [("movement.without_contract", name, end, None)]

    # Documents

    def _shares(self, document: str) -> list[Share]:
        kind = self.books.kind(document)
        flat = self.books.split(document)[2]
        found: list[Share] = []
        for at, fen, counts, price in flat.values():
            expected = self._flat(price, fen) if fen else 0
            ours = (expected, fen) if counts else (0, 0)
            found.append(Share(at, fen, expected, ours[0], ours[1], bool(counts and fen < expected)))
        pieces = self.books.split(document)[0] + [p for p in self.books.laid if p.document == document]
        for movement in {p.movement for p in pieces}:
            sides = {p.side for p in pieces if p.movement == movement}
            found += [self._share(document, kind, movement, side) for side in sides]
        return found

    def _flat(self, price: Any, fen: int) -> int:
        whole = gross(price.price_fen, price.plus_tax_permille)
        parts = 12 if price.basis == "year_flat" else 1
        number = max(1, (fen * parts + whole // 2) // whole) if whole else 0
        return half_up(number * whole, parts)

    def _share(self, document: str, kind: str, movement: str, side: int) -> Share:
        s = self.books.movements().get(movement)
        owed = self.books.owed(movement)
        pieces = [p for p in self.books.on(movement, kind) if p.side == side]
        fen = sum(p.fen for p in pieces if p.document == document)
        if s is None or owed is None:
            return Share(s.occurred_at if s else None, fen, None, 0, 0, False)
        names = list(dict.fromkeys(p.document for p in pieces))

        def reached(upto: int) -> int:
            return self._reached([p for p in pieces if p.document in names[:upto]], kind)

        i = names.index(document)
        counted = reached(i + 1) - reached(i)
        counting = [j for j in range(len(names)) if reached(j + 1) > reached(j)]
        short = reached(len(names)) < owed[side] and bool(counting) and counting[-1] == i
        need = max(0, owed[side] - reached(i))
        return Share(s.occurred_at, fen, owed[side], need if short else min(counted, need), counted, short)

    def _reached(self, pieces: list[Piece], kind: str) -> int:
        sent = sum(p.fen for p in pieces if p.sent)
        return sent if kind == "invoice" else max(sent, sum(p.fen for p in pieces if p.received))

    def _mass(self, document: str) -> list[Told]:
        """Whatever an invoice states for a manifest beyond what was accepted, by the greatest line of each code."""
        at = self.books.papers(document)[0].occurred_at
        gross_lines = [x for s in self.books.papers(document) for x in self.books.ours(s.body)]
        left = [x for _, x, fen in self.books.net(document) if fen]
        standing = self._heavier(document, at, left)
        if standing:
            return [("invoice.mass_differs", document, min(standing), None)]
        over = self._heavier(document, at, gross_lines)
        back = max((b.occurred_at for b in self.books.returns(document)), default=None)
        return [("invoice.mass_differs", document, min(over), back)] if over and back else []

    def _heavier(self, document: str, at: int, lines: list[Any]) -> list[int]:
        named = {p.movement for p in self.books.split(document)[0]}
        found: list[int] = []
        for manifest in {x.manifest_no for x in lines if x.manifest_no}:
            s: Any = self.books.movements().get(f"manifest:{manifest}")
            if (
                s is None
                or f"manifest:{manifest}" not in named
                or any(y.mass_g is None for y in s.body.lines)
            ):
                continue
            stated: dict[str | None, int] = {}
            for x in (x for x in lines if x.manifest_no == manifest):
                stated[x.waste_code] = max(stated.get(x.waste_code, 0), x.mass_g or 0)
            if (sum(stated.values()) - sum(y.mass_g for y in s.body.lines)) * 50 > sum(
                y.mass_g for y in s.body.lines
            ):
                found.append(max(at, s.occurred_at))
        return found

    def _beyond(self, at: int, amount: int, expected: int) -> bool:
        case = Case(region=self.books.origin[2:8])
        limit = self.law.limit(LimitName.AMOUNT_TOLERANCE, case, beijing_date(at))
        assert limit is not None
        return abs(amount) * 1000 > limit.value * expected

    def _amount(self, document: str) -> list[Told]:
        at = self.books.papers(document)[0].occurred_at
        kind = f"{self.books.kind(document)}.amount_differs"
        judged = [s for s in self._shares(document) if s.moved_at is not None and s.expected is not None]
        if not judged:
            return []
        expected = sum(s.expected or 0 for s in judged)
        difference = sum(s.counted - s.claimed for s in judged)
        for purse in self.books.purses:
            counts = document.startswith("payment") or purse.piece.sent
            if purse.piece.document == document and counts:
                difference += purse.odd + purse.left
        if difference < 0 and self._beyond(at, difference, expected):
            region = self.books.origin[2:8]
            ends = [
                self._term(LimitName.PAYMENT_TERM, region, s.moved_at)
                for s in judged
                if s.short and s.moved_at is not None
            ]
            if ends:
                return [(kind, document, max(at, *ends), None)]
        return self._too_much(document, kind, at, judged, (expected, difference))

    def _too_much(
        self, document: str, kind: str, at: int, judged: list[Share], sums: tuple[int, int]
    ) -> list[Told]:
        expected, difference = sums
        back = [
            (s.occurred_at, sum(fen_of(x) for x in self.books.ours(s.body)))
            for s in self.books.returns(document)
        ]
        amount = difference + sum(fen for _, fen in back)
        whole = sum(fen for _, _, fen in self.books.net(document))
        if amount <= 0 or not self._beyond(at, amount, expected) or (back and not whole):
            return []
        since = max(at, min(s.moved_at for s in judged if s.moved_at is not None))
        if (end := self._contract_end(document)) is not None:
            since = max(since, end)
        for when, fen in back:
            amount -= fen
            if amount <= 0 or not self._beyond(at, amount, expected):
                return [(kind, document, since, when)]
        return [(kind, document, since, None)]

    def _named(self, document: str) -> set[str]:
        papers = self.books.papers(document)
        return {x.contract_no for s in papers for x in self.books.ours(s.body) if x.contract_no}

    def _contract_end(self, document: str) -> int | None:
        """When the contract of a declared prepayment ends."""
        s: Any = self.books.papers(document)[0]
        if document.startswith("invoice") or not s.body.prepayment:
            return None
        named, day = self._named(document), beijing_date(s.occurred_at)
        if named:
            known = [
                no
                for no in named
                if any(start <= day or x.order < s.order for start, x in self.books.terms(no))
            ]
        else:
            known = [no for no in self.books.numbers() if self.books.holds(no, day)]
        return max((self.books.contract_end(no) for no in known), default=None)

    def _idle(self, document: str) -> list[Told]:
        """Payment without movement."""
        s = self.books.papers(document)[0]
        end = self._contract_end(document)
        if end is None:
            end = self._term(LimitName.MOVEMENT_TERM, self.books.origin[2:8], s.occurred_at)
        end = max(end, s.occurred_at)
        shares = self._shares(document)
        purses = [q for q in self.books.purses if q.piece.document == document]
        waiting = sum(x.fen for x in shares if x.moved_at is None)
        moved = self.books.movements()
        met = any(x.moved_at is not None for x in shares)
        if not met and not any(self.books.owed(name) is None for name in moved):
            waiting += sum(q.left for q in purses)
        if waiting:
            return [("payment.without_movement", document, end, None)]
        returned = [b.occurred_at for b in self.books.returns(document)]
        if any(x.moved_at is None for x in shares):
            until = max(returned, default=None)
        else:
            instants = [x.moved_at for x in shares if x.moved_at is not None]
            until = (min(instants) if purses else max(instants)) if instants else None
        return [("payment.without_movement", document, end, until)] if until is not None else []

    def _strangers(self, document: str) -> list[Told]:
        pieces = self.books.split(document)[0] + [p for p in self.books.laid if p.document == document]
        named = self._named(document) | {self.books.contract_of(p.movement) for p in pieces}
        at = self.books.papers(document)[0].occurred_at
        if not any(self._is_strange(s, named) for s in self.books.papers(document)):
            return []
        whole = sum(fen for _, _, fen in self.books.net(document))
        until = None if whole else max((b.occurred_at for b in self.books.returns(document)), default=None)
        return [("payment.wrong_party", document, at, until)]

    def _is_strange(self, s: Any, named: set[str]) -> bool:
        day = beijing_date(s.occurred_at)
        allowed = {self.books.origin, self.books.destination}
        numbers = self.books.numbers()
        current = [self.books.version(no, day) for no in numbers if self.books.holds(no, day)]
        if not current:
            begun = [v for no in numbers if (v := self.books.version(no, day)) is not None]
            last = max((v.valid_until for v in begun), default=None)
            current = [v for v in begun if v.valid_until == last]
        for version in current:
            allowed.update(version.intermediary_orgs)
        for no in named & set(numbers):
            version = self.books.version(no, day)
            if version is None:
                _, first = min(self.books.terms(no), key=lambda pair: (pair[0], pair[1].order))
                version = first.body if first.order < s.order else None
            if version is not None:
                allowed.update(version.intermediary_orgs)
        return bool({s.body.payer_org, s.body.payee_org} - allowed)
