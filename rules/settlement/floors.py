"""What the law finds wrong with a movement: nothing paid for it, or a price far below the floor. Used by the rule."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from models.alerts import AlertKind, Finding
from models.facts.law import LimitName
from models.law import Case, Law
from rules.settlement.contracts import in_force, terms_on
from rules.settlement.movements import is_near
from rules.settlement.subjects import FROM_DEBTOR, NAMED, TO_CREDITOR, Load, Money, Movement, PairState
from rules.settlement.terms import calendar_of_term, permille_of, term_over

_NEVER: Final = 1 << 62
_UNKNOWN: Final = object()


def movement_findings(state: PairState, name: str, movement: Movement, law: Law) -> list[Finding]:
    """Of an acceptance or a round; bed-days are held against invoices and payments only."""
    found: list[Finding] = []
    if not movement.stated or movement.stated[0].bed_days:
        return found
    load, owed = movement.stated[0], movement.owed
    over_at = None
    if owed is not None:
        over_at = term_over(law, LimitName.PAYMENT_TERM, load.site[:6], load.at)
        if over_at is not None and (finding := _unpaid(state, name, movement, owed, over_at)) is not None:
            finding.amounts.update(calendar_of_term(law, LimitName.PAYMENT_TERM, load.site[:6], load.at))
            found.append(finding)
    if state.contracts and not (movement.contract or load.contract):
        found += _without_contract(state, name, movement, law)
    if owed is None or not owed[1]:
        found += _priced_low(state, name, movement, law, over_at)
    return found


def _priced_low(
    state: PairState, name: str, movement: Movement, law: Law, over_at: int | None
) -> Iterable[Finding]:
    """Nothing where neither a price was agreed nor money came, as where no sum of it can be low."""
    prices = movement.prices
    if not (movement.bills or movement.pays) and prices.count(None) == len(prices):
        return ()
    weighed = state.weights.get(name)
    if type(weighed) is not Weighed or not weighed.holds(movement, law):
        weighed = state.weights[name] = Weighed(movement, law)
    if not weighed.floor_sum:
        return ()
    if not weighed.contract_is_low() and not _any_is_low(weighed, movement.bills, movement.pays):
        return ()
    if over_at is None:
        load = movement.stated[0]
        over_at = term_over(law, LimitName.PAYMENT_TERM, load.site[:6], load.at)
    return _below_floor(state, name, movement, weighed, _NEVER if over_at is None else over_at)


def _finding(
    state: PairState,
    name: str,
    movement: Movement,
    kind: AlertKind,
    span: tuple[int, int | None],
    amounts: dict[str, int | str],
) -> Finding:
    load = movement.stated[0]
    if movement.contract:
        amounts["contract_no"] = movement.contract
    parties = (state.origin, state.destination)
    return Finding(kind, name, span[0], span[1], amounts, load.site, parties, conduct_at=load.at)


def _unpaid(
    state: PairState, name: str, movement: Movement, owed: tuple[int, int], over_at: int
) -> Finding | None:
    """Nothing paid when the term was over, until the first money came. Where no sum is known, nothing is owed."""
    for side in (0, 1):
        if owed[side]:
            until = None
            for money in movement.pays:
                if money.side == side and money.fen and (until is None or money.at < until):
                    until = money.at
            if until is None or until > over_at:
                grams = sum(grams or 0 for _, grams, _ in movement.stated[0].lines)
                amounts: dict[str, int | str] = {
                    "expected_fen": owed[side],
                    "accepted_g": grams,
                    "limit_at": over_at,
                    "risk_fen": owed[side],
                    "risk_g": grams,
                }
                span = (over_at, until)
                return _finding(state, name, movement, AlertKind.MOVEMENT_WITHOUT_PAYMENT, span, amounts)
    return None


def _without_contract(state: PairState, name: str, movement: Movement, law: Law) -> Iterator[Finding]:
    """Accepted when the contracts on record had run out: silent where none had begun, since then none may be recorded."""
    load = movement.stated[0]
    begun = [(no, terms) for no, c in state.contracts.items() if (terms := terms_on(c, load.day)) is not None]
    if not begun or any(in_force(state.contracts[no], load.day) is not None for no, _ in begun):
        return
    over_at = term_over(law, LimitName.CONTRACT_TERM, load.site[:6], load.at)
    if over_at is not None:
        last, _ = max(begun, key=lambda pair: (pair[1].until_day, pair[0]))
        paid = max(_sum(movement.pays, FROM_DEBTOR, _NEVER), _sum(movement.pays, TO_CREDITOR, _NEVER))
        amounts: dict[str, int | str] = {
            "contract_no": last,
            "accepted_g": movement.grams,
            "limit_at": over_at,
            **calendar_of_term(law, LimitName.CONTRACT_TERM, load.site[:6], load.at),
            "risk_g": movement.grams,
            "risk_fen": paid,
        }
        yield _finding(state, name, movement, AlertKind.MOVEMENT_WITHOUT_CONTRACT, (over_at, None), amounts)


def _floor(law: Law, load: Load, code: str) -> int | None:
    """The floor of a code where and when it was accepted, in fen a tonne; worked out once."""
    region = load.site[:6]
    key = ("settlement", "floor", region, code, load.day)
    known = law.memo.get(key, _UNKNOWN)
    if known is _UNKNOWN:
        case = Case(region=region, waste_code=code)
        known = law.memo[key] = law.floor_fen_per_tonne(case, load.day)
    found: int | None = known
    return found


class Weighed:
    """A load against the floors of its codes on the day it was accepted.

    `floor_sum` is the sum of grams times floor (fen a tonne) over the lines that have a floor; `contract` the lowest
    agreed price and its floor among them, both in fen a tonne. Kept with a movement while its load, prices and law stay.
    """

    __slots__ = ("_of", "contract", "floor_sum", "grams", "share_permille")

    def __init__(self, movement: Movement, law: Law) -> None:
        load = movement.stated[0]
        self._of = (load, movement.prices, law)
        self.grams = sum(grams or 0 for _, grams, _ in load.lines)
        self.floor_sum = 0
        self.contract: tuple[int, int] | None = None
        for i, (code, grams, _) in enumerate(load.lines):
            floor = _floor(law, load, code)
            if floor is None:
                continue
            self.floor_sum += floor * (grams or 0)
            price = movement.prices[i] if i < len(movement.prices) else None
            if price is not None and self._is_lower(price, floor):
                self.contract = (price, floor)
        self.share_permille = 0
        if self.floor_sum:
            share = permille_of(law, LimitName.FLOOR_SHARE, load.site[:6], load.at)
            if share is None:
                self.floor_sum = 0
            self.share_permille = share or 0

    def holds(self, movement: Movement, law: Law) -> bool:
        """Whether it was worked out from these."""
        load, prices, known = self._of
        return known is law and load is movement.stated[0] and prices is movement.prices

    def _is_lower(self, price: int, floor: int) -> bool:
        """Whether a price is a smaller share of its floor than the lowest so far."""
        return self.contract is None or price * self.contract[1] < self.contract[0] * floor

    def contract_is_low(self) -> bool:
        """Whether the agreed price is under the share of the floor."""
        return self.contract is not None and self.contract[0] * 1000 < self.share_permille * self.contract[1]

    def is_low(self, fen: int) -> bool:
        """Whether a sum for the whole load is."""
        return fen * 1_000_000 * 1000 < self.share_permille * self.floor_sum

    def permille(self, fen: int) -> int:
        """A sum for the whole load as a share of the floor, rounded down."""
        return fen * 1_000_000_000 // self.floor_sum


def _below_floor(
    state: PairState, name: str, movement: Movement, weighed: Weighed, over_at: int
) -> Iterator[Finding]:
    """One finding with the lowest of contract price, invoice and what reached the creditor, each per accepted tonne."""
    bills = [money for money in movement.bills if money.side == 0]
    pays = [money for money in movement.pays if money.side == 0]
    start = movement.stated[0].at
    instants = {start, *(max(start, money.at) for money in (*bills, *pays))}
    if (bills or pays) and over_at < _NEVER:
        instants.add(max(start, over_at))
    since: int | None = None
    amounts: dict[str, int | str] = {}
    for at, after in pairwise([*sorted(instants), _NEVER]):
        low = _lowest(movement, weighed, _Standing(bills, pays, at), at >= over_at)
        if low is not None:
            since, amounts = (at if since is None else since), low
        if since is not None and (low is None or after == _NEVER):
            until = at if low is None else None
            yield _finding(state, name, movement, AlertKind.PRICE_BELOW_FLOOR, (since, until), amounts)
            since = None


def _any_is_low(weighed: Weighed, *books: list[Money]) -> bool:
    """Whether any money is less than the share of the floor: where none is, no sum of them can be."""
    for book in books:
        for money in book:
            if money.side == 0 and money.fen and weighed.is_low(money.fen):
                return True
    return False


class _Standing:
    """What was billed, asked for by the creditor, sent by the debtor and had reached the creditor by an instant."""

    def __init__(self, bills: list[Money], pays: list[Money], at: int) -> None:
        self.billed = _sum(bills, FROM_DEBTOR, at)
        self.asked = _sum(bills, TO_CREDITOR, at)
        self.sent = _sum(pays, FROM_DEBTOR, at)
        self.reached = _sum(pays, TO_CREDITOR, at)
        self.named = all(money.laid == NAMED for money in (*bills, *pays))


def _sum(book: list[Money], role: int, at: int) -> int:
    return sum(money.fen for money in book if money.role & role and money.at <= at)


def _lowest(
    movement: Movement, weighed: Weighed, standing: _Standing, over: bool
) -> dict[str, int | str] | None:
    """The lowest price under the floor's share: the contract's at once, sums when nothing more is to come."""
    found: list[tuple[int, str, int, int]] = []
    if weighed.contract is not None and weighed.contract_is_low():
        price, floor = weighed.contract
        found.append((price * 1000 // floor, "contract", price, floor))
    if over or _is_settled(movement, standing):
        floor = weighed.floor_sum // weighed.grams
        sums = (("invoice", standing.billed), ("invoice", standing.asked), ("reached", standing.reached))
        for source, fen in sums:
            if fen and weighed.is_low(fen):
                found.append((weighed.permille(fen), source, fen * 1_000_000 // weighed.grams, floor))
    if not found:
        return None
    permille, source, price, floor = min(found)
    return {
        "accepted_g": weighed.grams,
        "source": source,
        "ratio_permille": permille,
        "price_fen_per_tonne": price,
        "floor_fen_per_tonne": floor,
        "risk_fen": (floor - price) * weighed.grams // 1_000_000,
        "risk_g": weighed.grams,
    }


def _is_settled(movement: Movement, standing: _Standing) -> bool:
    """Paid what was billed, or where nothing is billed what is owed; unnamed money may still be joined by more."""
    paid = max(standing.sent, standing.reached)
    if not paid or not standing.named:
        return False
    if standing.billed:
        return paid >= standing.billed
    return movement.owed is not None and is_near(movement.owed[0] - paid, movement.owed[0])
