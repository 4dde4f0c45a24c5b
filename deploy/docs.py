"""Writes the part of docs/alerts.md that follows from the code; `python -m deploy.docs` renews it, a test compares."""

from pathlib import Path
from typing import Final

from models.alerts import ALERTS, AlertKind, KindOfAlert, Severity
from models.catalogue import duties
from models.topics import Concern

FILE: Final = Path(__file__).parents[1] / "docs" / "alerts.md"
BEGIN: Final = "<!-- kinds: written by python -m deploy.docs -->"
END: Final = "<!-- end of kinds -->"
_CONCERNS: Final = {
    Concern.CUSTODY: "联单 Custody",
    Concern.STORAGE: "贮存 Storage",
    Concern.SETTLEMENT: "资金 Settlement",
    Concern.PERMITS: "许可 Permits",
    Concern.CAPACITY: "产能 Capacity",
}
_SEVERITY: Final = {
    Severity.RED: "红 red",
    Severity.ORANGE: "橙 orange",
    Severity.YELLOW: "黄 yellow",
    Severity.NOTICE: "提示 notice",
}


def _law(kind: KindOfAlert) -> str:
    rows = duties(kind.duty) if kind.duty else ()
    articles = "; ".join(f"{row.law_zh} {row.article_zh}" for row in rows)
    return f"{kind.basis}. `{kind.duty}`: {articles}" if articles else kind.basis


def _section(name: AlertKind, kind: KindOfAlert) -> list[str]:
    return [
        f"### `{name}` {kind.zh.title} / {kind.en.title}",
        "",
        f"- Subject 对象: {kind.subject}. Severity 级别: {_SEVERITY[kind.severity]}.",
        f"- Means 含义: {kind.en.meaning} {kind.zh.meaning}",
        f"- Rests on 依据: {_law(kind)}",
        f"- Do 处置: {kind.en.advice} {kind.zh.advice}",
        "",
    ]


def kinds_of_alert() -> str:
    """The sections of all kinds, by concern."""
    lines: list[str] = [BEGIN, ""]
    for concern, title in _CONCERNS.items():
        lines += [f"## {title}", ""]
        for name, kind in ALERTS.items():
            if kind.concern is concern:
                lines += _section(name, kind)
    return "\n".join([*lines, END])


def renewed(text: str) -> str:
    """The document with its written part renewed; the rest stays."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + kinds_of_alert() + after


def main() -> None:
    """Renew docs/alerts.md."""
    FILE.write_text(renewed(FILE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
