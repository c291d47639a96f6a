"""A file that is written beside its place, and takes it when it is whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

from ..errors import InputError


class NewFile:
    """A text file; until it is finished, what stood there before stays."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._beside = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._out: TextIO | None = self._beside.open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror or error}") from error

    def write(self, text: str) -> None:
        """Add to it."""
        assert self._out is not None
        try:
            self._out.write(text)
        except OSError as error:
            raise InputError(f"{self.path} cannot be written: {error.strerror or error}") from error

    def finish(self) -> None:
        """Put it in its place."""
        assert self._out is not None
        self._out.close()
        self._out = None
        self._beside.replace(self.path)

    def close(self) -> None:
        """Throw away what was not finished."""
        if self._out is not None:
            self._out.close()
            self._out = None
            self._beside.unlink(missing_ok=True)
