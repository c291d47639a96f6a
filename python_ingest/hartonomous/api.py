"""The Python class: the same verbs as the command line, over one database."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from . import build as dbt_build
from . import catalog, inference_log
from .database import Database
from .ensemble import EnsembleResult, Vector, ensemble_search, question_vectors
from .forget import Forgotten, forget_text
from .inference import embedding, generation, scoring, tokens
from .inference.encoder import text_encoder
from .inference.question import embed_question
from .landing.told import told
from .map import DrawnMap, write_map
from .progress import QUIET, Progress
from .search import METHODS, Result, check
from .search import search as vector_search
from .tune import Tuning, tune
from .walk import walk


class Hartonomous:
    """A database of models and embeddings.

    Example:
        >>> hartonomous = Hartonomous("demo/demo.duckdb")  # doctest: +SKIP
        >>> hartonomous.search("who repairs roofs?", method="index", top_k=3)  # doctest: +SKIP
    """

    methods = METHODS

    def __init__(self, database: str | os.PathLike[str] | None = None) -> None:
        self.database = Database.locate(database)

    def init(self) -> None:
        """Make the landing tables, empty."""
        self.database.sink().close()

    def ingest_model(
        self, source: str, *, name: str | None = None, progress: Progress = QUIET
    ) -> Any:
        """Land a model: landing.model.land_model."""
        from .landing.model import land_model

        with closing(self.database.sink()) as sink:
            return land_model(sink, source, name, progress=progress)

    def ingest_texts(
        self,
        path: str | os.PathLike[str],
        *,
        embedder: str = "auto",
        progress: Progress = QUIET,
        **options: Any,
    ) -> Any:
        """Embed and land texts: landing.texts.land_texts.

        ``embedder``: sentence-transformers (``torch``), the model's SQL (``sql``), or the first
        where it is installed (``auto``).
        """
        from .landing.texts import land_texts

        model = options.get("model")
        with (
            text_encoder(self.database, embedder, model, progress) as encoder_of,
            closing(self.database.sink()) as sink,
        ):
            return told(progress, land_texts, sink, path, encoder_of=encoder_of, **options)

    def ingest_embeddings(
        self, path: str | os.PathLike[str], *, progress: Progress = QUIET, **options: Any
    ) -> Any:
        """Land vectors made elsewhere: landing.embeddings.land_embeddings."""
        from .landing.embeddings import land_embeddings

        with closing(self.database.sink()) as sink:
            return told(progress, land_embeddings, sink, path, **options)

    def ingest_queries(
        self,
        path: str | os.PathLike[str],
        *,
        vector_column: str | None = None,
        embedder: str = "auto",
        progress: Progress = QUIET,
        **options: Any,
    ) -> Any:
        """Land held-out queries, which tune searches: landing.queries.land_queries.

        ``embedder`` is as with :meth:`ingest_texts`. With ``vector_column`` they are vectors made
        elsewhere, of the space that ``model`` names: landing.queries.land_query_vectors.
        """
        from .landing.queries import land_queries, land_query_vectors

        if vector_column is not None:
            with closing(self.database.sink()) as sink:
                return told(
                    progress, land_query_vectors, sink, path, vector_column=vector_column, **options
                )
        model = options.get("model")
        with (
            text_encoder(self.database, embedder, model, progress) as encoder_of,
            closing(self.database.sink()) as sink,
        ):
            return told(progress, land_queries, sink, path, encoder_of=encoder_of, **options)

    def remove_model(self, name: str) -> Any:
        """Remove a model; tensors that another model shares stay."""
        from .landing.model_remove import remove_model

        with closing(self.database.sink(must_exist=True)) as sink:
            return remove_model(sink, name)

    def remove_texts(self, name: str) -> Any:
        """Remove a collection of texts with its embeddings."""
        from .landing.texts_removal import remove_texts

        with closing(self.database.sink(must_exist=True)) as sink:
            return remove_texts(sink, name)

    def build(self, **options: Any) -> dbt_build.BuildResult:
        """Run ``dbt build`` over the database."""
        return dbt_build.build(self.database, **options)

    def models(self) -> list[dict[str, Any]]:
        """Landed models and students."""
        return catalog.models(self.database)

    def embed(
        self, text: str, *, model: str | None = None, progress: Progress = QUIET
    ) -> np.ndarray:
        """The vector of a text in SQL, float32[dimension]: inference.embedding.embed.

        ``model`` is a landed name; by default that of the default space.
        """
        return embedding.embed(self.database, text, model=model, progress=progress)[1]

    def embed_many(
        self, texts: Sequence[str], *, model: str | None = None, progress: Progress = QUIET
    ) -> np.ndarray:
        """Vectors of texts in SQL, float32[n, dimension]: inference.embedding.embed_many."""
        return embedding.embed_many(self.database, texts, model=model, progress=progress)[1]

    def generate(
        self,
        prompt: str,
        *,
        max_tokens: int = 20,
        temperature: float = 0.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
        model: str | None = None,
        progress: Progress = QUIET,
    ) -> generation.Generated:
        """What a language model writes after a prompt: inference.generation.generate.

        inference.generation.Stream gives the same a token at a time.
        """
        sampling = generation.Sampling(max_tokens, temperature, top_k, top_p, seed)
        return generation.generate(self.database, prompt, sampling, model=model, progress=progress)

    def generate_beam(self, prompt: str, **options: Any) -> generation.Generated:
        """The likeliest continuation by beam search: inference.generation.generate_beam."""
        return generation.generate_beam(self.database, prompt, **options)

    def score(self, text: str, **options: Any) -> scoring.ScoredText:
        """How likely a language model finds each token of a text: inference.scoring.score."""
        return scoring.score(self.database, text, **options)

    def next_tokens(self, prompt: str, **options: Any) -> list[scoring.NextToken]:
        """The likeliest tokens after a prompt: inference.scoring.next_tokens."""
        return scoring.next_tokens(self.database, prompt, **options)

    def tokenize(self, text: str, **options: Any) -> list[tokens.Token]:
        """The tokens that a model reads a text as: inference.tokens.tokenize."""
        return tokens.tokenize(self.database, text, **options)

    def search(
        self,
        query: str | Sequence[float] | np.ndarray,
        *,
        method: str = "auto",
        top_k: int = 10,
        metric: str | None = None,
        where: Sequence[str] = (),
        model: str | None = None,
        candidates: int = 100,
        max_distance: float | None = None,
    ) -> list[Result]:
        """The texts nearest to a text or vector: search.search.

        A text is embedded in SQL by the space's own model, which is built first where it was just
        landed.
        """
        check(method, top_k, metric)
        embed_ms = 0.0
        if isinstance(query, str):
            started = time.perf_counter()
            text, vector = query, embed_question(self.database, query, model)
            embed_ms = (time.perf_counter() - started) * 1000
        else:
            text, vector = "(vector)", query
        return vector_search(
            self.database,
            text,
            vector,
            method=method,
            top_k=top_k,
            metric=metric,
            where=where,
            model=model,
            candidates=candidates,
            max_distance=max_distance,
            embed_ms=embed_ms,
        )

    def ensemble_search(
        self, query: str, *, vectors: Mapping[str, Vector] | None = None, **options: Any
    ) -> list[EnsembleResult]:
        """The texts that all models and the words of a question find: ensemble.ensemble_search.

        ``vectors`` (space id -> vector) are found by each space's own model where not given.
        """
        started = time.perf_counter()
        if vectors is None:
            vectors = question_vectors(self.database, query)
        embed_ms = (time.perf_counter() - started) * 1000
        return ensemble_search(self.database, query, vectors, embed_ms=embed_ms, **options)

    def tune(self, **options: Any) -> Tuning:
        """Time searches on this machine, for the next build to choose by: tune.tune."""
        return tune(self.database, **options)

    def map(self, output: str | os.PathLike[str] = "map.html", **options: Any) -> DrawnMap:
        """Write a page of a space's 3-D positions, to look at: map.write_map."""
        return write_map(self.database, output, **options)

    def inspect(self, model: str, **options: Any) -> list[dict[str, Any]]:
        """Tensors of a model, or with ``layer`` its weight rows: catalog."""
        found = catalog.require_model(self.database, model)
        if "layer" in options:
            return catalog.weight_rows(self.database, found, **options)
        return catalog.tensors(self.database, found)

    def walk(
        self, seed: str, *, tokens: int = 8, model: str | None = None
    ) -> tuple[list[dict[str, Any]], str]:
        """Generation by neighborhood: walk.walk."""
        return walk(self.database, seed, tokens=tokens, model=model)

    def inferences(self, **options: Any) -> list[dict[str, Any]]:
        """The inference log, newest first: inference_log.select."""
        return inference_log.select(self.database.inference_folder, **options)

    def explain(self, inference: str = "last") -> dict[str, Any]:
        """One inference by id, or ``last``."""
        return inference_log.find(self.database.inference_folder, inference)

    def feedback(
        self, inference: str, verdict: str, *, rank: int | None = None, note: str | None = None
    ) -> dict[str, Any]:
        """Say that an answer was ``good`` or ``bad``: inference_log.feedback."""
        return inference_log.feedback(
            self.database.inference_folder, inference, verdict, rank=rank, note=note
        )

    def forget(self, text: str | None = None, *, text_hash: str | None = None) -> Forgotten:
        """Take a text out of log, tables and graph: forget.forget_text."""
        return forget_text(self.database, text=text, digest=text_hash)
