"""What dbt is told about a run beside its own metadata: it stands in its artifacts from then on."""

from __future__ import annotations

import subprocess
from pathlib import Path

from . import __version__

PREFIX = "DBT_ENV_CUSTOM_ENV_"
"""dbt writes the variables that begin so into ``metadata.env`` of its artifacts."""
VERSION, COMMIT = "HARTONOMOUS_VERSION", "GIT_COMMIT"


def run_metadata(project: Path) -> dict[str, str]:
    """Environment variables of dbt: the package's version, and the project's commit if it has one.

    A commit with changes on top ends in ``+``.
    """
    found = {PREFIX + VERSION: __version__}
    commit = _git(project, "rev-parse", "HEAD")
    if commit:
        changed = _git(project, "status", "--porcelain", "--untracked-files=no")
        found[PREFIX + COMMIT] = commit + ("+" if changed else "")
    return found


def _git(folder: Path, *arguments: str) -> str:
    """What git prints; empty where there is no git or no repository."""
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=20,
            stdin=subprocess.DEVNULL,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
