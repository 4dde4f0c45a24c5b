"""A naive second reading of settlement: raw facts, and what contracts make of them, searched for every question.

Written from the prose of rules/settlement alone; what is laid on what is in oracle_settlement.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from models.catalogue import category_of
from models.envelope import Stated
from models.exact import DAY_US, beijing_date, beijing_midnight

BY_MASS = {"tonne": 1, "kg": 1000}
BY_LOAD = {*BY_MASS, "piece"}


def half_up(over: int, under: int) -> int:
    """A quotient, rounded half up."""
    return (2 * over + under) // (2 * under)


def gross(fen: int, permille: int | None) -> int:
    """With the tax that comes on top."""
    return fen + half_up(fen * (permille or 0), 1000)


def fen_of(line: Any) -> int:
    """What a line of money comes to."""
    return gross(line.amount_fen, line.plus_tax_permille)


@dataclass
class Known:
    """A pair and its facts in force."""

    origin: str
    destination: str
    facts: list[Stated] = field(default_factory=list)

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
                        beds = max(p.price_fen * body.amount, p.minimum_fen or 0)
                        sums[p.payer == "destination"] = gross(beds, p.plus_tax_permille)
                        return sums
            return None
        return self.owed_by_load(s)

    def owed_by_load(self, s: Any) -> list[int] | None:
        sums = [0, 0]
        body = s.body
        terms: list[tuple[Any, int]] = []
        for x in body.lines:
            known = self.price(
                self.agreements(self.contract_named(s), beijing_date(s.occurred_at)), x.waste_code
            )
            if known is None:
                return None
            p = known[1]
            if p.basis in BY_LOAD:
                amount = x.pieces if p.basis == "piece" else x.mass_g
                if amount is None:
                    return None
                per = 1 if p.basis == "piece" else 10**6 // BY_MASS[p.basis]
                terms.append((p, gross(half_up(p.price_fen * amount, per), p.plus_tax_permille)))
        for i, (p, _) in enumerate(terms):
            same = [fen for q, fen in terms if q == p]
            if all(q != p for q, _ in terms[:i]):
                sums[p.payer == "destination"] += max(
                    sum(same), gross(p.minimum_fen or 0, p.plus_tax_permille)
                )
        return sums if terms else None

    def worth(self, name: str) -> tuple[object, ...]:
        """What a contract may change of a movement: sums, the contract, and what the origin pays a tonne by line."""
        s: Any = self.movements()[name]
        tonnes = []
        for x in getattr(s.body, "lines", ()):
            known = self.price(
                self.agreements(self.contract_named(s), beijing_date(s.occurred_at)), x.waste_code
            )
            p = known[1] if known is not None else None
            ours = p is not None and p.basis in BY_MASS and p.payer == "origin" and not self.is_least(name, p)
            tonne = p.price_fen * BY_MASS[p.basis] if p is not None and ours else 0
            tonnes.append(gross(tonne, p.plus_tax_permille) if p is not None and ours else None)
        return self.owed(name), self.contract_of(name), tonnes

    def is_least(self, name: str, p: Any) -> bool:
        """Whether a load comes to the minimum charge of a price line, and is known to."""
        s: Any = self.movements()[name]
        if p.minimum_fen is None or self.owed(name) is None:
            return False
        agreements = self.agreements(self.contract_named(s), beijing_date(s.occurred_at))
        plain = 0
        for x in s.body.lines:
            known = self.price(agreements, x.waste_code)
            if known is not None and known[1] == p:
                net = half_up(p.price_fen * (x.mass_g or 0), 10**6 // BY_MASS[p.basis])
                plain += gross(net, p.plus_tax_permille)
        return plain < gross(p.minimum_fen, p.plus_tax_permille)

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

    def contract_end(self, no: str) -> int:
        last = max(s.body.valid_until for _, s in self.terms(no))  # type: ignore[union-attr]
        for s in self.ended(no)[:1]:
            last = min(last, beijing_date(s.occurred_at))
        return beijing_midnight(last) + DAY_US
