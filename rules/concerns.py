"""The rules by concern: what the judge and the replays look up."""

from collections.abc import Mapping
from typing import Final

from models.topics import Concern
from rules import capacity, custody, permits, settlement, storage
from rules.contract import Rule

RULES: Final[Mapping[Concern, Rule]] = {
    Concern.CUSTODY: custody,
    Concern.STORAGE: storage,
    Concern.SETTLEMENT: settlement,
    Concern.PERMITS: permits,
    Concern.CAPACITY: capacity,
}
