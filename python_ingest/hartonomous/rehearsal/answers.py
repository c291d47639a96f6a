"""The canned answers: what an empty database named ``hartonomous`` would say.

dbt-sqlserver and dbt-fabric ask the system catalogue before they build. :data:`RULES` holds one
entry a question, tried from top to bottom: add one here when an adapter or a macro asks something
new that an empty result would mislead. What no rule knows is answered as a query over empty
tables: its column names and no rows, or one row of 0 and NULL where it aggregates. The exception
are two models and the training of a space (:mod:`~hartonomous.rehearsal.landed`): what they are
composed into is composed as if they were landed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from dbt_common.events.contextvars import get_node_info

from . import landed
from .catalog import DATABASE, Catalog, Column
from .recording import Answer
from .select_list import (
    column_name,
    is_aggregate,
    outer_select,
    strip_comments,
    value_over_nothing,
)

MAJOR_VERSION = 17
"""SQL Server 2025."""

_CAST = re.compile(
    r"\s*cast\(\s*null\s+as\s+(?P<type>.+)\)\s+as\s+(?P<name>[^\s]+)\s*\Z", re.I | re.S
)


@dataclass
class Question:
    """A batch without its comments, and what has been asked before."""

    sql: str
    match: re.Match[str]
    catalog: Catalog
    book: AnswerBook

    def node_columns(self) -> list[Column]:
        """Declared columns of the dbt node that is being built."""
        return self.catalog.nodes.get((get_node_info() or {}).get("unique_id", ""), [])


@dataclass(frozen=True)
class Rule:
    """A question, recognized by a pattern, and how it is answered."""

    name: str
    pattern: re.Pattern[str]
    answer: Callable[[Question], Answer | None]


def _described(columns: list[Column]) -> Answer:
    """A result set of these columns, all reported as text: see :func:`_schema_query`."""
    return Answer([(column.name, str) for column in columns])


def _test_result(_: Question) -> Answer:
    columns = [("failures", int), ("should_warn", str), ("should_error", str)]
    return Answer(columns, [(0, "false", "false")])


def _schemas(question: Question) -> Answer:
    names = {"dbo", "sys", *(schema for schema, _ in question.catalog.relations)}
    return Answer([("schema", str)], [(name,) for name in sorted(names)])


def _schema_exists(question: Question) -> Answer:
    known = {"dbo", *(schema for schema, _ in question.catalog.relations)}
    return Answer([("schema_exist", int)], [(int(question.match["schema"].lower() in known),)])


def _relations(question: Question) -> Answer:
    wanted = question.match["schema"].lower()
    name = re.search(r"\bt\.name = '([^']+)'", question.sql)
    rows = [
        (DATABASE, question.catalog.spelled.get((schema, identifier), identifier), schema, kind)
        for (schema, identifier), kind in sorted(question.catalog.relations.items())
        if schema == wanted and (name is None or identifier == name.group(1).lower())
    ]
    return Answer([("database", str), ("name", str), ("schema", str), ("table_type", str)], rows)


def _columns(question: Question) -> Answer:
    parts = re.findall(r"[^\".\[\]]+", question.match["relation"])
    schema, name = parts[-2:] if len(parts) > 1 else ("dbo", parts[-1])
    rows = []
    for column in question.catalog.columns_of(schema, name):
        arguments = column.arguments
        decimal_type = column.base in ("decimal", "numeric")
        length = 0 if decimal_type else (arguments[0] if arguments else 0)
        precision, scale = (*arguments, 0, 0)[:2] if decimal_type else (0, 0)
        rows.append((column.name, column.base, length, precision, scale))
    names = ("column_name", "data_type", "character_maximum_length")
    numbers = ("numeric_precision", "numeric_scale")
    return Answer([(n, str) for n in names[:2]] + [(n, int) for n in (*names[2:], *numbers)], rows)


def _describe_query(question: Question) -> Answer:
    question.book.described = question.match["sql"].replace("''", "'").strip()
    names = ("is_hidden", "name", "system_type_name", "error_number", "error_message")
    rows = [
        (False, c.name, "vector" if c.base == "vector" else "nvarchar(200)", None, None)
        for c in question.node_columns()
    ]
    return Answer([(name, str) for name in names], rows)


def _schema_query(question: Question) -> Answer:
    """dbt compares the columns of a model with its contract by two queries over no rows.

    Both are answered with the names of their own select list (the contract's where it cannot be
    read), and text for every type. The one that lists the contract (``cast(null as T) as name``)
    tells its types, which macros may have set at run time. A column of another type is found only
    by a build on an engine.
    """
    select = outer_select(question.match["query"])
    names = [column_name(item, at) for at, item in enumerate(select[0])] if select else []
    declared = [_CAST.match(item) for item in select[0]] if select else []
    if declared and all(declared):
        columns = [Column(m["name"].strip('[]"'), m["type"].strip()) for m in declared if m]
        question.catalog.declare((get_node_info() or {}).get("unique_id", ""), columns)
    if names and not any(name == "*" or name.startswith("column_") for name in names):
        return _described([Column(name, "varchar(8000)") for name in names])
    return _described(question.node_columns())


def _indexes(question: Question) -> Answer:
    schema, name = question.match["relation"].lower().split(".")[-2:]
    names = ("name", "type", "unique", "is_primary_key", "is_unique_constraint", "columns")
    more = ("included_columns", "data_compression", "descending_columns", "where")
    rest = ("fillfactor", "ignore_dup_key")
    more_values = ("", "NONE", "", None, 0, False)
    rows = [
        (row["name"], row["type"], row["unique"], False, False, row["columns"], *more_values)
        for row in question.catalog.indexes.get((schema, name), [])
    ]
    return Answer([(column, str) for column in (*names, *more, *rest)], rows)


def _landed(rows: Callable[[re.Match[str]], list[landed.Row]]) -> Callable[[Question], Answer]:
    """The rows that :mod:`.landed` has, under the names of the question's own select list."""

    def answer(question: Question) -> Answer:
        return Answer([(name, str) for name in _names(question.sql)], rows(question.match))

    return answer


