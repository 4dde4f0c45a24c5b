"""Day 0 of a province: facilities, hauliers, producers in their long tail, streams sized to the shares, licences."""

from collections import Counter
from datetime import date

from deploy.simulator.cast import Carrier, Contract, Facility, LicenceShare, Lot, Site, Stream
from deploy.simulator.identity import CITIES
from deploy.simulator.journal import Wire
from deploy.simulator.trade import (
    BATTERIES,
    COLLECTED,
    GARAGE_OIL,
    LABORATORY,
    LARGE_NAMES,
    MEDICAL_METHODS,
    PLANT_NAMES,
    RAGS,
    RARE,
    RESIDUE,
    SMALL_INDUSTRIES,
    TRADES,
    Plant,
    ProvinceSize,
    Trade,
)
from deploy.simulator.world import World, kg
from models.exact import HOUR_US
from models.facts import Role

TONNE = 1_000_000
_LORRY_G = (23 * TONNE, 31 * TONNE)
_RESIDUE_PERMILLE = 52  # Slag and ash of what the incinerators burn, of all waste.


def found(world: World, size: ProvinceSize) -> None:
    """Put everybody on stage and state what the registers hold at the start."""
    _hauliers(world, size)
    _facilities(world, size)
    _medium_firms(world, size)
    _small_firms(world, size)
    _large_firms(world, size)
    _residue_contracts(world)


