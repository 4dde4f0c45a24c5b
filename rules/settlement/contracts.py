"""Which contract, price and intermediaries hold for whom on a day; and what a movement comes to. Used by books, verdicts."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, TypeAlias

from models.catalogue import category_of
from models.exact import DAY_US, beijing_date, beijing_midnight
from rules.settlement.documents import with_tax
from rules.settlement.subjects import BY_LOAD, BY_MASS, FLAT, Contract, Load, PairState, Price, Terms

_UNITS_PER: Final = {"tonne": 1_000_000, "kg": 1_000, "piece": 1}  # Grams, or pieces.
_TONNES: Final = {"tonne": 1, "kg": 1_000}


def terms_on(contract: Contract, day: date) -> Terms | None:
    """The terms that had begun by a day: the latest; an amendment before what was signed; else as first stated."""
    begun = [terms for terms in contract.terms if terms.from_day <= day]
    if not begun:
        return None
    return max(begun, key=lambda terms: (terms.from_day, terms.amended, -terms.at, -terms.seq))


def end_of(contract: Contract) -> int | None:
    """The first instant after the contract's last day, by what is known: 00:00 Beijing."""
    if not contract.terms:
        return None
    last = max(terms.until_day for terms in contract.terms)
    if contract.ended:
        last = min(last, beijing_date(contract.ended[0][0]))
    return beijing_midnight(last) + DAY_US


def in_force(contract: Contract, day: date) -> Terms | None:
    """The terms on a day within the contract's life."""
    terms = terms_on(contract, day)
    if terms is None or day > terms.until_day:
        return None
    if contract.ended and day > beijing_date(contract.ended[0][0]):
        return None
    return terms


_KEPT_MAX: Final = (
    1024  # Answers of a pair; contracts follow one another, so the old ones are not asked again.
)
Agreements: TypeAlias = list[tuple[str, Terms]]


def _keep(state: PairState, key: object, answer: Any) -> Any:
    if len(state.prices) >= _KEPT_MAX:
        state.prices.clear()
    state.prices[key] = answer
    return answer


def _era(state: PairState, day: date) -> int:
    """The number of the stretch of days that a day is in: within one, contracts answer the same on all days."""
    if state.turns is None:
        turns: set[int] = set()
        for contract in state.contracts.values():
            for terms in contract.terms:
                turns |= {terms.from_day.toordinal(), terms.until_day.toordinal() + 1}
            if contract.ended:
                turns.add(beijing_date(contract.ended[0][0]).toordinal() + 1)
        state.turns = sorted(turns)
    return bisect_right(state.turns, day.toordinal())


def agreed(state: PairState, named: str, day: date) -> Agreements:
    """The contracts to look a price up in: the named one, also after its end; else all in force, the latest first."""
    key = (named, _era(state, day))
    found: Agreements | None = state.prices.get(key)
    return _keep(state, key, _agreed(state, named, day)) if found is None else found


def priced(state: PairState, named: str, day: date, code: str) -> tuple[str, Price] | None:
    """The price of a code on a day, and its contract."""
    if not state.contracts:
        return None
    key = (named, _era(state, day), code)
    if key in state.prices:
        found: tuple[str, Price] | None = state.prices[key]
        return found
    answer: tuple[str, Price] | None = _keep(state, key, price_of(agreed(state, named, day), code))
    return answer


def _agreed(state: PairState, named: str, day: date) -> Agreements:
    if named:
        contract = state.contracts.get(named)
        terms = terms_on(contract, day) if contract is not None else None
        return [(named, terms)] if terms is not None else []
    if not state.contracts:
        return []
    found = [(no, terms) for no, c in state.contracts.items() if (terms := in_force(c, day)) is not None]
    return sorted(found, key=lambda pair: (-pair[1].from_day.toordinal(), pair[0]))


def price_of(agreements: Iterable[tuple[str, Terms]], code: str) -> tuple[str, Price] | None:
    """The price of a code: its own line before its category's, before one for everything; the first contract wins."""
    for no, terms in agreements:
        found = [price for price in terms.prices if _meant(price, code)]
        if found:
            return no, max(found, key=lambda price: (price.code != "", price.category != ""))
    return None


def _meant(price: Price, code: str) -> bool:
    if price.code:
        return price.code == code
    return not price.category or (bool(code) and price.category == category_of(code))


def only_by_period(agreements: list[tuple[str, Terms]]) -> bool:
    """Whether there are prices and none of them follows loads, so that a manifest's number says nothing of the sum."""
    bases = {price.basis for _, terms in agreements for price in terms.prices}
    return bool(bases) and not bases & BY_LOAD


def flat_price(agreements: list[tuple[str, Terms]], code: str) -> tuple[str, Price] | None:
    """The flat price, by month or year, that holds for a line of money, and its contract."""
    found = price_of(agreements, code)
    return found if found is not None and found[1].basis in FLAT else None


