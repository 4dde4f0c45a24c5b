"""What each code of a problem with a request means and what to do about it, in Chinese and English.

For /errors/{code} and docs/errors.md; the titles stand in every refusal. Codes of facts are in models.fact_meanings.
"""

from typing import Final, NamedTuple

from models.access_meanings import ACCESS
from models.fact_meanings import FACT_MEANINGS
from models.language import Both
from models.office_meanings import OFFICE
from models.warned_meanings import WARNED_MEANINGS


class Meaning(NamedTuple):
    """`status` is the HTTP status it comes with, 0 for a warning; `example` is a piece of what draws it, or empty."""

    status: int
    title: Both
    means: Both
    advice: Both
    example: str = ""


_REQUEST: Final[dict[str, tuple[int, tuple[str, str], tuple[str, str], tuple[str, str], str]]] = {
    "bad_utf8": (
        400,
        ("不是 UTF-8", "Not UTF-8"),
        (
            "正文不是 UTF-8，或以字节顺序标记开头。",
            "The body is not UTF-8, or begins with a byte order mark.",
        ),
        ("以 UTF-8（无 BOM）重新编码后再送。", "Encode it in UTF-8 without a byte order mark."),
        "",
    ),
    "bad_json": (
        400,
        ("不是 JSON", "Not JSON"),
        ("正文不是 RFC 8259 的 JSON。", "The body is not JSON by RFC 8259."),
        (
            "用 JSON 程序库生成正文；“#”后面的数字是出错的字符位置。",
            "Write it with a JSON library; the number after # is the character.",
        ),
        '{"kind": }',
    ),
    "duplicate_key": (
        400,
        ("字段重复", "A key is there twice"),
        (
            "同一对象里同一字段出现两次，两个值无法取舍。",
            "An object holds the same key twice, and nobody can say which counts.",
        ),
        ("去掉其中一个。", "Leave one of them out."),
        '{"site": "330106-A", "site": "330106-B"}',
    ),
    "float": (
        400,
        ("不是整数", "Not an integer"),
        ("事实里没有浮点数：浮点数会改变数值。", "Facts hold no floats, which change what they hold."),
        ("质量和金额写成字符串。", "Write masses and money as strings."),
        '{"mass_kg": 12.5}',
    ),
    "nul": (
        400,
        ("含空字符", "A NUL character"),
        ("字符串里有空字符。", "A string has a NUL character."),
        ("去掉它。", "Take it out."),
        '"\\u0000"',
    ),
    "surrogate": (
        400,
        ("代理码不成对", "A lone surrogate"),
        (
            "字符串里有不成对的代理码，不是文字。",
            "A string has half of a surrogate pair, which is no character.",
        ),
        ("检查是否在一个字符的中间截断了文字。", "See whether text was cut in the middle of a character."),
        '"\\ud83d"',
    ),
    "too_deep": (
        400,
        ("嵌套太深", "Too deep"),
        ("对象和数组的嵌套超过 32 层。", "Objects and arrays are nested more than 32 deep."),
        (
            "没有哪种事实需要这么深；检查正文是怎样拼成的。",
            "No fact needs that; see how the body was put together.",
        ),
        "",
    ),
    "number_too_large": (
        400,
        ("数字太大", "Number too large"),
        (
            "整数超出 ±(2**53-1)，各种程序读出来会不一样。",
            "An integer is beyond ±(2**53-1), where programs read it differently.",
        ),
        ("写更小的数，或者写成字符串。", "Send a smaller number, or a string where the field takes one."),
        "9007199254740993",
    ),
    "unauthenticated": (
        401,
        ("未认证", "Not authenticated"),
        (
            "没有带密钥，或密钥未知、有误、已吊销或过期。",
            "No key was sent, or it is unknown, wrong, revoked or over.",
        ),
        (
            "带上 Authorization: Bearer 加密钥；没有密钥就向本单位管理员要。",
            "Send Authorization: Bearer and the key; ask your administrator for one.",
        ),
        "",
    ),
    "forbidden": (
        403,
        ("没有权限", "Forbidden"),
        ("认得你，但这件事不归你做。", "You are known, and this is not yours to do."),
        ("请管理员给密钥相应的权限范围，或换一个密钥。", "Have a key with the scope or role that it needs."),
        "",
    ),
    "foreign_form": (
        403,
        ("来自其他网站", "From another site"),
        (
            "浏览器说这个请求是另一个网站的页面发出的；凭登录状态的请求只能来自本站页面。",
            "The browser says that another site's page sent this; with a session only pages of ours may.",
        ),
        (
            "从本站页面再操作一次；软件请用密钥，不用登录。",
            "Do it from a page of ours; software uses a key, not a session.",
        ),
        "",
    ),
    "stale_form": (
        403,
        ("表单已失效", "Form out of date"),
        (
            "凭登录状态改变数据的请求要带上页面给出的令牌；没有带，或它属于另一次登录。",
            "What changes something by a session brings the token of its page; it is missing, or of another session.",
        ),
        (
            "刷新页面后再提交；脚本用请求头 X-CSRF-Token。",
            "Reload and send again; scripts use the header X-CSRF-Token.",
        ),
        "",
    ),
    "not_found": (
        404,
        ("不存在", "Not found"),
        (
            "不存在，或不归你看：两者回答一样。",
            "It is not there, or not yours to see: both are answered alike.",
        ),
        ("检查地址和编号。", "See whether address and number are right."),
        "",
    ),
    "method_not_allowed": (
        405,
        ("方法不对", "Method not allowed"),
        (
            "这个地址不接受这种方法；可用的在 Allow 头里。",
            "This address does not take that method; Allow lists those it takes.",
        ),
        ("改用 Allow 里的方法。", "Use one of Allow."),
        "",
    ),
    "unknown_parameter": (
        422,
        ("没有这个参数", "No such parameter"),
        (
            "查询参数的名字不认识。若当它不存在，写错一个字母就会悄悄放宽问题，所以拒绝。",
            "A query parameter is not known. To pass over it would widen the question in silence.",
        ),
        ("改正名字；错误里列出了可用的参数。", "Mend its name; the error lists those that there are."),
        "GET /v1/alerts?conditon=open",
    ),
    "repeated_parameter": (
        422,
        ("参数重复", "Parameter given twice"),
        ("只能写一次的参数写了两次。", "A parameter that takes one value was given several."),
        ("留一个。", "Leave one."),
        "GET /v1/alerts?region=33&region=34",
    ),
    "body_too_large": (
        413,
        ("正文太大", "Body too large"),
        (
            "正文超过 1 MiB；大批数据走文件上传。",
            "The body is larger than 1 MiB; more than that is uploaded as a file.",
        ),
        ("分成几批再送。", "Send it in several batches."),
        "",
    ),
    "body_too_slow": (
        408,
        ("正文太慢", "Body too slow"),
        ("正文没有在时限内传完。", "The body did not come in time."),
        (
            "原样再送；事实凭 event_id 认得，不会重复。",
            "Send the same again; by its event_id nothing is stated twice.",
        ),
        "",
    ),
    "not_json": (
        415,
        ("内容类型不对", "Not application/json"),
        (
            "content-type 不是 application/json（UTF-8），或正文经过压缩。",
            "The content type is not application/json in UTF-8, or the body is compressed.",
        ),
        (
            "写 content-type: application/json，不压缩。",
            "Say content-type: application/json, and do not compress.",
        ),
        "content-encoding: gzip",
    ),
    "empty_batch": (
        422,
        ("空数组", "Empty batch"),
        ("数组里没有事实。", "The array holds no fact."),
        ("至少放一条。", "Put one in."),
        "[]",
    ),
    "too_many_facts": (
        422,
        ("事实太多", "Too many facts"),
        ("一个数组最多 1000 条事实。", "An array holds at most a thousand facts."),
        ("分批再送。", "Send several batches."),
        "",
    ),
    "too_many_to_fold": (
        422,
        ("问题太大", "Too much to work out"),
        (
            "要折算的事实或告警超过一次请求能折算的数目。",
            "The question asks for more than one request may work out.",
        ),
        ("缩小问题，或由审计者用命令行折算。", "Ask for less, or have an auditor replay it."),
        "",
    ),
    "unavailable": (
        503,
        ("暂时不可用", "Unavailable"),
        ("台账暂时写不了或读不了。", "The ledger cannot be written or read now."),
        (
            "等 Retry-After 所说的秒数，原样再送：认得的事实不会重复。",
            "Wait for Retry-After and send the same again: what got in is recognised.",
        ),
        "",
    ),
    "internal": (
        500,
        ("内部错误", "Internal error"),
        ("我们这边出了问题，已记录。", "Something is wrong on our side, and is logged."),
        (
            "原样再送；仍然如此就告诉我们时间和地址。",
            "Send the same again; if it stays, tell us when and where.",
        ),
        "",
    ),
}

MEANINGS: Final[dict[str, Meaning]] = {
    code: Meaning(status, Both(*title), Both(*means), Both(*advice), example)
    for code, (status, title, means, advice, example) in {
        **_REQUEST,
        **{code: (409 if code == "event_id_reused" else 422, *rest) for code, rest in FACT_MEANINGS.items()},
        **{code: (0, *rest) for code, rest in WARNED_MEANINGS.items()},
        **{code: (row[0], row[1], row[3], row[4], row[5]) for code, row in {**OFFICE, **ACCESS}.items()},
    }.items()
}
