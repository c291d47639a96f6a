"""Search by several embedding models and by words at once, with the vote of each.

The fusion is SQL (callable ``ensemble_search``): docs/guides/ensemble.md.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import numpy as np

from .answers import ALTERNATIVES, log_answers
from .database import Database
from .errors import InputError
from .inference.question import embed_question
from .inference_log import Inference, served
from .search import MAXIMUM_TOP_K, vector_text
from .spaces import BuiltSpace, landed_spaces

FUSIONS = ("reciprocal_rank", "weighted")
LEXICAL = "lexical"
"""The member that votes by words (BM25)."""

Vector = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Vote:
    """What one member said of a text.

    ``rank`` is from 1; ``similarity`` by the space's metric, or the share of the greatest possible
    BM25 score; ``contribution`` is its part of the result's score.
    """

    rank: int
    similarity: float
    contribution: float


@dataclass(frozen=True)
class EnsembleResult:
    """One text that was found. ``confidence`` is its greatest similarity, cut to 0..1."""

    rank: int
    id: str
    """The text's id, which all spaces share."""
    text: str
    score: float
    confidence: float
    votes: dict[str, Vote]
    """By space id, or ``lexical``; members that did not find it are missing."""
    inference_id: str

    def as_dict(self) -> dict[str, Any]:
        """The result as plain data."""
        return asdict(self)


def ensemble_search(
    database: Database,
    text: str,
    vectors: Mapping[str, Vector],
    *,
    top_k: int = 10,
    fusion: str = "reciprocal_rank",
    lexical: bool = True,
    embed_ms: float = 0.0,
) -> list[EnsembleResult]:
    """The texts that several spaces and BM25 find together, best first; lands an inference.

    Args:
        database: the database, built.
        text: what was asked; its words vote where ``lexical`` is true.
        vectors: space id -> float32[dimension], the question embedded by that space's model.
            A space without a vector does not vote.
        top_k: number of results.
        fusion: ``reciprocal_rank`` (ranks only) or ``weighted`` (calibrated similarities).
        lexical: whether the words of the text vote.
        embed_ms: time that embedding the text took, part of the inference's duration and, by
            itself, of its settings.

    Raises:
        InputError: an unknown space or fusion, a vector that does not fit, or nobody to vote.
    """
    if fusion not in FUSIONS:
        raise InputError(f"unknown fusion {fusion!r}; use {', '.join(FUSIONS)}")
    if not 1 <= top_k <= MAXIMUM_TOP_K:
        raise InputError(f"--top-k takes 1 to {MAXIMUM_TOP_K}; it got {top_k}")
    with database.connect() as connection:
        weights = member_weights(connection)
        spaces = _voting_spaces(connection, vectors, weights)
        voting = [*(space.space_id for space in spaces), *([LEXICAL] if lexical else [])]
        if not any(weights.get(member) for member in voting):
            raise InputError(
                "nobody votes: give a vector of a space or let the text's words vote "
                "(members of weight 0 in the seed ensemble_weights do not)"
            )
        asked = ",".join(f'"{name}":{vector_text(vector)}' for name, vector in vectors.items())
        started = time.perf_counter()
        # More than was asked for: what just missed is part of the answer's history.
        rows = connection.execute(
            "FROM ensemble_search($vectors, $text, $k, $fusion)",
            {
                "vectors": f"{{{asked}}}",
                "text": text if lexical else None,
                "k": top_k + ALTERNATIVES,
                "fusion": fusion,
            },
        ).fetchall()
        elapsed_ms = (time.perf_counter() - started) * 1000 + embed_ms
        serving = served(database, connection)
    inference = Inference(
        task="search",
        method="ensemble",
        space_id=", ".join(space.space_id for space in spaces),
        models=[space.model_name for space in spaces],
        model_ids=[space.model_id for space in spaces],
        query_text=text,
        settings={
            "top_k": top_k,
            "fusion": fusion,
            "weights": weights,
            **({"embed_ms": round(embed_ms, 3)} if embed_ms else {}),
        },
        duration_ms=round(elapsed_ms, 3),
        confidence=None,
        results=[],
        alternatives=[],
    )
    results = [_result(rank, row, inference.inference_id) for rank, row in enumerate(rows, start=1)]
    return log_answers(database, inference, results, top_k, serving)


def question_vectors(database: Database, text: str) -> dict[str, Vector]:
    """The question in every space whose model can embed it: space id -> float32[dimension].

    A space of vectors that were made elsewhere has none, and does not vote.
    """
    with database.connect() as connection:
        spaces = landed_spaces(connection)
    vectors: dict[str, Vector] = {}
    for space in spaces:
        try:
            vectors[space.space_id] = embed_question(database, text, space.space_id)
        except InputError:
            continue
    return vectors


def member_weights(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """The weight of every member of the built ensemble."""
    try:
        return dict(connection.execute("SELECT member, weight FROM ensemble_members").fetchall())
    except duckdb.CatalogException as error:
        raise InputError("the ensemble was not built yet: run `hartonomous build`") from error


def _voting_spaces(
    connection: duckdb.DuckDBPyConnection,
    vectors: Mapping[str, Vector],
    weights: Mapping[str, float],
) -> list[BuiltSpace]:
    known = {space.space_id: space for space in landed_spaces(connection)}
    known = {space_id: space for space_id, space in known.items() if space_id in weights}
    for space_id, vector in vectors.items():
        if space_id not in known:
            listed = ", ".join(known) or "none"
            raise InputError(f"unknown space {space_id!r}; the built ensemble has: {listed}")
        known[space_id].require_dimension(vector)
    return [known[space_id] for space_id in vectors]


def _result(rank: int, row: tuple[str, str, float, str], inference_id: str) -> EnsembleResult:
    votes = {member: Vote(**vote) for member, vote in json.loads(row[3]).items()}
    return EnsembleResult(
        rank=rank,
        id=row[0],
        text=row[1],
        score=row[2],
        confidence=min(1.0, max(0.0, *(vote.similarity for vote in votes.values()))),
        votes=votes,
        inference_id=inference_id,
    )
