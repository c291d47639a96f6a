"""Errors that a person can act on.

Every message names what was wrong, what was found and what to do. The command line turns
:class:`InputError` into exit code 2 (the caller's mistake) and everything else into 1 (ours).
"""

from __future__ import annotations


class HartonomousError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(HartonomousError):
    """The caller gave something that cannot be used: a file, a name, a value."""


class MissingExtraError(InputError):
    """A feature needs an optional dependency that is not installed."""

    def __init__(self, feature: str, extra: str, missing: str) -> None:
        super().__init__(
            f"{feature} needs the package {missing!r}, which is not installed: "
            f"pip install 'hartonomous[{extra}]'"
        )


class DatabaseBusyError(InputError):
    """Another process holds the database file."""
