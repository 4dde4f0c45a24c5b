"""Where the broker's jars are, fetched once by Maven; called by deploy.kafka.broker."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from deploy.parts import CACHE, PartFailed, PartMissing, program, tail

POM = Path(__file__).with_name("pom.xml")
JAVA_OLDEST = 17


@cache
def java() -> str:
    """The path of a Java runtime of version 17 or newer; PartMissing says what to install."""
    home = os.environ.get("JAVA_HOME", "")
    path = f"{home}/bin/java" if home and Path(home, "bin", "java").exists() else ""
    path = path or program("java", "Kafka needs Java 17 (Debian: apt-get install openjdk-17-jre-headless)")
    told = subprocess.run([path, "-version"], capture_output=True, text=True, check=True).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < JAVA_OLDEST:
        raise PartMissing(f'Kafka needs Java {JAVA_OLDEST} or newer, "{path}" says {told.splitlines()[0]!r}')
    return path


def jars() -> Path:
    """The folder of jars for the pom as it stands; fetches them when they are not there yet.

    Raises PartMissing without Maven, PartFailed when Maven cannot fetch.
    """
    CACHE.mkdir(exist_ok=True)
    edition = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    folder = CACHE / f"kafka-{edition}"
    with (CACHE / "kafka.lock").open("w") as lock:
        # Two test runs may want it at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    maven = program("mvn", "the Kafka jars are fetched with it (Debian: apt-get install maven)")
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    log = CACHE / "maven.log"
    # --strict-checksums: a damaged download must fail here, not at run time.
    command = [
        maven,
        "--batch-mode",
        "--strict-checksums",
        "--file",
        str(POM),
        "dependency:copy-dependencies",
    ]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={partial}"]
    with log.open("wb") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, timeout=900, check=False)
    if done.returncode != 0:
        raise PartFailed(f"Maven could not fetch Kafka's jars: {tail(log)}")
    partial.rename(folder)
