"""What the province makes and where it goes: categories with shares, codes, prices and treatment, and sizes of a run.

Shares follow stats.csv (浙江省 2024: HW18, HW34, HW17, HW35, HW08 by mass), prices lie within prices.csv and the market
of DOMAIN 6, firms within the long tail of Yuhuan (88 % under 10 t a year), a transfer carries 12.5 t on average.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Plant(StrEnum):
    """Kinds of facilities (利用处置单位)."""

    INCINERATION = "incineration"
    LANDFILL = "landfill"
    METALS = "metals"
    ACIDS = "acids"
    OIL = "oil"
    LEAD = "lead"
    KILN = "kiln"
    CATALYSTS = "catalysts"
    MEDICAL = "medical"
    MERCURY = "mercury"
    CHROME = "chrome"
    COLLECTOR = "collector"


PLANT_NAMES: Final[dict[Plant, str]] = {
    Plant.INCINERATION: "环境科技有限公司",
    Plant.LANDFILL: "固废填埋有限公司",
    Plant.METALS: "金属资源再生有限公司",
    Plant.ACIDS: "酸碱资源利用有限公司",
    Plant.OIL: "再生油品有限公司",
    Plant.LEAD: "再生铅有限公司",
    Plant.KILN: "水泥窑协同处置有限公司",
    Plant.CATALYSTS: "催化剂再生有限公司",
    Plant.MEDICAL: "医疗废物处置有限公司",
    Plant.MERCURY: "含汞废物回收有限公司",
    Plant.CHROME: "含铬废物利用有限公司",
    Plant.COLLECTOR: "小微危废收集有限公司",
}


@dataclass(frozen=True, slots=True)
class Trade:
    """A category as traded here: share of the province's mass, usual codes, yuan a tonne, who takes it and how.

    `plants` maps each kind of facility that takes it to its method. Where `bought` is set the facility pays.
    """

    category: str
    share_permille: int
    codes: tuple[str, ...]
    yuan: tuple[int, int]
    plants: tuple[tuple[Plant, str], ...]
    bought: bool = False


_INC, _LAND, _MET, _ACID, _OIL = Plant.INCINERATION, Plant.LANDFILL, Plant.METALS, Plant.ACIDS, Plant.OIL
TRADES: Final[dict[str, Trade]] = {
    trade.category: trade
    for trade in (
        Trade("HW18", 175, ("772-002-18",), (1500, 1900), ((_LAND, "D1"), (Plant.KILN, "C1"))),
        Trade("HW34", 152, ("900-300-34", "900-302-34", "398-005-34"), (1100, 1900), ((_ACID, "R6"),)),
        Trade(
            "HW17",
            146,
            ("336-064-17", "336-054-17", "336-063-17", "336-058-17"),
            (1500, 2300),
            ((_MET, "R4"), (Plant.KILN, "C1")),
        ),
        Trade("HW35", 82, ("900-352-35", "900-353-35", "261-059-35"), (1000, 1700), ((_ACID, "R6"),)),
        Trade("HW08", 75, ("900-249-08", "900-210-08", "900-217-08"), (1500, 2400), ((_OIL, "R9"),)),
        Trade("HW49", 92, ("900-041-49", "900-039-49", "772-006-49"), (1900, 3300), ((_INC, "D10"),)),
        Trade("HW06", 52, ("900-402-06", "900-404-06"), (1900, 2900), ((_INC, "D10"),)),
        Trade("HW09", 46, ("900-006-09", "900-007-09"), (1700, 2800), ((_OIL, "R9"), (_INC, "D10"))),
        Trade("HW12", 42, ("900-252-12", "900-250-12", "264-011-12"), (2000, 3000), ((_INC, "D10"),)),
        Trade("HW11", 42, ("900-013-11", "261-013-11"), (2000, 3200), ((_INC, "D10"),)),
        Trade("HW22", 36, ("398-004-22", "398-051-22"), (900, 2400), ((_MET, "R4"),), bought=True),
        Trade("HW13", 22, ("900-014-13", "900-015-13"), (2000, 3000), ((_INC, "D10"),)),
        Trade("HW02", 16, ("271-001-02", "271-002-02"), (2200, 3200), ((_INC, "D10"),)),
        Trade("HW31", 13, ("900-052-31",), (7000, 8800), ((Plant.LEAD, "R4"),), bought=True),
        Trade("HW50", 9, ("772-007-50", "251-016-50"), (1600, 2600), ((Plant.CATALYSTS, "R8"),)),
    )
}
# Codes of their own: residues, garages, laboratories, and the rare wastes whose capacity runs short.
RESIDUE: Final = "772-003-18"
GARAGE_OIL: Final = "900-214-08"
BATTERIES: Final = "900-052-31"
RAGS: Final = "900-041-49"
LABORATORY: Final = "900-047-49"
INFECTIOUS, SHARPS, PATHOLOGICAL = "841-001-01", "841-002-01", "841-003-01"
MERCURY: Final = "900-023-29"
CHROME: Final = "193-001-21"
ASBESTOS: Final = "900-032-36"
# Tonnes a year of the one chrome plant, and of the smaller and the larger mercury plant.
RARE: Final[dict[Plant, tuple[str, str, tuple[int, ...]]]] = {
    Plant.CHROME: ("HW21", "R4", (40,)),
    Plant.MERCURY: ("HW29", "R15", (20, 1000)),
}
# What the collector of small producers (小微收运) may take.
COLLECTED: Final = ("HW08", "HW09", "HW12", "HW49")
MEDICAL_METHODS: Final = ("Y10", "Y11")

_MIX_OF_INDUSTRY: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("表面处理有限公司", ("HW17", "HW34")),
    ("精密机械有限公司", ("HW09", "HW08")),
    ("印务有限公司", ("HW12", "HW49")),
    ("汽车维修有限公司", ("HW08", "HW31")),
    ("家具有限公司", ("HW12", "HW06")),
    ("检测技术有限公司", ("HW49",)),
    ("电子有限公司", ("HW49", "HW22")),
    ("印染有限公司", ("HW35", "HW49")),
)
SMALL_INDUSTRIES: Final = _MIX_OF_INDUSTRY
LARGE_NAMES: Final[dict[str, str]] = {
    "HW18": "生活垃圾焚烧发电有限公司",
    "HW34": "钢铁酸洗有限公司",
    "HW17": "电镀集团有限公司",
    "HW35": "印染集团有限公司",
    "HW08": "石化有限公司",
}


@dataclass(frozen=True, slots=True)
class ProvinceSize:
    """How much of a province: firms, medical places, and tonnes a firm and year (all in all, the long tail included).

    Of the firms 88 % stay under 10 t a year. `irregularities` is how often each kind of irregularity is played in 150
    days.
    """

    producers: int
    hospitals: int
    clinics: int
    tonnes_a_firm: int = 84
    small_permille: int = 880
    medium_permille: int = 65
    irregularities: int = 1


SMALL: Final = ProvinceSize(producers=120, hospitals=3, clinics=10)  # About 20,000 facts a year.
LARGE: Final = ProvinceSize(producers=740, hospitals=20, clinics=70, irregularities=3)  # About 100,000.
DEMO: Final = ProvinceSize(
    producers=420, hospitals=12, clinics=50, irregularities=2
)  # About 70,000 in 400 days.
