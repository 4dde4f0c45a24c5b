"""Renews what docs say of the code: alerts.md by kind, corrections.md by seal, interchange.md by field, walk.md by line.

`python -m deploy.docs`; tests compare.
"""

import ast
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from models.access import RegulatorKind
from models.alerts import ALERTS, AlertKind, KindOfAlert, Severity
from models.catalogue import duties
from models.facts import Role
from models.interchange.national_fields import DETAIL, HAND_OVER, MANIFEST, Name
from models.problem_meanings import MEANINGS
from models.roles import MAY_STATE, REGULATOR_MAY_STATE, ROLE_WORDS, SYSTEM_STATES
from models.sealed import SEALS, Kinds
from models.topics import Concern

ROOT: Final = Path(__file__).parents[1]
FILE: Final = ROOT / "docs" / "alerts.md"
SEALED: Final = ROOT / "docs" / "corrections.md"
CODES: Final = ROOT / "docs" / "errors.md"
ACCESS: Final = ROOT / "docs" / "access.md"
WALK: Final = ROOT / "docs" / "walk.md"
INTERCHANGE: Final = ROOT / "docs" / "interchange.md"
LINK: Final = re.compile(r"\[`(?P<name>[\w.]+)`\]\(\.\./(?P<path>[\w/.]+\.py)#L(?P<line>\d+)\)")
BEGIN: Final = "<!-- kinds: written by python -m deploy.docs -->"
END: Final = "<!-- end of kinds -->"
SEALS_BEGIN: Final = "<!-- seals: written by python -m deploy.docs -->"
SEALS_END: Final = "<!-- end of seals -->"
NATIONAL_BEGIN: Final = "<!-- national: written by python -m deploy.docs -->"
NATIONAL_END: Final = "<!-- end of national -->"
STATES_BEGIN: Final = "<!-- states: written by python -m deploy.docs -->"
STATES_END: Final = "<!-- end of states -->"
_REGULATORS: Final = {
    RegulatorKind.ENVIRONMENT: "生态环境",
    RegulatorKind.HEALTH: "卫生健康",
    RegulatorKind.TRANSPORT: "交通运输",
    RegulatorKind.POLICE: "公安",
}
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


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "–"


def _by(kinds: Kinds) -> str:
    return _listed(kind.removesuffix(".v1") for kind in kinds)


def seals() -> str:
    """The table of sealed fields."""
    lines = ["| fact | sealed by | free | sealed otherwise |", "|---|---|---|---|"]
    for kind, seal in SEALS.items():
        special = "; ".join(f"`{name}`: {_by(kinds)}" for name, kinds in seal.special.items()) or "–"
        lines.append(f"| `{kind}` | {_by(seal.by)} | {_listed(seal.free)} | {special} |")
    return "\n".join([SEALS_BEGIN, *lines, SEALS_END])


def resealed(text: str) -> str:
    """docs/corrections.md with its table renewed; the rest stays."""
    before, _, rest = text.partition(SEALS_BEGIN)
    _, _, after = rest.partition(SEALS_END)
    return before + seals() + after


def national_names() -> str:
    """The tables of the national field names."""
    tables = (("Manifest 联单", MANIFEST), ("`details[]` 废物明细", DETAIL), ("`jjjl[]` 联运交接", HAND_OVER))
    lines = [NATIONAL_BEGIN]
    for title, names in tables:
        lines += ["", f"{title}:", "", "| name | meaning | ours | surety |", "|---|---|---|---|"]
        lines += [_national_row(name) for name in names]
    return "\n".join([*lines, "", NATIONAL_END])


def _national_row(name: Name) -> str:
    ours = name.ours or "no place: reported"
    return f"| `{name.name}` | {name.zh} | {ours}{'; ' + name.note if name.note else ''} | {name.surety} |"


def renamed(text: str) -> str:
    """docs/interchange.md with its tables renewed; the rest stays."""
    before, _, rest = text.partition(NATIONAL_BEGIN)
    _, _, after = rest.partition(NATIONAL_END)
    return before + national_names() + after


