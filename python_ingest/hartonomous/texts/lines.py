"""Lines of a UTF-8 file with their numbers, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError

MAX_LINE_BYTES = 16 << 20
"""Longest line: a file without line ends must not be read into memory whole."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """(line number from 1, line with its end) of a UTF-8 file; a byte-order mark is dropped.

    InputError for bytes that are not UTF-8 (with their offset in the file) and for a line longer
    than :data:`MAX_LINE_BYTES`.
    """
    try:
        with path.open("rb") as stream:
            offset = 0
            number = 0
            while raw := stream.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(raw) > MAX_LINE_BYTES:
                    raise InputError(
                        f"{path}, line {number} is longer than {MAX_LINE_BYTES >> 20} MiB: "
                        "is this a file of lines?"
                    )
                start = len(_BYTE_ORDER_MARK) if raw.startswith(_BYTE_ORDER_MARK) else 0
                if number > 1:
                    start = 0
                try:
                    line = raw[start:].decode("utf-8")
                except UnicodeDecodeError as error:
                    at = offset + start + error.start
                    hint = " (it looks like UTF-16)" if _is_utf16(raw, number) else ""
                    raise InputError(
                        f"{path} is not UTF-8: byte 0x{raw[start + error.start]:02x} at offset "
                        f"{at} (line {number}){hint}; save it as UTF-8"
                    ) from error
                yield number, line
                offset += len(raw)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error}") from error


def _is_utf16(raw: bytes, number: int) -> bool:
    return number == 1 and raw[:2] in (b"\xff\xfe", b"\xfe\xff")
