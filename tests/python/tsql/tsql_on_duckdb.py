"""Runs the T-SQL of a procedure's body on DuckDB, as far as the procedures of inference go.

It checks arithmetic and control flow, not grammar (that is the checker's): DECLARE, SET, IF, WHILE,
BREAK and THROW are run here, every other statement is put into DuckDB's words. What T-SQL means and
DuckDB does not is put right: integer division, FLOAT as double, TOP, STRING_AGG ... WITHIN GROUP,
VECTOR and VECTOR_DISTANCE, OPENJSON over arrays, UPDATE and DELETE of an alias, texts as UTF-16
units (tsql_texts_on_duckdb). Primary keys of #temp tables are enforced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import duckdb
from tsql_texts_on_duckdb import MACROS, arguments, closing, open_pairs, translate_texts

_TOKEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\"[^\"]*\"|[@#]?\w+|\s+|.", re.DOTALL)
_STATEMENTS = {"begin", "break", "throw", "insert", "set", "truncate"}
_WORDS = [
    (r"\bN'", "'"),
    (r"\[(\w+)\]", r'"\1"'),
    (r'(?<!")#(\w+)', r'"#\1"'),
    (r"\bvector\((\d+)\)", r"float4[\1]"),
    (r"\bn?varchar\((?:max|\d+)\)", "varchar"),
]
_FUNCTIONS = [
    (r"\bfloat\b", "double"),
    (r"\breal\b", "float4"),
    (r"\bbit\b", "integer"),
    (r"\bcollate database_default\b", ""),
    (r"\btruncate table\b", "delete from"),
    (r"\bcross apply\b", "cross join lateral"),
    (r"\blog\(", "ln("),
    (r"\+ replicate\(", "|| repeat("),
    (r"\+ '\]'", "|| ']'"),
    (r"'\[' \+", "'[' ||"),
    (r"vector_distance\('dot', ", "array_negative_inner_product("),
    (r"convert\(varchar, (.*?), 3\)", r"cast(\1 as varchar)"),
    (
        r"cast\(substring\(hashbytes\('MD5', (.*?)\), 1, 6\) as bigint\)",
        r"cast('0x' || left(md5(\1), 12) as bigint)",
    ),
]


class Thrown(Exception):
    """What THROW raised."""


class _Break(Exception):
    """Out of the innermost WHILE."""


@dataclass
class Procedure:
    """A body, run with the given parameters over a DuckDB connection that holds its tables."""

    connection: duckdb.DuckDBPyConnection
    variables: dict[str, Any] = field(default_factory=dict)
    results: list[list[dict[str, Any]]] = field(default_factory=list)

    def run(self, body: str) -> list[dict[str, Any]]:
        """Run the body; returns the rows of its last result set."""
        self.variables.setdefault("log_inference", 0)  # its statement is the checker's alone
        self.connection.execute("set integer_division = true")
        for macro in ["square(x) as cast(x as double) * x", *MACROS]:
            self.connection.execute(f"create or replace temp macro {macro}")
        self.connection.execute("create sequence if not exists identities minvalue 0 start 0")
        self._tables: list[str] = []
        self._tokens = [t for t in _TOKEN.findall(body) if not t.startswith(("--", "/*"))]
        self._at = 0
        program = self._block("")
        try:
            for statement in program:
                self._run(statement)
        finally:
            for table in self._tables:
                self.connection.execute(f'drop table if exists "{table}"')
        return self.results[-1] if self.results else []

    # -- reading ----------------------------------------------------------------------------------
    def _peek(self) -> str:
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        return self._tokens[self._at].lower() if self._at < len(self._tokens) else ""

    def _until(self, stops: set[str]) -> str:
        depth, text = 0, []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if depth == 0 and token.lower() in stops:
                return "".join(text)
            depth += {"(": 1, ")": -1}.get(token, 0)
            text.append(token)
            self._at += 1
        raise AssertionError(f"no {stops} after {''.join(text)[:200]}")

    def _block(self, end: str) -> list[tuple[Any, ...]]:
        statements = []
        while self._peek() != end:
            statements.append(self._statement())
        return statements

    def _statement(self) -> tuple[Any, ...]:
        word = self._peek()
        self._at += 1
        if word == "begin":
            inner = self._block("end")
            self._at += 1
            if self._peek() == ";":
                self._at += 1
            return ("block", inner)
        if word in ("if", "while"):
            condition = self._until(_STATEMENTS)
            body = self._statement()
            otherwise = None
            if word == "if" and self._peek() == "else":
                self._at += 1
                otherwise = self._statement()
            return (word, condition, body, otherwise)
        rest = self._until({";"})
        self._at += 1
        return (word, rest)

    # -- running ----------------------------------------------------------------------------------
    def _run(self, statement: tuple[Any, ...]) -> None:
        word, *parts = statement
        special = getattr(self, f"_run_{word}", None)
        if special is None:
            self._run_sql(word, *parts)
        else:
            special(*parts)

    def _run_block(self, statements: list[tuple[Any, ...]]) -> None:
        for statement in statements:
            self._run(statement)

    def _run_if(self, condition: str, body: Any, otherwise: Any) -> None:
        if self._holds(condition):
            self._run(body)
        elif otherwise is not None:
            self._run(otherwise)

    def _run_while(self, condition: str, body: Any, _: Any) -> None:
        try:
            while self._holds(condition):
                self._run(body)
        except _Break:
            pass

    def _run_break(self, _: str) -> None:
        raise _Break

    def _run_throw(self, rest: str) -> None:
        raise Thrown(self._value(rest.split(",", 1)[1].rsplit(",", 1)[0]))

    def _run_declare(self, rest: str) -> None:
        match = re.match(r"\s*@(\w+)\s+[\w.]+(?:\([^)]*\))?\s*(?:=(.*))?\Z", rest, re.DOTALL)
        assert match, rest
        assert match[1] not in self.variables, f"@{match[1]} is declared twice"
        self.variables[match[1]] = self._value(match[2]) if match[2] else None

    def _run_set(self, rest: str) -> None:
        match = re.match(r"\s*@(\w+)\s*(\+?)=(.*)\Z", rest, re.DOTALL)
        if match is None:
            return  # set nocount on
        value = self._value(match[3])
        self.variables[match[1]] = self.variables[match[1]] + value if match[2] else value

    def _run_update(self, rest: str) -> None:
        match = re.match(r"\s*(\w+)\s+set\s+(.*?)\s+(from (#\w+) as \1\b.*)\Z", rest, re.DOTALL)
        if match is None:
            return self._run_sql("update", rest)
        alias, changes, source, table = match.groups()
        columns, values = zip(*(c.split("=", 1) for c in arguments(changes)), strict=True)
        selected = ", ".join(f"{value} as new_{n}" for n, value in enumerate(values))
        names = [column.strip().removeprefix(f"{alias}.") for column in columns]
        becomes = ", ".join(f"{name} = found.new_{n}" for n, name in enumerate(names))
        found = f"(select {alias}.rowid as row_number, {selected} {source})"
        self._run_sql(
            "update", f" {table} set {becomes} from {found} as found where rowid = found.row_number"
        )

    def _run_delete(self, rest: str) -> None:
        match = re.match(r"\s*(?!from\b)(\w+)\s+(from (#\w+) as \1\b.*)\Z", rest, re.DOTALL)
        if match is not None:
            alias, source, table = match.groups()
            rest = f" from {table} where rowid in (select {alias}.rowid {source})"
        self._run_sql("delete", rest)

    def _run_select(self, rest: str) -> None:
        into = re.search(r"\binto (#\w+)\s+(?=from\b)", rest)
        if into is not None:
            self._tables.append(into[1])
            rest = f" table {into[1]} as select{rest[: into.start()]}{rest[into.end() :]}"
            return self._run_sql("create temporary", rest)
        names = re.findall(r"(?m)^\s*@(\w+) = ", rest)
        sql = translate("select" + re.sub(r"(?m)^(\s*)@\w+ = ", r"\1", rest), self.variables)
        cursor = self.connection.execute(sql)
        columns = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
        if names:
            for row in rows:
                self.variables.update(zip(names, row, strict=True))
        else:
            self.results.append([dict(zip(columns, row, strict=True)) for row in rows])

    def _run_exec(self, rest: str) -> None:
        name = re.fullmatch(r"\s*sp_executesql @(\w+)\s*", rest)
        assert name, rest
        self.connection.execute(translate(self.variables[name[1]]))

    def _run_create(self, rest: str) -> None:
        self._tables.append(re.match(r"\s*table (#\w+)", rest)[1])
        self._run_sql("create temporary", rest)

    def _run_sql(self, word: str, rest: str) -> None:
        self.connection.execute(translate(word + rest, self.variables))

    def _holds(self, condition: str) -> bool:
        return self._value(f"case when {condition} then 1 else 0 end") == 1

    def _value(self, expression: str) -> Any:
        return self.connection.execute(
            translate(f"select {expression}", self.variables)
        ).fetchone()[0]


def translate(sql: str, variables: dict[str, Any] | None = None) -> str:
    """A statement in DuckDB's words, with the variables' values in their places."""
    values = variables or {}
    for pattern, replacement in _WORDS:
        sql = re.sub(pattern, replacement, sql)
    sql = _openjson(_within_group(open_pairs(sql)))
    for pattern, replacement in _FUNCTIONS:
        sql = re.sub(pattern, replacement, sql)
    sql = translate_texts(sql)
    return re.sub(r"@(\w+)", lambda m: _literal(values[m[1]]), _top(sql))


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, float):
        return f"cast({value!r} as double)"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _within_group(sql: str) -> str:
    marker = ") within group (order by "
    sql = re.sub(r"\)\s+within group \(", ") within group (", sql)
    while marker in sql:
        at = sql.index(marker)
        end = closing(sql, at + len(marker) - len("(order by "))
        sql = sql[:at] + " order by " + sql[at + len(marker) : end] + sql[end:]
    return sql


def _openjson(sql: str) -> str:
    while "openjson(" in sql:
        at = sql.index("openjson(")
        end = closing(sql, at + len("openjson"))
        argument = sql[at + len("openjson(") : end]
        rows = (
            '(select unnest(range(len(entries.list))) as "key", unnest(entries.list) as value '
            f"from (select cast({argument} as varchar[]) as list) as entries)"
        )
        sql = sql[:at] + rows + sql[end + 1 :]
    return sql


def _top(sql: str) -> str:
    while match := re.search(r"\btop \(", sql):
        end = closing(sql, match.end() - 1)
        count = sql[match.end() : end]
        depth, scope = 0, len(sql)
        for at in range(end + 1, len(sql)):
            depth += {"(": 1, ")": -1}.get(sql[at], 0)
            if depth < 0:
                scope = at
                break
        sql = sql[: match.start()] + sql[end + 1 : scope] + f" limit ({count}) " + sql[scope:]
    return sql
