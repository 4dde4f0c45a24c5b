"""What each code of a problem with a fact means and what to do about it; part of models.problem_meanings.

Each row: title, meaning, advice, each in Chinese and English, and a piece of what draws it.
"""

from typing import Final

Row = tuple[tuple[str, str], tuple[str, str], tuple[str, str], str]

FACT_MEANINGS: Final[dict[str, Row]] = {
    "unknown_kind": (
        ("没有这种事实", "Unknown kind of fact"),
        (
            "kind 不是已有的事实名；名字带版本。",
            "kind is none of the facts there are; names carry their version.",
        ),
        (
            "用 /openapi.json 里列出的名字；suggestion 是最像的一个。",
            "Use a name of /openapi.json; suggestion is the one most like it.",
        ),
        '{"kind": "waste-stored"}',
    ),
    "unknown_field": (
        ("没有这个字段", "Unknown field"),
        (
            "这种事实没有这个字段。不认识的字段一律拒绝，免得写错名字而丢失内容。",
            "A fact of this kind has no such field; it is refused lest a misspelt name lose what it holds.",
        ),
        ("改正字段名，或去掉它。", "Mend its name, or leave it out."),
        '{"mass_g": "180"}',
    ),
    "missing": (
        ("缺少字段", "Missing field"),
        ("缺少必填字段。", "A field that is needed is not there."),
        ("补上。", "Add it."),
        "{}",
    ),
    "wrong_type": (
        ("类型不对", "Wrong type"),
        ("值的 JSON 类型不对。", "The value is of another JSON type than the field takes."),
        (
            "按错误里所说的类型写；布尔值和数字不互换，数字不写成字符串。",
            "Write it as the type that the error names.",
        ),
        '{"pieces": "3"}',
    ),
    "bad_format": (
        ("格式不对", "Bad format"),
        ("文字不符合该字段的写法。", "The text is not written as the field wants it."),
        (
            "按错误里的写法改；suggestion 若有，就是改好的写法。",
            "Write it as the error says; suggestion, where there is one, is that.",
        ),
        '{"waste_code": "90024908"}',
    ),
    "not_one_of": (
        ("不在取值之内", "Not one of those allowed"),
        ("值不在封闭的取值表里。", "The value is not in the closed list of the field."),
        ("从错误列出的值里选。", "Choose one that the error lists."),
        '{"weighing": "weigh-bridge"}',
    ),
    "out_of_range": (
        ("超出范围", "Out of range"),
        ("数字太大或太小。", "The number is too large or too small."),
        ("检查单位和位数。", "See whether unit and digits are right."),
        '{"pieces": 0}',
    ),
    "wrong_length": (
        ("长度不对", "Wrong length"),
        ("文字或数组太长或太短。", "A text or an array is too long or too short."),
        ("按错误所说的长度写；行太多就分成几条事实。", "Keep to the length that the error says."),
        '{"lines": []}',
    ),
    "bad_instant": (
        ("时间写法不对", "Bad instant"),
        (
            "时间要写成带时区偏移的 RFC 3339，秒不能省。",
            "An instant is RFC 3339 with an offset, seconds included.",
        ),
        ("写成 2026-01-31T09:00:00+08:00。", "Write it as 2026-01-31T09:00:00+08:00."),
        '{"occurred_at": "2026-01-31 09:00"}',
    ),
    "bad_date": (
        ("日期写法不对", "Bad date"),
        ("日期要写成 2026-01-31，并且存在。", "A date is written 2026-01-31, and must exist."),
        ("改正日期。", "Mend the date."),
        '{"day": "2026-02-30"}',
    ),
    "bad_mass": (
        ("质量写法不对", "Bad mass"),
        (
            "质量是千克数的字符串，最多 3 位小数，大于零（盘点除外）。",
            "A mass is a string of kilograms with at most 3 places, above zero but in a stock-take.",
        ),
        ("吨要换成千克：1.25 吨写“1250”。", 'Turn tonnes into kilograms: 1.25 t is "1250".'),
        '{"mass_kg": "1,250.5kg"}',
    ),
    "bad_money": (
        ("金额写法不对", "Bad amount of money"),
        (
            "金额是元数的字符串，最多 2 位小数，不带符号。",
            "An amount is a string of yuan with at most 2 places and no sign.",
        ),
        (
            "退款和红字也写正数，由事实的种类表示方向。",
            "Refunds and red invoices are positive too: the kind of fact says the way.",
        ),
        '{"amount_yuan": "-100"}',
    ),
    "no_amount": (
        ("没有数量", "No amount"),
        (
            "既没有质量也没有件数，或所有金额都是零。",
            "There is neither a mass nor pieces, or all amounts are zero.",
        ),
        ("至少写一个。", "Give one of them."),
        '{"line": 1, "waste_code": "900-249-08"}',
    ),
    "duplicate_line": (
        ("行号重复", "Line numbers repeat"),
        (
            "一张单据上行号不能重复：各单据靠行号对应。",
            "Lines of a document are told apart by number, across all documents of a manifest.",
        ),
        ("给每行不同的行号。", "Number each line differently."),
        "",
    ),
    "contradiction": (
        ("自相矛盾", "Contradiction"),
        ("事实的两处内容不能同时为真。", "Two things that the fact says cannot both be true."),
        ("按错误所说改正其中一处。", "Mend one of them, as the error says."),
        "",
    ),
    "invalid": (
        ("无效", "Not valid"),
        (
            "参数或值无效，且不属于其他代码。",
            "A parameter or value is not valid, and no other code says why.",
        ),
        ("看错误的路径和说明。", "See its path and message."),
        "",
    ),
    "in_the_future": (
        ("发生在将来", "In the future"),
        (
            "发生时间比台账时间晚 10 分钟以上。",
            "It says that it happened more than ten minutes after the ledger's time.",
        ),
        (
            "校准时钟，检查时区偏移；事实只说已经发生的事。",
            "Set your clock and see its offset; facts are of what has happened.",
        ),
        '{"occurred_at": "2199-01-01T00:00:00Z"}',
    ),
    "role_may_not_state": (
        ("角色不能陈述", "Role may not state this"),
        ("这种角色的密钥不能陈述这种事实。", "A key of this role may not state facts of this kind."),
        (
            "由该陈述的一方陈述，或用本单位相应角色的密钥。",
            "Have the party state it whose act it is, or use your key of that role.",
        ),
        "",
    ),
    "event_id_reused": (
        ("event_id 已被使用", "event_id was used already"),
        (
            "同一单位已用这个 event_id 陈述过内容不同的事实。",
            "The same organisation stated something else under this event_id.",
        ),
        (
            "新的事实用新的 UUIDv7；要改旧的，就陈述 fact-corrected.v1。",
            "Give a new fact a new UUIDv7; to change the old one state fact-corrected.v1.",
        ),
        "",
    ),
    "unknown_fact": (
        ("没有这条事实", "No such fact"),
        (
            "要更正的事实不存在，或不是该单位陈述的。",
            "What is to be corrected was not stated, or not by that organisation.",
        ),
        ("检查 corrects 里的 event_id。", "See whether the event_id in corrects is right."),
        "",
    ),
    "correct_the_original": (
        ("应更正原事实", "Correct the original"),
        (
            "更正、要求和决定本身不能被更正。",
            "Corrections, requests and decisions are not corrected themselves.",
        ),
        ("对原事实再陈述一次更正。", "Correct the original fact once more."),
        "",
    ),
    "replacement_differs": (
        ("替换内容变了身份", "The replacement is another fact"),
        (
            "替换内容要保留原事实的 event_id 和种类。",
            "A replacement keeps the event_id and kind of what it replaces.",
        ),
        (
            "照原样写回这两项；要换种类，就撤回并另行陈述。",
            "Put them back; to change the kind, withdraw the fact and state another.",
        ),
        "",
    ),
    "needs_approval": (
        ("需要同意", "Needs approval"),
        (
            "要改的内容已有他方据以陈述，不能单独更正。",
            "Others have stated things that rest on what would change.",
        ),
        (
            "陈述 correction-requested.v1，由其中一方同意；见 docs/corrections.md。",
            "State correction-requested.v1 and have one of them approve; see docs/corrections.md.",
        ),
        "",
    ),
    "no_approval_needed": (
        ("不需要同意", "No approval needed"),
        ("没有他方封定这处内容。", "Nobody has sealed what would change."),
        ("直接陈述 fact-corrected.v1。", "State fact-corrected.v1."),
        "",
    ),
    "nothing_to_change": (
        ("没有改动", "Nothing would change"),
        (
            "替换内容和现行内容一样，或事实已经撤回。",
            "The replacement is what holds already, or the fact is withdrawn.",
        ),
        ("不必再送。", "There is nothing to do."),
        "",
    ),
    "may_not_request": (
        ("不能要求更正", "May not ask for this"),
        (
            "你不是当事方，也没有在其单据上陈述过。",
            "You are no party of it and stated nothing on its document.",
        ),
        ("由当事方或监管者提出。", "Have a party or a regulator ask."),
        "",
    ),
    "may_not_decide": (
        ("不能作出决定", "May not decide this"),
        ("这项要求归别的单位决定。", "The request is for others to decide."),
        ("错误里列出了可以决定的单位。", "The error names who may."),
        "",
    ),
    "unknown_request": (
        ("没有这项要求", "No such request"),
        ("没有这样的更正要求。", "There is no such request for a correction."),
        ("检查 request 和 request_stated_by。", "See whether request and request_stated_by are right."),
        "",
    ),
    "request_without_body": (
        ("要求没有内容", "Request without a body"),
        ("没有写明用什么替换。", "It does not say what to put in the fact's place."),
        ("写上 replacement，或者写明没有发生。", "Give a replacement, or say that it did not occur."),
        "",
    ),
    "request_stale": (
        ("要求已过时", "Request out of date"),
        ("提出要求之后事实又变了。", "The fact changed since the request."),
        ("按现行内容重新提出。", "Ask anew, from what holds now."),
        "",
    ),
    "request_decided": (
        ("要求已有决定", "Request decided already"),
        ("该要求已被同意或不同意。", "The request was approved or declined."),
        ("不必再送。", "There is nothing to do."),
        "",
    ),
}
