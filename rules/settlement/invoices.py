"""An invoice number across pairs: stated twice by one party, or by several that do not agree. Used by the rule."""

from collections.abc import Iterator

from models.alerts import AlertKind, Finding
from rules.settlement.subjects import Said, Statements

_NAMES = (3, 4, 5, 6)  # Contract, manifest, code and grams: what a statement may leave out.


def agree(one: Said, other: Said) -> bool:
    """Same buyer and same sum for each pair, and neither names what the other names differently."""
    if one.buyer != other.buyer or _sums(one) != _sums(other):
        return False
    for field in _NAMES:
        ours = {line[field] for line in one.lines if line[field]}
        theirs = {line[field] for line in other.lines if line[field]}
        if ours and theirs and ours != theirs:
            return False
    return True


def _sums(said: Said) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for origin, destination, fen, *_ in said.lines:
        sums[origin, destination] = sums.get((origin, destination), 0) + fen
    return sums


def invoice_findings(name: str, statements: Statements) -> Iterator[Finding]:
    """At most one duplicate and one contradiction of a number: the earliest, over all its sellers."""
    if len(statements.stated) < 2:
        return
    twice: list[Said] = []
    against: list[tuple[Said, Said]] = []
    for seller in {said.seller for said in statements.stated}:
        ours = [said for said in statements.stated if said.seller == seller]
        twice += [said for i, said in enumerate(ours) if _repeats(said, ours[:i])]
        against += [(ours[0], said) for said in ours[1:] if not agree(ours[0], said)]
    if twice:
        said = min(twice, key=_order)
        yield _finding(AlertKind.INVOICE_DUPLICATED, name, said, {"risk_fen": _total(said)})
    if against:
        first, said = min(against, key=lambda pair: _order(pair[1]))
        amounts: dict[str, int | str] = {"first_fen": _total(first), "other_fen": _total(said)}
        amounts["risk_fen"] = abs(_total(first) - _total(said)) or _total(said)
        yield _finding(AlertKind.INVOICE_CONTRADICTED, name, said, amounts)


def _order(said: Said) -> tuple[int, int]:
    return (said.at, said.seq)


def _repeats(said: Said, earlier: list[Said]) -> bool:
    return any(before.stater == said.stater and agree(before, said) for before in earlier)


def _total(said: Said) -> int:
    return sum(line[2] for line in said.lines)


def _finding(kind: AlertKind, name: str, said: Said, amounts: dict[str, int | str]) -> Finding:
    parties = tuple(sorted({said.seller, said.buyer, said.stater}))
    if grams := sum(line[6] for line in said.lines):
        amounts["risk_g"] = grams
    amounts |= {"invoice_no": name.partition(":")[2], "invoiced_fen": _total(said)}
    return Finding(kind, name, said.at, None, amounts, said.seller[2:8], parties)
