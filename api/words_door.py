"""Words of the pages for senders: errors, trying facts out, quality of data; part of api.words."""

from typing import Final

DOOR: Final[dict[str, tuple[str, str]]] = {
    "errors.title": ("错误与提醒代码", "Codes of errors and warnings"),
    "errors.about": (
        "拒绝时说明全部问题，每处有路径、代码和说明；提醒不妨碍接受。程序应按代码处理，不要按文字处理。",
        "A refusal tells all that is wrong, each with its path, code and message; warnings refuse nothing. "
        "Programs go by the code, never by the words.",
    ),
    "errors.refusals": ("拒绝", "Refusals"),
    "errors.warnings": ("提醒", "Warnings"),
    "errors.code": ("代码", "Code"),
    "errors.status": ("HTTP 状态", "HTTP status"),
    "errors.name": ("名称", "Title"),
    "errors.means": ("含义", "Meaning"),
    "errors.advice": ("怎么办", "What to do"),
    "errors.example": ("例子", "Example"),
    "errors.texts": ("说明的样子", "What its messages look like"),
    "errors.accepted": ("提醒：事实照样接受", "A warning: the fact is accepted all the same"),
    "validate.title": ("试送事实", "Try facts out"),
    "validate.about": (
        "粘贴一条事实或一个数组，看台账会怎样答复；什么也不会写入。",
        "Paste a fact or an array of them, and see what the ledger would answer. Nothing is written.",
    ),
    "validate.kind": ("取一个例子", "Take an example"),
    "validate.take": ("放入", "Fill in"),
    "validate.body": ("事实（JSON）", "Facts (JSON)"),
    "validate.check": ("检查", "Check"),
    "validate.each": ("逐条检查（handling=proceed）", "Each for itself (handling=proceed)"),
    "validate.refused": ("会被拒绝：{n} 处问题", "It would be refused: {n} problems"),
    "validate.accepted": ("会被接受：{n} 条", "It would be accepted: {n}"),
    "validate.some": ("会接受 {n} 条，拒绝 {m} 条", "{n} would be accepted, {m} refused"),
    "validate.line": ("行", "Line"),
    "validate.path": ("路径", "Path"),
    "validate.message": ("说明", "Message"),
    "validate.meant": ("是否指", "Did you mean"),
    "validate.becomes": ("写入后是", "What it would become"),
    "validate.known": ("台账已有", "in the ledger already"),
    "validate.new": ("新", "new"),
    "validate.warnings": ("提醒（不妨碍接受）", "Warnings (they refuse nothing)"),
    "quality.title": ("数据质量", "Quality of data"),
    "quality.about": (
        "新事实所得的提醒，按周计数；重复发送和试送不计。",
        "Warnings of new facts, counted by week; what is sent again or tried out counts nothing.",
    ),
    "quality.week": ("周（从周一起）", "Week from Monday"),
    "quality.none": ("最近十二周没有提醒。", "No warnings in the last twelve weeks."),
    "quality.total": ("合计", "Total"),
    "quality.org": ("单位", "Organisation"),
    "quality.kinds": ("最多的事实", "Mostly in"),
}
