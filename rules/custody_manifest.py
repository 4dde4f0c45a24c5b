"""What is known of one manifest (联单): the statements made under its number, kept so that their order of arrival is
nothing; used by rules.custody, which judges them.
"""

from collections.abc import Iterable, Sequence

import msgspec

Line = tuple[int, str, int | None, int | None]  # Line number, waste code, grams, pieces.
Lines = tuple[Line, ...]
Ends = tuple[str, str, str, str]  # Origin, its organisation, destination, its organisation.


class Statement(msgspec.Struct, array_like=True, order=True):
    """One act that somebody stated. `at` is when it happened (microseconds); `seq` tells statements apart."""

    at: int
    seq: int


class Issue(Statement):
    """开具."""

    ends: Ends
    carriers: tuple[str, ...]
    lines: Lines
    on_paper: bool
    recorded_at: int
    stated_by: str
    reverse_filled: bool
    claims: tuple[str, ...]  # Items of the exemption annex.
    onward_of: str


class Departure(Statement):
    """起运."""

    ends: Ends
    carrier: str
    vehicle: str
    lines: Lines
    weighing: str
    onward_of: str
    claims: tuple[str, ...]  # Of the way alone.


class HandOver(Statement):
    """联运交接: to `carrier`, from whom."""

    carrier: str
    vehicle: str
    from_carrier: str


class Arrival(Statement):
    """运抵, at `site`, which is the destination's unless the fact says otherwise."""

    ends: Ends
    site: str
    carrier: str


class Acceptance(Statement):
    """接受, by `receiver` of `receiver_org`; an organisation that was not said is empty."""

    ends: Ends
    receiver: str
    receiver_org: str
    lines: Lines
    recorded_at: int
    weighing: str


class Weighed(Statement):
    """过磅: what the destination's weighbridge said; `weighing` is how, empty where that was not said."""

    lines: Lines
    weighing: str


class Refusal(Statement):
    """拒收: lines of the load."""

    ends: Ends
    lines: Lines


class Returned(Statement):
    """退回: what is back at the origin, and under which manifest it goes on, where that was said."""

    lines: Lines
    onward_no: str


class Observed(Statement):
    """途中监控, all but gates, which say nothing that is judged; `until` None where no end was given."""

    observation: str
    origin: str
    vehicle: str
    region: str
    until: int | None


class Onward(Statement):
    """再转移 of this manifest's refused load under another: issued, or (`moved`) departed."""

    manifest_no: str
    lines: Lines
    moved: bool


class Origin(Statement):
    """退回 of another manifest's load, which is said to go on under this one."""

    manifest_no: str
    lines: Lines


class Confirmation(Statement):
    """确认接受: the term is held against the ledger's own clock (DESIGN 3)."""

    recorded_at: int


class Manifest(msgspec.Struct, omit_defaults=True, tag="manifest"):
    """Statements by kind of act, each list by (at, seq)."""

    issued: list[Issue] = []
    voided: list[Statement] = []
    departed: list[Departure] = []
    handed_over: list[HandOver] = []
    arrived: list[Arrival] = []
    weighed: list[Weighed] = []
    accepted: list[Acceptance] = []
    refused: list[Refusal] = []
    returned: list[Returned] = []
    confirmed: list[Confirmation] = []
    observed: list[Observed] = []
    onward: list[Onward] = []
    came_from: list[Origin] = []

    def is_empty(self) -> bool:
        """Whether nothing is stated any more."""
        return not any(getattr(self, name) for name in self.__struct_fields__)


def first(*acts: Sequence[Statement]) -> int | None:
    """When the first of these acts happened; None where there was none."""
    found: int | None = None
    for statements in acts:
        if statements and (found is None or statements[0].at < found):
            found = statements[0].at
    return found


def first_movement(manifest: Manifest) -> int | None:
    """When the load is first known to have moved."""
    return first(manifest.departed, manifest.arrived, manifest.weighed, manifest.accepted, manifest.refused)


