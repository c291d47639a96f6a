"""Compiles cells, codes and their searches for SQL Server and runs them on DuckDB.

    python compiled_cells.py TRAINED PROJECT PROFILES OUT

TRAINED is a file: {training, thresholds, vars}, what the macros ask of a landed training. It is a
process of its own, for dbt's adapters keep state; :class:`CompiledCells` calls it over a copy of
the project in which a filter is the text that a row's source must be.
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

TRAINING_ID = "c" * 64

FILTERS = """
{% macro sqlserver_passing_rows(settings) -%}
select embedding.embedding_id
from {{ ref('embeddings' ~ settings.suffix) }} as embedding
where embedding.source = @filters
{%- endmacro %}

{% macro sqlserver__check_parameters(metric, counts, required, filters) %}
{{- hartonomous.tsql_check_parameters(metric, counts, required, false) }}
{% endmacro %}
"""
REPLACED = {
    "passing_rows_tsql.sql": "sqlserver_passing_rows",
    "check_parameters_tsql.sql": "sqlserver__check_parameters",
}
VECTORS = [
    (r"vector_distance\('cosine', ", "array_cosine_distance("),
    (r"vector_distance\('euclidean', ", "array_distance("),
    (r"vector_norm\((\S+), 'norm2'\)", r"sqrt(array_inner_product(\1, \1))"),
    (r"(\S+) \^ (\S+) as ", r"xor(\1, \2) as "),
    (r"\bbit_count\(", "number_of_bits("),
    (r"power\(cast\(2 as bigint\), ([^)]*)\)", r"(cast(1 as bigint) << cast(\1 as integer))"),
    (r"@query_vector(?=[,)])", "cast(@query_vector as VECTOR)"),
]


def copy_project(root: Path, folder: Path) -> Path:
    """A copy of the project in which filters are simple."""
    project = folder / "project"
    for part in ("macros", "models", "seeds"):
        shutil.copytree(root / part, project / part)
    shutil.copyfile(root / "dbt_project.yml", project / "dbt_project.yml")
    shutil.copyfile(root / "profiles.yml.example", folder / "profiles.yml")
    for name, macro in REPLACED.items():
        path = project / "macros" / "search" / name
        text = path.read_text()
        replaced = text.replace(f"macro {macro}(", f"macro replaced_{macro}(")
        assert replaced != text
        path.write_text(replaced)
    (project / "macros" / "filters.sql").write_text(FILTERS)
    return project


class CompiledCells:
    """A trained space of ``vectors`` (m, n) float32: its tables as SQL Server would build them.

    ``centroids`` (c, n), ``groups`` (c,) and ``centers`` (g, n) are its cells, ``coding`` one of
    hartonomous.cells.coding. Embeddings have the ids 1 to m.
    """

    def __init__(self, project, metric, coding, vectors, centroids, groups, centers) -> None:
        from compiled_project import compiled_models

        self.dimension = vectors.shape[1]
        training = {"training_id": TRAINING_ID, "first_cell": 100, "cells": len(centroids)}
        training |= {"cell_groups": len(centers), "coding": coding.name}
        training |= {"bits": len(coding.thresholds), "space_rows": 1, "trained_to": 1}
        thresholds = [] if coding.name == "sign" else coding.thresholds.astype(float).tolist()
        settings = {"default_dimension": self.dimension, "default_metric": metric}
        settings |= {"cells_compared": 16, "cell_groups_compared": 4}
        settings |= {"filtered_exact_rows": 40, "default_space": "s"}
        folder = project.parent
        source = folder / f"{metric}_{coding.name}.json"
        given = {"training": training, "thresholds": thresholds, "vars": settings}
        source.write_text(json.dumps(given))
        self.sql = {
            name: self._words(sql)
            for name, sql in compiled_models(__file__, source, project, folder).items()
        }
        self.connection = duckdb.connect()
        self.connection.execute(
            "create macro number_of_bits(x) as cast(bit_count(cast(x as bigint)) as bigint)"
        )
        self._land(vectors, centroids, groups, centers, coding)
        self._build(training["bits"] // 64)

    def _words(self, sql: str) -> str:
        for pattern, replacement in VECTORS:
            sql = re.sub(pattern, replacement, sql)
        return sql.replace("VECTOR)", f"vector({self.dimension}))")

    def _land(self, vectors, centroids, groups, centers, coding) -> None:
        ids = np.arange(1, len(vectors) + 1)
        rotation = vectors[:0] if coding.rotation is None else coding.rotation
        cells = 100 + np.arange(len(centroids))
        tables = {
            "text_embeddings": {"embedding_id": ids, "vector": vectors},
            "cells": {"cell": cells, "cell_group": groups, "vector": centroids},
            "cell_groups": {"cell_group": np.arange(len(centers)), "vector": centers},
            "code_rotations": {"dimension": np.arange(len(rotation)), "vector": rotation},
            "removed_embeddings": {"embedding_id": ids[:0]},
        }
        run = self.connection.execute
        run("create schema raw; create schema dbo")
        for name, columns in tables.items():
            if "vector" in columns:
                texts = [json.dumps(row.tolist()) for row in columns["vector"]]
                columns["vector"] = pa.array(texts, pa.string())
            self.connection.register("landed", pa.table(columns))
            run(
                f"create table raw.{name} as "
                f"select 's' as space_id, '{TRAINING_ID}' as training_id, * from landed"
            )
        run(
            "create table dbo.embeddings as select embedding_id, source_text, case "
            "when embedding_id % 50 = 1 then 'few' when embedding_id % 3 = 1 then 'some' "
            f"else 'most' end as source, cast(vector as float[{self.dimension}]) as embedding "
            "from (select *, 'text ' || embedding_id as source_text from raw.text_embeddings)"
        )

    def _build(self, words: int) -> None:
        run = self.connection.execute
        run("set integer_division = true")
        run(f"create table dbo.training_vectors as {translate(self.sql['training_vectors'])}")
        kept = ", ".join(f"cast(code_{n} as bigint) as code_{n}" for n in range(words))
        select = translate(self.sql["cell_codes"])
        run(f"create table dbo.cell_codes as select * replace ({kept}) from ({select})")
        run(f"create table dbo.cells as {translate(self.sql['cells'])}")
        self.serve("exact")

    def serve(self, path, cells=(None, None), candidates=0, codes=None, reach=None) -> None:
        """What the last tuning chose: the path and its candidates, of ``cells`` the probes and the
        candidates, of the ``codes`` of all rows the candidates. Recalls are 0.5, for filtered
        searches 0.25."""
        self.connection.execute(
            "create or replace table dbo.search_settings as select ? as path, ? as candidates, "
            "cast(? as integer) as cells_probes, cast(? as double) as cells_reach, "
            "cast(? as integer) as cells_candidates, 0.5 as recall, "
            "cast(? as integer) as codes_candidates, 0.25 as codes_recall",
            [path, candidates, cells[0], reach, cells[1], codes],
        )

    def call(self, name, question, **parameters):
        """The rows of a procedure."""
        given = {"query_vector": json.dumps(question.tolist()), "top_k": 10, **parameters}
        return Procedure(self.connection, given).run(self.sql[name])


def main() -> None:
    from hartonomous.rehearsal import landed, worker
    from hartonomous.rehearsal.answers import AnswerBook
    from hartonomous.rehearsal.catalog import Catalog
    from hartonomous.rehearsal.recording import Recorder

    trained, project, profiles, out = map(Path, sys.argv[1:])
    given = json.loads(trained.read_text())
    landed.TRAINING = given["training"]
    landed.THRESHOLDS = given["thresholds"]
    worker.patch("sqlserver", {"recorder": Recorder(AnswerBook(Catalog("sqlserver")))})
    names = ["training_vectors", "cell_codes", "cells", "cell_search", "vector_search"]
    more = ["--vars", json.dumps(given["vars"]), "--exclude", "resource_type:test"]
    more += ["--select", *names]
    result = worker.dbt("compile", "sqlserver", project, profiles, out, *more)
    raise_failures(result)


if __name__ == "__main__":
    main()
