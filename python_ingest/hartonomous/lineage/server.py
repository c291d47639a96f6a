"""A graph server beside a database: ArcadeDB from its wheel, which speaks Bolt to Neo4j's driver.

It runs as a process of its own (:mod:`.server_process`), listens on loopback alone, and keeps its
data in the database's folder ``NAME.graph/``. Whether it runs is said by a lock that the process
holds for as long as it lives: no process id can deceive.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import secrets
import select
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

from filelock import FileLock, Timeout

from ..database import Database
from ..errors import HartonomousError, InputError, MissingExtraError
from .target import LOCAL_DATABASE, Target

USER = "root"
MEMORY = "1g"
_PROCESS = "hartonomous.lineage.server_process"
_STARTS_WITHIN = 120.0
_STOPS_WITHIN = 60.0


class GraphServerError(HartonomousError):
    """The graph server did not start or stop."""


@dataclass(frozen=True)
class ServerStatus:
    """What is known of the server: its address where it runs."""

    running: bool
    folder: str
    uri: str | None = None
    database: str = LOCAL_DATABASE
    pid: int | None = None
    started_at: str | None = None
    memory: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As plain data; there is no secret in it."""
        return asdict(self)


@dataclass(frozen=True)
class Files:
    """Where a server keeps what is its own."""

    folder: Path

    @property
    def password(self) -> Path:
        """Readable by its owner alone."""
        return self.folder / "password"

    @property
    def state(self) -> Path:
        """Address and process id of the server that runs."""
        return self.folder / "server.json"

    @property
    def alive(self) -> Path:
        """Locked by the server for as long as it lives."""
        return self.folder / ".alive"

    @property
    def log(self) -> Path:
        """What the server and its JVM print."""
        return self.folder / "server.log"

    @property
    def root(self) -> Path:
        """ArcadeDB's own files."""
        return self.folder / "arcadedb"

    def make(self) -> None:
        """Make the folder, for its owner alone."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        except OSError as error:
            raise InputError(f"{self.folder} cannot be made: {error.strerror}") from error

    def read_password(self) -> str:
        """The server's password."""
        try:
            return self.password.read_text().strip()
        except OSError as error:
            raise InputError(
                f"{self.password} cannot be read ({error.strerror}): `hartonomous graph stop`, "
                "then `start` makes a new one"
            ) from error

    def running(self) -> bool:
        """Whether a server lives here."""
        try:
            with self.alive.open("rb") as lock:
                return _is_locked(lock)
        except FileNotFoundError:
            return False


def _is_locked(lock: IO[bytes]) -> bool:
    if fcntl is None:
        try:
            FileLock(lock.name).acquire(timeout=0).lock.release()
        except Timeout:
            return True
        return False
    try:
        # Shared, so that two who ask at a time do not take each other for the server.
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def files(database: Database) -> Files:
    """The files of a database's server."""
    return Files(database.landed.with_suffix(".graph"))


def status(database: Database) -> ServerStatus:
    """Whether the server runs, and where."""
    of = files(database)
    if not of.running():
        return ServerStatus(running=False, folder=str(of.folder))
    try:
        state = json.loads(of.state.read_text())
        return ServerStatus(
            running=True,
            folder=str(of.folder),
            uri=f"bolt://127.0.0.1:{int(state['port'])}",
            pid=int(state["pid"]),
            started_at=str(state["started_at"]),
            memory=str(state["memory"]),
        )
    except (OSError, ValueError, KeyError, TypeError):  # it is just starting, or stopping
        return ServerStatus(running=True, folder=str(of.folder))


def running_target(database: Database) -> Target | None:
    """How to connect to the server, where it runs."""
    found = status(database)
    if not found.running or found.uri is None:
        return None
    password = files(database).read_password()
    return Target(found.uri, USER, password, found.database, local=True)


