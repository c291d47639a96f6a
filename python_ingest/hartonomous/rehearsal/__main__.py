"""``python -m hartonomous.rehearsal``: record what the T-SQL engines would be sent, and check it.

Exit codes: 0 recorded (and checked, where there is a checker), 1 a node failed or the checker
found an error, 2 the caller's mistake.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..errors import HartonomousError, InputError
from . import TARGETS, Rehearsal, run


def main(arguments: list[str] | None = None) -> int:
    """Command line of the rehearsal."""
    parser = argparse.ArgumentParser(prog="python -m hartonomous.rehearsal", description=__doc__)
    parser.add_argument("--target", choices=TARGETS, action="append", help="default: both")
    parser.add_argument("--project-dir", type=Path, default=Path())
    parser.add_argument(
        "--profiles", type=Path, help="default: profiles.yml.example of the project"
    )
    parser.add_argument("--out", type=Path, help="default: target/tsql in the project")
    options = parser.parse_args(arguments)
    try:
        result = run(options.project_dir, options.target or TARGETS, options.out, options.profiles)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except HartonomousError as error:
        print(error, file=sys.stderr)
        return 1
    return report(result)


def report(result: Rehearsal) -> int:
    """Print what was recorded and found; returns the exit code."""
    for path, statements in result.recordings.items():
        print(f"{path}: {statements:,} statements")
    for line in result.problems:
        print(line, file=sys.stderr)
    if result.checker is None:
        print("not checked: no tsqlcheck (name one by TSQLCHECK)")
        return 1 if result.problems else 0
    for checked in result.reports:
        counts = f"{len(checked.errors)} errors, {len(checked.warnings)} warnings"
        print(f"{checked.path.name} as {checked.grammar}: {counts}")
        for line in (*checked.errors, *checked.warnings):
            print(f"  {line}", file=sys.stderr)
    failed = result.problems or any(checked.errors for checked in result.reports)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
