"""``python -m hartonomous.rehearsal.style``: sqlfluff over the models and over their T-SQL.

Models are compiled by dbt for DuckDB, over landing tables that are empty. Their T-SQL is what the
rehearsal compiled (``target/tsql``, after ``make tsql``); there the rules of layout are left
out, since its white space is Jinja's, and so is what sqlfluff's grammar does not know of SQL
Server 2025: whether a server would read it is the checker's to say.

Exit codes: 0 in style, 1 not, 2 the caller's mistake.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..errors import HartonomousError, MissingExtraError
from ..landing.duckdb_sink import DuckDBSink
from . import TARGETS

_COMPILED_RULES = ("capitalisation", "aliasing", "ambiguous", "structure")


def lint_models(project: Path, paths: list[str]) -> int:
    """Lint models as dbt compiles them for DuckDB; returns sqlfluff's exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copyfile(project / "profiles.yml.example", folder / "profiles.yml")
        sink = DuckDBSink(folder / "empty.duckdb")
        sink.ensure_schema()
        sink.close()
        environment = os.environ | {
            "DBT_PROFILES_DIR": str(folder),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "HARTONOMOUS_DATABASE": str(folder / "empty.duckdb"),
            "HARTONOMOUS_BUILT": str(folder / "built.duckdb"),
        }
        return _sqlfluff(["lint", *paths], project, environment)


def lint_compiled(project: Path, target: str) -> int | None:
    """Lint the T-SQL that the rehearsal compiled; None where it has not run."""
    compiled = project / "target" / "tsql" / f"dbt_{target}" / "compiled"
    if not compiled.is_dir():
        return None
    with tempfile.TemporaryDirectory() as name:
        # A copy: target/ is ignored, and so would be what stands in it. The folders called *.yml
        # hold generic tests, most of them dbt's own SQL.
        shutil.copytree(compiled, Path(name) / target, ignore=shutil.ignore_patterns("*.yml"))
        call = ["lint", "--config", str(project / ".sqlfluff"), "--dialect", "tsql"]
        call += ["--templater", "raw", "--ignore", "parsing", "--rules", ",".join(_COMPILED_RULES)]
        call.append(target)
        return _sqlfluff(call, Path(name), dict(os.environ))


def _sqlfluff(arguments: list[str], folder: Path, environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "sqlfluff", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def main(arguments: list[str] | None = None) -> int:
    """Command line of the style check."""
    parser = argparse.ArgumentParser(
        prog="python -m hartonomous.rehearsal.style", description=__doc__
    )
    parser.add_argument("paths", nargs="*", default=["models"], help="default: models")
    parser.add_argument("--project-dir", type=Path, default=Path())
    options = parser.parse_args(arguments)
    project = options.project_dir.resolve()
    try:
        if importlib.util.find_spec("sqlfluff") is None:
            raise MissingExtraError("the style of SQL", "dev", "sqlfluff")
        codes = [lint_models(project, options.paths)]
    except HartonomousError as error:
        print(error, file=sys.stderr)
        return 2
    for target in TARGETS:
        code = lint_compiled(project, target)
        if code is None:
            print(f"T-SQL of {target}: not compiled yet (make tsql)")
        else:
            print(f"T-SQL of {target}: {'in style' if code == 0 else 'not in style'}")
            codes.append(code)
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
