"""The Python class: the same verbs as the command line, over one database."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from . import build as dbt_build
from . import catalog, inference_log
from .database import Database
from .landing.told import told
from .progress import QUIET, Progress
from .search import METHODS, Result, check
from .search import search as vector_search
from .spaces import choose_space
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
        self._folders: dict[str | None, str] = {}

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
        self, path: str | os.PathLike[str], *, progress: Progress = QUIET, **options: Any
    ) -> Any:
        """Embed and land texts: landing.texts.land_texts."""
        from .landing.texts import land_texts

        with closing(self.database.sink()) as sink:
            return told(progress, lambda report: land_texts(sink, path, progress=report, **options))

    def ingest_embeddings(
        self, path: str | os.PathLike[str], *, progress: Progress = QUIET, **options: Any
    ) -> Any:
        """Land vectors made elsewhere: landing.embeddings.land_embeddings."""
        from .landing.embeddings import land_embeddings

        with closing(self.database.sink()) as sink:
            return told(
                progress, lambda report: land_embeddings(sink, path, progress=report, **options)
            )

    def ingest_queries(
        self, path: str | os.PathLike[str], *, progress: Progress = QUIET, **options: Any
    ) -> Any:
        """Land held-out queries, which the reports measure with: landing.queries.land_queries."""
        from .landing.queries import land_queries

        with closing(self.database.sink()) as sink:
            return told(
                progress, lambda report: land_queries(sink, path, progress=report, **options)
            )

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

    def embed(self, text: str, *, model: str | None = None) -> np.ndarray:
        """The vector of a text, float32[dimension], by the model of a space.

        ``model`` is a landed name or a folder that holds the same model.
        """
        from .texts.encoder import load_encoder

        if model not in self._folders:
            self._folders[model] = self._weights_folder(model)
        return load_encoder(self._folders[model]).encode([text])[0]

    def _weights_folder(self, model: str | None) -> str:
        """Where the space's model can be loaded from; its weights are those that were landed."""
        from .landing.texts_models import find_embedding_model, weights_folder

        with self.database.connect() as connection:
            space = choose_space(connection, model)
        with self.database.reader() as reader:
            named = model if model and Path(model).is_dir() else space.model_name
            return str(weights_folder(reader, find_embedding_model(reader, named)))

    def search(
        self,
        query: str | Sequence[float] | np.ndarray,
        *,
        method: str = "exact",
        top_k: int = 10,
        metric: str | None = None,
        where: Sequence[str] = (),
        model: str | None = None,
        candidates: int = 100,
    ) -> list[Result]:
        """The texts nearest to a text or vector: search.search."""
        check(method, top_k, metric)
        started = time.perf_counter()
        vector = self.embed(query, model=model) if isinstance(query, str) else query
        return vector_search(
            self.database,
            query if isinstance(query, str) else "(vector)",
            vector,
            method=method,
            top_k=top_k,
            metric=metric,
            where=where,
            model=model,
            candidates=candidates,
            embed_ms=(time.perf_counter() - started) * 1000,
        )

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
