"""Which model a call runs: the same choice in SQL and in Python, and names that do not collide."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from hartonomous import Hartonomous
from hartonomous.errors import InputError
from hartonomous.generated import write_generated
from hartonomous.inference.models import (
    DefaultModels,
    choose_model,
    default_models,
    runnable_models,
)
from hartonomous.landing.spaces import Space
from hartonomous.project import MODEL_NODES, Defaults, model_slugs

ASK = "-- <<{{ embedding_model_name() }}|{{ language_model_name() }}>>"


def chosen_by_macros(hartonomous, project, tmp_path) -> DefaultModels:
    profiles = tmp_path / "profiles"
    profiles.mkdir(exist_ok=True)
    (profiles / "profiles.yml").write_text((project / "profiles.yml.example").read_text())
    found = subprocess.run(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "compile", "--inline", ASK,
         "--project-dir", str(project), "--profiles-dir", str(profiles)],
        env={
            **os.environ,
            "HARTONOMOUS_DATABASE": str(hartonomous.database.landed),
            "HARTONOMOUS_BUILT": str(tmp_path / "ask.built.duckdb"),
        },
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    match = re.search(r"<<(.*)\|(.*)>>", found.stdout)
    assert match, found.stdout[-2000:]
    return DefaultModels(*match.groups())


def chosen_by_python(hartonomous) -> DefaultModels:
    with hartonomous.database.connect(built=False) as connection:
        return default_models(connection, Defaults())


def test_python_and_the_macros_choose_the_same_models(
    tmp_path, project, shipped, writer_folder, reader_folder, runs_dbt
):
    hartonomous = Hartonomous(tmp_path / "choice.duckdb")
    hartonomous.ingest_model(str(writer_folder), name="b")
    hartonomous.ingest_model(str(shipped), name="a")
    expected = DefaultModels("", "b")
    assert chosen_by_python(hartonomous) == expected
    assert chosen_by_macros(hartonomous, project, tmp_path) == expected
    hartonomous.ingest_model(str(reader_folder), name="reader")
    assert chosen_by_python(hartonomous) == DefaultModels("reader", "b")
    # The vectors of the default space are those of a language model: it embeds from now on.
    vectors = np.random.default_rng(0).standard_normal((20, 4)).astype(np.float32)
    table = pa.table({"text": [str(n) for n in range(20)], "vector": list(vectors)})
    pq.write_table(table, tmp_path / "vectors.parquet")
    hartonomous.ingest_embeddings(
        tmp_path / "vectors.parquet", vector_column="vector", model_name="a", reducer="pca"
    )
    assert chosen_by_python(hartonomous) == DefaultModels("a", "b")
    assert chosen_by_macros(hartonomous, project, tmp_path) == DefaultModels("a", "b")


def test_suffixes_of_default_and_other_models():
    models = runnable_models(
        [("x/reader", "r"), ("writer", "w"), ("other", "o")], DefaultModels("x/reader", "writer")
    )
    reader, writer, other = models
    assert (reader.embedding, reader.language) == ("", "_reader")
    assert (reader.embedding_weights, reader.language_weights) == ("", "")
    assert (writer.embedding, writer.language) == ("_language", "")
    assert (writer.embedding_weights, writer.language_weights) == ("_language", "_language")
    assert {other.embedding, other.language, other.embedding_weights, other.tokenizer} == {"_other"}
    (both,) = runnable_models([("one", "1")], DefaultModels("one", "one"))
    assert (both.embedding, both.language) == ("", "")
    assert (both.embedding_weights, both.language_weights) == ("", "_language")


def test_no_model_takes_a_name_that_is_another_ones():
    names = ["table", "beam", "via spatial", "language", "t/table", "table-gpt2", "gpt2"]
    slugs = model_slugs(names)
    nodes = [f"{node}_{slug}" for slug in slugs.values() for node in MODEL_NODES]
    taken = {*MODEL_NODES, *(f"{node}_language" for node in MODEL_NODES)}
    assert len(set(nodes)) == len(nodes)
    assert taken.isdisjoint(nodes)
    assert slugs["gpt2"] != "gpt2", "embed_table_gpt2 is that of table-gpt2"
    assert len(next(iter(model_slugs(["x" * 200]).values()))) <= 80


def test_generated_models_are_one_line_and_described(project, tmp_path):
    copy = tmp_path / "project"
    copy.mkdir()
    shutil.copytree(project / "models", copy / "models", ignore=shutil.ignore_patterns("generated"))
    spaces = [Space("s_24", "reader", "r", 24, "cosine"), Space("made", "made", "", 3, "dot")]
    models = runnable_models(
        [("reader", "r"), ("writer", "w"), ("o'ther {{ x }}", "o")],
        DefaultModels("reader", "writer"),
    )
    write_generated(copy, spaces, models, "reader")
    files = {file.stem: file for file in (copy / "models" / "generated").rglob("*.sql")}
    assert files["embed_language"].read_text() == (
        "{{ embed(model='writer', suffix='language') }}\n"
    )
    assert files["score_reader"].read_text() == "{{ score(model='reader', suffix='') }}\n"
    other = "model='o\\'ther {{ x }}', suffix='o_ther_x'"
    assert files["inference_heads_o_ther_x"].read_text() == f"{{{{ inference_heads({other}) }}}}\n"
    assert files["semantic_search_s_24"].read_text() == (
        "{{ semantic_search(space='s_24', model='reader', suffix='') }}\n"
    )
    assert "semantic_search_made" not in files, "its model is not landed"
    assert "embed_reader" not in files and "inference_heads_language" not in files
    assert "generate_via_spatial_reader" not in files
    for name, file in files.items():
        described = yaml.safe_load(file.with_suffix(".yml").read_text())
        (model,) = described["models"]
        assert model["name"] == name and "data_tests" not in str(model)
        assert "{{ x }}" not in model["description"]
    write_generated(copy, [], models[:2], "reader")
    left = {file.stem for file in (copy / "models" / "generated").rglob("*.sql")}
    assert left < set(files) and "embed_language" in left


def test_a_model_is_named_by_name_id_or_folder(landed, reader_folder):
    with landed.database.connect(built=False) as connection:
        model = choose_model(connection, "writer", "language")
        assert choose_model(connection, model.model_id, "embedding") == model
        assert choose_model(connection, None, "language") == model
        assert choose_model(connection, str(reader_folder), "embedding").name == "tiny-reader"
        with pytest.raises(InputError, match="no model is called 'nobody'; there are: writer"):
            choose_model(connection, "nobody", "language")
    only_reader = Hartonomous(landed.database.landed.with_name("reader.duckdb"))
    with pytest.raises(InputError, match="there is no database"):
        only_reader.score("x")
    only_reader.init()
    with pytest.raises(InputError, match="no model was landed"):
        only_reader.score("x")
    only_reader.ingest_model(str(reader_folder))
    with pytest.raises(InputError, match="no landed model predicts tokens"):
        only_reader.score("x")


def test_what_a_caller_made_for_itself_is_gone_afterwards(landed):
    for _ in range(2):
        with landed.database.connect(built=False) as connection:
            connection.execute('CREATE TEMP TABLE "my ""own" AS SELECT 1 AS one')
            assert connection.execute('SELECT one FROM "my ""own"').fetchall() == [(1,)]
