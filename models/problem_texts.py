"""What is said of a problem with a fact, in Chinese and English; models.problems fills in the values.

A text's name is its code, or code/variant where one code is met in several ways; both languages name the same values.
"""

from typing import Final

# Read off the body itself, by models.malformed.
_JSON: Final[dict[str, tuple[str, str]]] = {
    "bad_utf8": ("第 {place} 个字节不是 UTF-8", "byte {place} is not UTF-8"),
    "bad_utf8/bom": ("正文以字节顺序标记（BOM）开头，请去掉", "the body starts with a byte order mark"),
    "bad_json": ("此处需要一个值，遇到的是{found}", "expected a value, found {found}"),
    "bad_json/at": ("第 {place} 个字符处不是 JSON", "it is no JSON at character {place}"),
    "bad_json/word": ("{token} 不是 JSON", "{token} is not JSON"),
    "bad_json/after": ("文档结束之后还有{found}", "unexpected {found} after the end of the document"),
    "bad_json/key": ("此处需要带双引号的字段名，遇到的是{found}", "expected a key, found {found}"),
    "bad_json/string": ("字符串被{found}打断", "a string is broken by {found}"),
    "bad_json/mark": ("此处需要“{mark}”，遇到的是{found}", 'expected "{mark}", found {found}'),
    "bad_json/early": ("正文没有传完就断开了", "the body ended early"),
    "duplicate_key": ("字段 {key} 出现了两次", "key {key} is there twice"),
    "float": (
        '数字 {token} 不是整数；质量和金额要写成字符串，如 "12.5"',
        "number {token} is not an integer; amounts are strings",
    ),
    "nul": ("字符串里有空字符（NUL）", "a string has a NUL character"),
    "nul/string": ("字符串 {text} 里有空字符（NUL）", "string {text} has a NUL character"),
    "surrogate": ("字符串 {text} 里有不成对的代理码", "string {text} has a lone surrogate"),
    "surrogate/any": ("字符串里有不成对的代理码", "a string has a lone surrogate"),
    "too_deep": ("嵌套超过 {most} 层", "nesting is deeper than {most}"),
    "number_too_large/any": ("数字“{token}”超出一切界限", 'number "{token}" is out of all bounds'),
    "number_too_large": ("数字 {token} 超出 2**53-1", "number {token} is beyond 2**53-1"),
}

