"""Landing texts with the real all-MiniLM-L6-v2, loaded once."""

from __future__ import annotations

import csv
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sentence_transformers")

from hartonomous.errors import InputError
from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.queries import land_queries
from hartonomous.landing.texts import land_texts
from hartonomous.landing.texts_models import find_embedding_model, weights_folder
from hartonomous.landing.texts_removal import remove_texts
from hartonomous.texts.encoder import load_encoder

SEEDS = Path(__file__).resolve().parents[3] / "seeds"
SPACE = "all_minilm_l6_v2_384"


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """The first 24 sample texts."""
    lines = (SEEDS / "sample_texts.csv").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "few.csv"
    path.write_text("\n".join(lines[:25]) + "\n", encoding="utf-8")
    return path


def texts_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def test_parity_with_sentence_transformers(sink, land_model, minilm_folder, few) -> None:
    from sentence_transformers import SentenceTransformer

    land_model(sink)
    long = " ".join(texts_of(few))  # more than the 256 tokens that the model reads
    few.write_text(few.read_text(encoding="utf-8") + f'"{long}",all,3\n', encoding="utf-8")
    landed = land_texts(sink, few, reducer="pca", chunk_rows=16, sample_rows=8)
    assert (landed.space_id, landed.dimension, landed.added) == (SPACE, 384, 25)
    expected = SentenceTransformer(str(minilm_folder)).encode(
        texts_of(few), show_progress_bar=False
    )
    rows = sink.query(
        "SELECT t.text, e.vector FROM raw.texts t JOIN raw.text_embeddings e USING (text_id)"
    )
    found = {text: np.array(vector, dtype=np.float32) for text, vector in rows}
    for text, vector in zip(texts_of(few), expected, strict=True):
        np.testing.assert_allclose(found[text], vector, atol=2e-6)
        assert abs(np.linalg.norm(found[text]) - 1) < 1e-5


def test_columns_are_kept(sink, land_model, few, assert_complete) -> None:
    land_model(sink)
    land_texts(sink, few, name="some", reducer="pca")
    assert assert_complete(sink) == 24
    rows = sink.query("SELECT text, source, metadata FROM raw.texts")
    with few.open(encoding="utf-8", newline="") as file:
        expected = {
            (
                row["text"],
                "some",
                f'{{"difficulty":{row["difficulty"]},"domain":"{row["domain"]}"}}',
            )
            for row in csv.DictReader(file)
        }
    assert set(rows) == expected
    assert sink.query("SELECT model_name, model_id, dimension, metric FROM raw.spaces") == [
        ("all-MiniLM-L6-v2", "minilm", 384, "cosine")
    ]


def test_again_and_queries(sink, land_model, few, snapshot, assert_complete, tmp_path) -> None:
    land_model(sink)
    land_texts(sink, few, reducer="pca")
    queries = land_queries(sink, SEEDS / "sample_queries.csv")
    assert (queries.added, queries.known) == (72, 0)
    assert assert_complete(sink) == 24
    before = snapshot(sink)
    assert land_texts(sink, few, reducer="pca").known == 24
    assert land_queries(sink, SEEDS / "sample_queries.csv").known == 72
    assert snapshot(sink) == before

    longer = tmp_path / "longer.csv"
    longer.write_text(few.read_text() + "A sentence that came later.,news,1\n")
    landed = land_texts(sink, longer, name="few", reducer="pca")
    assert (landed.added, landed.known) == (1, 24)
    assert assert_complete(sink) == 25
    assert sink.query("SELECT COUNT(*) FROM raw.reducers") == [(1,)]
    remove_texts(sink, "few")
    assert [row for table, row in snapshot(sink).items() if row and table != "models"] == [
        snapshot(sink)["source_files"]
    ]


AGAIN = """
import sys
from pathlib import Path
from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.texts import land_texts
print(land_texts(DuckDBSink(Path(sys.argv[1])), sys.argv[2], reducer="pca").known)
print(sorted({"torch", "sentence_transformers", "umap", "numba"} & set(sys.modules)))
"""