def void_since(manifest: Manifest) -> int | None:
    """When the manifest was voided; None where it was not, or too late: only before departure (MT, DOMAIN 1)."""
    if not manifest.voided:
        return None
    moved = first_movement(manifest)
    return next((void.at for void in manifest.voided if moved is None or void.at < moved), None)


def named_ends(manifest: Manifest) -> list[Ends]:
    """Who is named: by the issues; where none is known, by the departures, else by what was received."""
    for statements in (manifest.issued, manifest.departed, manifest.accepted, manifest.arrived):
        if len(statements) == 1:
            return [statements[0].ends]
        if statements:
            return list(dict.fromkeys(statement.ends for statement in statements))
    return []


def carriers_of(manifest: Manifest) -> list[str]:
    """Carriers in the order of the legs, each once."""
    if manifest.departed or manifest.handed_over:
        found = [departure.carrier for departure in manifest.departed]
        found += [hand_over.carrier for hand_over in manifest.handed_over]
    else:
        found = [carrier for issue in manifest.issued for carrier in issue.carriers]
        found += [arrival.carrier for arrival in manifest.arrived]
    return list(dict.fromkeys(found))


def parties_of(manifest: Manifest) -> tuple[str, ...]:
    """The organisations concerned: origins, carriers, destinations and whoever took the load, each once."""
    ends = named_ends(manifest)
    receivers = [acceptance.receiver_org for acceptance in manifest.accepted if acceptance.receiver_org]
    found = [end[1] for end in ends] + carriers_of(manifest) + [end[3] for end in ends] + receivers
    return tuple(dict.fromkeys(found))


class Weights(msgspec.Struct):
    """Grams and pieces of one line and code over all statements; None where a statement does not give them."""

    loaded_g: int | None = 0
    accepted_g: int | None = 0
    refused_g: int | None = 0
    loaded_pieces: int | None = 0
    accepted_pieces: int | None = 0
    refused_pieces: int | None = 0

    @property
    def is_weighed(self) -> bool:
        """Whether all statements of this line give a mass."""
        return self.loaded_g is not None and self.accepted_g is not None and self.refused_g is not None

    @property
    def is_counted(self) -> bool:
        """Whether all statements of this line give pieces."""
        return None not in (self.loaded_pieces, self.accepted_pieces, self.refused_pieces)


def weights(manifest: Manifest) -> dict[tuple[int, str], Weights]:
    """By line and code what was loaded, accepted and refused. A line stated twice the same way counts once."""
    found: dict[tuple[int, str], Weights] = {}
    for number, code, mass_g, pieces in distinct_lines(manifest.departed):
        sums = found.setdefault((number, code), Weights())
        sums.loaded_g = _plus(sums.loaded_g, mass_g)
        sums.loaded_pieces = _plus(sums.loaded_pieces, pieces)
    for number, code, mass_g, pieces in distinct_lines(manifest.accepted):
        sums = found.setdefault((number, code), Weights())
        sums.accepted_g = _plus(sums.accepted_g, mass_g)
        sums.accepted_pieces = _plus(sums.accepted_pieces, pieces)
    for number, code, mass_g, pieces in distinct_lines(manifest.refused):
        sums = found.setdefault((number, code), Weights())
        sums.refused_g = _plus(sums.refused_g, mass_g)
        sums.refused_pieces = _plus(sums.refused_pieces, pieces)
    return found


def distinct_lines(statements: Sequence[Departure | Acceptance | Refusal]) -> Iterable[Line]:
    """Lines of several statements; one that is stated twice the same way counts once."""
    if len(statements) == 1:
        return statements[0].lines
    return {line for statement in statements for line in statement.lines}


def _plus(sum_g: int | None, mass_g: int | None) -> int | None:
    return None if sum_g is None or mass_g is None else sum_g + mass_g
