"""What mails say, in Chinese and English; alerts have their own texts (models.alerts). Used by consumers.mail_digest."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "brand": ("废联", "Feilian"),
    "subject": ("废联：{n} 条消息", "Feilian: {n} messages"),
    "subject.one": ("废联：{title}", "Feilian: {title}"),
    "subject.red": ("【红色】废联：{n} 条消息", "[red] Feilian: {n} messages"),
    "subject.red.one": ("【红色】废联：{title}", "[red] Feilian: {title}"),
    "intro": ("与本单位或本辖区有关的最新情况：", "What has happened that concerns you:"),
    "left_out": ("另有 {n} 条，请登录查看。", "{n} more are not listed; log in to see them."),
    "time": ("时间均为北京时间。", "All times are Beijing time."),
    "why": (
        "您收到此邮件，是因为 {address} 订阅了 {org} 的通知。",
        "You get this because {address} subscribed to what concerns {org}.",
    ),
    "leave": ("退订", "Unsubscribe"),
    "open": ("查看", "Open"),
    "severity.red": ("红色", "red"),
    "severity.orange": ("橙色", "orange"),
    "severity.yellow": ("黄色", "yellow"),
    "severity.notice": ("提示", "notice"),
    "alert.raised": ("新告警", "raised"),
    "alert.updated": ("告警更新", "updated"),
    "alert.cleared": ("已消除", "cleared"),
    "alert.regressed": ("再次出现", "back again"),
    "alert.past": ("事后发现", "found afterwards"),
    "alert.withdrawn": ("已撤回", "withdrawn"),
    "alert.handled": ("处理情况变化", "handled"),
    "fact.accepted": ("他方申报", "stated by another"),
    "correction.made": ("已更正", "corrected"),
    "correction.requested": ("请求更正，等待答复", "a correction is requested and waits for an answer"),
    "correction.approved": ("同意更正", "a correction was approved"),
    "correction.declined": ("不同意更正", "a correction was declined"),
    "fact": ("事实 {seq} 号（{kind}），由 {org} 申报", "fact {seq} ({kind}), stated by {org}"),
    "hook.subject": ("废联：回调地址需要处理", "Feilian: a webhook endpoint needs attention"),
    "hook.disabled": (
        "回调地址“{name}”（{host}）已停用，原因：{reason}。消息均已保留；修复后请在“消息推送”页面重新启用，将从中断处继续。",
        "The webhook endpoint “{name}” ({host}) was disabled: {reason}. No message is lost: enable it again on the "
        "webhooks page once it is mended, and it goes on where it stopped.",
    ),
    "hook.failing": (
        "回调地址“{name}”（{host}）超过一天没有接收消息。消息均已保留；持续失败将被停用。",
        "The webhook endpoint “{name}” ({host}) has taken no message for over a day. No message is lost; if it goes on "
        "failing it will be disabled.",
    ),
    "reason.gone": ("对方答复 410，不再需要", "it answered 410, gone"),
    "reason.failing": ("连续多日失败", "it failed for days"),
}


def say(lang: str, key: str, **values: object) -> str:
    """The words of a key with its places filled."""
    zh, en = WORDS[key]
    return (zh if lang == "zh" else en).format(**values)
