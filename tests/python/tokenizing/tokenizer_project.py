"""Tokenizers landed and built by dbt, in a project of their own beside the checkout's.

Each tokenizer is a view over a table of texts (and one of token lists), so that thousands of texts
are one statement.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pyarrow as pa

from hartonomous import Hartonomous
from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.model_tokenizer import land_tokenizer, read_tokenizer

ENCODE = """\
{{{{ config(materialized='view') }}}}
-- depends_on: {{{{ ref('tokenizer_lookups') }}}}
with {{{{ hartonomous.encode_ctes(
    hartonomous.tokenizer_settings('{identity}'), 'given_texts',
    '(select given.max_tokens from given_limits as given)') }}}}
select encoded.text_id, encoded.position, encoded.token_id from encoded
"""

DECODE = """\
{{{{ config(materialized='view') }}}}
-- depends_on: {{{{ ref('tokenizer_lookups') }}}}
with {{{{ hartonomous.decode_ctes(
    hartonomous.tokenizer_settings('{identity}'), 'given_tokens', {skip_special}) }}}}
select decoded.text_id, decoded.text from decoded
"""

TABLES = {
    "given_texts": "cast(0 as bigint) as text_id, cast('' as varchar) as text",
    "given_tokens": "cast(0 as bigint) as text_id, cast(0 as integer) as position, "
    "cast(0 as integer) as token_id",
    "given_limits": "cast(0 as integer) as max_tokens",
}


def copy_project(project: Path, copy: Path) -> Path:
    """What tokenizing needs of the project: dbt writes into its project, and parses all of it."""
    shutil.copytree(project / "macros", copy / "macros")
    shutil.copytree(project / "models" / "tokenizers", copy / "models" / "tokenizers")
    for file in ("models/sources.yml", "models/docs.md", "dbt_project.yml", "profiles.yml.example"):
        shutil.copyfile(project / file, copy / file)
    (copy / "models" / "checked").mkdir()
    return copy


def land(folders: dict[str, Path], database: Path) -> dict[str, str]:
    """Name -> tokenizer_id, landed as the tokenizer of a model is."""
    sink = DuckDBSink(database)
    sink.ensure_schema()
    identities = {}
    for name, folder in folders.items():
        tokenizer = read_tokenizer(folder)
        assert tokenizer is not None, folder
        with sink.transaction():
            land_tokenizer(sink, tokenizer)
        identities[name] = tokenizer.tokenizer_id
    sink.close()
    return identities


class BuiltTokenizers:
    """Encodes and decodes by the views that dbt built."""

    def __init__(self, folders: dict[str, Path], project: Path, folder: Path) -> None:
        copy = copy_project(project, folder / "project")
        identities = land(folders, folder / "tokenizers.duckdb")
        checked = copy / "models" / "checked"
        for table, columns in TABLES.items():
            config = "{{ config(materialized='table') }}\n"
            (checked / f"{table}.sql").write_text(f"{config}select {columns} where false\n")
        for name, identity in identities.items():
            refs = "".join(f"-- depends_on: {{{{ ref('{table}') }}}}\n" for table in TABLES)
            (checked / f"encode_{name}.sql").write_text(refs + ENCODE.format(identity=identity))
            for ending, skip in (("plain", "true"), ("whole", "false")):
                text = refs + DECODE.format(identity=identity, skip_special=skip)
                (checked / f"decode_{name}_{ending}.sql").write_text(text)
        hartonomous = Hartonomous(folder / "tokenizers.duckdb")
        hartonomous.build(project=copy, select=["path:models/tokenizers", "path:models/checked"])
        self._connection = duckdb.connect(str(hartonomous.database.built))
        self._run("set threads = 2")

    def _run(self, statement: str) -> list[tuple]:
        return self._connection.execute(statement).fetchall()

    def _give(self, table: str, columns: dict[str, pa.Array]) -> None:
        self._connection.register("given_here", pa.table(columns))
        self._run(f"delete from {table}")
        self._run(f"insert into {table} select * from given_here")
        self._connection.unregister("given_here")

    def encode(self, name: str, texts: list[str], max_tokens: int | None = None) -> list[list[int]]:
        """The tokens of each text."""
        numbers = pa.array(range(len(texts)), pa.int64())
        self._give("given_texts", {"text_id": numbers, "text": pa.array(texts, pa.string())})
        self._give("given_limits", {"max_tokens": pa.array([max_tokens], pa.int32())})
        found: list[list[int]] = [[] for _ in texts]
        for text, position, token in self._run(f"select * from encode_{name} order by all"):
            assert position == len(found[text])
            found[text].append(token)
        return found

    def decode(self, name: str, lists: list[list[int]], *, skip_special: bool = True) -> list[str]:
        """The text of each list of tokens, none of which is empty."""
        rows = [(n, at, token) for n, ids in enumerate(lists) for at, token in enumerate(ids)]
        numbers, places, tokens = zip(*rows, strict=True)
        columns = {"text_id": pa.array(numbers, pa.int64())}
        columns |= {"position": pa.array(places, pa.int32())}
        self._give("given_tokens", columns | {"token_id": pa.array(tokens, pa.int32())})
        view = f"decode_{name}_{'plain' if skip_special else 'whole'}"
        found = dict(self._run(f"select text_id, text from {view}"))
        assert sorted(found) == list(range(len(lists)))
        return [found[number] for number in range(len(lists))]
