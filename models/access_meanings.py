"""What the codes of keys, delegations, sides and limits say, mean and advise; rows as in models.office_meanings."""

from typing import Final

from models.office_meanings import OfficeRow, Pair

ACCESS: Final[dict[str, OfficeRow]] = {
    "key_expired": (
        401,
        ("密钥已过期", "Key expired"),
        ("此密钥已过期", "this key has expired"),
        ("密钥最长 400 天有效。", "A key is good for 400 days at most."),
        (
            "换用新的密钥；新旧两个可以同时有效，以便更换。",
            "Use a new one; two may live side by side meanwhile.",
        ),
        "",
    ),
    "address_not_allowed": (
        403,
        ("地址不在名单", "Address not allowed"),
        ("此密钥不能从这个地址使用", "this key is not used from this address"),
        (
            "密钥有地址名单，请求来自名单之外。",
            "The key has a list of addresses, and the request comes from elsewhere.",
        ),
        ("从名单里的地址发送，或请管理员改名单。", "Send from one of them, or have the list changed."),
        "",
    ),
    "too_many_wrong_secrets": (
        429,
        ("错误次数太多", "Too many wrong secrets"),
        ("错误的密钥太多，稍后再试", "too many wrong secrets; try again later"),
        (
            "这个名字或地址连续出错，暂时锁住。",
            "Wrong secrets came one after another for this name or from this address.",
        ),
        ("等 Retry-After 所说的秒数，再用正确的密钥。", "Wait for Retry-After, then use the right one."),
        "",
    ),
    "too_many_requests": (
        429,
        ("请求太多", "Too many requests"),
        ("请求太多，稍后再送", "too many requests; send it again later"),
        ("这个密钥用完了配额。", "The key has used up its share."),
        (
            "等 Retry-After 所说的秒数；一次送一批比逐条送省配额。",
            "Wait for Retry-After; a batch costs less than single facts.",
        ),
        "",
    ),
    "too_slow": (
        503,
        ("超时", "Took too long"),
        ("没有在时限内答复", "it was not answered in time"),
        ("请求超过了处理时限。", "The request took longer than it may."),
        ("原样再送；认得的事实不会重复。", "Send the same again: what got in is recognised."),
        "",
    ),
    "scope_not_of_role": (
        422,
        ("权限超出角色", "Scope beyond the role"),
        ("这个角色的密钥不能有这个权限范围", "a key of this role cannot have this scope"),
        ("密钥的权限不能超过角色。", "A key can do no more than its role."),
        ("去掉这个权限范围。", "Leave the scope out."),
        "",
    ),
    "too_many_live_keys": (
        409,
        ("有效密钥太多", "Too many live keys"),
        ("同时有效的密钥已到上限", "there are as many live keys as there may be"),
        ("更换时最多两个同时有效。", "While changing over, two may live side by side."),
        ("先吊销旧的。", "Revoke the old one first."),
        "",
    ),
    "key_over": (
        409,
        ("密钥已失效", "Key is over"),
        ("密钥已吊销或过期", "the key is revoked or has expired"),
        ("失效的密钥不能再改。", "A key that is over is not changed any more."),
        ("建一个新的。", "Make a new one."),
        "",
    ),
    "not_delegated": (
        403,
        ("没有委托", "Not delegated"),
        ("该单位没有委托你代办", "this organisation has not delegated to you"),
        ("没有有效的委托，或委托不含这件事。", "There is no delegation in force, or not for this."),
        ("请该单位委托。", "Have the organisation delegate."),
        "",
    ),
    "delegation_over": (
        403,
        ("委托已结束", "Delegation is over"),
        ("该委托已到期或撤销", "the delegation has ended or was withdrawn"),
        ("委托有期限，可以随时撤销。", "A delegation is for a time and may be withdrawn."),
        ("请该单位重新委托。", "Have the organisation delegate anew."),
        "",
    ),
    "not_your_side": (
        422,
        ("不是你这一方", "Not your side"),
        ("事实写明的这一方不是你", "the side that states this is not yours"),
        (
            "这种事实由它所写的某一方陈述，而那一方不是你。",
            "It is stated by one of the sides it names, and that is another.",
        ),
        (
            "由那一方陈述；或检查所写的信用代码。",
            "Have that side state it, or see whether the credit code is right.",
        ),
        "",
    ),
    "not_your_site": (
        422,
        ("不是你的场所", "Not your site"),
        ("这个场所属于别的单位", "this site is of another organisation"),
        ("场所登记在别的单位名下。", "The site is registered to another organisation."),
        ("检查场所编号。", "See whether the site is right."),
        "",
    ),
    "not_acceptable": (
        406,
        ("没有这种格式", "Not in that form"),
        ("这里不提供所要的格式", "it is not given in the form that Accept asks for"),
        ("Accept 所要的格式这里没有。", "Accept asks for a form that this address does not have."),
        ("去掉 Accept，或要说明里列出的格式。", "Leave Accept out, or ask for one that is described."),
        "",
    ),
    "other_form": (
        422,
        ("格式不同", "Another form"),
        ("内容不是所要的格式", "what was sent is not of the form that is read here"),
        ("文件可读，但不是这里要的那种文档。", "It can be read, and is no document of the kind wanted here."),
        ("检查是否送到了对的地址。", "See whether it was sent to the right address."),
        "",
    ),
    "regulator_may_not_state": (
        422,
        ("这类监管部门不能陈述", "This kind of regulator may not state it"),
        ("这类监管部门不能陈述这种事实", "a regulator of this kind may not state facts of this kind"),
        ("各类监管部门只陈述其职责内的事。", "Each kind of regulator states what it is there for."),
        ("由主管的部门陈述。", "Have the one state it whose matter it is."),
        "",
    ),
    "outside_region": (
        422,
        ("不在辖区", "Outside the region"),
        ("不在你的辖区之内", "it is not within your region"),
        ("监管部门只陈述其辖区内的事。", "A regulator states what is of its region."),
        ("由当地的部门陈述。", "Have the one of that region state it."),
        "",
    ),
    "not_medical": (
        422,
        ("不是医疗废物", "Not medical waste"),
        ("这不是医疗废物", "this is not medical waste"),
        ("卫生健康部门只陈述医疗废物的事。", "A health regulator states what is of medical waste."),
        ("由生态环境部门陈述。", "Have the environment regulator state it."),
        "",
    ),
    "site.unregistered": (
        0,
        ("场所未建档", "Site not registered"),
        ("场所还没有建档", "the site is not registered yet"),
        ("台账里没有这个场所的建档。", "The ledger has no registration of it."),
        ("陈述 site-registered.v1；检查编号。", "State site-registered.v1; see whether the site is right."),
        "",
    ),
}

ACCESS_TEXTS: Final[dict[str, Pair]] = {
    **{code: row[2] for code, row in ACCESS.items()},
    "site.unregistered/named": (
        "场所“{site}”没有登记在任何单位名下；请用“site-registered.v1”建档",
        'site "{site}" is registered to nobody; register it with "site-registered.v1"',
    ),
    "outside_region/of": ("此密钥的辖区是“{region}”", 'this key is for region "{region}"'),
    "outside_region/case": (
        "移送的只能是移送者自己看得到的",
        "a case hands over what its sender sees, and no more",
    ),
    "not_your_site/named": (
        "场所“{site}”登记在别的单位名下",
        'site "{site}" is registered to another organisation',
    ),
    "not_your_side/named": (
        "{named}应写明陈述它的单位“{org}”，或其场所",
        '{named} must name the organisation that states it, "{org}", or a site of it',
    ),
}
