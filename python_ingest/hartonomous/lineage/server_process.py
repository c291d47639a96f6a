"""The process of the graph server, which server.py starts with its folder, memory and a pipe.

It reads the password from its file (an argument or variable would be seen by others), holds the
lock that says that it lives, and writes ``ready`` to the pipe when it answers.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from .server import Files
from .target import LOCAL_DATABASE

_LOOPBACK = "127.0.0.1"
_ATTEMPTS = 3


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    of, memory, pipe = Files(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
    with FileLock(of.alive, timeout=10):  # who asks whether we live holds it for a moment
        server, port = _started(of, memory)
        stopping = threading.Event()
        # After the JVM, which takes these signals for itself.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        _write_state(of, port, memory)
        os.write(pipe, b"ready\n")
        os.close(pipe)
        try:
            while not stopping.wait(1.0):
                pass
        finally:
            of.state.unlink(missing_ok=True)
            server.stop()


def _started(of: Files, memory: str) -> tuple[Any, int]:
    from arcadedb_embedded.exceptions import ArcadeDBError

    for attempt in range(_ATTEMPTS):
        port = _free_port()
        try:
            return _start(of, memory, port), port
        except ArcadeDBError as error:
            # Another program took the port since it was free.
            if "bind" not in str(error).lower() or attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError


def _start(of: Files, memory: str, port: int) -> Any:
    from arcadedb_embedded.server import ArcadeDBServer

    server = ArcadeDBServer(
        str(of.root),
        of.read_password(),
        {
            "host": _LOOPBACK,
            "http_port": _free_port(),
            "mode": "production",
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "bolt_host": _LOOPBACK,
            "bolt_port": port,
            "bolt_defaultDatabase": LOCAL_DATABASE,
            "server_logsDirectory": str(of.root / "log"),
            "serverMetrics": "false",
            # Nothing leaves this machine, and no query reads its files.
            "support_autoRegister": "false",
            "opencypher_loadCsv_allowFileUrls": "false",
            "opencypher_loadCsv_allowRemoteUrls": "false",
        },
        {
            "heap_size": memory,
            "jvm_args": [
                "-XX:+UseParallelGC",
                "-XX:MaxDirectMemorySize=256m",
                "-XX:MaxMetaspaceSize=256m",
                f"-XX:ErrorFile={of.folder / 'jvm_crash.log'}",
            ],
        },
    )
    server.start()
    try:
        # The server cannot start without its HTTP API, and nothing here needs it.
        server._java_server.getHttpServer().stopService()
        server.create_database(LOCAL_DATABASE)
    except BaseException:
        server.stop()
        raise
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _write_state(of: Files, port: int, memory: str) -> None:
    state = {
        "pid": os.getpid(),
        "port": port,
        "memory": memory,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    beside = of.state.with_suffix(".new")
    beside.write_text(json.dumps(state))
    beside.replace(of.state)


if __name__ == "__main__":
    main()
