"""What can be said of a file before it is read: that it is one, its name, its content's hash."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError

_BLOCK_BYTES = 1 << 20

MAX_NAME_CHARACTERS = 200
"""Longest name of a collection: names stand in keys, which SQL Server limits to 900 bytes."""


@dataclass(frozen=True)
class SourceFile:
    """A file as it was when landing began: absolute path, SHA-256 (hex) and size in bytes."""

    path: str
    sha256: str
    bytes: int


def require_file(path: str | os.PathLike[str], expected: str) -> Path:
    """The path as a readable, non-empty regular file.

    ``expected`` names what was wanted, for the message of the InputError that is raised for a
    path that is missing, a folder, a device, empty or not readable.
    """
    file = Path(path)
    try:
        if not file.exists():
            raise InputError(f"{file} does not exist: give the path of {expected}")
        if file.is_dir():
            raise InputError(f"{file} is a folder: give the path of {expected}")
        if not file.is_file():
            raise InputError(f"{file} is not a regular file: give the path of {expected}")
        if file.stat().st_size == 0:
            raise InputError(f"{file} is empty: nothing to land")
        with file.open("rb"):
            pass
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        raise InputError(f"{file} cannot be read: {error}") from error
    return file


def describe_file(path: Path) -> SourceFile:
    """Hash a file in blocks of 1 MiB; never holds more of it in memory."""
    digest = hashlib.sha256()
    size = 0
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    return SourceFile(os.path.abspath(path), digest.hexdigest(), size)


def collection_name(path: Path, name: str | None) -> str:
    """The name given, else the file's stem; InputError where it is empty or too long."""
    chosen = path.stem if name is None else name
    if not chosen.strip():
        raise InputError("the name of a collection is empty: give one with --name")
    if len(chosen) > MAX_NAME_CHARACTERS:
        raise InputError(
            f"the name of a collection has {len(chosen)} characters, at most "
            f"{MAX_NAME_CHARACTERS} fit: give a shorter one with --name"
        )
    try:
        chosen.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"the name {chosen!a} is not valid Unicode: give another with --name"
        ) from error
    return chosen
