"""A province like Zhejiang in small: seeded facts in recorded order, and the truth about what is wrong in them.

`feilian demo`, the tests that hold the hands together and the benchmarks call it. Pure: no clock, no files.
"""

from deploy.simulator.journal import Expected, Org, Said
from deploy.simulator.province import Province, Simulation, simulate
from deploy.simulator.trade import DEMO, LARGE, SMALL, ProvinceSize

__all__ = [
    "DEMO",
    "LARGE",
    "SMALL",
    "Expected",
    "Org",
    "Province",
    "ProvinceSize",
    "Said",
    "Simulation",
    "simulate",
]
