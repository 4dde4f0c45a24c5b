"""Why an address is not posted to, and other refusals of what goes out, in both languages; part of models.problems."""

from typing import Final

HOOK_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "hook_url_refused/long": ("地址超过 {most} 个字符", "the url is longer than {most} characters"),
    "hook_url_refused/characters": (
        "地址里有空格或网址不允许的字符",
        "the url holds blanks or characters that no url has",
    ),
    "hook_url_refused/unreadable": ("地址无法解析", "the url cannot be read"),
    "hook_url_refused/scheme": ("地址必须以 https:// 开头", "the url must begin with https://"),
    "hook_url_refused/userinfo": ("地址里不能有用户名或密码", "the url must not hold a user or password"),
    "hook_url_refused/fragment": ("地址里不能有 # 片段", "the url must not have a fragment"),
    "hook_url_refused/encoding": ("路径和查询须用百分号编码", "path and query must be percent-encoded"),
    "hook_url_refused/private": ("这不是公网地址", "the address is not a public one"),
    "hook_url_refused/port": ("端口 {port} 不在允许的 {ports} 之内", "port {port} is not one of {ports}"),
    "hook_url_refused/host": ("主机名不是可以解析的域名", "the host is not a name that can be looked up"),
    "hook_url_refused/local": (
        "主机名指本机或本地网络",
        "the host is a name of this machine or network",
    ),
    "hook_url_refused/inside": (
        "域名指向的不是公网地址",
        "the name leads to an address that is not a public one",
    ),
    "hook_url_refused/unfound": ("找不到这个主机名", "the name of its host was not found"),
    "too_many_hooks/of": ("一个单位最多 {most} 个回调地址", "an organisation has at most {most} endpoints"),
    "mail_not_sent/no_server": (
        "本系统未设置邮件服务器和对外地址，不能发送邮件",
        "this house sends no mail: its operator has not named a mail server and a public address",
    ),
    "invalid/after": (
        "游标在末尾之后：请从您确知的位置重新开始",
        "it is beyond the end: begin again where you know the ledger",
    ),
    "invalid/kind": ("没有“{kind}”这一种类", 'there is no kind "{kind}"'),
    "unavailable/tests": ("同时进行的测试太多，请稍后再试", "too many tests are under way"),
}
