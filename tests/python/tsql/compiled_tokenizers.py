"""Compiles the statements of landed tokenizers for SQL Server and runs them on DuckDB.

    python compiled_tokenizers.py DATABASE PROJECT PROFILES OUT

DATABASE is the landing, which answers what the macros ask. It is a process of its own, for dbt's
adapters keep state; :class:`CompiledTokenizers` calls it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
from compiled_project import raise_failures
from tsql_on_duckdb import Procedure, translate
from tsql_texts_on_duckdb import MACROS, from_units, units

SETTINGS = """\
{{%- set tokenizer = hartonomous.tokenizer_settings('{identity}') -%}}
-- depends_on: {{{{ ref('tokenizer_pieces') }}}} {{{{ ref('tokenizer_merges') }}}}
-- depends_on: {{{{ ref('tokenizer_characters') }}}} {{{{ ref('tokenizer_texts') }}}}
"""

ENCODE = """\
create table #input_texts (text_id bigint not null primary key, text nvarchar(max) null);
insert into #input_texts (text_id, text) select given.text_id, given.text from given_texts as given;
create table #encoded (
    text_id bigint not null, position int not null, token_id int not null,
    primary key (text_id, position)
);
declare @max_tokens int = @given_max_tokens;
{{ hartonomous.encode_statements(tokenizer) }}
select text_id, position, token_id from #encoded order by text_id, position;
"""

DECODE = """\
create table #tokens (
    text_id bigint not null, position int not null, token_id int not null,
    primary key (text_id, position)
);
insert into #tokens (text_id, position, token_id)
select given.text_id, given.position, given.token_id from given_tokens as given;
create table #decoded (text_id bigint not null primary key, text nvarchar(max) null);
{{ hartonomous.decode_statements(tokenizer, SKIP) }}
select text_id, text from #decoded order by text_id;
"""

LANDED = [
    "tokens",
    "tokenizer_rules",
    "tokenizer_characters",
    "tokenizer_merges",
    "tokenizer_added_tokens",
]
TABLES = ["pieces", "merges", "characters", "texts"]
NOT_TEXTS = ("tokenizer_id", "algorithm", "refusal", "settings")


class CompiledTokenizers:
    """Tokenizers by name, their statements and their tables."""

    def __init__(
        self,
        folders: dict[str, Path],
        folder: Path,
        project: Path,
        land: Callable[[dict[str, Path], Path], dict[str, str]],
    ) -> None:
        """`project` is the copy that tokenizer_project makes, `land` its function."""
        from compiled_project import compiled_models

        database = folder / "landed.duckdb"
        for name, identity in land(folders, database).items():
            bodies = {"encode": ENCODE, "plain": DECODE.replace("SKIP", "true")}
            bodies["whole"] = DECODE.replace("SKIP", "false")
            for kind, body in bodies.items():
                text = SETTINGS.format(identity=identity) + body
                (project / "models" / "checked" / f"{kind}_{name}.sql").write_text(text)
        (folder / "profiles.yml").write_text((project / "profiles.yml.example").read_text())
        self.sql = compiled_models(__file__, database, project, folder)
        self._connection = duckdb.connect()
        self._build(database)

    def _build(self, database: Path) -> None:
        run = self._connection.execute
        for macro in MACROS:
            run(f"create or replace temp macro {macro}")
        run("set integer_division = true")
        self._connection.create_function("units", units, ["varchar"], "varchar")
        run(f"attach '{database}' as landing (read_only)")
        run("create schema raw; create schema dbo")
        for table in LANDED:
            columns = run(f"describe landing.raw.{table}").fetchall()
            selected = ", ".join(
                f"{_landed_column(name, kind)} as {name}" for name, kind, *_ in columns
            )
            run(f"create table raw.{table} as select {selected} from landing.raw.{table}")
        for table in TABLES:
            select = translate(self.sql[f"tokenizer_{table}"])
            run(f"create table dbo.tokenizer_{table} as {select}")

    def _give(self, table: str, **columns: pa.Array) -> None:
        self._connection.register("given_here", pa.table(columns))
        self._connection.execute(f"create or replace table {table} as select * from given_here")
        self._connection.unregister("given_here")

    def _call(self, name: str, **parameters):
        return Procedure(self._connection, parameters).run(self.sql[name])

    def encode(
        self, name: str, texts: list[str | None], max_tokens: int | None = None
    ) -> list[list[int]]:
        spelled = pa.array([text if text is None else units(text) for text in texts], pa.string())
        self._give("given_texts", text_id=pa.array(range(len(texts)), pa.int64()), text=spelled)
        found: list[list[int]] = [[] for _ in texts]
        for row in self._call(f"encode_{name}", given_max_tokens=max_tokens):
            assert row["position"] == len(found[row["text_id"]])
            found[row["text_id"]].append(row["token_id"])
        return found

    def decode(self, name: str, lists: list[list[int]], *, skip_special: bool = True) -> list[str]:
        rows = [(n, at, token) for n, ids in enumerate(lists) for at, token in enumerate(ids)]
        numbers, places, tokens = (
            pa.array(values, pa.int64()) for values in zip(*rows, strict=True)
        )
        self._give("given_tokens", text_id=numbers, position=places, token_id=tokens)
        found = self._call(f"{'plain' if skip_special else 'whole'}_{name}")
        assert [row["text_id"] for row in found] == list(range(len(lists)))
        return [from_units(row["text"]) for row in found]


def _landed_column(name: str, kind: str) -> str:
    """A column as SQL Server would hold it: texts in units, BIT."""
    if kind == "BOOLEAN":
        return f"cast({name} as integer)"
    if kind != "VARCHAR" or name in NOT_TEXTS:
        return name
    has_pairs = f"regexp_matches({name}, '[\\x{{10000}}-\\x{{10FFFF}}]')"
    return f"case when {has_pairs} then units({name}) else {name} end"


def main() -> None:
    from hartonomous.rehearsal import landed, worker
    from hartonomous.rehearsal.answers import AnswerBook
    from hartonomous.rehearsal.catalog import Catalog
    from hartonomous.rehearsal.recording import Recorder

    database, project, profiles, out = map(Path, sys.argv[1:])
    connection = duckdb.connect(str(database), read_only=True)

    def answer(columns: str, table: str, identity: str):
        statement = f"select {columns} from raw.{table} where tokenizer_id = ? "
        return connection.execute(statement, [identity]).fetchall()

    def added_tokens(identity: str, columns: list[str]):
        rows = answer(f"ordinal, {', '.join(columns)}", "tokenizer_added_tokens", identity)
        return [row[1:] for row in sorted(rows)]

    landed.added_tokens = added_tokens
    landed.tokenizer_rules = lambda identity: answer(
        "algorithm, refusal, settings", "tokenizer_rules", identity
    )
    book = AnswerBook(Catalog("sqlserver"))
    worker.patch("sqlserver", {"recorder": Recorder(book)})
    result = worker.dbt("compile", "sqlserver", project, profiles, out)
    raise_failures(result)


if __name__ == "__main__":
    main()
