"""What is said of a problem with a request as a whole, or with its parameters; beside models.problem_texts."""

from typing import Final

REQUEST_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "unauthenticated": ("请带上密钥（Authorization: Bearer …）", "a bearer key is needed"),
    "unauthenticated/wrong": (
        "此密钥未知、有误或已吊销",
        "this key is unknown, wrong or revoked",
    ),
    "unauthenticated/session": ("登录已结束，请重新登录", "this session is over"),
    "foreign_form": ("这个请求来自另一个网站的页面", "this was sent by another site's page"),
    "stale_form": (
        "缺少本次登录的表单令牌，或令牌属于另一次登录",
        "the form's token is missing, or of another session",
    ),
    "body_too_slow/form": ("表单传输过慢", "the form came too slowly"),
    "bad_utf8/form": ("表单无法读取", "the form cannot be read"),
    "forbidden": ("没有做这件事的权限", "this is not allowed to you"),
    "forbidden/scope": ("此密钥没有权限范围“{scope}”", 'this key has no scope "{scope}"'),
    "forbidden/past": (
        "只有监管者和审计者可以查询过去某一时刻",
        "only regulators and auditors ask as of another time",
    ),
    "forbidden/province": (
        "全省的需求只供监管者和审计者查阅",
        "what a province needs is read by regulators and auditors",
    ),
    "not_found": ("不存在，或你无权查看：{what}", "{what} is not there, or not yours to see"),
    "not_found/route": ("没有这个地址", "not found"),
    "method_not_allowed": ("这个地址不接受 {method}", "{method} is not allowed here"),
    "body_too_large": ("正文超过 {most} 字节", "the body is larger than {most} bytes"),
    "body_too_slow": ("正文 {seconds} 秒内没有传完", "the body took longer than {seconds} seconds"),
    "not_json": (
        "content-type 必须是 application/json（UTF-8）",
        "content-type must be application/json, in UTF-8",
    ),
    "not_json/encoding": (
        "不接受压缩的正文：content-encoding “{encoding}”",
        'content-encoding is not supported: "{encoding}"',
    ),
    "bad_json/strict": ("正文不是严格的 JSON", "the body is not strict JSON"),
    "empty_batch": ("数组里至少要有一条事实", "an array holds at least one fact"),
    "too_many_facts": (
        "一个数组最多 {most} 条事实，这里有 {found} 条",
        "an array holds at most {most} facts, not {found}",
    ),
    "too_many_to_fold/alerts": (
        "要看的告警超过 {most} 条；请用 `feilian replay --as-of … --known-at …` 加 --site 或 --manifest",
        "more than {most} alerts would have to be looked at; "
        "ask `feilian replay --as-of … --known-at …` with --site or --manifest",
    ),
    "too_many_to_fold": (
        "“{key}”要折算的事实超过 {most} 条；请用 `feilian replay --as-of … --known-at …` 加 --site 或 --manifest",
        '"{key}" has more than {most} facts to fold; '
        "ask `feilian replay --as-of … --known-at …` with --site or --manifest",
    ),
    "unavailable": ("台账暂时不可用；请稍后原样再送", "the ledger is away; send the same again"),
    "internal": ("我们这边出了问题", "something is wrong on our side"),
    "invalid/parameters": ("参数无效", "parameters are not valid"),
    "invalid/cursor": ("这不是本系统给出的游标", "this is no cursor that was given out"),
    "invalid/event_id_header": ("Last-Event-ID 不是 change_no", "Last-Event-ID is not a change_no"),
    "invalid/subject": (
        "“{subject}”应为“种类:编号”，种类是 {kinds} 之一",
        '"{subject}" is not an id after one of {kinds} and a colon',
    ),
    "unknown_parameter": (
        "这里没有参数“{name}”；可用的有：{allowed}",
        'there is no parameter "{name}" here; there are: {allowed}',
    ),
    "unknown_parameter/none": (
        "这里没有参数，收到了“{name}”",
        'there are no parameters here, and "{name}" was sent',
    ),
    "repeated_parameter": ("参数“{name}”只能写一次", 'parameter "{name}" may be given once'),
    "refused": ("问题 {count} 处；什么也没有写入", "problems: {count}; nothing was accepted"),
}
