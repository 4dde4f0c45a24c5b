"""Starting and ending real parts as our own processes; used by deploy.kafka.broker, deploy.postgres.server and tests."""

import atexit
import fcntl
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Protocol, TextIO

from models.errors import FeilianError

# Made things that survive a run (jars); git ignores it and `make clean` removes it.
CACHE = Path(__file__).resolve().parents[1] / ".parts"

COMPLAINT = re.compile(r"\b(ERROR|FATAL|Caused by|[a-z]\w*\.[A-Z]\w*(Exception|Error))\b")

_EPHEMERAL_LOWEST = 32768
_live: set[subprocess.Popen[bytes]] = set()
_owner_pid = os.getpid()


class PartMissing(FeilianError):
    """A program that a real part needs is not on this machine; the message says how to get it."""


class PartFailed(FeilianError):
    """A part ended or did not get ready in time; the message carries the end of its log."""


class Part(Protocol):
    """A process of its own with a folder and a log."""

    @property
    def running(self) -> bool: ...

    @property
    def log(self) -> Path: ...


def program(name: str, hint: str) -> str:
    """The path of an installed program; PartMissing with the hint where there is none."""
    if found := shutil.which(name):
        return found
    raise PartMissing(f'"{name}" is not installed: {hint}')


def free_port() -> int:
    """A TCP port of the loopback that is free now and stays so across a restart.

    Below the ephemeral range: a client that retries while the part is down could else be given its very port as source.
    """
    for _ in range(200):
        port = random.randrange(20000, _EPHEMERAL_LOWEST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise PartFailed("no free port between 20000 and 32767")


def listening(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def take_folder(folder: Path) -> TextIO:
    """Takes a part's folder for as long as the returned file is open; PartFailed while somebody else has it."""
    lock = (folder / "in-use.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise PartFailed(f'the folder "{folder}" is in use by another process') from None
    return lock


def launch(
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    on_orphaned: signal.Signals = signal.SIGKILL,
    account: str | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a process which appends to `log` and cannot outlive us.

    It gets a session of its own, so that Ctrl-C reaches us alone and we end it in order. Where the kernel can, it is
    sent `on_orphaned` when we die by SIGKILL. `account` is the user to become when we are root.
    """
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*_leash(on_orphaned, account), *command],
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _live.add(process)
    return process


def _leash(on_orphaned: signal.Signals, account: str | None) -> list[str]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if account is not None:
            raise PartMissing('"setpriv" is not installed, and root cannot become another user without it')
        return []
    become: list[str] = []
    if account is not None:
        entry = pwd.getpwnam(account)
        become = [f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--init-groups"]
    # The kernel watches the *thread* that forked; a pool's thread may end long before we do.
    if threading.current_thread() is threading.main_thread():
        become.append(f"--pdeathsig={on_orphaned.name.removeprefix('SIG')}")
    return [setpriv, *become, "--"] if become else []


def wait_until_ready(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, name: str, seconds: float
) -> None:
    """Polls until ready; PartFailed with the log's end when the process ends first or the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise PartFailed(f"{name} ended with status {process.returncode}: {tail(log)}")
        if ready():
            return
        time.sleep(0.05)
    end(process, signal.SIGKILL, 5)
    raise PartFailed(f"{name} was not ready within {seconds:g} s: {tail(log)}")


def end(process: subprocess.Popen[bytes], first: signal.Signals, seconds: float) -> None:
    """Sends `first`, waits that long, then kills the whole process group. Safe to call again."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    _live.discard(process)


def children(pid: int) -> list[int]:
    """The processes that this one started and that still live (Linux; elsewhere none)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold spaces; state and parent follow it.
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # It ended while we looked.
        if int(parent) == pid and state != "Z":
            found.append(int(stat.parent.name))
    return found


def run_until_told(part: Part, address: str, name: str) -> None:
    """Prints the address of a started part and returns at SIGINT or SIGTERM; PartFailed if it ends by itself."""
    over = threading.Event()

    def finish(number: int, frame: FrameType | None) -> None:
        over.set()

    signal.signal(signal.SIGINT, finish)
    signal.signal(signal.SIGTERM, finish)
    print(address, flush=True)
    while part.running and not over.wait(0.5):
        pass
    if not over.is_set():
        raise PartFailed(f"{name} ended by itself: {tail(part.log)}")


def tail(log: Path, lines: int = 8) -> str:
    """What a log complained of last, for a message; its last lines when it names no error."""
    text = log.read_text(errors="replace").splitlines()[-300:] if log.exists() else []
    complaints = [line for line in text if COMPLAINT.search(line)]
    return "\n".join((complaints or text)[-lines:]) or "its log is empty"


@atexit.register
def _end_all() -> None:
    # A forked child inherits this handler but not the parts.
    if os.getpid() != _owner_pid:
        return
    for process in list(_live):
        end(process, signal.SIGTERM, 10)
