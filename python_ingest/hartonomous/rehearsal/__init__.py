"""T-SQL rehearsed without a server.

The landing's DDL and ``dbt build`` run against a connection that only records
(:mod:`~hartonomous.rehearsal.recording`) and answers as an empty database named ``hartonomous``
would (:mod:`~hartonomous.rehearsal.answers`); then once more, finding the tables of the first run
there. What would be sent lies in ``target/tsql/<target>.sql`` and
``target/tsql/<target>_incremental.sql``, batches separated by GO, and is read by Microsoft's own
grammar and database model where that checker is at hand (:mod:`~hartonomous.rehearsal.check`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from .check import Report, check_target, find_checker

TARGETS = ("sqlserver", "fabric")
"""The dbt targets that can be rehearsed."""

_ENVIRONMENT_VARIABLE = re.compile(r"env_var\(\s*['\"](HARTONOMOUS_(?:SQLSERVER|FABRIC)_\w+)['\"]")


@dataclass
class Rehearsal:
    """What a rehearsal recorded, and what went wrong."""

    recordings: dict[Path, int] = field(default_factory=dict)
    """File -> its number of statements (batches)."""
    problems: list[str] = field(default_factory=list)
    """Nodes of dbt that did not succeed."""
    checker: Path | None = None
    reports: list[Report] = field(default_factory=list)


def run(
    project: Path,
    targets: Sequence[str] = TARGETS,
    out: Path | None = None,
    profiles: Path | None = None,
) -> Rehearsal:
    """Rehearse a dbt project for the given targets.

    ``out`` is the folder of the recordings (default ``target/tsql`` in the project), ``profiles``
    the file that holds the profiles (default ``profiles.yml.example`` of the project; no secret
    of the environment is read).

    Raises InputError when the project or its profiles are not there.
    """
    project = project.resolve()
    profiles = (profiles or project / "profiles.yml.example").resolve()
    for needed in (project / "dbt_project.yml", profiles):
        if not needed.is_file():
            raise InputError(f"{needed} is not there: the rehearsal needs a dbt project")
    out = (out or project / "target" / "tsql").resolve()
    out.mkdir(parents=True, exist_ok=True)
    result = Rehearsal(checker=find_checker(project))
    for target, problems in _record(project, profiles, out, targets).items():
        result.problems += problems
        for path in (out / f"{target}.sql", out / f"{target}_incremental.sql"):
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                result.recordings[path] = len(re.findall(r"^GO$", text, re.MULTILINE))
        if result.checker is not None:
            result.reports += check_target(result.checker, target, out)
    return result


def _record(
    project: Path, profiles: Path, out: Path, targets: Sequence[str]
) -> dict[str, list[str]]:
    """Run the targets' workers side by side; returns the problems of each."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(profiles, Path(folder) / "profiles.yml")
        workers = {}
        for target in targets:
            for stale in (out / f"{target}.sql", out / f"{target}_incremental.sql"):
                stale.unlink(missing_ok=True)
            command = [sys.executable, "-m", f"{__name__}.worker", target]
            workers[target] = subprocess.Popen(
                [*command, str(project), folder, str(out)],
                env=_environment(profiles),
                stdout=subprocess.DEVNULL,  # dbt's own words, which its log has too
                stderr=subprocess.PIPE,
                text=True,
            )
        problems: dict[str, list[str]] = {}
        for target, worker in workers.items():
            _, said = worker.communicate()
            problems[target] = []
            if worker.returncode:
                log = out / f"dbt_{target}" / "dbt.log"
                problems[target] = [*filter(str.strip, said.splitlines()), f"see {log}"]
    return problems


def _environment(profiles: Path) -> dict[str, str]:
    """The environment of a worker: every setting of the T-SQL profiles has a harmless value."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DBT_")}
    for name in _ENVIRONMENT_VARIABLE.findall(profiles.read_text(encoding="utf-8")):
        environment.pop(name, None)
    for engine in ("SQLSERVER", "FABRIC"):
        prefix = f"HARTONOMOUS_{engine}"
        environment[f"{prefix}_HOST"] = "rehearsal.invalid"
        environment[f"{prefix}_DATABASE"] = "hartonomous"
        environment[f"{prefix}_USER"] = "rehearsal"
        environment[f"{prefix}_PASSWORD"] = "rehearsal"
    return environment
