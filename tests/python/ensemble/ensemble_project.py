"""Two spaces of seeded vectors over the same texts, landed and built in a project of their own."""

from __future__ import annotations

import math
import re
import shutil
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hartonomous import Hartonomous
from project_copies import copy_settings

DIMENSIONS = {"small": 16, "large": 24}
SPACES = ["small_16", "large_24"]
WEIGHTS = {"small_16": 1.0, "large_24": 2.0, "lexical": 0.5}
WORDS = ["river", "stone", "apple", "Ärger", "house", "CLOUD", "engine", "3d", "paper", "tree"]
WORDS += ["snow_bird", "lamp", "नमस्ते", "wolf"]
ROWS = 300


def texts() -> list[str]:
    """Short texts of few words, so that most questions share some with many of them."""
    rng = np.random.default_rng(0)
    return [f"{i}: " + " ".join(rng.choice(WORDS, rng.integers(2, 12))) for i in range(ROWS)]


def vectors(name: str) -> np.ndarray:
    """Unit vectors of a space, float32[ROWS, dimension]."""
    rng = np.random.default_rng(DIMENSIONS[name])
    found = rng.normal(size=(ROWS, DIMENSIONS[name])).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def copy_project(project: Path, copy: Path) -> Path:
    """What the ensemble needs of the project: dbt writes into its project, and parses all of it."""
    for folder in ("macros", "tests/dbt", "models/embeddings", "models/tuning", "models/ensemble"):
        shutil.copytree(project / folder, copy / folder)
    (copy / "seeds").mkdir()
    # The models of the searches that every space has, and the drift report of its cells.
    shutil.copytree(
        project / "models" / "search",
        copy / "models" / "search",
        ignore=shutil.ignore_patterns("semantic_search*", "query_model_weights*"),
    )
    (copy / "models" / "reports").mkdir()
    for file in (
        "models/reports/cell_drift.sql",
        "models/reports/cell_drift.yml",
        "seeds/seeds.yml",
    ):
        shutil.copyfile(project / file, copy / file)
    copy_settings(project, copy)
    write_weights(copy, {k: v for k, v in WEIGHTS.items() if v != 1})
    return copy


def write_weights(project: Path, weights: dict[str, float]) -> None:
    """The seed of weights."""
    rows = "".join(f"{member},{weight}\n" for member, weight in weights.items())
    (project / "seeds" / "ensemble_weights.csv").write_text(f"member,weight\n{rows}")


def write(path: Path, written: list[str], found: np.ndarray) -> Path:
    """A Parquet file of texts and their vectors."""
    listed = pa.array(found.tolist(), pa.list_(pa.float32()))
    pq.write_table(pa.table({"text": written, "vector": listed}), path)
    return path


def ingest(hartonomous: Hartonomous, file: Path, space: str, name: str) -> None:
    """Land a collection into a space; in another space the same one has the same text ids."""
    hartonomous.ingest_embeddings(
        file,
        vector_column="vector",
        column="text",
        name=name,
        model_name=space,
        reducer="pca",
    )


def land(folder: Path) -> Hartonomous:
    """A database of the two spaces."""
    hartonomous = Hartonomous(folder / "ensemble.duckdb")
    for name in DIMENSIONS:
        file = write(folder / f"{name}.parquet", texts(), vectors(name))
        ingest(hartonomous, file, name, "shared")
    return hartonomous


def words(text: str) -> list[str]:
    """Runs of letters, marks and digits in lower case."""
    spelled = "".join(
        letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in text.lower()
    )
    return re.split(" +", spelled.strip()) if spelled.strip() else []


def bm25(question: str, collection: dict[str, str]) -> tuple[dict[str, float], float]:
    """(text_id -> score of the texts that share a word, what no score reaches).

    k1 = 1.2, b = 0.75; a question's words count once.
    """
    k1, b = 1.2, 0.75
    said = {text_id: Counter(words(text)) for text_id, text in collection.items()}
    mean_length = sum(counted.total() for counted in said.values()) / len(said)
    scores: dict[str, float] = {}
    bound = 0.0
    for word in set(words(question)):
        holding = {text_id: c[word] for text_id, c in said.items() if c[word]}
        weight = math.log(1 + (len(said) - len(holding) + 0.5) / (len(holding) + 0.5))
        bound += weight * (k1 + 1)
        for text_id, times in holding.items():
            length = said[text_id].total() / mean_length
            part = weight * times * (k1 + 1) / (times + k1 * (1 - b + b * length))
            scores[text_id] = scores.get(text_id, 0.0) + part
    return scores, bound
