"""What README says to type works as it says: the first fact, against a real server with the embedded loop."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from deploy.docs import ROOT
from deploy.founding import found
from deploy.parts import free_port
from models.exact import format_instant
from models.facts.base import Role
from models.settings import Settings
from streams.clock import local_now
from streams.keys import create_key

README = (ROOT / "README.md").read_text(encoding="utf-8")
FACILITY = "91330604MADEMFAC6B"
REGULATOR = "91330000MADEMREG7Q"


def first_fact(port: int) -> str:
    """The shell lines under "A first fact"."""
    found_block = re.search(r"## A first fact.*?```sh\n(.*?)```", README, re.DOTALL)
    assert found_block is not None
    now = format_instant(local_now())
    return re.sub(r"NOW=.*", f"NOW={now}", found_block[1]).replace("127.0.0.1:8000", f"127.0.0.1:{port}")


@pytest.mark.slow
def test_the_first_fact_is_accepted_and_judged(tmp_path: Path) -> None:
    ledger = found(Settings(data_dir=tmp_path))
    keys = {
        role: create_key(ledger.databases, org, role, "test")[1]
        for role, org in ((Role.FACILITY, FACILITY), (Role.REGULATOR, REGULATOR))
    }
    ledger.databases.dispose()
    port = free_port()
    command = [sys.executable, "-m", "deploy.cli", "up", "--data", str(tmp_path), "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as server:
        try:
            _wait(port)
            environment = {**os.environ, "KEY": keys[Role.FACILITY]}
            typed = first_fact(port)
            for status in ("new", "known"):
                sent = subprocess.run(
                    ["bash", "-c", typed],
                    env=environment,
                    capture_output=True,
                    check=True,
                    timeout=30,
                )
                assert [r["status"] for r in json.loads(sent.stdout)["receipts"]] == [status] * 2, sent.stdout
            assert {"manifest.mass_differs", "receipt.unlicensed"} <= _kinds(port, keys[Role.REGULATOR])
        finally:
            server.terminate()
        assert server.wait(15) == 0


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not become ready")


def _kinds(port: int, token: str) -> set[str]:
    """The alert kinds on the manifest, waited for."""
    deadline = time.monotonic() + 10
    kinds: set[str] = set()
    while time.monotonic() < deadline and len(kinds) < 2:
        answer = httpx.get(
            f"http://127.0.0.1:{port}/v1/alerts", headers={"Authorization": f"Bearer {token}"}
        ).json()
        kinds = {alert["kind"] for alert in answer["alerts"]}
        time.sleep(0.05)
    return kinds


def test_every_path_that_readme_names_is_there() -> None:
    for path in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (ROOT / path).exists(), path


def test_every_command_that_readme_names_is_one() -> None:
    from deploy.cli import main

    named = set(re.findall(r"^feilian (\w+)", README, re.MULTILINE)) | {"relay", "worker", "publisher"}
    assert named
    assert named <= set(main.commands), named - set(main.commands)
