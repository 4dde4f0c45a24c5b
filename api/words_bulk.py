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
    "bulk.about.readme_1": ("废联批量填报模板", "Feilian: a template for stating many facts at once"),
    "bulk.about.readme_2": (
        "每张表一类事项。橙色标题为必填；第二行是说明，“示例”行不会读取，可以删去。",
        "A sheet holds one kind of fact. Orange headings are required; the second row explains, example rows are not read.",
    ),
    "bulk.about.readme_3": (
        "列可以换位置，用不到的可以删去；标题里的英文名请保留。单元格里不能有公式，请粘贴为数值。",
        "Columns may be moved, and left out where they are not needed; keep their English names. Give values, no formulas.",
    ),
    "bulk.about.readme_4": (
        "上传后会得到同一份文件：退回的行在第一列写明原因，有误的单元格标红。改好后把整份文件再传一次即可，已受理的行不会重复。",
        "The same file comes back: the first column says why a row was refused, wrong cells are red. "
        "Put them right and send the whole file again: rows that were accepted are not stated twice.",
    ),
    "bulk.about.readme_5": (
        "一张单据占几行时，各行放在一起，每行一条明细；单据栏只填第一行，或各行填成一样。",
        "Rows of one document stand together, a line each; what is said of it stands in the first, or alike in all.",
    ),
    "bulk.about.readme_6": (
        "“目录”表列出废物代码、利用处置方式、地区等，可以查找。",
        "The last sheet lists waste codes, treatment codes and regions to look up.",
    ),
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
    # What is wrong with a file, a heading, a row or a cell.
    "bulk.wrong.formula": (
        "单元格是公式“{text}”：请粘贴为数值",
        'the cell holds the formula "{text}": give its value (copy, paste as values)',
    ),
    "bulk.wrong.error_value": ("单元格是错误值“{text}”", 'the cell holds the error "{text}"'),
    "bulk.wrong.truth": (
        "单元格是 {text}，而“{column}”应为文字",
        'the cell holds {text}, where "{column}" is a text',
    ),
    "bulk.wrong.control": ("单元格含有控制字符", "the cell holds control characters"),
    "bulk.wrong.surrogate": ("单元格含有残缺字符", "the cell holds half a character"),
    "bulk.wrong.date_for_code": (
        "编码被 Excel 变成了日期：请把列设为文本格式后重新输入",
        "a date stands where a code belongs: format the column as text and type the code again",
    ),
    "bulk.wrong.date_for_number": (
        "数字被 Excel 变成了日期：请把单元格设为数值格式",
        "a date stands where a number belongs: format the cell as a number",
    ),
    "bulk.wrong.float_code": (
        "Excel 把“{text}”存成了数字，只保留 15 位：请把列设为文本格式后重新输入",
        'Excel kept "{text}" as a number, of fifteen digits at most: format the column as text and type it again',
    ),
    "bulk.wrong.repeated": (
        "本文件上方已有内容相同的行；如确为两件事，请用序号区分",
        "the same row stands above in this file; number the rows (序号) if both are meant",
    ),
    "bulk.wrong.echo": (
        "与第 {row} 行内容相同；如确为两条明细，请填不同的行号",
        "this row is the same as row {row}; number the lines if both are meant",
    ),
    "bulk.wrong.split": (
        "同一单据的行在上方已出现：请把它们排在一起",
        "rows of this document stand further up too: put them next to each other",
    ),
    "bulk.wrong.row_id": (
        "需要填写序号，以分清哪些行是同一件事",
        "the row needs a number (序号): it tells which rows are one fact",
    ),
    "bulk.wrong.otherwise": (
        "“{column}”与第 {row} 行不一致，而两行属同一件事",
        'row {row} says otherwise of "{column}", and both are one fact',
    ),
    "bulk.wrong.assumed": (
        "只填了日期，按北京时间 0 时计",
        "only the day is given: 00:00 Beijing time is taken",
    ),
    "bulk.wrong.column_twice": ("“{column}”有两列", '"{column}" has two columns'),
    "bulk.wrong.no_such_column": (
        "“{sheet}”表没有这一列；请删去，或把标题改为“备注”",
        'sheet "{sheet}" has no such column; leave it out, or call it 备注',
    ),
    "bulk.wrong.unit": (
        "“{column}”的标题要在括号里写明一个单位：{units}",
        '"{column}" needs one unit in brackets, of {units}',
    ),
    "bulk.wrong.no_column": ("缺少“{column}”列", 'no column "{column}"'),
    "bulk.wrong.no_zip": (
        "不是 .xlsx 文件；旧的 .xls 或加了密码的文件请先另存为 .xlsx",
        "the file is no .xlsx workbook (an old .xls, or one with a password, has to be saved as .xlsx first)",
    ),
    "bulk.wrong.damaged": ("文件已损坏：{reason}", "the file is damaged: {reason}"),
    "bulk.wrong.parts": (
        "工作簿的部件过多或重名",
        "the workbook has too many parts, or parts with the same name",
    ),
    "bulk.wrong.macros": (
        "工作簿带有宏：请另存为不带宏的 .xlsx",
        "the workbook has macros: save it as .xlsx without them",
    ),
    "bulk.wrong.password": ("工作簿加了密码", "the workbook has a password"),
    "bulk.wrong.unfolds": ("工作簿解压后超过 {most} 字节", "the workbook unfolds to more than {most} bytes"),
    "bulk.wrong.no_part": ("工作簿缺少“{part}”", 'the workbook has no "{part}"'),
    "bulk.wrong.doctype": (
        "工作簿声明了文档类型，Excel 的工作簿没有这种声明",
        "the workbook declares a document type: no workbook of Excel's does",
    ),
    "bulk.wrong.cell_long": ("有单元格超过 {most} 个字符", "a cell holds more than {most} characters"),
    "bulk.wrong.wide": ("第 {row} 行超过 {most} 列", "row {row} goes beyond {most} columns"),
    "bulk.wrong.no_text": ("文件不是文本", "the file is no text"),
    "bulk.wrong.encoding": ("文件既不是 UTF-8 也不是 GB18030 编码", "the file is neither UTF-8 nor GB18030"),
    "bulk.wrong.unknown_sheet": (
        "不知道工作表“{sheet}”是哪一类：请用模板的表名，或保留标题行里的 @ 标记",
        'sheet "{sheet}" is of no kind known here: keep the template\'s name, or the mark with @ in its headings',
    ),
    "bulk.wrong.unknown_kind": (
        "不知道这个文件是哪一类事项：请用模板，或在上传时指明",
        "nothing tells what kind of facts this file holds: use a template, or name the kind",
    ),
    "bulk.wrong.rows": (
        "超过 {most} 行：请分成几个文件",
        "more than {most} rows: send them in several files",
    ),
    "bulk.wrong.empty": ("文件里没有可读的行", "there is no row to read in this file"),
    "bulk.wrong.waiting": ("已有 {most} 个上传在等待处理", "{most} uploads are waiting already"),
    "bulk.wrong.not_ready": ("上传还没有处理完", "this upload is not read to its end yet"),
    "bulk.wrong.ended": ("上传已经结束", "this upload is over"),
    "bulk.wrong.role": ("“{role}”不能陈述“{kind}”", 'a {role} may not state "{kind}"'),
    "bulk.wrong.nothing": ("“{role}”没有可以批量填报的事项", "a {role} has nothing to upload"),
    "bulk.wrong.content_type": (
        "请发送 .xlsx 工作簿或 text/csv",
        "send an .xlsx workbook or text/csv, named so in content-type",
    ),
    "bulk.wrong.content_encoding": ("不接受 content-encoding", "content-encoding is not supported"),
    "bulk.wrong.no_such_kind": ("没有“{kind}”的表", 'no sheet is known for kind "{kind}"'),
}
