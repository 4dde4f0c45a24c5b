"""docker-compose.yml and what it mounts: Debian accepts it, its commands are ours, its numbers exist."""

import importlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from tests.parts.fixtures import ROOT

METRIC = re.compile(r"\bfeilian_[a-z_]+")
SUFFIXES = ("", "_total", "_bucket", "_sum", "_count")
OURS = ("init", "api", "relay", "publisher", "notify", "worker")


def compose() -> dict[str, Any]:
    """The file as written, with its anchors resolved."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def known_metrics() -> set[str]:
    """Every series that models/metrics.py can show."""
    module = importlib.import_module("models.metrics")
    metrics = [value for value in vars(module).values() if isinstance(value, MetricWrapperBase)]
    families = [family for metric in metrics for family in metric.describe()]
    return {family.name + suffix for family in families for suffix in SUFFIXES}


def test_docker_compose_accepts_the_file(docker_compose: list[str]) -> None:
    done = subprocess.run([*docker_compose, "config"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {"kafka", "postgres", "prometheus", "grafana", *OURS} <= set(
        yaml.safe_load(done.stdout)["services"]
    )


def test_every_command_is_one_that_feilian_lists() -> None:
    main = importlib.import_module("deploy.cli").main
    assert isinstance(main, click.Group)
    services = compose()["services"]
    assert {name: services[name]["command"][0] in main.commands for name in OURS} == dict.fromkeys(OURS, True)


def test_everything_mounted_or_copied_exists() -> None:
    volumes = [volume for service in compose()["services"].values() for volume in service.get("volumes", ())]
    mounted = [volume.split(":")[0] for volume in volumes if volume.startswith("./")]
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    copied = [
        word
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert [name for name in mounted + copied if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("file", ["deploy/prometheus/alerts.yml", "deploy/grafana/boards/feilian.json"])
def test_every_metric_that_is_asked_for_exists(file: str) -> None:
    asked = set(METRIC.findall((ROOT / file).read_text()))
    assert asked
    assert asked - known_metrics() == set()


def test_the_board_asks_the_provisioned_source() -> None:
    board = json.loads((ROOT / "deploy/grafana/boards/feilian.json").read_text())
    provisioned = yaml.safe_load(
        (ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text()
    )
    sources = {panel["datasource"]["uid"] for panel in board["panels"] if "datasource" in panel}
    assert sources == {provisioned["datasources"][0]["uid"]}
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(numbers) == len(set(numbers))


def test_the_lock_files_name_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "package-lock.json"):
        text = Path(ROOT, name).read_text()
        assert re.findall(r"https?://|--index-url|--find-links|--trusted-host|\"resolved\"", text) == [], name
