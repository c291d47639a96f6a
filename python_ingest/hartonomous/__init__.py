"""Hartonomous: the database is the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Hartonomous", "__version__"]

if TYPE_CHECKING:
    from .api import Hartonomous


def __getattr__(name: str) -> Any:
    # The class brings in DuckDB; who only asks for the version does not wait for it.
    if name == "Hartonomous":
        from .api import Hartonomous

        return Hartonomous
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
