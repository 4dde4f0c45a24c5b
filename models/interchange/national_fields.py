"""The national system's field names for a manifest, in one table: name, meaning, our field, and how sure the name is. Pure.

No official interface description was found (DOMAIN 1): the names come from one public code base that uploads to the
national interface [W], and where that leaves a gap they are formed in its manner by us [D]. `renamed` takes other
spellings from the setting `national_names`, so that nothing else has to change where an office knows better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Surety(StrEnum):
    """C confirmed, W one weak source, M from memory of the official form, D formed by us."""

    C = "C"
    W = "W"
    M = "M"
    D = "D"


@dataclass(frozen=True, slots=True)
class Name:
    """A field. `ours` is empty where our facts have no place for it: then it is reported, never kept or dropped silently."""

    name: str
    zh: str
    ours: str
    surety: Surety
    note: str = ""


_W, _M, _D = Surety.W, Surety.M, Surety.D

MANIFEST: Final = (
    Name("ldbh", "联单编号", "manifest_no", _W, "the key"),
    Name("ldkjsj", "联单开具时间", "manifest-issued.occurred_at", _D),
    Name("wfycrq", "废物移出日期", "transport-departed.occurred_at", _W),
    Name("ycsxzqhdm", "移出地行政区划代码", "origin, first six digits", _W),
    Name("yrsxzqhdm", "移入地行政区划代码", "destination, first six digits", _W),
    Name("wfycdwdm", "移出单位代码", "origin_org", _W, "the part after wfycdw is formed by us"),
    Name(
        "wfycdwmc", "移出单位名称", "name in the register of sites", _W, "not compared: the register decides"
    ),
    Name("wfycdwcdbh", "移出单位场所编号", "origin", _D),
    Name("wfycdwdz", "移出单位地址", "", _W),
    Name("wfycdwlxr", "移出单位联系人", "", _W),
    Name("wfycdwlxsj", "移出单位联系人手机", "", _W),
    Name("ysdwdm", "运输单位代码", "carrier_org", _D),
    Name("ysdwmc", "运输单位名称", "name in the register", _W, "not compared: the register decides"),
    Name("ysdwdz", "运输单位地址", "", _W),
    Name("ysdwlxr", "运输单位联系人", "", _W),
    Name("ysdwdlyszh", "道路运输证号", "transport_licence_no", _W),
    Name("ysrq", "运输日期", "transport-departed.occurred_at", _W, "as wfycrq; another day is a conflict"),
    Name("cph", "车牌号", "vehicle", _M),
    Name("jjjl", "联运交接记录", "transport-handed-over", _D, "a list: jcysdwdm, jsysdwdm, cph, jjsj"),
    Name("tjds", "途经地市", "", _W, "only where the load was seen is known here"),
    Name("gps", "GPS轨迹", "", _W, "tracks are not facts of the ledger"),
    Name("ddsj", "运抵时间", "transport-arrived.occurred_at", _D),
    Name("wfjsdwdm", "接受单位代码", "destination_org", _W, "the part after wfjsdw is formed by us"),
    Name(
        "wfjsdwmc", "接受单位名称", "name in the register of sites", _W, "not compared: the register decides"
    ),
    Name("wfjsdwcdbh", "接受单位场所编号", "destination", _D),
    Name(
        "wfjsdwxkzh",
        "危险废物经营许可证号",
        "",
        _W,
        "licences stand in the register, not on the manifest's facts",
    ),
    Name("wfjsrq", "接受日期", "receipt-accepted.occurred_at, else receipt-refused's", _W),
    Name("wfjsdwyj", "接受单位意见", "接受, 部分接受 or 拒收, by which receipts there are", _W),
    Name("jjyy", "拒收原因", "receipt-refused.reason", _D),
    Name("sfczzdcy", "是否存在重大差异", "是 where accepted and loaded differ by more than 2 %", _W),
    Name("qrsj", "确认接受时间", "manifest-confirmed.occurred_at", _D),
    Name("details", "废物明细", "lines", _W, "a list"),
)
DETAIL: Final = (
    Name("xh", "序号", "lines[].line", _D, "else the place in the list"),
    Name("wxfwmc", "危险废物名称", "name in the national list", _W, "not compared: the code decides"),
    Name("wxfwlb", "危险废物类别", "the code's last two digits", _W),
    Name("wxfwdm", "危险废物代码", "waste_code", _W),
    Name("lyczfs", "利用处置方式", "receipt-accepted.lines[].method", _W),
    Name("zysl", "转移数量", "loaded mass, else issued mass", _W, "tonnes; pieces where jldw counts"),
    Name("jldw", "计量单位", "吨, or 个 for what was only counted", _W),
    Name("js", "件数", "pieces, where mass is told too", _D),
    Name(
        "jssl",
        "接受数量",
        "receipt-accepted mass (or pieces)",
        _D,
        "in jldw; without it no acceptance is stated",
    ),
    Name("jjsl", "拒收数量", "receipt-refused mass (or pieces)", _D, "in jldw"),
)
HAND_OVER: Final = (
    Name("jcysdwdm", "交出运输单位代码", "from_carrier_org", _D),
    Name("jsysdwdm", "接收运输单位代码", "to_carrier_org", _D),
    Name("cph", "车牌号", "vehicle", _D),
    Name("jjsj", "交接时间", "transport-handed-over.occurred_at", _D),
)
NO_PLACE: Final = frozenset(name.name for name in (*MANIFEST, *DETAIL) if not name.ours)
NOT_COMPARED: Final = frozenset({"wfycdwmc", "ysdwmc", "wfjsdwmc", "wxfwmc"})
_KNOWN: Final = frozenset(name.name for name in (*MANIFEST, *DETAIL, *HAND_OVER))


def renamed(document: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """A document of ours in the spellings of `names` (ours -> theirs), nested lists too."""
    return {names.get(name, name): _inside(value, names) for name, value in document.items()}


def read_names(document: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """A document of theirs in our spellings. A name that two fields would get keeps the value of the renamed one."""
    back = {theirs: ours for ours, theirs in names.items() if ours in _KNOWN}
    return {back.get(name, name): _inside(value, back) for name, value in document.items()}


def _inside(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, list):
        return [renamed(item, names) if isinstance(item, dict) else item for item in value]
    return value
