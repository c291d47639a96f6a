"""What embeds the texts of a landing: sentence-transformers, or the model's own SQL."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..database import Database
from ..errors import InputError, MissingExtraError
from ..landing.texts_models import EncoderOf, find_embedding_model, torch_encoder
from ..progress import QUIET, Progress
from .embedding import embed_texts
from .models import RunnableModel
from .ready import EMBEDDING, make_ready

EMBEDDERS = ("auto", "torch", "sql")
"""auto is torch where sentence-transformers is installed, else sql."""


class SqlEncoder:
    """A landed model that embeds by its SQL callables; else as texts.encoder.Encoder.

    ``connection`` must not have the landed file attached, which the landing writes meanwhile.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, model: RunnableModel, notices: Sequence[str]
    ) -> None:
        self._connection = connection
        self._model = model
        self.notices = list(notices)
        self._dimension = int(self.encode(["dimension"]).shape[1])

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._dimension

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors (n, dimension) float32 of texts, in their order.

        ``progress`` is told how many texts are done. InputError where the model refuses.
        """
        if not texts:
            return np.empty((0, self._dimension), dtype=np.float32)
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if progress is not None:
                progress(done)

        return embed_texts(self._connection, self._model, texts, advance)


def has_torch() -> bool:
    """Whether sentence-transformers is installed; nothing is imported."""
    return importlib.util.find_spec("sentence_transformers") is not None


@contextmanager
def text_encoder(
    database: Database, embedder: str, model: str | None, progress: Progress = QUIET
) -> Iterator[EncoderOf]:
    """What makes the encoder of a landing; to be entered before the sink is opened.

    Args:
        database: where texts are landed; for ``sql`` the model must be landed there.
        embedder: one of :data:`EMBEDDERS`.
        model: as with :func:`hartonomous.landing.texts.land_texts`.
        progress: shows what is built for the model first.

    Raises:
        InputError: an unknown embedder, or a model that is not landed.
        MissingExtraError: ``torch`` is asked for and sentence-transformers is not installed.
    """
    if chosen_embedder(embedder) == "torch":
        yield torch_encoder
        return
    with database.reader() as reader:
        try:
            found = find_embedding_model(reader, model)
        except duckdb.CatalogException as error:
            raise InputError(
                f"{database.landed} holds no landing tables: `hartonomous init` makes them"
            ) from error
    if not found.model_id:
        raise InputError(
            f"{found.name} is not landed, and in SQL only landed models embed: land it with "
            f"`hartonomous ingest model {model}`, or install sentence-transformers: "
            "pip install 'hartonomous[ingest]'"
        )
    runnable = make_ready(database, found.name, EMBEDDING, progress)
    notices = []
    if embedder == "auto":
        notices.append("sentence-transformers is not installed: the texts are embedded in SQL")
    with database.connect(landed=False) as connection:
        yield lambda sink, chosen: SqlEncoder(connection, runnable, notices)


def chosen_embedder(embedder: str) -> str:
    """``torch`` or ``sql``; errors as :func:`text_encoder`."""
    if embedder not in EMBEDDERS:
        raise InputError(f"unknown embedder {embedder!r}; use {', '.join(EMBEDDERS)}")
    if embedder == "auto":
        return "torch" if has_torch() else "sql"
    if embedder == "torch" and not has_torch():
        raise MissingExtraError("embedding by torch", "ingest", "sentence-transformers")
    return embedder
