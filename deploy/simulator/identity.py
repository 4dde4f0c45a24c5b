"""Numbers and names that look as they do in the trade: credit codes, sites, manifests, invoices, batches, plates."""

from collections import Counter
from datetime import date
from random import Random
from typing import Final

from deploy.simulator.journal import Org
from models.credit import check_character
from models.facts import Role

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_STEMS: Final = "华东永兴恒瑞金盛德顺宏达天康新联嘉和越海浙源润泰明诚"
# 浙A to 浙L by the first four digits of the city.
_PLATE_LETTERS: Final = {f"33{n:02d}": letter for n, letter in enumerate("ABCFEDGHLJK", start=1)}
CITIES: Final = tuple(f"33{n:02d}00" for n in range(1, 12))
CITY_NAMES: Final = {
    **dict(
        zip(
            CITIES,
            ("杭州", "宁波", "温州", "嘉兴", "湖州", "绍兴", "金华", "衢州", "舟山", "台州", "丽水"),
            strict=True,
        )
    ),
    "320100": "南京",
}


def credit_code(rng: Random, region: str, kind: str = "91") -> str:
    """A unified social credit code whose two check characters hold (GB 32100, GB 11714)."""
    body = "MA" + "".join(rng.choice(_ALPHABET) for _ in range(6))
    total = sum(weight * int(character, 36) for weight, character in zip(_WEIGHTS, body, strict=True))
    first = f"{kind}{region}{body}{'0123456789X'[-total % 11]}"
    return first + check_character(first)


class Names:
    """Gives every number once; serials run by year and place as the real ones do."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._codes: set[str] = set()
        self._serials: Counter[tuple[str, ...]] = Counter()

    def org(self, region: str, trade: str, role: Role, kind: str = "91") -> Org:
        """A new organisation of a city and a trade."""
        code = credit_code(self._rng, region, kind)
        while code in self._codes:
            code = credit_code(self._rng, region, kind)
        self._codes.add(code)
        stem = self._rng.choice(_STEMS) + self._rng.choice(_STEMS)
        return Org(code, f"{CITY_NAMES[region]}{stem}{trade}", role)

    def site(self, org: Org, region: str) -> str:
        """The site id: region, then credit code, site number and letter as in permit codes (HJ 608)."""
        return f"{region}-{org.code}{self._next('site', org.code):03d}P"

    def manifest(self, region: str, year: int) -> str:
        """14 digits: year, province, city, serial (MT 15)."""
        place = f"{year}{region[:4]}"
        return f"{place}{self._next('manifest', place):06d}"

    def batch(self, prefix: str, site: str, day: date) -> str:
        """A batch code as in HJ 1259 annex B: HWCS20211031001, serial by site and day."""
        text = f"HW{prefix}{day:%Y%m%d}"
        return f"{text}{self._next('batch', text, site):03d}"

    def invoice(self, year: int) -> str:
        """20 digits of a digital invoice (数电票): year, province, channel, serial."""
        return f"{year % 100:02d}332{self._next('invoice', str(year)):015d}"

    def bank_reference(self, day: date) -> str:
        """The bank's number of a transfer."""
        text = f"{day:%Y%m%d}"
        return f"BK{text}{self._next('bank', text):07d}"

    def contract(self, year: int) -> str:
        """A contract's number."""
        return f"HT{year}-{self._next('contract', str(year)):05d}"

    def licence(self, region: str) -> str:
        """Ten digits: province, city, county, serial."""
        return f"{region}{self._next('licence', region):04d}"

    def plate(self, region: str) -> str:
        """A plate of the city."""
        digits = "".join(self._rng.choice("0123456789") for _ in range(5))
        return f"浙{_PLATE_LETTERS[region[:4]]}{digits}"

    def round(self, day: date) -> str:
        """A round's or a milk run's id."""
        text = f"R{day:%Y%m%d}"
        return f"{text}-{self._next('round', text):04d}"

    def _next(self, *what: str) -> int:
        self._serials[what] += 1
        return self._serials[what]
