"""What reference data is called, on its page and over HTTP; part of api.words."""

from typing import Final

REFERENCE: Final[dict[str, tuple[str, str]]] = {
    "nav.reference": ("基础数据", "Reference"),
    "reference.title": ("基础数据", "Reference data"),
    "reference.hint": (
        "可按代码数字、名称或拼音首字母查找，如 hz、336064、废矿物油",
        "find by digits of a code, by name, or by pinyin initials: hz, 336064, 废矿物油",
    ),
    "reference.find": ("查找", "Find"),
    "reference.list": ("目录", "List"),
    "reference.on": ("日期", "As of"),
    "reference.found": ("共 {n} 条，显示 {shown} 条", "{n} found, {shown} shown"),
    "reference.none": ("没有找到", "Nothing found"),
    "reference.edition": ("版本 {edition}", "edition {edition}"),
    "reference.json": ("接口 JSON", "As JSON"),
    "reference.waste-codes": ("国家危险废物名录", "National list of hazardous waste"),
    "reference.categories": ("废物类别", "Waste categories"),
    "reference.treatment-codes": ("利用处置方式代码", "Codes of recovery and disposal"),
    "reference.regions": ("行政区划", "Regions (GB/T 2260)"),
    "reference.fact-kinds": ("事实种类", "Kinds of facts"),
    "reference.alert-kinds": ("告警种类", "Kinds of alerts"),
    "reference.codes": ("错误和提醒代码", "Codes of errors and warnings"),
    "reference.limits": ("限值", "Limits of the law"),
    "reference.exemptions": ("危险废物豁免管理清单", "Exemptions"),
    "reference.holidays": ("节假日安排", "Holidays and working weekends"),
    "reference.col_code": ("代码", "Code"),
    "reference.col_name": ("名称", "Name"),
    "reference.col_more": ("说明", "About"),
    "reference.off": ("放假", "day off"),
    "reference.work": ("上班", "working day"),
    "reference.not_in_use": ("未使用", "not in use"),
    "reference.recorded": ("账本已记录", "recorded in the ledger"),
    "reference.error": ("错误", "error"),
    "reference.warning": ("提醒", "warning"),
}
