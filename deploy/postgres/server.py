"""One PostgreSQL server in a folder of its own; started by tests, benchmarks and by hand."""

import argparse
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg import sql

from deploy.parts import (
    PartFailed,
    PartMissing,
    children,
    end,
    free_port,
    launch,
    run_until_told,
    tail,
    wait_until_ready,
)

SUPERUSER = "feilian"
# Who runs the server when we are root, which PostgreSQL refuses to be; the first that exists.
ACCOUNTS = ("postgres", "nobody")


def binaries() -> Path:
    """The folder with `postgres` and `initdb`: from PATH, else the newest that Debian keeps beside it."""
    beside = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    on_path = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    for folder in [*on_path, *beside]:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise PartMissing(
        '"postgres" is not installed: PostgreSQL 15 or newer is needed (Debian: apt-get install postgresql)'
    )


class Postgres:
    """A server that keeps its data in `folder` and its port for as long as this object lives.

    It listens on the loopback alone and asks for a password that is drawn when the folder is new. `fsync=False` is for
    tests that never kill it. Raises PartMissing without binaries, PartFailed when the server does not get ready.
    """

    def __init__(self, folder: Path | str, port: int = 0, *, fsync: bool = True) -> None:
        self.folder = Path(folder).resolve()
        self.port = port or free_port()
        self._fsync = fsync
        self._account = _account()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy's URL of the maintenance database."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """SQLAlchemy's URL of a database of this server."""
        return f"postgresql+psycopg://{SUPERUSER}:{self._password}@127.0.0.1:{self.port}/{database}"

    @property
    def log(self) -> Path:
        """What the server printed, over all its starts."""
        return self.folder / "postgres.log"

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self, seconds: float = 60) -> "Postgres":
        """Initialises the folder if it is new, starts, and returns when a query is answered."""
        if self.running:
            return self
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        self._process = launch(
            [str(binaries() / "postgres"), "-D", str(self._data), *self._settings()],
            self.log,
            cwd=Path("/"),
            on_orphaned=signal.SIGINT,
            account=self._account,
        )
        wait_until_ready(self._process, self._answers, self.log, "PostgreSQL", seconds)
        return self

    def stop(self, seconds: float = 20) -> None:
        """Ends it in order, breaking open connections; by force when that takes longer."""
        self._end(signal.SIGINT, seconds)

    def kill(self) -> None:
        """SIGKILL to the server and all its children, as a power cut would."""
        # Each backend is a session of its own, and a busy one would outlive the server and keep its memory.
        backends = [] if self._process is None else children(self._process.pid)
        self._end(signal.SIGKILL, 10)
        for pid in backends:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def restart(self) -> "Postgres":
        """Stops if it runs, and starts again on the same port."""
        self.stop()
        return self.start()

    def create_database(self, name: str, template: str = "template1") -> str:
        """Makes a database, a copy of `template` (which nobody may be connected to), and returns its URL."""
        order = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        self._order(order)
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Removes a database and breaks the connections that are open to it; silent when there is none."""
        self._order(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def __enter__(self) -> "Postgres":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _password(self) -> str:
        return (self.folder / "password").read_text().strip()

    def _settings(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            # A socket's path may not be longer than 107 bytes, a test's folder is.
            "unix_socket_directories": "",
            "timezone": "UTC",
            "fsync": "on" if self._fsync else "off",
            "synchronous_commit": "on" if self._fsync else "off",
            "full_page_writes": "on" if self._fsync else "off",
        }
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _initialise(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        if self._account is not None:
            self._hand_over(self._account)
        # C collation: the same order on every machine, and the order of bytes that digests rely on.
        command = [
            str(binaries() / "initdb"),
            "-D",
            str(self._data),
            "--username",
            SUPERUSER,
            "--auth=scram-sha-256",
        ]
        command += ["--pwfile", str(password), "--encoding=UTF8", "--locale=C"]
        command += [] if self._fsync else ["--no-sync"]
        process = launch(command, self.log, cwd=Path("/"), account=self._account)
        process.wait(120)
        end(process, signal.SIGKILL, 0)
        if process.returncode != 0:
            raise PartFailed(f"initdb failed: {tail(self.log)}")

    def _hand_over(self, account: str) -> None:
        owner = pwd.getpwnam(account)
        for path in (self.folder, self._data, self.folder / "password"):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        for above in self.folder.parents:
            if not above.stat().st_mode & 0o001:
                raise PartFailed(f'"{above}" is closed to the account "{account}": choose another folder')

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self._address(), connect_timeout=2) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def _order(self, order: sql.Composed) -> None:
        with psycopg.connect(self._address(), autocommit=True) as connection:
            connection.execute(order)

    def _address(self) -> str:
        return self.url.replace("postgresql+psycopg", "postgresql")

    def _end(self, first: signal.Signals, seconds: float) -> None:
        if self._process is not None:
            end(self._process, first, seconds)
            self._process = None


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ACCOUNTS:
        if name in known:
            return name
    raise PartMissing(f"PostgreSQL does not run as root, and none of the accounts {ACCOUNTS} exists")


def main() -> None:
    """Runs one server until SIGINT or SIGTERM; prints its URL when it is ready."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="the folder of its data and log")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    given = parser.parse_args()
    with Postgres(given.dir, given.port) as server:
        run_until_told(server, server.url, "PostgreSQL")


if __name__ == "__main__":
    main()
