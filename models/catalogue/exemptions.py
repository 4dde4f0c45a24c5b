"""The exemption annex of the list (危险废物豁免管理清单): what a claimed item exempts, at which stage, for which waste.

Called by the door (warnings) and by rules that judge claims. DOMAIN 3 and article 3 of the list: an exemption holds at
the listed stage only, is claimed by the sender and never inferred from a code. Whether the sender met the item's
condition is its own word, kept with the claim; the law judges what a table can tell: item, stage, code and day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from models.catalogue import table


class Stage(StrEnum):
    """环节: the stages of handling waste that the annex names."""

    COLLECTION = "collection"  # 收集
    TRANSPORT = "transport"  # 运输
    RECOVERY = "recovery"  # 利用
    DISPOSAL = "disposal"  # 处置
    WHOLE_PROCESS = "whole_process"  # 全部环节, which holds at every other stage too.


class ClaimDoubt(StrEnum):
    """Why a claimed item does not exempt, or (NOT_IN_FORCE, after its last day) exempts with a warning."""

    UNKNOWN = "unknown"
    WRONG_STAGE = "wrong_stage"
    WRONG_CODE = "wrong_code"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    NOT_IN_FORCE = "not_in_force"


_STAGES: Final = {
    "收集": frozenset({Stage.COLLECTION}),
    "运输": frozenset({Stage.TRANSPORT}),
    "利用": frozenset({Stage.RECOVERY}),
    "处置": frozenset({Stage.DISPOSAL}),
    "利用、处置": frozenset({Stage.RECOVERY, Stage.DISPOSAL}),
    "全部环节": frozenset(Stage),
}


@dataclass(frozen=True, slots=True)
class Exemption:
    """One stage of one item of the annex: claimed by a sender, never inferred.

    `codes` are waste codes and whole categories (`HW34`); none where the item names waste in words only.
    """

    exemption_id: str
    item_no: int
    scope: str
    codes: tuple[str, ...]
    waste_scope: str
    stage_zh: str
    condition_en: str
    effect_en: str
    edition: str
    valid_from: date | None
    valid_to: date | None

    @property
    def stages(self) -> frozenset[Stage]:
        """The stages at which it exempts."""
        return _STAGES[self.stage_zh]

    def covers(self, waste_code: str) -> bool:
        """Whether a well-formed code is among its waste; an item without codes is taken at its sender's word."""
        return not self.codes or waste_code in self.codes or f"HW{waste_code[-2:]}" in self.codes


def exemption(exemption_id: str) -> Exemption | None:
    """One row of the annex by id such as `2021-02-1`; the caller minds its dates."""
    return _exemptions().get(exemption_id)


def exemptions() -> tuple[Exemption, ...]:
    """All rows of the annexes known."""
    return tuple(_exemptions().values())


def claim_doubt(exemption_id: str, stage: Stage, waste_code: str, on: date) -> ClaimDoubt | None:
    """What is wrong with a claim for conduct on a day, the gravest first; None where the table bears it out."""
    row = exemption(exemption_id)
    if row is None:
        return ClaimDoubt.UNKNOWN
    if stage not in row.stages:
        return ClaimDoubt.WRONG_STAGE
    if not row.covers(waste_code):
        return ClaimDoubt.WRONG_CODE
    if row.valid_from is not None and on < row.valid_from:
        return ClaimDoubt.NOT_YET_IN_FORCE
    return ClaimDoubt.NOT_IN_FORCE if row.valid_to is not None and on > row.valid_to else None


def exempts(exemption_id: str, stage: Stage, waste_code: str, on: date) -> bool:
    """Whether a claim takes conduct of that day, stage and code out of the ordinary rules.

    An item of 2021 exempts after 2024-12-31 too, with a warning at the door, until the annex of 2025 is known (DOMAIN 3).
    """
    return claim_doubt(exemption_id, stage, waste_code, on) in (None, ClaimDoubt.NOT_IN_FORCE)


@lru_cache(maxsize=1)
def _exemptions() -> dict[str, Exemption]:
    return {row["exemption_id"]: _exemption(row) for row in table.rows("hw_exemptions_2021")}


def _exemption(row: dict[str, str]) -> Exemption:
    return Exemption(
        exemption_id=row["exemption_id"],
        item_no=int(row["item_no"]),
        scope=row["codes_or_scope"],
        codes=tuple(part for part in row["codes_or_scope"].split() if _is_code(part)),
        waste_scope=row["waste_scope"],
        stage_zh=row["stage_zh"],
        condition_en=row["condition_en"],
        effect_en=row["effect_en"],
        edition=row["edition"],
        valid_from=table.day(row["valid_from"]),
        valid_to=table.day(row["valid_to"]),
    )


def _is_code(part: str) -> bool:
    """Whether a word of a scope is a code (`900-249-08`) or a category (`HW34`)."""
    return part.isascii() and (part.startswith("HW") or part.replace("-", "").isdigit()) and part != "-"