def licensed(world: World) -> None:
    """许可证颁发: half as much again as the streams need, like the province (1,148 against 710 wan t in 2022)."""
    at = world.days.at(0, 6)
    for facility in world.facilities:
        for share in facility.shares:
            share.yearly_g = share.yearly_g or (share.planned_g * 16 // 10 // TONNE + 400) * TONNE
        grant(world, facility, at)


def grant(
    world: World, facility: Facility, at: int, until: date | None = None, valid_from: date | None = None
) -> None:
    """State a facility's licence: from 1 January of this year for five years unless told otherwise (LIC)."""
    year = world.year(at)
    base = facility.base
    facility.licence_no = facility.licence_no or world.names.licence(base.region)
    body: Wire = {
        "licence_no": facility.licence_no,
        "holder": base.site,
        "holder_org": base.org.code,
        "licence_type": "collection" if facility.plant is Plant.COLLECTOR else "comprehensive",
        "issuer": "浙江省生态环境厅",
        "valid_from": valid_from.isoformat() if valid_from else f"{year}-01-01",
        "valid_until": until.isoformat() if until else f"{year + 4}-12-31",
        "lines": [
            {
                "categories": list(share.categories),
                "methods": sorted(set(share.methods)),
                "yearly_kg": kg(share.yearly_g),
                **({"daily_kg": kg(share.daily_g)} if share.daily_g else {}),
            }
            for share in facility.shares
        ],
    }
    world.telling().tell(world.regulator, "licence-granted.v1", at, body, lag=HOUR_US)


POINT = "point-1"  # 贮存点 of each smaller producer; only scenes put anything there by name.


def register(world: World, site: Site, role: str, at: int, **more: object) -> Site:
    """建档 by the regulator."""
    body = {"site": site.site, "org": site.org.code, "name": site.org.name, "role": role, **more}
    world.telling().tell(world.regulator, "site-registered.v1", at, body, lag=HOUR_US // 2)
    return world.enrol(site)


def new_site(world: World, trade: str, role: Role, kind: str = "91", region: str = "") -> Site:
    """A new organisation with one site in some city, or in the one that is named."""
    region = region or world.rng.choice(CITIES)
    org = world.names.org(region, trade, role, kind)
    return Site(world.names.site(org, region), org, region)


def _hauliers(world: World, size: ProvinceSize) -> None:
    for _ in range(4 + size.producers // 60):
        site = new_site(world, "危险品运输有限公司", Role.CARRIER)
        plates = [world.names.plate(site.region) for _ in range(6)]
        world.carriers.append(Carrier(site.org, plates, f"浙交运管许可{site.org.code[10:16]}号"))
        world.orgs[site.org.code] = site.org


def new_facility(world: World, plant: Plant, shares: list[LicenceShare], region: str = "") -> Facility:
    """A facility, registered at the start; its licence follows."""
    site = new_site(world, PLANT_NAMES[plant], Role.FACILITY, region=region)
    role = "collector" if plant is Plant.COLLECTOR else "facility"
    register(world, site, role, world.hour(world.today, 1, 5))
    facility = Facility(site, plant, shares)
    world.facilities.append(facility)
    return facility


def _shares(plant: Plant, number: int) -> list[LicenceShare]:
    if plant in RARE:
        category, method, tonnes = RARE[plant]
        return [LicenceShare((category,), 0, tonnes[number] * TONNE, (method,))]
    shares = [
        LicenceShare((trade.category,), methods=(method,))
        for trade in TRADES.values()
        for kind, method in trade.plants
        if kind is plant
    ]
    if plant is Plant.COLLECTOR:
        shares = [LicenceShare((name,)) for name in COLLECTED]
    return shares


def _facilities(world: World, size: ProvinceSize) -> None:
    more = size.producers // 300
    for plant in Plant:
        count = 1 if plant in {Plant.CATALYSTS, Plant.LEAD, Plant.CHROME, Plant.COLLECTOR} else 2
        if plant in {Plant.INCINERATION, Plant.METALS, Plant.ACIDS, Plant.MEDICAL}:
            count += more
        for number in range(count):
            shares = _shares(plant, number)
            if plant is Plant.MEDICAL:
                shares = [LicenceShare(("HW01",), methods=(MEDICAL_METHODS[number % 2],))]
            new_facility(world, plant, shares)


def price_of(world: World, trade: Trade) -> int:
    """Fen a tonne, in steps of 10 yuan, so that a price per kg is whole fen too."""
    return world.rng.randrange(trade.yuan[0], trade.yuan[1] + 1, 10) * 100


def stream(
    world: World, site: Site, category: str, yearly_g: int, *, code: str | None = None, every_days: int
) -> Stream:
    """A new stream of a site, with a contract of its own to some facility that takes it."""
    rng = world.rng
    trade = TRADES[category]
    facility = _taker(world, site, category)
    waste_code = code or rng.choice(trade.codes)
    bought = trade.bought or (waste_code == GARAGE_OIL and facility.plant is Plant.OIL and rng.random() < 0.7)
    contract = _contract_between(world, site, facility, bought)
    contract.prices_fen.setdefault(waste_code, price_of(world, trade))
    for share in facility.shares:
        if category in share.categories:
            share.planned_g += yearly_g
    made = Stream(
        site=site,
        waste_code=waste_code,
        yearly_g=yearly_g,
        every_days=every_days,
        load_g=rng.randrange(*_LORRY_G),
        contract=contract,
        phase=rng.randrange(every_days),
        days_max=rng.randrange(150, 290),
        names_lots=rng.random() < 0.8,
    )
    world.streams.append(made)
    world.made.add((site.site, waste_code))
    return made


def _taker(world: World, site: Site, category: str) -> Facility:
    """Any facility that takes the category; for some small firms the collector."""
    takers = world.facilities_for(category)
    if site.site in world.small and category in COLLECTED and world.rng.random() < 0.3:
        return next(taker for taker in takers if taker.plant is Plant.COLLECTOR)
    return world.rng.choice([taker for taker in takers if taker.plant is not Plant.COLLECTOR])


def _contract_between(world: World, site: Site, facility: Facility, bought: bool) -> Contract:
    for known in world.contracts:
        if known.origin is site.org and known.facility is facility and known.bought == bought:
            return known
    rng = world.rng
    basis = "kg" if rng.random() < 0.3 else "tonne"
    contract = Contract("", site.org, facility, {}, bought, basis, weekly=rng.random() < 0.4)
    world.contracts.append(contract)
    world.pairs.add((site.org.code, facility.base.org.code))
    return contract


def sign_all(world: World) -> None:
    """签约: state all contracts of the founding; the intermediary stands in some of them, named."""
    at = world.days.at(0, 6)
    world.telling().tell(
        world.regulator,
        "intermediary-registered.v1",
        world.days.at(0, 2),
        {"org": world.intermediary.code, "name": world.intermediary.name},
    )
    for contract in world.contracts:
        named = [world.intermediary] if world.rng.random() < 0.1 else []
        world.sign(contract, at + world.seconds(0, 7200), named)


def _large_firms(world: World, size: ProvinceSize) -> None:
    """Each category's share, less what its smaller makers and the incinerators' residues bring, over large makers."""
    small = size.producers * size.small_permille // 1000
    count = max(6, size.producers - small - size.producers * size.medium_permille // 1000)
    total_g = size.producers * size.tonnes_a_firm * TONNE
    made: Counter[str] = Counter()
    for known in world.streams:
        made["HW" + known.waste_code[-2:]] += known.yearly_g
    made["HW18"] += total_g * _RESIDUE_PERMILLE // 1000
    wanted = [
        (category, max(total_g * trade.share_permille // 1000 - made[category], TONNE))
        for category, trade in TRADES.items()
        if category != "HW31"
    ]
    sites: list[tuple[Site, str]] = []
    for number in range(count):
        main = wanted[number % 5][0]
        site = new_site(world, LARGE_NAMES[main], Role.PRODUCER)
        register(
            world,
            site,
            "producer",
            world.hour(0, 1, 5),
            producer_class="key",
            places=[_place("store-1", "store")],
        )
        world.producers.append(site)
        world.key_sites.add(site.site)
        sites.append((site, main))
    for number, (category, mass_g) in enumerate(wanted):
        makers = [site for site, main in sites if main == category] or _two_of(sites, number)
        for site in makers:
            every = world.rng.choice((3, 4, 4, 5))
            main_stream = stream(world, site, category, mass_g // len(makers), every_days=every)
            if category == "HW34" and site is makers[0]:
                main_stream.own_permille = 250
            _opening(world, main_stream)


def _two_of(sites: list[tuple[Site, str]], number: int) -> list[Site]:
    others = [site for site, main in sites if main != "HW18"]
    return [others[number % len(others)], others[(number + 1) % len(others)]]


def _place(place: str, kind: str) -> Wire:
    return {"place": place, "place_type": kind}


def _register_smaller(world: World, site: Site, producer_class: str) -> None:
    """建档 of a producer that has a storage point (贮存点) and no store."""
    places = [_place(POINT, "point")]
    register(world, site, "producer", world.hour(0, 1, 5), producer_class=producer_class, places=places)


def _medium_firms(world: World, size: ProvinceSize) -> None:
    for _ in range(size.producers * size.medium_permille // 1000):
        trade, categories = world.rng.choice(SMALL_INDUSTRIES)
        site = new_site(world, trade, Role.PRODUCER)
        _register_smaller(world, site, "simplified")
        world.producers.append(site)
        for category in categories:
            yearly_g = world.rng.randrange(8 * TONNE, 40 * TONNE)
            made = stream(world, site, category, yearly_g, every_days=world.rng.choice((6, 7, 8)))
            made.load_g = world.rng.randrange(4 * TONNE, 9 * TONNE)
            _opening(world, made)


def _small_firms(world: World, size: ProvinceSize) -> None:
    for _ in range(size.producers * size.small_permille // 1000):
        trade, categories = world.rng.choice(SMALL_INDUSTRIES)
        site = new_site(world, trade, Role.PRODUCER)
        _register_smaller(world, site, "registered")
        world.producers.append(site)
        world.small.add(site.site)
        for category in categories:
            yearly_g = world.rng.randrange(300_000, 2 * TONNE)
            code = _small_code(trade, category)
            made = stream(
                world, site, category, yearly_g, code=code, every_days=world.rng.choice((31, 45, 60))
            )
            made.load_g = max(made.yearly_g * world.rng.randrange(50, 95) // 100, 150_000)


def _small_code(trade: str, category: str) -> str | None:
    if trade == "汽车维修有限公司":
        return GARAGE_OIL if category == "HW08" else BATTERIES
    if category == "HW49":
        return LABORATORY if trade.startswith("检测") else RAGS
    return None


def _opening(world: World, made: Stream) -> None:
    """Opening stock: lots of the months before, stored long ago and stated at the start."""
    rng = world.rng
    if rng.random() < 0.5:
        return
    for _ in range(rng.randrange(1, 4)):
        day = -rng.randrange(5, 120)
        mass_g = max(made.yearly_g // 365 * made.every_days // 1000, 50) * 1000
        opening_lot(world, made.site, made.waste_code, mass_g, day, made)


def opening_lot(
    world: World, site: Site, code: str, mass_g: int, day: int, made: Stream | None = None
) -> Lot:
    """A lot from before the start: stored then, stated on the first morning."""
    at = world.hour(day, 8, 17)
    lot = Lot(world.names.batch("RK", site.site, world.days.date(day)), code, mass_g, day)
    body = {"site": site.site, "lot": lot.batch, "waste_code": code, "mass_kg": kg(mass_g)}
    known_at = world.days.at(0, 6) + world.seconds(1, 3600)
    world.telling(known_at).tell(site.org, "waste-stored.v1", at, body, lag=0)
    if made is not None:
        made.stock.append(lot)
        made.stock_g += mass_g
    return lot


def _residue_contracts(world: World) -> None:
    """Each incinerator sends its slag and ash to a landfill or kiln, the collector what it gathers to other plants."""
    for facility in world.facilities:
        if facility.plant is Plant.INCINERATION:
            taker = world.rng.choice(world.facilities_for("HW18"))
            contract = _contract_between(world, facility.base, taker, bought=False)
            contract.prices_fen[RESIDUE] = price_of(world, TRADES["HW18"])
            facility.residue_contract = contract
            for share in taker.shares:
                if "HW18" in share.categories:
                    burnt = sum(own.planned_g for own in facility.shares)
                    share.planned_g += burnt // 4
        if facility.plant is Plant.COLLECTOR:
            for share in facility.shares:
                _onward(world, facility, share)


def _onward(world: World, collector: Facility, share: LicenceShare) -> None:
    (category,) = share.categories
    taker = _taker(world, collector.base, category)
    contract = _contract_between(world, collector.base, taker, bought=False)
    for code in (*TRADES[category].codes, GARAGE_OIL, RAGS, LABORATORY):
        if code.endswith(category[-2:]):
            contract.prices_fen[code] = price_of(world, TRADES[category])
            collector.onward[code] = contract
    taken = next(own for own in taker.shares if category in own.categories)
    taken.planned_g += share.planned_g
