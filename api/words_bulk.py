"""Words of bulk upload: lists, explanations of columns, states and what becomes of a row; part of api.words."""

from typing import Final

BULK: Final[dict[str, tuple[str, str]]] = {
    "field.occurred_at": ("发生时间", "occurred at"),
    "field.lines": ("明细", "lines"),
    "bulk.field.exemptions": ("其他豁免", "more exemptions"),  # Beside the one that most claim.
    # What stands beside the columns of a fact.
    "bulk.result": ("处理结果", "result"),
    "bulk.row_id": ("序号", "row_id"),
    "bulk.note": ("备注", "note"),
    "bulk.unit.kg": ("千克", "kg"),
    "bulk.unit.yuan": ("元", "yuan"),
    "bulk.explanations": ("说明", "explained"),
    "bulk.example": ("示例", "example"),
    "bulk.catalogue": ("目录", "catalogue"),
    "bulk.readme": ("填写说明", "read me"),
    # The second row of a template.
    "bulk.about.row_id": (
        "说明：可不填。内容相同的两行要靠序号区分；以“说明”“示例”开头的行不读取",
        "explained: optional. Tells two equal rows apart; rows that begin with “explained” or “example” are not read",
    ),
    "bulk.about.row_id_groups": (
        "说明：同一事项占几行的，各行填同一序号",
        "explained: rows that are one fact bear the same number",
    ),
    "bulk.about.row_id_document": (
        "说明：可不填。同一单号、同一时间的相邻各行为一件事，每行一条明细",
        "explained: optional. Neighbouring rows with the same document and time are one fact, a line each",
    ),
    "bulk.about.must": ("必填", "required"),
    "bulk.about.may": ("可不填", "optional"),
    "bulk.about.must_in_item": ("有此项时必填", "required where the item is given"),
    "bulk.about.instant": ("如 2026-03-05 14:30，北京时间", "such as 2026-03-05 14:30, Beijing time"),
    "bulk.about.day": ("如 2026-03-05", "such as 2026-03-05"),
    "bulk.about.mass": (
        "千克，至多三位小数；按吨填时把标题单位改为（吨）并去掉 _kg",
        "kilograms, at most 3 places; for tonnes write (t) in the heading and drop _kg",
    ),
    "bulk.about.money": ("元，至多两位小数", "yuan, at most 2 places"),
    "bulk.about.whole": ("整数", "a whole number"),
    "bulk.about.flag": ("是 / 否", "yes / no"),
    "bulk.about.choice": ("从列表选择", "choose from the list"),
    "bulk.about.code": ("文本格式", "as text"),
    "bulk.about.text": ("文字", "words"),
    "bulk.about.many": ("多个用顿号隔开", "several with commas between"),
    "bulk.flag.true": ("是", "yes"),
    "bulk.flag.false": ("否", "no"),
    # The first column of what comes back.
    "bulk.row.accepted": ("已受理 {seq}", "accepted {seq}"),
    "bulk.row.known": ("早已受理 {seq}", "known {seq}"),
    "bulk.row.would": ("可以受理", "would be accepted"),
    "bulk.row.would_known": ("早已受理", "known already"),
    "bulk.row.refused": ("退回：{why}", "refused: {why}"),
    "bulk.row.unread": ("未读取", "not read"),
    "bulk.row.warned": ("提醒：{why}", "warned: {why}"),
    # Groups of templates.
    "bulk.group.all": ("全部", "all"),
    "bulk.group.generation": ("产生与贮存", "making and storing"),
    "bulk.group.collection": ("收集", "collecting"),
    "bulk.group.transport": ("转移", "moving"),
    "bulk.group.disposal": ("接收与处置", "receiving and treating"),
    "bulk.group.money": ("资金", "money"),
    "bulk.group.registers": ("登记", "registers"),
    # States of an upload.
    "upload.state.receiving": ("接收中", "arriving"),
    "upload.state.waiting": ("等待处理", "waiting"),
    "upload.state.running": ("处理中", "being read"),
    "upload.state.writing": ("生成结果", "writing the result"),
    "upload.state.done": ("已完成", "done"),
    "upload.state.cancelled": ("已取消", "cancelled"),
    "upload.state.failed": ("无法读取", "could not be read"),
}
