"""What dbt compiles of a project for SQL Server, by a script that runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hartonomous.rehearsal import _environment


def compiled_models(script: str, source: Path, project: Path, folder: Path) -> dict[str, str]:
    """The SQL of each model by its name.

    ``script`` takes ``source``, the project, the folder with profiles.yml, and the one to write to:
    dbt's adapters keep state, so that it is not imported.
    """
    done = subprocess.run(
        [sys.executable, script, *map(str, (source, project, folder, folder / "out"))],
        env=_environment(folder / "profiles.yml"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    compiled = folder / "out" / "dbt_sqlserver" / "compiled" / "hartonomous" / "models"
    return {path.stem: path.read_text() for path in compiled.rglob("*.sql")}


def raise_failures(result) -> None:
    """End a compiling script where dbt's result says that something did not compile."""
    if result.exception is not None:
        raise result.exception
    if not result.success:
        raise SystemExit("\n".join(str(run.message) for run in result.result.results))