# By the body of one fact, by streams.fact_problems and models.exact.
_FACT: Final[dict[str, tuple[str, str]]] = {
    "unknown_kind": ("没有“{value}”这种事实", 'kind "{value}" is unknown'),
    "unknown_field": ("“{kind}”没有字段“{field}”", '"{kind}" has no field "{field}"'),
    "missing": ("缺少必填字段“{field}”", 'field "{field}" is missing'),
    "wrong_type": ("应为{expected}，收到的是 {value}", "must be {expected}, not {value}"),
    "wrong_type/fact": ("一条事实是一个 JSON 对象，收到的是 {value}", "a fact is a JSON object, not {value}"),
    "bad_format": ("“{value}”不符合格式：应为{expected}", '"{value}" is not of the form: {expected}'),
    "not_one_of": ("“{value}”不在允许的取值之内：{allowed}", '"{value}" is not one of {allowed}'),
    "out_of_range": ("{value} 超出范围：应{bound}", "{value} is out of range: it must be {bound}"),
    "wrong_length": ("有 {length} 项，{bound}", "it has {length} items, {bound}"),
    "wrong_length/text": ("有 {length} 个字符，{bound}", "it has {length} characters, {bound}"),
    "bad_instant": (
        "时间“{value}”不是带时区偏移、最多 6 位小数的 RFC 3339 时间，如 2026-01-31T09:00:00+08:00",
        'instant "{value}" is not RFC 3339 with an offset and at most 6 places, as 2026-01-31T09:00:00+08:00',
    ),
    "bad_instant/no_day": ("时间“{value}”的日期不存在", 'instant "{value}" names a day that does not exist'),
    "bad_instant/outside": (
        "时间“{value}”不在 1970 年至 2199 年之间",
        'instant "{value}" is outside 1970 to 2199',
    ),
    "bad_instant/type": ("时间要写成字符串，收到的是 {value}", "an instant must be a string, not {value}"),
    "bad_date": ("日期“{value}”不是 2026-01-31 这样的写法", 'date "{value}" is not of the form 2026-01-31'),
    "bad_date/no_day": ("日期“{value}”不存在", 'date "{value}" does not exist'),
    "bad_date/type": ("日期要写成字符串，收到的是 {value}", "a date must be a string, not {value}"),
    "bad_mass": (
        '质量“{value}”不是最多 3 位小数的千克数（不带单位、正号、逗号和空格），如 "1250.5"',
        'mass "{value}" is not kilograms with at most 3 places, as "1250.5", without unit, sign, comma or blank',
    ),
    "bad_mass/over": ("质量“{value}”超过 {most} 千克", 'mass "{value}" is over {most} kg'),
    "bad_mass/zero": (
        "质量“{value}”为零：只有盘点可以记零",
        'mass "{value}" is refused: only a stock-take may count nothing',
    ),
    "bad_mass/type": (
        '质量要写成字符串，如 "1250.5"，收到的是 {value}',
        'a mass must be a string, as "1250.5", not {value}',
    ),
    "bad_money": (
        '金额“{value}”不是最多 2 位小数的元数（不带单位、符号和逗号），如 "1250.50"',
        'amount "{value}" is not yuan with at most 2 places, as "1250.50", without unit, sign or comma',
    ),
    "bad_money/over": ("金额“{value}”超过 {most} 元", 'amount "{value}" is over {most} yuan'),
    "bad_money/type": (
        '金额要写成字符串，如 "1250.50"，收到的是 {value}',
        'an amount must be a string, as "1250.50", not {value}',
    ),
    "no_amount": ("请填写 mass_kg 或 pieces", "give mass_kg or pieces"),
    "no_amount/money": ("所有金额都是零", "all amounts are zero"),
    "duplicate_line": ("行号 {lines} 重复", "line numbers repeat: {lines}"),
    "contradiction": ("内容自相矛盾", "it contradicts itself"),
    "contradiction/containers": (
        "容器标签重复，或多于容器数量",
        "container ids repeat, or are more than the count",
    ),
    "contradiction/opening_parents": ("期初库存不写来源批次", "opening stock names no parents"),
    "contradiction/stored_since": (
        "stored_since 只用于期初库存，且不晚于 occurred_at",
        "stored_since is for opening stock, and not after occurred_at",
    ),
    "contradiction/limit_unit": (
        "{limit} 的单位是 {units}，不是 {unit}",
        "{limit} is given in {units}, not in {unit}",
    ),
    "contradiction/codes": (
        "一行要么列出代码，要么排除代码，不能两者都写",
        "a line lists codes or excepts codes, not both",
    ),
    "contradiction/period": (
        "时间段在“{until}”结束，早于开始的“{since}”",
        'period ends on "{until}" before it begins on "{since}"',
    ),
    "contradiction/span": (
        "时间段先结束后开始，或城市不在该省",
        "the span ends before it begins, or the city lies elsewhere",
    ),
    "invalid": ("此值无效", "this value is not valid"),
    "in_the_future": (
        "发生时间“{value}”比台账时间 {now} 晚 10 分钟以上",
        "the ledger's time is {now}: more than 10 minutes before this, {value}",
    ),
    "role_may_not_state": ("{role}不能陈述“{kind}”", 'a {role} may not state "{kind}"'),
}

# Decided under the ledger's lock, by streams.ledger_group and streams.ledger_corrections.
_LOCK: Final[dict[str, tuple[str, str]]] = {
    "event_id_reused": (
        "event_id “{event_id}”已是第 {seq} 条事实，内容不同",
        'event_id "{event_id}" is fact {seq} already, with other content',
    ),
    "unknown_fact": ("你没有陈述过事实“{event_id}”", 'you stated no fact "{event_id}"'),
    "unknown_fact/theirs": ("“{org}”没有陈述过事实“{event_id}”", '"{org}" stated no fact "{event_id}"'),
    "correct_the_original": (
        "更正不能替换另一条更正；请再次更正它所更正的事实",
        "a correction replaces no correction; correct the fact that it corrects once more",
    ),
    "correct_the_original/about": (
        "“{event_id}”是“{kind}”；请再次更正它所说的那条事实",
        '"{event_id}" is a "{kind}"; correct the fact that it is about once more',
    ),
    "replacement_differs": (
        "替换内容要保留被更正事实的 event_id“{event_id}”",
        'a replacement keeps the event_id of what it corrects, "{event_id}"',
    ),
    "replacement_differs/kind": (
        "“{event_id}”是“{kind}”，不能变成“{other}”",
        '"{event_id}" is a "{kind}" and cannot become a "{other}"',
    ),
    "needs_approval": (
        "自“{event_id}”陈述以来已被 {named} 封定；请陈述“correction-requested.v1”，由其中一方同意",
        'sealed by {named} since "{event_id}" was stated; '
        'state "correction-requested.v1" and have one of them approve it',
    ),
    "needs_approval/did_not_ask": (
        "已被 {named} 封定，而它们没有提出要求；请陈述“correction-requested.v1”，由其中一方同意",
        'sealed by {named}, who did not ask: state "correction-requested.v1" for one of them to approve',
    ),
    "no_approval_needed": (
        "“{event_id}”的这处改动没有被任何一方封定；请直接陈述“fact-corrected.v1”",
        'nobody has sealed what this changes of "{event_id}"; state "fact-corrected.v1"',
    ),
    "nothing_to_change": ("没有任何改动", "nothing would change"),
    "nothing_to_change/withdrawn": ("“{event_id}”已经撤回", '"{event_id}" is withdrawn already'),
    "may_not_request": (
        "你不是“{event_id}”的当事方，也没有在其单据上陈述过",
        'you are no party of "{event_id}" and stated nothing on its document',
    ),
    "may_not_decide": ("这要由 {named} 决定", "this is for {named} to decide"),
    "unknown_request": (
        "“{org}”没有提出过更正要求“{event_id}”",
        '"{org}" asked for no correction "{event_id}"',
    ),
    "request_without_body": (
        "请写明用什么替换，或者写明它“did-not-occur”（没有发生）",
        'say what is to be put in its place, or that it "did-not-occur"',
    ),
    "request_without_body/approve": (
        "该要求没有写明用什么替换；请自行陈述“fact-corrected.v1”",
        'the request says not what to put in its place: state "fact-corrected.v1" yourself',
    ),
    "request_stale": (
        "提出要求之后，第 {seq} 条事实已使另一内容生效；请重新提出",
        "fact {seq} put another body in force since this was asked for; ask anew",
    ),
    "request_decided": ("第 {seq} 条事实已对该要求作出决定", "fact {seq} decided this request"),
}

