"""Puts the T-SQL checker over recorded statements.

The checker (ScriptDom's grammar, DacFx's database model and rules, without a server) is a tool of
the workshop and no part of the product: TSQLCHECK names it, else it is looked for beside the
project and on PATH, else nothing is checked.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import HartonomousError, InputError
from .catalog import DATABASE

GRAMMARS = {"sqlserver": ("sql2025", "azure"), "fabric": ("fabric-dw",)}
"""The checker's grammars for each dbt target."""

_FINDING = re.compile(r"^(?P<place>.*?:\d+:\d+): (?P<severity>error|warning) ", re.MULTILINE)


@dataclass
class Report:
    """What the checker found in one file read by one grammar."""

    path: Path
    grammar: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def find_checker(project: Path) -> Path | None:
    """The checker, or None where there is none.

    Raises InputError when TSQLCHECK names something that is not there.
    """
    named = os.environ.get("TSQLCHECK")
    if named:
        path = Path(named)
        if not path.is_file():
            raise InputError(f"TSQLCHECK names {named}, which is no file: correct or unset it")
        return path
    beside = project.resolve().parent / "shared" / "tsql" / "tsqlcheck"
    if beside.is_file():
        return beside
    found = shutil.which("tsqlcheck")
    return Path(found) if found else None


def check(checker: Path, path: Path, grammar: str, context: Path | None = None) -> Report:
    """Read one recording by one grammar, after the statements of ``context``."""
    command = [str(checker), "--target", grammar, "--database", DATABASE]
    if context is not None:
        command += ["--context", str(context)]
    run = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise HartonomousError(
            f"{checker} could not read {path} (exit code {run.returncode}): "
            f"{(run.stderr or run.stdout).strip()}"
        )
    report = Report(path, grammar)
    for line in run.stdout.splitlines():
        match = _FINDING.match(line)
        if match:
            (report.errors if match["severity"] == "error" else report.warnings).append(line)
    if run.returncode == 1 and not report.errors:
        raise HartonomousError(f"{checker} reports an error in {path}: {run.stdout.strip()}")
    return report


def check_target(checker: Path, target: str, out: Path) -> list[Report]:
    """Read a target's recordings, those that are there, by each of its grammars."""
    first, incremental = out / f"{target}.sql", out / f"{target}_incremental.sql"
    calls = []
    for grammar in GRAMMARS[target]:
        calls += [(checker, first, grammar, None), (checker, incremental, grammar, first)]
    calls = [call for call in calls if call[1].is_file()]
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda call: check(*call), calls))
