"""`ingest texts --embedder sql`, search, embed_many: SQL gives torch's vectors without torch."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from hartonomous import Hartonomous
from hartonomous.cli.app import app
from hartonomous.errors import InputError, MissingExtraError
from hartonomous.inference import encoder

pytestmark = pytest.mark.usefixtures("runs_dbt")

SENTENCES = [
    "the cat sat on the mat",
    "a ship sails over the sea",
    "plants turn sunlight into food",
    "the king and the queen of the old country",
    "bread",
    "rain falls on the roof of the house by the river at night",
]


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    file = tmp_path_factory.mktemp("texts") / "sentences.txt"
    file.write_text("\n".join(SENTENCES) + "\n")
    return file


def land(folder, reader_folder, texts, embedder):
    hartonomous = Hartonomous(folder / f"{embedder}.duckdb")
    hartonomous.ingest_model(str(reader_folder))
    found = CliRunner().invoke(
        app,
        ["ingest", "texts", str(texts), "--embedder", embedder, "--reducer", "pca",
         "-d", str(hartonomous.database.landed)],
        catch_exceptions=False,
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    return hartonomous


@pytest.fixture(scope="module")
def by_sql(tmp_path_factory, reader_folder, texts):
    hartonomous = land(tmp_path_factory.mktemp("sql"), reader_folder, texts, "sql")
    hartonomous.build(select=["+embeddings", "+exact_vector_search", "spaces", "+embed"])
    return hartonomous


def vectors(hartonomous) -> dict[str, np.ndarray]:
    with hartonomous.database.connect(built=False) as connection:
        rows = connection.execute(
            "SELECT text, vector FROM landing.raw.texts JOIN landing.raw.text_embeddings "
            "USING (text_id)"
        ).fetchall()
    return {text: np.array(vector) for text, vector in rows}


def test_sql_lands_the_vectors_of_torch(by_sql, tmp_path, reader_folder, texts):
    by_torch = vectors(land(tmp_path, reader_folder, texts, "torch"))
    landed = vectors(by_sql)
    assert set(landed) == set(by_torch) == set(SENTENCES)
    assert max(np.abs(landed[t] - by_torch[t]).max() for t in SENTENCES) <= 1e-5


def test_queries_are_embedded_in_sql_too(by_sql, tmp_path):
    file = tmp_path / "questions.txt"
    file.write_text("where is the cat\n")
    landed = by_sql.ingest_queries(file, embedder="sql")
    assert landed.added == 1
    with by_sql.database.connect(built=False) as connection:
        (vector,) = connection.execute("SELECT vector FROM landing.raw.queries").fetchone()
    assert np.allclose(vector, by_sql.embed("where is the cat"), atol=1e-6)


def test_landing_again_changes_nothing(by_sql, texts):
    again = by_sql.ingest_texts(texts, embedder="sql", reducer="pca")
    assert (again.added, again.known) == (0, len(SENTENCES))


def test_many_texts_are_in_order_and_like_one(by_sql, monkeypatch):
    from hartonomous.inference import embedding

    monkeypatch.setattr(embedding, "BATCH_TEXTS", 2)
    texts = [*SENTENCES, SENTENCES[0]]
    found = by_sql.embed_many(texts)
    assert found.shape == (len(texts), 24) and found.dtype == np.float32
    for text, vector in zip(texts, found, strict=True):
        assert np.abs(by_sql.embed(text) - vector).max() <= 1e-6


def test_searching_by_a_text_and_landing_need_no_torch(by_sql, tmp_path):
    more = tmp_path / "more.txt"
    more.write_text("a dog under the table\n")
    script = f"""
import sys
for name in ("torch", "transformers", "sentence_transformers"):
    sys.modules[name] = None
from hartonomous import Hartonomous
h = Hartonomous({str(by_sql.database.landed)!r})
found = h.search("a cat on a mat", top_k=2, method="exact")
assert len(found) == 2, found
"""
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120
    )
    assert found.returncode == 0, found.stderr


def test_auto_is_torch_where_it_is_installed(monkeypatch):
    assert encoder.chosen_embedder("auto") == "torch"
    monkeypatch.setattr(encoder, "has_torch", lambda: False)
    assert encoder.chosen_embedder("auto") == "sql"
    with pytest.raises(MissingExtraError, match="sentence-transformers"):
        encoder.chosen_embedder("torch")
    with pytest.raises(InputError, match="unknown embedder 'magic'; use auto, torch, sql"):
        encoder.chosen_embedder("magic")


def test_without_torch_auto_embeds_in_sql_and_says_so(by_sql, tmp_path, monkeypatch):
    monkeypatch.setattr(encoder, "has_torch", lambda: False)
    more = tmp_path / "more.txt"
    more.write_text("a dog under the table\n")
    landed = by_sql.ingest_texts(more, reducer="pca")
    assert landed.added == 1
    assert any("embedded in SQL" in notice for notice in landed.notices)


def test_in_sql_only_landed_models_embed(tmp_path, by_sql, texts, writer_folder):
    with pytest.raises(InputError, match="is not landed, and in SQL only landed models embed"):
        by_sql.ingest_texts(texts, model=str(writer_folder), embedder="sql")
    with pytest.raises(InputError, match="there is no database"):
        Hartonomous(tmp_path / "none.duckdb").ingest_texts(texts, embedder="sql")