# Doubts, by streams.ledger_warnings and streams.ledger_doubts.
_WARNED: Final[dict[str, tuple[str, str]]] = {
    "waste_code.unlisted": (
        "据本系统所知，废物代码“{code}”不在当日的名录中",
        'waste code "{code}" is not in the list of that day as far as it is known here',
    ),
    "waste_code.unlisted/moved": (
        "据本系统所知，废物代码“{code}”不在当日的名录中；2021 年起为“{new}”",
        'waste code "{code}" is not in the list of that day as far as it is known here; since 2021 it is "{new}"',
    ),
    "waste_code.category_not_in_use": (
        "废物代码“{code}”的类别未启用",
        'category of waste code "{code}" is not in use',
    ),
    "treatment.unknown": (
        "利用处置方式代码“{method}”未知或尚未核实",
        'treatment code "{method}" is unknown or not yet confirmed',
    ),
    "credit_code.check_digit": (
        "统一社会信用代码“{code}”的校验码不对",
        'check character of credit code "{code}" is wrong',
    ),
    "region.unknown": (
        "行政区划“{region}”不属于本系统已知的城市",
        'region "{region}" is not of a city known here',
    ),
    "exemption.unknown": (
        "豁免“{exemption}”不在本系统已知的清单中",
        'exemption "{exemption}" is not in a list known here',
    ),
    "exemption.not_in_force": (
        "豁免“{exemption}”在 {day} 未生效",
        'exemption "{exemption}" was not in force on {day}',
    ),
    "event_id.not_v7": ("event_id “{event_id}”不是 UUIDv7", 'event_id "{event_id}" is not a UUIDv7'),
    "mass.over_one_vehicle": (
        "一辆车“{vehicle}”上合计 {mass} 千克，超过公路车辆总质量上限 {most} 千克（GB 1589）；单位写成千克了吗？",
        'one vehicle "{vehicle}" with {mass} kg is over the {most} kg that a road vehicle may weigh in all '
        "(GB 1589); is it in kilograms?",
    ),
    "mass.small_for_weighbridge": (
        "地磅称得合计 {mass} 千克，不足 {least} 千克；是否把吨写进了千克？",
        "a weighbridge showed {mass} kg in all, under {least} kg; were tonnes written as kilograms?",
    ),
    "pieces.without_mass": (
        "“{code}”只写了件数没有质量；医疗废物以外，计件的也要同时写质量（HJ 1259）",
        '"{code}" has pieces and no mass; other than medical waste, what is counted is weighed too (HJ 1259)',
    ),
    "plate.unknown_form": (
        "“{plate}”既不像机动车号牌，也不像船名",
        '"{plate}" looks like neither a number plate nor the name of a vessel',
    ),
    "manifest_no.year": (
        "联单编号“{number}”的前 4 位“{found}”不是发生年份 {year} 或其上一年（转移办法第十五条）",
        'manifest number "{number}" begins with "{found}", not with the year it happened in, {year}, '
        "or the one before (MT 15)",
    ),
    "manifest_no.province": (
        "联单编号“{number}”的第 5、6 位“{found}”不是移出地省份代码“{province}”（转移办法第十五条）",
        'manifest number "{number}" has "{found}" at places 5 and 6, not the province it is moved from, '
        '"{province}" (MT 15)',
    ),
    "invoice_no.form": (
        "发票号码“{number}”不是 20 位数电票号码、8 位号码或“代码＋号码”",
        'invoice number "{number}" is neither 20 digits (数电票), nor 8, nor a code of 10 or 12 with 8 more',
    ),
    "fact.late": (
        "此事发生于 {day}，登记时已过次月 15 日（{due}）的月报期限（HJ 1259）",
        "it happened on {day} and is stated after the monthly report for it was due on {due} (HJ 1259)",
    ),
}

FACT_TEXTS: Final = {**_JSON, **_FACT, **_LOCK, **_WARNED}
