"""What holds for every test: fixtures of real parts, marks by the parts a test asks for, and no skips under CI=true."""

import os
from collections.abc import Generator

import pytest

from tests.samples import ABSENT

pytest_plugins = ["tests.parts.fixtures"]

# A fixture's beginning tells which part it starts, so that nobody has to mark a test and nobody can forget to.
MARK_OF_FIXTURE = {
    "kafka_": "kafka",
    "postgres_": "postgres",
    "chromium_": "browser",
    "assets": "parts",
    "docker_": "parts",
    "maven_": "parts",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test by the parts that its fixtures (and theirs) start; benchmarks by their folder."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            for beginning, mark in MARK_OF_FIXTURE.items():
                if fixture.startswith(beginning):
                    item.add_marker(mark)
        if "benchmarks" in item.path.parts:
            item.add_marker("bench")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI=true nothing is skipped: a part that is missing there is a failure. Samples need not be beside a checkout."""
    report = yield
    skipped = report.skipped and not hasattr(report, "wasxfail") and ABSENT not in str(report.longrepr)
    if os.environ.get("CI") == "true" and skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped although CI=true: {report.longrepr}"
    return report