def codes() -> str:
    """docs/errors.md: every code with its meaning; all of it is written here."""
    lines = [
        "# 错误与提醒代码 / Codes of errors and warnings",
        "",
        "Written by `python -m deploy.docs` from models/problem_meanings.py; the same stands at `/errors/{code}`. "
        "Programs go by the code: messages may be worded better at any time. How refusals look: [sending.md](sending.md).",
        "",
    ]
    for title, is_refusal in (("拒绝 Refusals", True), ("提醒 Warnings", False)):
        lines += [f"## {title}", ""]
        for code, meaning in MEANINGS.items():
            if bool(meaning.status) is is_refusal:
                status = f" HTTP {meaning.status}." if meaning.status else ""
                lines += [
                    f"### `{code}` {meaning.title.zh} / {meaning.title.en}",
                    "",
                    f"- Means 含义:{status} {meaning.means.en} {meaning.means.zh}",
                    f"- Do 处置: {meaning.advice.en} {meaning.advice.zh}",
                    *([f"- Example 例: `{meaning.example}`"] if meaning.example else []),
                    "",
                ]
    return "\n".join(lines)


def states() -> str:
    """The table of who may state which fact: roles, and of regulators which kinds."""
    roles = [
        role for role in Role if any(role in may for may in MAY_STATE.values()) and role is not Role.REGULATOR
    ]
    heads = [
        str(ROLE_WORDS[role]) if role not in ROLE_WORDS else " ".join(ROLE_WORDS[role]) for role in roles
    ]
    kinds = [f"{_REGULATORS[kind]} {kind}" for kind in RegulatorKind]
    lines = [f"| fact | {' | '.join([*heads, *kinds])} |", "|---" * (1 + len(heads) + len(kinds)) + "|"]
    for kind, may in MAY_STATE.items():
        by_role = ["●" if role in may else "" for role in roles]
        by_kind = ["●" if one in REGULATOR_MAY_STATE.get(kind, ()) else "" for one in RegulatorKind]
        system = " (the system alone 系统)" if kind in SYSTEM_STATES else ""
        lines.append(f"| `{kind.removesuffix('.v1')}`{system} | {' | '.join([*by_role, *by_kind])} |")
    return "\n".join([STATES_BEGIN, *lines, STATES_END])


def restated(text: str) -> str:
    """docs/access.md with its table renewed; the rest stays."""
    before, _, rest = text.partition(STATES_BEGIN)
    _, _, after = rest.partition(STATES_END)
    return before + states() + after


def line_of(path: Path, name: str) -> int:
    """The line on which a dotted name (`Class.method`, `function`, `CONSTANT`) is defined; LookupError where it is not."""
    scope: list[ast.stmt] = ast.parse(path.read_text(encoding="utf-8")).body
    line = 0
    for part in name.split("."):
        found = next((node for node in scope if part in _names(node)), None)
        if found is None:
            raise LookupError(f'"{name}" is not defined in {path.name}')
        line, scope = found.lineno, list(getattr(found, "body", []))
    return line


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = (
        node.targets
        if isinstance(node, ast.Assign)
        else [node.target]
        if isinstance(node, ast.AnnAssign)
        else []
    )
    return {target.id for target in targets if isinstance(target, ast.Name)}


def walked(text: str) -> str:
    """The walk with the line numbers that are true now."""

    def renew(link: re.Match[str]) -> str:
        line = line_of(ROOT / link["path"], link["name"])
        return f"[`{link['name']}`](../{link['path']}#L{line})"

    return LINK.sub(renew, text)


def main() -> None:
    """Renew all documents."""
    SEALED.write_text(resealed(SEALED.read_text(encoding="utf-8")), encoding="utf-8")
    FILE.write_text(renewed(FILE.read_text(encoding="utf-8")), encoding="utf-8")
    INTERCHANGE.write_text(renamed(INTERCHANGE.read_text(encoding="utf-8")), encoding="utf-8")
    CODES.write_text(codes(), encoding="utf-8")
    ACCESS.write_text(restated(ACCESS.read_text(encoding="utf-8")), encoding="utf-8")
    WALK.write_text(walked(WALK.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
