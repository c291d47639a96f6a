"""The command line: it parses, calls the library, and turns errors into messages and exit codes.

0 success, 2 the caller's mistake, 1 ours. With ``--json`` stdout is JSON only.
"""

from __future__ import annotations

import logging
import os
import sys

from ..errors import InputError
from .app import app


def main() -> None:
    """Entry point of the ``hartonomous`` command."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        app(standalone_mode=True)
    except InputError as error:
        _complain(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        _complain("stopped; what was complete is kept, and the same command goes on")
        sys.exit(130)
    except BrokenPipeError:  # `hartonomous ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("HARTONOMOUS_DEBUG"):
            raise
        _complain(f"{type(error).__name__}: {error}")
        _complain("This is our mistake, not yours. HARTONOMOUS_DEBUG=1 shows where it happened.")
        sys.exit(1)


def _complain(message: str) -> None:
    print(f"hartonomous: {message}", file=sys.stderr)