def value_fen(price: Price, amount: int) -> int:
    """Price times grams (or pieces) in fen, half up; then its tax, half up."""
    per = _UNITS_PER[price.basis]
    return with_tax((price.fen * amount + per // 2) // per, price.tax_permille)


def least_fen(price: Price) -> int:
    """What one load comes to at least by a price line, tax included."""
    return with_tax(price.minimum_fen or 0, price.tax_permille)


def flat_fen(price: Price, fen: int) -> int:
    """What a flat price comes to that is nearest to a sum: whole months, at least one.

    A yearly sum may be paid in instalments: whole twelfths of it, at least one, rounded half up.
    """
    whole = with_tax(price.fen, price.tax_permille)
    if not whole:
        return 0
    parts = 12 if price.basis == "year_flat" else 1
    number = max(1, (fen * parts + whole // 2) // whole)
    return (number * whole + parts // 2) // parts


class Valuation:
    """What a movement comes to: `owed` by origin and destination, what the origin pays a tonne by line, the contract."""

    __slots__ = ("contract", "owed", "prices")

    def __init__(self, state: PairState, load: Load) -> None:
        self.contract = load.contract
        self.prices: list[int | None] = []
        if load.bed_days:
            self.owed = self._days(agreed(state, load.contract, load.day), load)
        else:
            self.owed = self._mass(state, load)

    def _days(self, agreements: list[tuple[str, Terms]], load: Load) -> tuple[int, int] | None:
        for no, terms in agreements:
            for price in terms.prices:
                if price.basis == "bed_day":
                    self.contract = no
                    fen = with_tax(price.fen * load.bed_days, price.tax_permille)
                    return _by_payer(price, max(fen, least_fen(price)))
        return None

    def _mass(self, state: PairState, load: Load) -> tuple[int, int] | None:
        """None as soon as one line has no price or its price no amount, or where no line is priced by the load."""
        if len(load.lines) == 1:
            return self._one_line(state, load)
        sums: dict[Price, int] = {}
        known = True
        for code, grams, pieces in load.lines:
            found = priced(state, load.contract, load.day, code)
            self.prices.append(self._line(found))
            if found is None:
                known = False
            elif (price := found[1]).basis in BY_LOAD:
                amount = pieces if price.basis == "piece" else grams
                known = known and amount is not None
                sums[price] = sums.get(price, 0) + value_fen(price, amount or 0)
        return self._sum(sums, state, load) if known and sums else None

    def _one_line(self, state: PairState, load: Load) -> tuple[int, int] | None:
        """The ordinary load: what `_mass` says of one line."""
        code, grams, pieces = load.lines[0]
        found = priced(state, load.contract, load.day, code)
        self.prices.append(self._line(found))
        if found is None or (price := found[1]).basis not in BY_LOAD:
            return None
        amount = pieces if price.basis == "piece" else grams
        if amount is None:
            return None
        fen = value_fen(price, amount)
        if price.minimum_fen is not None and fen < (least := least_fen(price)):
            fen, self.prices[0] = least, None
        return _by_payer(price, fen)

    def _sum(self, sums: dict[Price, int], state: PairState, load: Load) -> tuple[int, int]:
        """By who pays. Where a minimum charge is more than the sum, the price a tonne is not what was agreed."""
        origin = destination = 0
        for price, fen in sums.items():
            if price.minimum_fen is not None and fen < (least := least_fen(price)):
                fen = least
                for i, (code, *_) in enumerate(load.lines):
                    found = priced(state, load.contract, load.day, code)
                    if found is not None and found[1] == price:
                        self.prices[i] = None
            owed = _by_payer(price, fen)
            origin, destination = origin + owed[0], destination + owed[1]
        return origin, destination

    def _line(self, found: tuple[str, Price] | None) -> int | None:
        if found is None:
            return None
        no, price = found
        self.contract = self.contract or no
        by_mass = price.basis in BY_MASS and price.payer == "origin"
        return with_tax(price.fen * _TONNES[price.basis], price.tax_permille) if by_mass else None


def _by_payer(price: Price, fen: int) -> tuple[int, int]:
    return (fen, 0) if price.payer == "origin" else (0, fen)


def named_parties(state: PairState, contracts: Iterable[str], day: date, order: tuple[int, int]) -> set[str]:
    """Who may pay or be paid on a day: the pair, and intermediaries of contracts in force or named by the document.

    Where none is in force, those of the contract that ended last; a named one counts before it begins if it was
    signed before the document.
    """
    parties = {state.origin, state.destination}
    current = [terms for c in state.contracts.values() if (terms := in_force(c, day)) is not None]
    for terms in current or _ended_last(state, day):
        parties.update(terms.intermediaries)
    for no in contracts:
        if (contract := state.contracts.get(no)) is not None:
            parties.update(_signed_before(contract, day, order))
    return parties


def _ended_last(state: PairState, day: date) -> list[Terms]:
    past = [terms for c in state.contracts.values() if (terms := terms_on(c, day)) is not None]
    last = max((terms.until_day for terms in past), default=None)
    return [terms for terms in past if terms.until_day == last]


def _signed_before(contract: Contract, day: date, order: tuple[int, int]) -> list[str]:
    terms = terms_on(contract, day)
    if terms is None:
        terms = min(contract.terms, key=lambda t: (t.from_day, t.at, t.seq), default=None)
        if terms is None or (terms.at, terms.seq) > order:
            return []
    return terms.intermediaries


def prepaid_until(
    state: PairState, contracts: Iterable[str], day: date, order: tuple[int, int]
) -> int | None:
    """When the contract that a declared prepayment is under ends: the named ones, else those in force."""
    names = set(contracts)
    known = [c for no, c in state.contracts.items() if no in names and _known_by(c, day, order)]
    if not names:
        known = [c for c in state.contracts.values() if in_force(c, day) is not None]
    return max((end for c in known if (end := end_of(c)) is not None), default=None)


def _known_by(contract: Contract, day: date, order: tuple[int, int]) -> bool:
    return any(t.from_day <= day or (t.at, t.seq) < order for t in contract.terms)
