"""Reads the column names of a SELECT, to answer it as empty tables would.

Not a parser: it finds the outermost select list by masking strings, comments and parentheses,
and knows which expressions still give a row over no rows (aggregates without GROUP BY).
"""

from __future__ import annotations

import re
from typing import Any

_OPAQUE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_AGGREGATE = re.compile(
    r"\b(count|count_big|min|max|sum|avg|stdev|stdevp|var|varp|string_agg|approx_count_distinct)"
    r"\s*\(",
    re.IGNORECASE,
)
_ALIAS = re.compile(r"(?:\bas\s+)?(\[[^\]]+\]|\"[^\"]+\"|[\w$#@]+)\s*\Z", re.IGNORECASE)
_DEFAULT = re.compile(
    r"\A\s*(?:coalesce|isnull)\s*\(.*,\s*('(?:[^']|'')*'|-?\d+(?:\.\d+)?)\s*\)", re.I | re.S
)


def strip_comments(sql: str) -> str:
    """The statement without its comments (dbt puts one with the node's name in front)."""
    return _OPAQUE.sub(lambda m: m.group() if m.group().startswith("'") else " ", sql)


def _mask(sql: str) -> str:
    """The text with strings and everything inside parentheses blanked, positions kept."""
    text = _OPAQUE.sub(lambda m: " " * len(m.group()), sql)
    depth = 0
    out = []
    for character in text:
        if character == ")":
            depth -= 1
        out.append(character if depth == 0 and character not in "()" else " ")
        if character == "(":
            depth += 1
    return "".join(out)


def outer_select(sql: str) -> tuple[list[str], str] | None:
    """Select list and the rest (from FROM on) of the batch's first SELECT that returns rows.

    None where the batch has none: DDL, INSERT ... SELECT, SELECT INTO, SELECT @variable =.
    """
    text = strip_comments(sql)
    masked = _mask(text)
    for start in re.finditer(r"(?i)\bselect\b(?:\s+(?:distinct|top)\b\s*\d*)*", masked):
        statement_start = max(masked.rfind(";", 0, start.start()) + 1, 0)
        before = masked[statement_start : start.start()].strip().lower()
        if before and not re.match(r"(with\b|use\b|set\b|declare\b)", before):
            return None
        end = masked.find(";", start.end())
        end = len(text) if end < 0 else end
        source = re.search(r"(?i)\bfrom\b|\bwhere\b|\bgroup\s+by\b", masked[start.end() : end])
        stop = start.end() + source.start() if source else end
        into = re.search(r"(?i)\binto\b", masked[start.end() : stop])
        if into:
            return None
        items, position = [], start.end()
        for comma in re.finditer(",", masked[start.end() : stop]):
            items.append(text[position : start.end() + comma.start()])
            position = start.end() + comma.start() + 1
        items.append(text[position:stop])
        items = [re.sub(r"(?i)\A\s*\(\s*\d+\s*\)", "", item).strip() for item in items]
        if re.match(r"@\w+\s*[-+*/]?=", items[0]):
            continue  # sets a variable
        return items, text[stop:end]
    return None


def column_name(item: str, position: int) -> str:
    """The name that a select item gives its column."""
    match = _ALIAS.search(item)
    if match is None or item.endswith(")"):
        return f"column_{position}"
    return match.group(1).strip('[]"')


def value_over_nothing(item: str) -> Any:
    """What an aggregate gives over no rows: 0 for a count, a COALESCE's literal, else NULL."""
    default = _DEFAULT.match(item)
    if default is None:
        counts = re.match(r"\s*(cast\s*\(\s*)?count(_big)?\s*\(", item, re.IGNORECASE)
        return 0 if counts else None
    literal = default.group(1)
    if literal.startswith("'"):
        return literal[1:-1].replace("''", "'")
    return float(literal) if "." in literal else int(literal)


def is_aggregate(items: list[str], rest: str) -> bool:
    """Whether the SELECT gives exactly one row over no rows."""
    if re.search(r"(?i)\bgroup\s+by\b", _mask(rest)):
        return False
    return any(
        _AGGREGATE.search(item) and not re.search(r"(?i)\bover\s*\(", item) for item in items
    )
