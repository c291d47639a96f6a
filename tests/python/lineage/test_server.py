"""The embedded server: on loopback alone, with a secret password, and gone when it is stopped."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from lineage_logs import Logged, held

from hartonomous.errors import InputError, MissingExtraError
from hartonomous.lineage import server
from hartonomous.lineage.bolt import BoltTransport, Graph
from hartonomous.lineage.publish import publish
from hartonomous.lineage.target import require


def listeners(pid: int) -> list[str]:
    """Addresses, as the kernel writes them, on which a process listens."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            link = os.readlink(descriptor)
        except FileNotFoundError:  # closed meanwhile
            continue
        if link.startswith("socket:["):
            inodes.add(link[8:-1])
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes and (fields[3] == "0A" or table.startswith("udp")):
                found.append(fields[1])
    return found


LOOPBACK = ("0100007F", "0000000000000000FFFF00000100007F")


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="reads Linux's /proc")
def test_it_listens_on_loopback_alone_and_for_bolt_alone(graph_server):
    pid = server.status(graph_server).pid
    found = listeners(pid)
    assert len(found) == 1, "Bolt, and not the HTTP API"
    address, port = found[0].split(":")
    assert address in LOOPBACK
    port = int(port, 16)
    assert server.status(graph_server).uri == f"bolt://127.0.0.1:{port}"


def test_the_password_is_nowhere_but_in_its_file(graph_server):
    files = server.files(graph_server)
    password = files.read_password()
    assert len(password) >= 32
    assert stat.S_IMODE(files.password.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    pid = server.status(graph_server).pid
    for told in (Path(f"/proc/{pid}/cmdline"), Path(f"/proc/{pid}/environ")):
        assert password.encode() not in told.read_bytes()
    for path in files.folder.rglob("*"):
        if path.is_file() and path != files.password:
            assert password.encode() not in path.read_bytes(), path


def test_starting_what_runs_is_harmless(graph_server):
    before = server.status(graph_server)
    assert server.start(graph_server) == before


def test_a_wrong_password_is_refused(graph_server):
    files = server.files(graph_server)
    kept = files.read_password()
    files.password.write_text("another")
    try:
        with pytest.raises(InputError, match="refuses user and password"):
            Graph(require(graph_server))
    finally:
        files.password.write_text(kept)


def test_stopped_and_started_again_the_graph_is_still_there(logged: Logged):
    """One life of a server: start, stop, what is left of a killed one, start again."""
    database = logged.database
    files = server.files(database)
    try:
        first = server.start(database, memory="512m")
        assert first.running and first.pid is not None
        logged.answer(3)
        transport = BoltTransport(require(database))
        publish(database, transport)
        transport.close()
        os.kill(first.pid, 9)
        while server.status(database).running:
            pass
        assert files.state.exists(), "a killed server leaves what it wrote"
        with pytest.raises(InputError, match="hartonomous graph start"):
            require(database)
        second = server.start(database, memory="512m")
        assert second.pid != first.pid
        with Graph(require(database)) as graph:
            assert held(graph)["Inference"] == 3
    finally:
        stopped = server.stop(database)
    assert not stopped.running and not files.state.exists()
    assert server.stop(database) == stopped, "stopping twice is harmless"
    with pytest.raises(ProcessLookupError):
        os.kill(second.pid, 0)


def test_a_stale_state_file_names_no_server(logged: Logged):
    files = server.files(logged.database)
    files.make()
    # The id of a process that lives, and is not ours.
    files.state.write_text(json.dumps({"pid": os.getpid(), "port": 1, "memory": "1g"}))
    assert not server.status(logged.database).running
    assert not server.stop(logged.database).running


def test_a_start_that_fails_says_why(logged: Logged):
    files = server.files(logged.database)
    files.make()
    files.root.write_text("in the way")
    with pytest.raises(server.GraphServerError, match=r"did not start: .*server\.log"):
        server.start(logged.database, memory="64m")
    assert not server.status(logged.database).running


def test_memory_is_an_amount(logged: Logged):
    with pytest.raises(InputError, match="--memory takes an amount"):
        server.start(logged.database, memory="1g -XX:OnError=x")


def test_a_missing_server_names_its_extra(logged: Logged, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"hartonomous\[graph\]"):
        server.start(logged.database)


def test_no_server_is_started_for_a_database_that_is_not_there(tmp_path):
    from hartonomous.database import Database

    with pytest.raises(InputError, match="there is no database"):
        server.start(Database.locate(tmp_path / "none.duckdb"))


def test_the_command_line(graph_server):
    command = [sys.executable, "-c", "from hartonomous.cli import main; main()", "graph"]

    def run(*arguments: str) -> dict:
        done = subprocess.run(
            [*command, *arguments, "--json", "--database", str(graph_server.landed)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert server.files(graph_server).read_password() not in done.stdout + done.stderr
        return json.loads(done.stdout)

    assert run("status") == run("start") == server.status(graph_server).as_dict()
    port = int(run("status")["uri"].rsplit(":", 1)[1])
    socket.create_connection(("127.0.0.1", port)).close()
