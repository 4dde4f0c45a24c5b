"""Random log books of one site for the properties of storage: everything that can befall its stock, and corrections."""

from random import Random
from typing import Any, Final

from models.exact import HOUR_US, format_instant, parse_instant
from tests.facts import (
    FACILITY_ORG,
    INFECTIOUS,
    KILN,
    OIL,
    PLATER,
    PRODUCER_ORG,
    SLUDGE,
    Amount,
    Wire,
    accepted,
    activity,
    again,
    collected,
    corrected,
    counted,
    day,
    departed,
    extension_granted,
    extension_refused,
    generated,
    licence_granted,
    line,
    manifest_no,
    released,
    repacked,
    returned,
    scope,
    site_registered,
    stock_taken,
    stored,
    treated,
)

BATCHES: Final = tuple(f"B{number}" for number in range(6))
MATTER_KINDS: Final = ("generated", "stored", "departed", "treated", "collected", "accepted")


class Chance:
    """A log book drawn from a seed: facts of one site over 800 days."""

    def __init__(
        self, seed: int, kinds: tuple[str, ...] = (), *, plain: bool = False, chained: bool | None = None
    ) -> None:
        """`plain`: grams alone and no places; `chained`: lines may name parents (else where it is not plain)."""
        self.random = Random(seed)
        self.plain = plain
        self.chained = not plain if chained is None else chained
        self.kinds = kinds or tuple(
            name.removeprefix("_make_") for name in dir(self) if name.startswith("_make_")
        )
        self.serial = 0

    def book(self, length: int) -> list[Wire]:
        """So many facts in order of time, some said again, some corrected."""
        facts = [self._fact() for _ in range(length)]
        facts.sort(key=lambda wire: str(wire["occurred_at"]))
        for wire in list(facts):
            if self.random.random() < 0.08:
                facts.append(again(wire, nth=self._next()))
            elif self.random.random() < 0.08:
                facts.append(self._correction(wire))
        return facts

    def _next(self) -> int:
        self.serial += 1
        return self.serial

    def _fact(self) -> Wire:
        make = getattr(self, f"_make_{self.random.choice(self.kinds)}")
        wire: Wire = make(
            day(self.random.choice((0, 1, 2, 30, 200, 366, 400)), 9, self.random.randrange(600))
        )
        return again(wire, nth=1000 + self._next())

    def _correction(self, wire: Wire) -> Wire:
        at = day(500, 0, self._next())
        if self.random.random() < 0.4:
            return corrected(wire, at, withdrawn=True)
        moved = self.random.choice((-1, 0, 1)) * HOUR_US
        return corrected(wire, at, occurred_at=format_instant(parse_instant(wire["occurred_at"]) + moved))

    def _amount(self) -> dict[str, Any]:
        kg = self.random.choice((1, 2, 5, 8, 10))
        if self.plain:
            return {"kg": kg}
        pieces = self.random.choice((1, 2, 3))
        other = ({"kg": None, "pieces": pieces}, {"kg": kg, "pieces": pieces})
        return self.random.choice(({"kg": kg}, {"kg": kg}, {"kg": kg}, *other))

    def _code(self) -> str:
        return self.random.choice(
            (OIL, OIL, OIL, SLUDGE) if self.plain else (OIL, OIL, OIL, SLUDGE, INFECTIOUS)
        )

    def _place(self) -> str | None:
        return None if self.plain else self.random.choice((None, None, None, "P1", "P2"))

    def _kept(self) -> dict[str, Any]:
        """How cold, and in what, where that is said at all."""
        if self.plain or self.random.random() < 0.6:
            return {}
        containers = {"container_kind": "drum", "count": 3, "ids": ["BOX", f"D{self._next()}"]}
        return self.random.choice(
            ({"containers": containers}, {"temperature": "cold"}, {"temperature": "warm"})
        )

    def _batch(self) -> str:
        return self.random.choice(BATCHES)

    def _lines(self, **more: Any) -> list[Wire]:
        found = []
        for number in range(1, self.random.choice((2, 2, 3))):
            said: dict[str, Any] = {**self._amount(), **more}
            if self.random.random() < 0.5:
                said["lot"] = self._batch()
            elif (place := self._place()) is not None:
                said["place"] = place
            if self.chained and self.random.random() < 0.4:
                said["parents"] = self.random.sample(BATCHES, self.random.choice((1, 1, 2)))
            found.append(line(self._code(), no=number, **said))
        return found

    def _make_generated(self, at: int) -> Wire:
        said = {**self._amount(), **self._kept()}
        return generated(self._batch(), self._code(), at=at, place=self._place(), **said)

    def _make_stored(self, at: int) -> Wire:
        said = {**self._amount(), **self._kept()}
        return stored(self._batch(), self._code(), at=at, place=self._place(), **said)

    def _make_opened(self, at: int) -> Wire:
        since = self.random.choice(({}, {}, {"stored_since": format_instant(at - 40 * HOUR_US)}))
        return stored(
            self._batch(), self._code(), at=at, opening=True, place=self._place(), **self._amount(), **since
        )

    def _make_chained(self, at: int) -> Wire:
        make = self.random.choice((stored, released))
        parents = self.random.sample(BATCHES, self.random.choice((1, 1, 2)))
        return make(self._batch(), self._code(), at=at, parents=parents, **self._amount())

    def _make_released(self, at: int) -> Wire:
        return released(self._batch(), self._code(), at=at, **self._amount())

    def _make_repacked(self, at: int) -> Wire:
        inputs: dict[str, Amount] = {self._batch(): self.random.choice((1, 5)), self._batch(): 3}
        return repacked(inputs, {self._batch(): self.random.choice((1, 5))}, self._code(), at=at)

    def _make_counted(self, at: int) -> Wire:
        counts = [counted(self._code(), self.random.choice((0, 3, 12)))]
        if self.random.random() < 0.5:
            since = self.random.choice(({}, {"stored_since": format_instant(at - 400 * HOUR_US)}))
            counts.append(counted(self._code(), self.random.choice((0, 4)), lot=self._batch(), **since))
        opening = True if self.random.random() < 0.2 else None
        return stock_taken(counts, at=at, place=self._place(), opening=opening)

    def _make_departed(self, at: int) -> Wire:
        return departed(manifest_no(self.random.randrange(1, 4)), lines=self._lines(), at=at)

    def _make_returned(self, at: int) -> Wire:
        return returned(manifest_no(self.random.randrange(1, 4)), lines=self._lines(), at=at)

    def _make_treated(self, at: int) -> Wire:
        residue = {"lot": self._batch(), "waste_code": self._code(), "mass_kg": "1"}
        residues = [residue] if self.random.random() < 0.3 else []
        lines = self._lines(method="D10")
        return treated(lines=lines, at=at, site=PLATER, org=PRODUCER_ORG, own_waste=True, residues=residues)

    def _make_collected(self, at: int) -> Wire:
        ends = self.random.choice(({"origin": PLATER}, {"origin": KILN, "destination": PLATER}))
        number = self.random.choice((None, None, manifest_no(self.random.randrange(1, 4))))
        return collected(lines=self._lines(), at=at, origin_org=FACILITY_ORG, manifest_no=number, **ends)

    def _make_accepted(self, at: int) -> Wire:
        lines = self._lines()
        for said in lines:
            said.pop("lot", None)
            if self.random.random() < 0.6:
                said["stored_as"] = self._batch()
        return accepted(manifest_no(self.random.randrange(1, 4)), lines=lines, at=at, destination=PLATER)

    def _make_extended(self, at: int) -> Wire:
        what = self.random.choice(({}, {"lot": self._batch()}, {"code": self._code()}))
        return extension_granted(self.random.choice(("2026-04-20", "2026-06-01")), at=at, **what)

    def _make_registered(self, at: int) -> Wire:
        role = self.random.choice(("producer", "facility", "collector", "health-facility"))
        places = [
            {"place": name, "place_type": self.random.choice(("point", "point", "store"))}
            | self.random.choice(({}, {"temperature": "warm"}, {"temperature": "cold"}))
            for name in self.random.choice(((), ("P1",), ("P1", "P2")))
        ]
        kind = self.random.choice((None, "registered"))
        return site_registered(role=role, producer_class=kind, at=at, places=places)

    def _make_refused(self, at: int) -> Wire:
        what = self.random.choice(({}, {"lot": self._batch()}, {"code": self._code()}))
        return extension_refused(at=at, **what)

    def _make_reported(self, at: int) -> Wire:
        """Electricity of March, April, or some days; sometimes before the period is over."""
        since, until = self.random.choice(
            (("2025-03-01", "2025-04-01"), ("2025-04-01", "2025-05-01"), ("2025-03-04", "2025-03-05"))
        )
        amount = self.random.choice((0, 10, 1000, 100_000))
        who: dict[str, Any] = {"site": PLATER, "org": PRODUCER_ORG, "destination_org": None}
        return activity(amount, "kwh", period_from=since, period_until=until, at=at, **who)

    def _make_licensed(self, at: int) -> Wire:
        kind = self.random.choice(("comprehensive", "collection"))
        return licence_granted(
            str(self._next()), lines=[scope("HW08")], at=at, holder=PLATER, licence_type=kind
        )
