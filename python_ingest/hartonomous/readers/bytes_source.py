"""Where the bytes of a tensor stand: a range of a file, or a value inside a parsed file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import InputError


class ByteReader(Protocol):
    """An open source of bytes."""

    def read_into(self, offset: int, target: memoryview) -> None:
        """Fill ``target`` with the bytes from ``offset`` on.

        Raises:
            InputError: the source ends before ``target`` is full.
        """


class ByteSource(Protocol):
    """A source of bytes that several threads may open at once."""

    @contextmanager
    def open(self) -> Iterator[ByteReader]:
        """Open it for one thread."""

    def assert_unchanged(self) -> None:
        """Raise InputError when the bytes may differ from those that were checked first."""


class _FileReader:
    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def read_into(self, offset: int, target: memoryview) -> None:
        # Plain reads into the caller's buffer, not a memory map: mapped pages count as resident
        # memory, so a model would seem to take its whole size.
        done = 0
        while done < len(target):
            try:
                got = os.preadv(self._descriptor, [target[done:]], offset + done)
            except OSError as error:
                raise InputError(f"{self._path} cannot be read: {error.strerror}") from error
            if got == 0:
                raise InputError(
                    f"{self._path} ends at byte {offset + done:,}, where {len(target) - done:,} "
                    "more were expected: it was cut short, fetch or copy it again"
                )
            done += got


@dataclass(frozen=True)
class FileSource:
    """A regular file, as it was when it was first looked at."""

    path: Path
    size: int
    modified_ns: int

    @classmethod
    def at(cls, path: Path) -> FileSource:
        """Look at a file.

        Raises:
            InputError: it is missing, not a regular file, or not readable.
        """
        try:
            status = path.stat()
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        if not path.is_file():
            raise InputError(f"{path} is not a regular file")
        return cls(path, status.st_size, status.st_mtime_ns)

    @contextmanager
    def open(self) -> Iterator[ByteReader]:
        """Open it for one thread."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except OSError as error:
            raise InputError(f"{self.path} cannot be read: {error.strerror}") from error
        try:
            yield _FileReader(self.path, descriptor)
        finally:
            os.close(descriptor)

    def assert_unchanged(self) -> None:
        """Raise InputError when size or time of modification differ from the first look."""
        now = FileSource.at(self.path)
        if now != self:
            raise InputError(
                f"{self.path} changed while it was being landed: wait until whatever writes it "
                "is done, then land it again"
            )


class _MemoryReader:
    def __init__(self, data: bytes, name: str) -> None:
        self._view = memoryview(data)
        self._name = name

    def read_into(self, offset: int, target: memoryview) -> None:
        if offset + len(target) > len(self._view):
            raise InputError(
                f"{self._name} holds {len(self._view):,} bytes, where {offset + len(target):,} "
                "were expected"
            )
        target[:] = self._view[offset : offset + len(target)]


@dataclass(frozen=True)
class MemorySource:
    """Bytes inside a parsed file, fetched anew each time so that only one value is held."""

    name: str
    fetch: Callable[[], bytes]

    @contextmanager
    def open(self) -> Iterator[ByteReader]:
        """Fetch the bytes and hold them while open."""
        yield _MemoryReader(self.fetch(), self.name)

    def assert_unchanged(self) -> None:
        """Nothing: what was parsed cannot change."""
