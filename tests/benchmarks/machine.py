"""What the figures were measured on: named on the page, since only ratios travel from one machine to another."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from deploy.postgres.server import binaries

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "aiokafka",
    "faust-streaming",
    "kafka-python",
    "msgspec",
    "orjson",
    "psycopg",
    "pydantic",
    "sqlalchemy",
    "uvicorn",
)


def machine() -> list[str]:
    """Processor, memory, system and versions, a line each."""
    return [
        f"- {_processor()}, {len(os.sched_getaffinity(0))} cores, {_memory_gib():.0f} GiB",
        f"- {platform.system()} {platform.release()}, Python {platform.python_version()}",
        f"- PostgreSQL {_answer(str(binaries() / 'postgres'), '--version')}, fsync on; Apache Kafka {_kafka()}, one broker; "
        f"Java {_answer('java', '-version')}",
        "- " + ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    ]


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _answer(program: str, question: str) -> str:
    """The first version number that a program names."""
    try:
        told = subprocess.run([program, question], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "(unknown)"
    found = re.search(r"\d+(\.\d+)+", told.stdout + told.stderr)
    return found[0] if found else "(unknown)"


def _kafka() -> str:
    pom = (ROOT / "deploy" / "kafka" / "pom.xml").read_text()
    found = re.search(r"<artifactId>kafka_[^<]+</artifactId>\s*<version>([^<]+)<", pom)
    return found[1] if found else "(unknown)"
