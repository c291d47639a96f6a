"""Sets of code points as ranges, and ranges as character classes of a regular expression."""

from __future__ import annotations

from collections.abc import Iterable

PAGE = 256
"""Code points of a page. Landed ranges end at a page's end, so that a code point finds its range by
its page, a join of equal values, and not by comparing it with every range."""


def ranges(codepoints: Iterable[int]) -> list[tuple[int, int]]:
    """(first, last) of each run of consecutive code points, in order."""
    found: list[tuple[int, int]] = []
    for codepoint in sorted(set(codepoints)):
        if found and found[-1][1] == codepoint - 1:
            found[-1] = (found[-1][0], codepoint)
        else:
            found.append((codepoint, codepoint))
    return found


def class_body(codepoints: Iterable[int]) -> str:
    """What stands between the brackets of a character class (RE2, also Python's `re`)."""
    return "".join(
        _escaped(first) if first == last else f"{_escaped(first)}-{_escaped(last)}"
        for first, last in ranges(codepoints)
    )


def _escaped(codepoint: int) -> str:
    """Printable ASCII as it is, but for what means something in a class; the rest by number."""
    if 0x20 <= codepoint < 0x7F and chr(codepoint) not in "\\]^-[":
        return chr(codepoint)
    return f"\\x{codepoint:02X}" if codepoint < 0x80 else f"\\x{{{codepoint:X}}}"
