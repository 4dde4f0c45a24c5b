"""What is watched beside the lots of a site: flows by month, rounds, activity, intake, campaigns; hooks of rules.storage."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from models.alerts import Finding
from models.envelope import Stated
from models.facts.law import CampaignOpened, LimitName
from models.law import Law, Matter
from rules import storage_activity, storage_campaign, storage_intake, storage_rounds
from rules.storage_activity import Activity
from rules.storage_facts import puts_of
from rules.storage_flows import Month, add, day_number, flows_of, month_day, month_subject
from rules.storage_intake import INTAKE, Intake, tells_residues
from rules.storage_moves import Moment
from rules.storage_rounds import ROUNDS, Rounds
from rules.storage_store import Store
from rules.storage_subjects import Lot

Watched = Month | Rounds | Activity | Intake
AHEAD: Final[frozenset[Matter]] = frozenset(
    {
        CampaignOpened,
        LimitName.RESIDUE_LEAST,
        LimitName.RESIDUE_MOST,
        LimitName.SILENCE_SHARE,
        LimitName.SILENCE_HISTORY,
    }
)
ASKS: Final[frozenset[Matter]] = AHEAD | {
    LimitName.COLLECTION_INTERVAL,
    LimitName.COVERAGE_INTERVAL,
    LimitName.INTAKE_WINDOW,
    LimitName.INTAKE_TOLERANCE,
}
REPORTED: Final = "activity-reported.v1"
_WITH_LINES: Final = frozenset({"transport-departed.v1", "waste-collected.v1", "waste-treated.v1"})


def named(stated: Stated) -> Iterable[str]:
    """The months that a fact adds to or looks back on; rounds and activity are always in memory."""
    if stated.kind == REPORTED:
        return storage_activity.months_of(stated.body)
    if stated.kind == "stock-taken.v1":
        return storage_intake.months_before(stated.occurred_at)
    return (month_subject(stated.occurred_at),)


def may_come_late(state: Store, stated: Stated) -> bool:
    """Whether a late fact about matter leaves the same here as in its order.

    A batch that is stated as made, stored or accepted counts on the day of whichever was first, and its pieces until it is
    weighed, so what comes late into a batch that a later fact is about is folded in its order.
    """
    for come in puts_of(stated, state.key):
        lot = state.subjects.get(f"lot:{come.batch}")
        if isinstance(lot, Lot) and lot.latest > stated.order:
            return False
    return storage_intake.may_come_late(state, stated.kind) and storage_rounds.may_come_late(state, stated)


def observe(state: Store, stated: Stated, moment: Moment) -> None:
    """After a fact about matter: what it moved, by day; and who waits for what."""
    moved = {}
    for code, (stock, mass_g, pieces) in moment.before.items():
        if stock.mass_g != mass_g or stock.pieces != pieces:
            moved[code] = (stock.mass_g - mass_g, stock.pieces - pieces)
    made = _made_by_lines(state, stated) if stated.kind in _WITH_LINES else None
    if (moved or made) and (flows := flows_of(stated, state.key, moved, made)):
        subject, day = month_day(day_number(stated.occurred_at))
        month = state.months.get(subject)
        if month is None:
            month = _begin(state, subject)
        add(month, day, flows)
        (moment.touched if tells_residues(stated.kind, flows) else state.noted).add(subject)
        if state.watched:
            storage_activity.observe(state, stated.occurred_at, flows, moment.touched)
        if INTAKE in state.watched or stated.kind == "stock-taken.v1":
            moment.touched.update(storage_intake.observe(state, stated.kind, moment.order, flows))
    if ROUNDS in state.watched:
        storage_rounds.observe(state, state.watched[ROUNDS], stated, moment)


def _made_by_lines(state: Store, stated: Stated) -> dict[str, int] | None:
    """Grams that lines took from batches whose parents gave less than the lines say, by code."""
    lines: Any = stated.body.lines  # type: ignore[union-attr]
    named = {(line.lot, line.waste_code) for line in lines if line.parents and line.lot is not None}
    if not named:
        return None
    found: dict[str, int] = {}
    for batch, code in named:
        lot = state.subjects.get(state.lot_name(batch, code))
        for row in lot.made if isinstance(lot, Lot) else ():
            if (row.at, row.seq) == stated.order:
                found[code] = found.get(code, 0) + row.outputs_g - row.inputs_g
    return found


def _begin(state: Store, subject: str) -> Month:
    """A new month: the latest is the one that stays in memory, and the one before it is let go."""
    month = Month({}, goes_on=all(name < subject for name in state.months))
    if month.goes_on:
        for name, other in state.months.items():
            if other.goes_on:
                other.goes_on = False
                state.noted.add(name)
    state.attach(subject, month)
    return month


def findings(state: Store, subject: str, value: Watched, law: Law, at: int) -> Iterable[Finding]:
    """What is wrong with a subject of these."""
    if type(value) is Month:
        return storage_intake.month_findings(state, subject, value, law, at)
    if type(value) is Rounds:
        return storage_rounds.rounds_findings(state, value, law, at)
    if type(value) is Activity:
        return storage_activity.activity_findings(state, subject, value, law, at)
    if type(value) is Intake:
        return storage_intake.intake_findings(state, value, law, at)
    return ()


def next_change(state: Store, subject: str, value: Watched, law: Law, at: int) -> int | None:
    """When silence alone changes that."""
    if type(value) is Month:
        return storage_intake.month_turn(subject, value, law, at)
    if type(value) is Rounds:
        return storage_rounds.rounds_turn(state, value, law, at)
    if type(value) is Activity:
        return storage_activity.activity_turn(value, at)
    if type(value) is Intake:
        return storage_intake.intake_turn(value, at)
    return None


def is_open(value: Watched) -> bool:
    """The latest month, and what facts add to without naming it."""
    if type(value) is Month:
        return value.goes_on
    return type(value) in (Rounds, Activity, Intake)


def lot_findings(
    state: Store, subject: str, lot: Lot, law: Law, at: int, found: Iterable[Finding]
) -> Iterator[Finding]:
    """A lot's own findings, and those of campaigns."""
    yield from found
    yield from storage_campaign.campaign_findings(state, subject, lot, law, at)


def lot_turn(state: Store, lot: Lot, law: Law, at: int, turn: int | None) -> int | None:
    """The next change of a lot's own findings, or of a campaign's."""
    own = storage_campaign.campaign_turn(state, lot, law, at)
    return min((when for when in (turn, own) if when is not None), default=None)
