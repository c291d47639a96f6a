"""T-SQL's functions of texts and of rows from a value, in DuckDB's words (see tsql_on_duckdb).

A text of SQL Server is a sequence of UTF-16 units, and in a binary collation its functions count
them. Here it is a text in which each half of a surrogate pair is a character of its own, out of
U+10D800 to U+10DFFF: :func:`units` and :func:`from_units`. (Characters that stand there are halves
themselves then.) Comparing does not pad with spaces as the server's does.
"""

from __future__ import annotations

import re
from collections.abc import Callable

HALVES = 0x100000
"""What is added to half of a surrogate pair."""

MACROS = [
    f"""unicode_unit(x) as case
        when x <> '' and unicode(x) >= {HALVES + 0xD800} then unicode(x) - {HALVES}
        when x <> '' then unicode(x)
    end""",
    f"""nchar_unit(n) as
        chr(cast(case when n between 55296 and 57343 then n + {HALVES} else n end as integer))""",
    # What stands before the beginning counts: substring('abc', 0, 2) is 'a'.
    """substring_units(x, first, length) as case
        when length < 0 then error('Msg 537: a negative length')
        when first < 1 then substring(x, 1, greatest(0, cast(length + first - 1 as bigint)))
        else substring(x, cast(first as bigint), cast(length as bigint))
    end""",
    "datalength(x) as 2 * length(x)",
    "charindex(found, x) as strpos(x, found)",
]

_NAMES = [
    (r"\bcollate Latin1_General_BIN2\b", ""),
    (r"' \+ (?=text\b|plain\.text\b|left\()", "' || "),
    (r"\+ (?=nchar\(|substring\()", "|| "),
    (r"\bend\s+\+ ", "end || "),
    (r"\bunicode\(", "unicode_unit("),
    (r"\bnchar\(", "nchar_unit("),
    (r"\bsubstring\(", "substring_units("),
    (r"\bjson_value\(", "json_extract_string("),
    (r"\bidentity\(0, 1\)", "default nextval('identities')"),
]


def units(text: str) -> str:
    """A text as a sequence of UTF-16 units."""
    return "".join(
        character
        if ord(character) < 0x10000
        else "".join(
            chr(HALVES + int.from_bytes(half, "big"))
            for half in (lambda pair: (pair[:2], pair[2:]))(character.encode("utf-16-be"))
        )
        for character in text
    )


def from_units(text: str) -> str:
    """The text of such a sequence; half of a pair alone is left as it is."""
    encoded = b"".join(
        (ord(character) - HALVES if ord(character) >= HALVES else ord(character)).to_bytes(2, "big")
        for character in text
    )
    return encoded.decode("utf-16-be", "surrogatepass")


def translate_texts(sql: str) -> str:
    """The part of translate() that is about texts."""
    for name, rewrite in _CALLS.items():
        sql = _calls(sql, name, rewrite)
    for pattern, replacement in _NAMES:
        sql = re.sub(pattern, replacement, sql)
    sql = re.sub(r"\bas (?:binary\(16\)|char\(1\))", "as varchar", sql)
    sql = re.sub(r" (?:binary\(16\)|char\(1\)) (?=not null)", " varchar ", sql)
    return _outer_apply(sql)


def arguments(text: str) -> list[str]:
    """The arguments of a call, cut at the commas that stand in no parentheses."""
    depth, quoted, found = 0, False, [""]
    for character in text:
        quoted ^= character == "'"
        if not quoted:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if character == "," and depth == 0:
                found.append("")
                continue
        found[-1] += character
    return [argument.strip() for argument in found]


def _series(first: str, last: str, step: str) -> str:
    assert step == "1", step
    return f"(select unnest(range(cast({first} as bigint), cast({last} as bigint) + 1)) as value)"


def _split(text: str, separator: str, with_ordinal: str) -> str:
    assert with_ordinal == "1", with_ordinal
    parts = f"str_split({text}, {separator})"
    return f"(select unnest({parts}) as value, generate_subscripts({parts}, 1) as ordinal)"


def _md5(algorithm: str, text: str) -> str:
    assert algorithm == "'MD5'", algorithm
    return f"md5({text})"


def _convert(kind: str, value: str, style: str) -> str:
    if style != "2":
        return f"convert({kind}, {value}, {style})"
    if byte := re.fullmatch(r"cast\((.*) as binary\(1\)\)", value, re.DOTALL):
        return f"printf('%02X', {byte[1]})"
    return f"('0x' || {value})"


def _pairs(json: str, path: str) -> str:
    """OPENJSON over a list of pairs of numbers, WITH (... '$[0]', ... '$[1]')."""
    return (
        "(select pair[1] as first_codepoint, pair[2] as last_codepoint from (select "
        f"unnest(from_json(json_extract({json}, {path}), '[[\"INTEGER\"]]')) as pair))"
    )


_CALLS: dict[str, Callable[..., str]] = {
    "generate_series": _series,
    "string_split": _split,
    "hashbytes": _md5,
    "convert": _convert,
}


def _calls(sql: str, name: str, rewrite: Callable[..., str]) -> str:
    at = 0
    while match := re.compile(rf"\b{name}\(").search(sql, at):
        end = closing(sql, match.end() - 1)
        new = rewrite(*arguments(sql[match.end() : end]))
        sql = sql[: match.start()] + new + sql[end + 1 :]
        at = match.start() + 1
    return sql


def closing(sql: str, opening: int) -> int:
    """Where the parenthesis that opens at `opening` is closed."""
    depth = 0
    for at in range(opening, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[at], 0)
        if depth == 0:
            return at
    raise AssertionError(f"no closing parenthesis in {sql[opening:]}")


def _outer_apply(sql: str) -> str:
    while match := re.search(r"\bouter apply (?=\()", sql):
        end = closing(sql, match.end())
        name = re.compile(r"\)\s+as\s+(\w+)").match(sql, end)
        assert name, sql[end : end + 80]
        inner = sql[match.end() : end]
        sql = (
            f"{sql[: match.start()]}left join lateral {inner}) as {name[1]} on true"
            + (sql[name.end() :])
        )
    return sql


def open_pairs(sql: str) -> str:
    """OPENJSON with a path and a WITH clause: pairs of numbers."""
    pattern = re.compile(r"openjson\(([\w.]+), ('[^']*')\) with \([^)]*\)")
    return pattern.sub(lambda match: _pairs(match[1], match[2]), sql)
