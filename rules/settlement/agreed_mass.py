"""How much was accepted under a contract that names a mass, and since when it is too much. Used by loads and the rule.

It is counted in the order of acceptance; what comes too late for that folds the pair again. Contracts that name no mass
count nothing.
"""

from collections.abc import Iterator
from datetime import date

from models.alerts import AlertKind, Finding
from models.exact import beijing_midnight
from rules.settlement.subjects import Contract, Movement, PairState, Terms


def names_mass(contract: Contract) -> bool:
    """Whether any of its terms do."""
    return any(terms.grams is not None for terms in contract.terms)


def _agreed(contract: Contract, day: date) -> Terms | None:
    """The terms whose mass holds on a day: the latest begun that name one."""
    begun = [terms for terms in contract.terms if terms.grams is not None and terms.from_day <= day]
    return max(begun, key=lambda terms: (terms.from_day, terms.amended, -terms.at, -terms.seq), default=None)


def is_late(state: PairState, known: Movement, order: tuple[int, int]) -> bool:
    """Whether what a fact of this order says of a movement cannot be counted on top of what was."""
    last = max((c.taken_at for c in state.contracts.values()), default=(0, 0))
    return bool(known.stated) or order < last


def count(state: PairState, movement: Movement) -> set[str]:
    """Count a movement that has come under its contract."""
    contract = state.contracts.get(movement.contract)
    if contract is None or not movement.grams or not names_mass(contract):
        return set()
    _add(contract, movement)
    return {f"contract:{movement.contract}"}


def _add(contract: Contract, movement: Movement) -> None:
    load = movement.stated[0]
    contract.taken_g += movement.grams
    contract.taken_at = (load.at, load.seq)
    terms = _agreed(contract, load.day)
    if terms is None or terms.grams is None or contract.taken_g <= terms.grams:
        contract.passed_at = None
    elif contract.passed_at is None or contract.taken_g - movement.grams <= terms.grams:
        contract.passed_at = load.at


def recount(state: PairState) -> None:
    """Count all movements of a pair that is whole in memory under its contracts as they are now."""
    for contract in state.contracts.values():
        contract.taken_g, contract.taken_at, contract.passed_at = 0, (0, 0), None
    if state.has_masses:
        for _, _, name in state.in_order():
            count(state, state.movement(name))


def contract_findings(state: PairState, name: str, contract: Contract) -> Iterator[Finding]:
    """More accepted than its last terms name: since it was, or since those terms hold."""
    terms = _agreed(contract, date.max)
    if terms is None or terms.grams is None or contract.taken_g <= terms.grams:
        return
    since = contract.passed_at
    amounts: dict[str, int | str] = {
        "contract_no": name.partition(":")[2],
        "agreed_g": terms.grams,
        "accepted_g": contract.taken_g,
        "risk_g": contract.taken_g - terms.grams,
    }
    parties = (state.origin, state.destination)
    yield Finding(
        AlertKind.CONTRACT_MASS_EXCEEDED,
        name,
        beijing_midnight(terms.from_day) if since is None else since,
        None,
        amounts,
        state.origin[2:8],
        parties,
    )
