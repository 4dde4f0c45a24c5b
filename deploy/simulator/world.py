"""What all flows of a province share: the dice, the days, the names, the journal, and who is there."""

from collections.abc import Sequence
from datetime import date
from random import Random

from deploy.simulator.cast import Carrier, Contract, Facility, Site, Stream
from deploy.simulator.identity import CITIES, Names
from deploy.simulator.journal import Journal, Org, Telling, Wire
from deploy.simulator.when import Days
from models.exact import MINUTE_US, SECOND_US, format_kg, format_yuan
from models.facts import Role

CONTRACT_YEARS = 3
_APART_US = 30 * MINUTE_US  # No lorry of ours goes from one city to another in less.


class World:
    """The province as its flows see it. Only `rng` is ever random, so a seed tells all."""

    def __init__(self, seed: int, first: date) -> None:
        self.rng = Random(seed)
        self.days = Days(first)
        self.journal = Journal(self.rng, self.days.origin)
        self.names = Names(self.rng)
        self.today = 0
        self.regulator: Org = self.names.org(CITIES[0], "生态环境局", Role.REGULATOR, kind="11")
        self.intermediary: Org = self.names.org(CITIES[0], "环保服务有限公司", Role.INTERMEDIARY)
        self.carriers: list[Carrier] = []
        self.facilities: list[Facility] = []
        self.producers: list[Site] = []
        self.small: set[str] = set()  # Sites under 10 t a year,
        self.key_sites: set[str] = set()  # and key-supervised ones.
        self.streams: list[Stream] = []
        self.contracts: list[Contract] = []
        self.pairs: set[tuple[str, str]] = set()  # Origin and destination organisations that have dealt.
        self.made: set[tuple[str, str]] = set()  # Sites and the codes they make.
        self.planned: dict[
            str, dict[tuple[str, str], int]
        ] = {}  # Grams by site, then by code and destination.
        self.insured: set[str] = set()  # Sites that scenes insured.
        self.shortages: dict[str, int] = {}  # The day on which a category last ran short.
        self.driven: dict[
            tuple[str, int], list[tuple[int, str]]
        ] = {}  # By plate and day: when in which city.
        self.orgs: dict[str, Org] = {org.code: org for org in (self.regulator, self.intermediary)}
        self.sites: dict[str, Site] = {}

    def telling(self, known_at: int = 0) -> Telling:
        """A new course of events, not known before `known_at`."""
        return Telling(self.journal, known_at)

    def hour(self, day: int, first: int, last: int) -> int:
        """Some second between two hours of a day."""
        return self.days.at(day, seconds=first * 3600 + int(self.rng.random() * (last - first) * 3600))

    def seconds(self, low: int, high: int) -> int:
        """Some whole seconds, in microseconds."""
        return (low + int(self.rng.random() * (high - low))) * SECOND_US

    def carrier(self) -> Carrier:
        """Any haulier."""
        return self.rng.choice(self.carriers)

    def lorry(self, carrier: Carrier, wanted: str, *stops: tuple[int, str]) -> str:
        """The wanted plate, else another of the haulier's that is in no other city around those times; it is taken.

        Where all are elsewhere, the haulier buys one more.
        """
        plate = next((p for p in (wanted, *carrier.plates) if self._is_free(p, stops)), "")
        if not plate:
            plate = self.names.plate(carrier.org.code[2:8])
            carrier.plates.append(plate)
        self.drives(plate, *stops)
        return plate

    def drives(self, plate: str, *stops: tuple[int, str]) -> None:
        """Remember when a lorry is in which city."""
        for at, city in stops:
            self.driven.setdefault((plate, self.days.of(at)), []).append((at, city))

    def _is_free(self, plate: str, stops: Sequence[tuple[int, str]]) -> bool:
        return all(
            city == other or abs(at - other_at) >= _APART_US
            for at, city in stops
            for day in (self.days.of(at - _APART_US), self.days.of(at + _APART_US))
            for other_at, other in self.driven.get((plate, day), ())
        )

    def year(self, at: int) -> int:
        """The Beijing calendar year of an instant."""
        return self.days.date(self.days.of(at)).year

    def enrol(self, site: Site) -> Site:
        """Remember a site and its organisation."""
        self.sites[site.site] = site
        self.orgs[site.org.code] = site.org
        return site

    def facilities_for(self, category: str) -> list[Facility]:
        """The facilities whose licence covers a category."""
        return [
            f
            for f in self.facilities
            if not f.staged and any(category in share.categories for share in f.shares)
        ]

    def sign(self, contract: Contract, at: int, intermediaries: Sequence[Org] = ()) -> Contract:
        """State that a contract was signed: valid from 1 January of this year for three years."""
        year = self.year(at)
        contract.no = contract.no or self.names.contract(year)
        contract.body = {
            "contract_no": contract.no,
            "origin_org": contract.origin.code,
            "destination_org": contract.facility.base.org.code,
            "valid_from": f"{year}-01-01",
            "valid_until": f"{year + CONTRACT_YEARS - 1}-12-31",
            "lines": [self._price(contract, code, fen) for code, fen in contract.prices_fen.items()],
        }
        if intermediaries:
            contract.body["intermediary_orgs"] = [org.code for org in intermediaries]
        stater = contract.facility.base.org
        self.telling().tell(stater, "contract-signed.v1", at, dict(contract.body))
        return contract

    def amend(self, contract: Contract, at: int, effective_from: date) -> None:
        """State that other prices hold from a day on."""
        kept = ("contract_no", "origin_org", "destination_org", "valid_until")
        body = {name: contract.body[name] for name in kept}
        body["effective_from"] = effective_from.isoformat()
        body["lines"] = [self._price(contract, code, fen) for code, fen in contract.prices_fen.items()]
        self.telling().tell(contract.facility.base.org, "contract-amended.v1", at, body)

    @staticmethod
    def _price(contract: Contract, code: str, fen: int) -> Wire:
        a_unit = fen // 1000 if contract.basis == "kg" else fen
        line: Wire = {"basis": contract.basis, "price_yuan": format_yuan(a_unit)}
        if code:
            line["waste_code"] = code
        if contract.bought:
            line["payer"] = "destination"
        return line


def kg(grams: int) -> str:
    """Grams as a mass on the wire."""
    return str(grams // 1000) if grams % 1000 == 0 else format_kg(grams)


def worth(grams: int, fen_a_tonne: int) -> int:
    """The money for a mass, to the nearest fen."""
    return (grams * fen_a_tonne + 500_000) // 1_000_000
