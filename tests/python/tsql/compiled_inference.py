"""Compiles the inference models of the project for SQL Server, over models of a given size.

    python compiled_inference.py MODELS PROJECT PROFILES OUT

MODELS is a file: a JSON array of the fields of LandedModel. It is a process of its own, for dbt's
adapters keep state. :class:`Compiled` calls it over a copy of the project in which texts are JSON
arrays of token ids, so that models are looked at and no tokenizer.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from compiled_project import raise_failures
from tsql_on_duckdb import Procedure, translate

CHUNK = 512

TOKENIZER = """
{% macro encode_statements(tokenizer) -%}
insert into #encoded (text_id, position, token_id)
select given.text_id, cast(entry.[key] as int) as position, cast(entry.value as int) as token_id
from #input_texts as given
cross apply openjson(given.text) as entry
where @max_tokens is null or cast(entry.[key] as int) < @max_tokens;
{%- endmacro %}

{% macro decode_statements(tokenizer, skip_special=true) -%}
insert into #decoded (text_id, text)
select
    given.text_id,
    string_agg(cast(given.token_id as nvarchar(max)), ' ') within group (order by given.position)
from #tokens as given
group by given.text_id;
{%- endmacro %}
"""


def copy_project(root: Path, folder: Path) -> Path:
    """A copy of the project in which texts are JSON arrays of token ids; dbt parses it once."""
    project = folder / "project"
    for part in ("macros", "models", "seeds"):
        shutil.copytree(root / part, project / part)
    shutil.copyfile(root / "dbt_project.yml", project / "dbt_project.yml")
    shutil.copyfile(root / "profiles.yml.example", folder / "profiles.yml")
    statements = project / "macros" / "tokenizers" / "statements.sql"
    text = statements.read_text()
    replaced = re.sub(r"macro (encode|decode)_statements\(", r"macro \1_replaced(", text)
    assert replaced != text
    statements.write_text(replaced)
    (project / "macros" / "tokenizer.sql").write_text(TOKENIZER)
    for path in (project / "models" / "inference").glob("*tokenize*"):
        path.unlink()
    return project


class Compiled:
    """Statements compiled for models, the first of which embeds, and their weights in DuckDB."""

    def __init__(self, models, project: Path) -> None:
        from compiled_project import compiled_models
        from seeded_models import landed

        self.models = models
        folder = project.parent
        (folder / "models.json").write_text(json.dumps([landed(model) for model in models]))
        self.sql = compiled_models(__file__, folder / "models.json", project, folder)
        self.connection = duckdb.connect()
        self._land()

    def _land(self) -> None:
        from seeded_models import tensors

        run = self.connection.execute
        run("create schema dbo")
        run("create table dbo.stg_tokens (model_id varchar, token_id integer, is_special integer)")
        run(
            "create table dbo.stg_tensors "
            "(model_id varchar, layer integer, role varchar, tensor_id integer)"
        )
        run(
            "create table dbo.stg_weight_rows "
            f"(tensor_id integer, row_index integer, chunk_index integer, vector float[{CHUNK}])"
        )
        tensor_id = 0
        for model in self.models:
            model_id = f"tiny_{model.config.model_type}".encode().hex().ljust(64, "0")
            for layer, role, matrix in tensors(model):
                tensor_id += 1
                run(
                    "insert into dbo.stg_tensors values (?, ?, ?, ?)",
                    [model_id, layer, role, tensor_id],
                )
                chunks = -(-matrix.shape[1] // CHUNK)
                padded = np.zeros((len(matrix), chunks * CHUNK), np.float32)
                padded[:, : matrix.shape[1]] = matrix
                vectors = pa.FixedSizeListArray.from_arrays(padded.reshape(-1), CHUNK)
                numbers = np.arange(len(vectors))
                columns = {"row_index": numbers // chunks, "chunk_index": numbers % chunks}
                self.connection.register("rows", pa.table({**columns, "vector": vectors}))
                run(f"insert into dbo.stg_weight_rows select {tensor_id}, * from rows")
        for name, sql in self.sql.items():
            if name.startswith("inference_") and name != "inference_entry":
                select = translate(sql)
                run("set integer_division = true")
                run(f"create table dbo.{name} as {select}")

    def call(self, name: str, **parameters):
        return Procedure(self.connection, parameters).run(self.sql[name])


def main() -> None:
    from hartonomous.rehearsal import landed, worker
    from hartonomous.rehearsal.answers import AnswerBook
    from hartonomous.rehearsal.catalog import Catalog
    from hartonomous.rehearsal.recording import Recorder

    models, project, profiles, out = map(Path, sys.argv[1:])
    landed.MODELS[:] = [landed.LandedModel(**fields) for fields in json.loads(models.read_text())]
    book = AnswerBook(Catalog("sqlserver"))
    worker.patch("sqlserver", {"recorder": Recorder(book)})
    paths = ["path:models/inference", "path:models/search/semantic_search.sql"]
    result = worker.dbt("compile", "sqlserver", project, profiles, out, "--select", *paths)
    raise_failures(result)


if __name__ == "__main__":
    main()
