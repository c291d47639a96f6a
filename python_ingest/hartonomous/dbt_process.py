"""dbt as a child process: its events come back as they happen, its state dies with it.

In one process dbt keeps adapters, environment and, on DuckDB, the database itself open; a search
after a build could not open the file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class DbtOutcome:
    """What dbt ended with: exit code, nodes built, tests passed, and what failed, in words."""

    returncode: int = 0
    built: int = 0
    passed: int = 0
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def run_dbt(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    on_node: Callable[[int, int], None] | None = None,
    verbose: bool = False,
) -> DbtOutcome:
    """Run dbt with arguments, added to this process's environment.

    Args:
        on_node: called with (number, total) whenever a node or test is done.
        verbose: let dbt print its own log to stderr instead of reading its events.
    """
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()"]
    if not verbose:
        command += ["--log-format", "json", "--log-level", "info"]
    process = subprocess.Popen(
        [*command, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr if verbose else subprocess.PIPE,
        stderr=None if verbose else subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    outcome = DbtOutcome()
    try:
        for line in process.stdout or ():
            _read_event(line, outcome, on_node)
        outcome.returncode = process.wait()
    finally:
        if process.poll() is None:  # interrupted: dbt must not go on writing
            process.terminate()
            process.wait()
    return outcome


def _read_event(line: str, outcome: DbtOutcome, on_node: Callable[[int, int], None] | None) -> None:
    try:
        event: dict[str, Any] = json.loads(line)
    except ValueError:
        outcome.errors.append(line.strip())  # a traceback, or a library that prints
        return
    info, data = event.get("info", {}), event.get("data", {})
    name, status = info.get("name"), str(data.get("status", "")).lower()
    if name in ("LogModelResult", "LogTestResult", "LogSeedResult"):
        if status == "ok" or name == "LogSeedResult":
            outcome.built += 1
        elif status == "pass":
            outcome.passed += 1
        if on_node is not None:
            on_node(int(data.get("index") or 0), int(data.get("total") or 0))
    elif name == "RunResultFailure":
        outcome.failures.append(str(data.get("node_name", "")))
    elif name == "RunResultError" and outcome.failures:
        outcome.failures[-1] += ": " + " ".join(str(data.get("msg", "")).split())
    elif info.get("level") == "error":
        outcome.errors.append(str(info.get("msg", "")).strip())