def _names(sql: str) -> list[str]:
    select = outer_select(sql)
    return [column_name(item, at) for at, item in enumerate(select[0])] if select else []


def _added_tokens(question: Question) -> Answer:
    names = _names(question.sql)
    rows = landed.added_tokens(question.match["id"], names)
    return Answer([(name, str) for name in names], rows)


def _rows_and_queries(question: Question) -> Answer:
    """None in a first run; then 20 rows, 20 queries that were landed and their ten neighbors each.

    So the first run tunes by rows of the space, and the incremental one by landed queries.
    """
    again = any(name == "tuning_neighbors" for _, name in question.catalog.relations)
    counts = (20, 200) if "reference_neighbors" in question.sql else (20, 20)
    return Answer([("first", int), ("second", int)], [counts if again else (0, 0)])


def _training(question: Question) -> Answer:
    names = _names(question.sql)
    return Answer([(name, str) for name in names], landed.training(names))


def _rule(name: str, pattern: str, answer: Callable[[Question], Answer | None]) -> Rule:
    return Rule(name, re.compile(pattern, re.IGNORECASE | re.DOTALL), answer)


RULES: list[Rule] = [
    # A test over empty tables: no failures. Whether it passes over data, DuckDB's build tells.
    _rule("data test", r"\bas should_warn\b.*\bas should_error\b", _test_result),
    _rule("schemas", r"\bselect\s+name as \[schema\]\s+from sys\.schemas\b", _schemas),
    _rule(
        "schema exists",
        r"\bas schema_exist from sys\.schemas where name = '(?P<schema>[^']*)'",
        _schema_exists,
    ),
    _rule(
        "relations of a schema",
        r"'(?P<schema>[^']*)' as \[schema\],\s*'table' as table_type\s+from sys\.tables",
        _relations,
    ),
    _rule(
        "relations of a schema (Fabric)",
        r"from sys\.tables as t\s+where schema_name\(t\.schema_id\) like '(?P<schema>[^']*)'",
        _relations,
    ),
    _rule(
        "columns of a relation",
        r"from sys\.columns c\b.*where c\.object_id = object_id\('(?P<relation>[^']*)'\)",
        _columns,
    ),
    _rule(
        "description of a query",
        r"\Aselect is_hidden,.*sys\.dm_exec_describe_first_result_set\(N'(?P<sql>.*)', null, 0\)",
        _describe_query,
    ),
    _rule(
        "contract",
        r"\Aselect \* from \((?P<query>.*)\) dbt_sbq_tmp\s+where 1 = 0\s*\Z",
        _schema_query,
    ),
    _rule(
        "contract (Fabric)",
        r"\Awith __dbt_sbq_tmp as \((?P<query>.*)\)\s*"
        r"select \* from __dbt_sbq_tmp\s+where 0 = 1\s*\Z",
        _schema_query,
    ),
    _rule(
        "indexes",
        r"from sys\.indexes i\b.*where i\.object_id = object_id\('(?P<relation>[^']*)'\)",
        _indexes,
    ),
    # A definition that is not there makes dbt write every view again, so that all are rehearsed.
    _rule(
        "definition of a view",
        r"\bselect\s+object_definition\(",
        lambda _: Answer([("definition", str), ("needs_refresh", int)]),
    ),
    _rule(
        "server version",
        r"\bserverproperty\('productversion'\)",
        lambda _: Answer([("major_version", int)], [(MAJOR_VERSION,)]),
    ),
    _rule(
        "nullable column",
        r"\bcolumnproperty\(.*'AllowsNull'\)",
        lambda _: Answer([("allows_null", int)], [(1,)]),
    ),
    _rule(
        "model that embeds",
        r"\Aselect model\.name from \S+ as model left join\b",
        _landed(lambda _: landed.embedding_models()),
    ),
    _rule(
        "model that predicts tokens",
        r"\Aselect model\.name from \S+ as model where model\.family in\b",
        _landed(lambda _: landed.language_models()),
    ),
    _rule(
        "model that is run",
        r"\Aselect model_id, family, config,.* where name = N'(?P<name>[^']*)'",
        _landed(lambda match: landed.model_named(match["name"])),
    ),
    _rule(
        "model that was landed first",
        r"\Aselect name from \S+ order by ingested_at, name",
        _landed(lambda _: landed.embedding_models()),
    ),
    _rule(
        "tokenizer of a model",
        r"\Aselect tokenizer_id from \S+ where name = N'(?P<name>[^']*)'",
        _landed(lambda match: landed.tokenizer_of(match["name"])),
    ),
    _rule(
        "tensors of a model",
        r"\Aselect link\.role, count\(\*\),.* where link\.model_id = N'(?P<id>[^']*)'",
        _landed(lambda match: landed.roles_of(match["id"])),
    ),
    _rule(
        "model of a space",
        r"\Aselect model_id, model_name from \S+ where space_id = ",
        _landed(lambda _: landed.space_models()),
    ),
    _rule(
        "rules of a tokenizer",
        r"\Aselect algorithm, refusal, settings from \S+ where tokenizer_id = N'(?P<id>[^']*)'",
        _landed(lambda match: landed.tokenizer_rules(match["id"])),
    ),
    _rule("training of a space", r"\Aselect training_id, first_cell, ", _training),
    _rule(
        "rows and queries of a space",
        r"\Aselect \(select count\(\*\) from \S+ where space_id = N'[^']*'\), "
        r"\(select count\(\*\) from \S+ where space_id = N'[^']*'\)\Z",
        _rows_and_queries,
    ),
    _rule(
        "thresholds of a coding",
        r"\Aselect threshold from \S+ where training_id = ",
        _landed(lambda _: landed.thresholds()),
    ),
    _rule(
        "added tokens of a tokenizer",
        r"\Aselect token_id, content, .* where tokenizer_id = N'(?P<id>[^']*)'",
        _added_tokens,
    ),
]


class AnswerBook:
    """Answers batches from :data:`RULES`, else as queries over empty tables."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.described = ""
        """The query whose description dbt has just asked for."""

    def __call__(self, sql: str) -> Answer | None:
        """The result set of a batch, None where it returns none."""
        text = strip_comments(sql).strip()
        if self.described and text == strip_comments(self.described).strip():
            # dbt-sqlserver runs a query for its columns where the description names a type that
            # it does not know (VECTOR).
            self.described = ""
            return _described(Question(text, re.match("", ""), self.catalog, self).node_columns())
        for rule in RULES:
            match = rule.pattern.search(text)
            if match:
                return rule.answer(Question(text, match, self.catalog, self))
        return self._over_nothing(text)

    @staticmethod
    def _over_nothing(text: str) -> Answer | None:
        select = outer_select(text)
        if select is None:
            return None
        items, rest = select
        columns = [(column_name(item, i), str) for i, item in enumerate(items)]
        if is_aggregate(items, rest):
            return Answer(columns, [tuple(value_over_nothing(item) for item in items)])
        return Answer(columns)