def start(database: Database, *, memory: str = MEMORY) -> ServerStatus:
    """Start the server, and wait until it answers; one that runs already is left as it is.

    Args:
        database: beside which it keeps its data.
        memory: of the JVM's heap, such as ``1g`` or ``512m``.

    Raises:
        MissingExtraError: ArcadeDB is not installed.
        InputError: no such amount of memory.
        GraphServerError: it did not start; the message says why.
    """
    if not re.fullmatch(r"[1-9][0-9]{0,5}[mg]", memory):
        raise InputError(f"--memory takes an amount such as 512m or 2g; it got {memory!r}")
    if importlib.util.find_spec("arcadedb_embedded") is None:
        raise MissingExtraError("the embedded graph server", "graph", "arcadedb-embedded")
    database.require_landed()
    of = files(database)
    of.make()
    with FileLock(of.folder / ".starting"):  # two at a time: the second finds the first's server
        found = status(database)
        if found.running and found.uri is not None:
            return found
        if found.running:
            raise GraphServerError(f"the graph server in {of.folder} is just stopping: try again")
        of.state.unlink(missing_ok=True)
        _ensure_password(of)
        _launch(of, memory)
        return status(database)


def _ensure_password(of: Files) -> None:
    if of.password.exists() and of.password.stat().st_size:
        of.password.chmod(0o600)
        return
    of.password.unlink(missing_ok=True)
    # ArcadeDB takes a password for its first start only: the users that it knows go with the old.
    for known in (of.root / "config").glob("server-users.json*"):
        known.unlink()
    descriptor = os.open(of.password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32))


def _launch(of: Files, memory: str) -> None:
    reads, writes = os.pipe()
    try:
        with of.log.open("wb") as log:
            os.chmod(of.log, 0o600)
            process = subprocess.Popen(
                [sys.executable, "-m", _PROCESS, str(of.folder), memory, str(writes)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=of.folder,
                env=_environment(),
                pass_fds=[writes],
                start_new_session=True,  # it outlives this command and its terminal
            )
        os.close(writes)
        writes = -1
        with os.fdopen(reads, "rb") as pipe:
            reads = -1
            told = _told(pipe, process)
    finally:
        for descriptor in (reads, writes):
            if descriptor >= 0:
                os.close(descriptor)
    if told != b"ready":
        _end(process)
        raise GraphServerError(f"the graph server did not start: {_why(of)}")


def _environment() -> dict[str, str]:
    """This process's, with the folders it imports from: the child imports the same package."""
    package = str(Path(__file__).parents[2])
    paths = [package, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def _told(pipe: IO[bytes], process: subprocess.Popen[bytes]) -> bytes:
    """What the server says when it is ready; nothing where it ended, or took too long."""
    readable, _, _ = select.select([pipe], [], [], _STARTS_WITHIN)
    return pipe.readline().strip() if readable else b""


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _why(of: Files) -> str:
    """The end of the log, without the password should anything have printed it."""
    try:
        lines = of.log.read_text(errors="replace").strip().splitlines()
        password = of.read_password()
    except (OSError, InputError):
        return f"see {of.log}"
    told = [line for line in lines if "Error" in line or "Exception" in line or "SEVER" in line]
    text = " ".join((told or lines)[-1:]).strip() or "it ended without a word"
    return f"{text.replace(password, '***')[:500]} (all of it: {of.log})"


def stop(database: Database) -> ServerStatus:
    """Stop the server by its process id, and wait until it is gone; harmless where none runs.

    Raises:
        GraphServerError: it does not end.
    """
    of = files(database)
    deadline = time.monotonic() + _STOPS_WITHIN
    pid: int | None = None
    while of.running() or (pid is not None and _lives(pid)):
        if pid is None and (pid := status(database).pid) is not None:
            # The lock says that this process lives: its id is not another's.
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
            except PermissionError as error:
                raise InputError(f"the graph server {pid} belongs to another user") from error
        if time.monotonic() > deadline:
            raise GraphServerError(f"the graph server in {of.folder} did not stop: see {of.log}")
        time.sleep(0.05)
    of.state.unlink(missing_ok=True)
    return status(database)


def _lives(pid: int) -> bool:
    """Whether a process is still there; one that this process started is laid to rest."""
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
