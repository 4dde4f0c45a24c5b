"""Words of who sees what, and of who looked at whose records: Chinese and English."""

from typing import Final

READING: Final[dict[str, tuple[str, str]]] = {
    "reach.country": ("全国", "the whole country"),
    "reach.own": ("只看本单位相关的数据", "sees what concerns it"),
    "reach.all": ("可看全部数据", "sees everything"),
    "reach.region": ("生态环境：{place}的全部数据", "environment: all of {place}"),
    "reach.medical": ("卫生健康：{place}的医疗废物", "health: medical waste of {place}"),
    "reach.transport": ("交通运输：{place}的承运人和运输环节", "transport: carriers and legs of {place}"),
    "field.case_no": ("移送案号", "case number"),
    "field.to_org": ("移送至", "handed over to"),
    "field.manifests": ("联单", "manifests"),
    "field.sites": ("场所", "sites"),
    "field.alerts": ("告警", "alerts"),
    "field.reads": ("查阅", "readings"),
    "reads.title": ("查阅记录", "Who looked"),
    "reads.hint": ("谁查阅过这里的数据", "Who read these records"),
    "reads.none": ("尚无查阅记录", "Nobody has looked yet"),
    "reads.times": ("{n} 次", "{n} times"),
    "regulator.environment": ("生态环境", "Environment"),
    "regulator.health": ("卫生健康", "Health"),
    "regulator.transport": ("交通运输", "Transport"),
    "regulator.police": ("公安", "Police"),
    "reach.cases": ("公安：移送的案件", "police: cases handed over"),
}
