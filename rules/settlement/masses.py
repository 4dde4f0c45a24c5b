"""A document with what its verdicts ask for; its mass against what was accepted. Used by verdicts."""

from itertools import groupby

from models.alerts import AlertKind, Finding
from models.exact import beijing_date
from models.law import Case, Law
from rules.settlement.contracts import prepaid_until
from rules.settlement.documents import net_lines, taken_back
from rules.settlement.subjects import Document, Line, PairState, Paper


class Facts:
    """A document with what its verdicts ask for."""

    def __init__(self, state: PairState, name: str, document: Document, papers: list[Paper]) -> None:
        self.state, self.name, self.document, self.papers = state, name, document, papers
        self.at = papers[0].at
        self.region = state.origin[2:8]
        self.matched = [s for s in document.shares.values() if s.moved_at is not None]
        self.judged = [s for s in self.matched if s.expected is not None]

    @property
    def parties(self) -> tuple[str, ...]:
        """The pair, and whoever pays or is paid."""
        parties = {self.state.origin, self.state.destination}
        parties.update(org for paper in self.papers for org in (paper.payer, paper.payee))
        return tuple(sorted(parties))

    @property
    def net_fen(self) -> int:
        """What is left of the document."""
        return sum(fen for _, _, fen in net_lines(self.name, self.document))

    @property
    def contracts(self) -> list[str]:
        """The contracts that its lines name."""
        return sorted({line.contract for paper in self.papers for line in paper.lines if line.contract})

    def finding(
        self, kind: AlertKind, since: int, until: int | None, amounts: dict[str, int | str]
    ) -> Finding:
        """A finding about this document."""
        return Finding(kind, self.name, since, until, amounts, self.region, self.parties)

    @property
    def stated_g(self) -> int:
        """The mass that its lines state."""
        return sum(line.grams for paper in self.papers for line in paper.lines)

    def taken_back_at(self) -> int | None:
        """When the last of it was taken back."""
        return max((taken.at for taken in taken_back(self.document)), default=None)

    def prepaid_until(self) -> int | None:
        """When the contract of a declared prepayment ends."""
        first = self.papers[0]
        if not first.prepaid:
            return None
        order = (first.at, first.seq)
        return prepaid_until(self.state, self.contracts, beijing_date(first.at), order)


def worth_g(is_bill: bool, accepted: int, expected: int, difference: int) -> dict[str, int | str]:
    """The mass that a sum would be for at the price of what it met, rounded half up, beside what was accepted.

    300,000 against 120,000 for 40 t accepted is a sum for 100 t, of which 60 are at risk.
    """
    brought = (accepted * (expected + difference) * 2 + expected) // (2 * expected)
    told = "invoiced_g" if is_bill else "paid_g"
    return {"accepted_g": accepted, told: brought, "risk_g": abs(brought - accepted)}


def mass_differs(known: Facts, law: Law) -> Finding | None:
    """More mass on an invoice's lines for a manifest than was accepted under it; until it is taken back.

    Of several lines for one code the largest mass counts, since each part of a price may be a line of its own.
    """
    if not any(line.grams and line.manifest for paper in known.papers for line in paper.lines):
        return None
    over = _over(known, law, [line for paper in known.papers for line in paper.lines])
    if not over:
        return None
    standing = _over(known, law, [line for _, line, fen in net_lines(known.name, known.document) if fen])
    until = None if standing else known.taken_back_at()
    told = standing or over
    since = min(at for at, *_ in told)
    if until is not None and until <= since:
        return None
    _, manifest, invoiced, accepted, fen = max(told, key=lambda row: (row[2] - row[3], row[1]))
    amounts: dict[str, int | str] = {
        "manifest_no": manifest,
        "invoiced_g": invoiced,
        "accepted_g": accepted,
        "risk_g": sum(row[2] - row[3] for row in told),
        "risk_fen": fen * (invoiced - accepted) // invoiced,
    }
    return known.finding(AlertKind.INVOICE_MASS_DIFFERS, since, until, amounts)


def states_no_more(document: Document) -> bool:
    """The ordinary case: each line states at most what was accepted under its manifest, and no other line names it."""
    seen: list[str] = []
    for line in document.stated[0].lines:
        if line.grams and (manifest := line.manifest):
            share = document.shares.get(f"manifest:{manifest}")
            if share is None or line.grams > share.grams or manifest in seen:
                return False
            seen.append(manifest)
    return True


def _over(known: Facts, law: Law, lines: list[Line]) -> list[tuple[int, str, int, int, int]]:
    """Since when, manifest, mass stated, mass accepted and money of each that states too much."""
    found = []
    named = sorted((line for line in lines if line.manifest), key=lambda line: line.manifest)
    for manifest, group in groupby(named, key=lambda line: line.manifest):
        share = known.document.shares.get(f"manifest:{manifest}")
        if share is None or share.moved_at is None or not share.grams:
            continue
        theirs = list(group)
        stated: dict[str, int] = {}
        for line in theirs:
            stated[line.code] = max(stated.get(line.code, 0), line.grams)
        grams = sum(stated.values())
        if _exceeds(
            known, law, grams, share.grams, share.moved_at, "".join(stated) if len(stated) == 1 else ""
        ):
            since = max(known.at, share.moved_at)
            found.append((since, manifest, grams, share.grams, sum(line.fen for line in theirs)))
    return found


def _exceeds(known: Facts, law: Law, stated: int, accepted: int, moved_at: int, code: str) -> bool:
    key = ("settlement", "mass", known.region, code, day := beijing_date(moved_at))
    if (permille := law.memo.get(key)) is None:
        permille = law.memo[key] = law.tolerance_permille(Case(known.region, waste_code=code or None), day)
    return (stated - accepted) * 1000 > int(permille) * accepted