def test_again_needs_no_torch(tmp_path, land_model, few) -> None:
    sink = DuckDBSink(tmp_path / "a.duckdb")
    sink.ensure_schema()
    land_model(sink)
    land_texts(sink, few, reducer="pca")
    sink.close()
    done = subprocess.run(
        [sys.executable, "-c", AGAIN, str(tmp_path / "a.duckdb"), str(few)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split("\n")[:2] == ["24", "[]"]


def test_missing_extra(sink, land_model, few, monkeypatch, snapshot) -> None:
    from hartonomous.errors import MissingExtraError

    land_model(sink)
    before = snapshot(sink)
    load_encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtraError, match=r"hartonomous\[ingest\]"):
        land_texts(sink, few)
    assert snapshot(sink) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.texts import land_texts

def progress(stage, done, total):
    if stage == "embedding" and done >= 24:
        os.kill(os.getpid(), signal.SIGKILL)

land_texts(DuckDBSink(Path(sys.argv[1])), sys.argv[2], reducer="pca",
           chunk_rows=8, sample_rows=12, progress=progress)
"""


def test_killed_and_completed(tmp_path, land_model, few, assert_complete, snapshot) -> None:
    options = {"reducer": "pca", "chunk_rows": 8, "sample_rows": 12}
    states = []
    for name in ("whole", "killed"):
        sink = DuckDBSink(tmp_path / f"{name}.duckdb")
        sink.ensure_schema()
        land_model(sink)
        if name == "killed":
            sink.close()
            killed = subprocess.run(
                [sys.executable, "-c", KILLED, str(tmp_path / "killed.duckdb"), str(few)],
                timeout=120,
            )
            assert killed.returncode == -signal.SIGKILL
            sink = DuckDBSink(tmp_path / "killed.duckdb")
            assert assert_complete(sink) == 20  # the sample and a chunk; the next was under way
        assert land_texts(sink, few, **options).added == (24 if name == "whole" else 4)
        assert assert_complete(sink) == 24
        states.append(snapshot(sink))
        sink.close()
    assert {k: v for k, v in states[0].items() if k in ("texts", "spaces", "source_files")} == {
        k: v for k, v in states[1].items() if k in ("texts", "spaces", "source_files")
    }
    whole, killed = (
        {text_id: (i, vector) for _, i, text_id, vector in state["text_embeddings"]}
        for state in states
    )
    for text_id, (embedding_id, vector) in whole.items():
        assert killed[text_id][0] == embedding_id
        np.testing.assert_allclose(killed[text_id][1], vector, atol=2e-6)


# -- which model ------------------------------------------------------------------------------


def test_the_landed_model_is_taken(sink, land_model, minilm_folder) -> None:
    with pytest.raises(InputError, match="no model is landed"):
        find_embedding_model(sink)
    land_model(sink)
    model = find_embedding_model(sink)
    assert (model.name, model.model_id, model.notices) == ("all-MiniLM-L6-v2", "minilm", [])
    assert weights_folder(sink, model) == minilm_folder


def test_of_several_models_the_one_that_embeds(sink, land_model) -> None:
    land_model(sink)
    land_model(sink, name="gpt2", model_id="gpt2", family="gpt2")
    model = find_embedding_model(sink)
    assert model.name == "all-MiniLM-L6-v2"
    assert "gpt2" in model.notices[0]
    land_model(sink, name="bge", model_id="bge")
    with pytest.raises(InputError, match=r"all-MiniLM-L6-v2, gpt2, bge.*--model"):
        find_embedding_model(sink)
    assert find_embedding_model(sink, "gpt2").model_id == "gpt2"


def test_a_folder_that_holds_the_landed_model(sink, land_model, minilm_folder) -> None:
    land_model(sink)
    model = find_embedding_model(sink, str(minilm_folder))
    assert (model.name, model.model_id) == ("all-MiniLM-L6-v2", "minilm")
    assert weights_folder(sink, model) == minilm_folder


def test_a_folder_that_is_not_landed(sink, minilm_folder, few) -> None:
    landed = land_texts(sink, few, model=str(minilm_folder), reducer="pca")
    assert landed.model_name == minilm_folder.name
    assert sink.query("SELECT model_id FROM raw.spaces") == [("",)]


@pytest.mark.parametrize("model", ["no-such-org/no-such-model", "./nowhere", "a/b/c/d"])
def test_a_model_that_is_not_there(sink, land_model, few, snapshot, model: str) -> None:
    land_model(sink)
    before = snapshot(sink)
    with pytest.raises(InputError, match="models landed: all-MiniLM-L6-v2"):
        land_texts(sink, few, model=model)
    assert snapshot(sink) == before


def test_source_folder_is_gone(sink, land_model, few, tmp_path) -> None:
    land_model(sink, path=str(tmp_path / "gone" / "model.safetensors"))
    with pytest.raises(InputError, match=r"landed from .*gone.*is no more"):
        land_texts(sink, few)


@pytest.mark.parametrize("change", ["size", "sha256"])
def test_source_folder_holds_another_model(
    sink, land_model: Callable, few, minilm_folder, change: str
) -> None:
    land_model(sink, **({"size": 1} if change == "size" else {"sha256": "0" * 64}))
    with pytest.raises(InputError, match="is not the file that model"):
        land_texts(sink, few)


def test_a_folder_that_cannot_embed(sink, land_model, few, minilm_folder, tmp_path, snapshot):
    folder = tmp_path / "broken"
    folder.mkdir()
    for file in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(minilm_folder / file, folder)
    (folder / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    before = snapshot(sink)
    with pytest.raises(InputError, match=r"broken (lacks|cannot be loaded)"):
        land_texts(sink, few, model=str(folder))
    assert snapshot(sink) == before


def test_queries_need_a_space(sink, land_model) -> None:
    land_model(sink)
    with pytest.raises(InputError, match="no texts are landed with model"):
        land_queries(sink, SEEDS / "sample_queries.csv")


def test_encoder_keeps_the_order(minilm_folder) -> None:
    encoder = load_encoder(str(minilm_folder))
    texts = ["short", "a rather long sentence about nothing in particular", "mid size text", ""]
    together = encoder.encode(texts)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(encoder.encode([text])[0], vector, atol=2e-6)
    assert encoder.encode([]).shape == (0, 384)
    assert together.dtype == np.float32


# -- sample texts -----------------------------------------------------------------------------


def test_sample_texts_and_queries() -> None:
    with (SEEDS / "sample_texts.csv").open(encoding="utf-8", newline="") as file:
        texts = list(csv.DictReader(file))
    with (SEEDS / "sample_queries.csv").open(encoding="utf-8", newline="") as file:
        queries = list(csv.DictReader(file))
    assert len({row["text"] for row in texts}) == len(texts) >= 240
    assert len({row["text"] for row in queries}) == len(queries) >= 60
    assert not {row["text"] for row in texts} & {row["text"] for row in queries}
    domains = {row["domain"] for row in texts}
    assert len(domains) >= 8
    assert {row["domain"] for row in queries} == domains
    assert {row["difficulty"] for row in texts} == {"1", "2", "3"}


def test_sample_queries_find_their_domain(sink, land_model) -> None:
    land_model(sink)
    land_texts(sink, SEEDS / "sample_texts.csv", reducer="pca")
    land_queries(sink, SEEDS / "sample_queries.csv")
    with (SEEDS / "sample_queries.csv").open(encoding="utf-8", newline="") as file:
        domain = {row["text"]: row["domain"] for row in csv.DictReader(file)}
    nearest = sink.query(
        "SELECT q.text, t.metadata ->> '$.domain' FROM raw.reference_neighbors n "
        "JOIN raw.queries q USING (space_id, query_id) "
        "JOIN raw.text_embeddings e USING (space_id, embedding_id) "
        "JOIN raw.texts t ON t.text_id = e.text_id WHERE n.rank = 1"
    )
    assert len(nearest) == 72
    hits = sum(domain[text] == found for text, found in nearest)
    assert hits >= 65  # 70 when the texts were written
