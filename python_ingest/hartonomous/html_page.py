"""Pages that are one file: data packed into them, no address in them, whole or not there at all."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from .errors import InputError


def check_output(output: str | os.PathLike[str]) -> Path:
    """The path of the page to write.

    Raises:
        InputError: not named as a page, or in a folder that is missing.
    """
    path = Path(output)
    # A slip such as `--output my.duckdb` must not replace a database.
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--output takes a file NAME.html; it got {str(output)!r}")
    path = path.absolute()
    if path.is_dir():
        raise InputError(f"--output: {path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise InputError(
            f"--output: there is no folder {path.parent}; make it, or name a file elsewhere"
        )
    return path


def save(path: Path, page: bytes) -> int:
    """Write a page beside its place and move it there, so that no reader meets half of it.

    Returns the bytes written.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    unfinished = None
    try:
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".page-", suffix=".html")
        with os.fdopen(handle, "wb") as file:
            file.write(page)
        # mkstemp makes a file for its owner alone; a page has the mode of any new file.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(unfinished, 0o666 & ~mask)
        os.replace(unfinished, path)
    except OSError as error:
        raise InputError(
            f"--output: {path} cannot be written ({error.strerror or error}); name a file in a "
            "folder that you may write to"
        ) from error
    finally:
        if unfinished is not None and os.path.exists(unfinished):
            os.unlink(unfinished)
    return len(page)


def policy(script: str, style: str) -> str:
    """The Content-Security-Policy of a page: only its script and style run, nothing is fetched.

    Should a text ever become markup, it would still be dead markup.
    """
    return f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'"


def data(value: Any) -> str:
    """JSON that no text can leave: without ``<`` there is no end tag and no comment in it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def encoded(text: str) -> bytes:
    """The page's bytes."""
    # JSON metadata may hold half of a surrogate pair, which UTF-8 has no bytes for.
    return text.encode("utf-8", errors="replace")


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def source(package: str, name: str) -> str:
    """A file of the package's folder ``page``."""
    # A checkout may have other line ends, which browsers turn to \n before they hash.
    return (files(package) / "page" / name).read_text("utf-8").replace("\r\n", "\n")
