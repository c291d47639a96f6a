"""Embed texts with sentence-transformers, in float32 and length-sorted batches.

The library (and torch under it) is imported when an :class:`Encoder` is made: who lands texts
that are already embedded, or vectors made elsewhere, never waits for it.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, MissingExtraError

_BATCH_TEXTS = 32  # fastest of 16, 32, 64, 128 for all-MiniLM-L6-v2 on two cores
_SLICE_TEXTS = 256  # texts between two reports of progress


class Encoder:
    """A sentence-transformers model that is loaded and ready.

    ``location`` is the folder of a model or a hub id. Weights are read from safetensors only:
    pickle files are never opened, nor is code run that came with the model. What the model does
    after pooling (all-MiniLM-L6-v2 scales to length 1) is done here too.
    """

    def __init__(self, location: str) -> None:
        try:
            with _quiet():
                from sentence_transformers import SentenceTransformer
        except ImportError as error:
            missing = (error.name or "sentence-transformers").split(".")[0]
            raise MissingExtraError("embedding texts", "ingest", missing) from error
        self.location = location
        self.notices: list[str] = []
        folder = Path(location)
        if folder.is_dir() and not (folder / "modules.json").exists():
            self.notices.append(
                f"{location} has no modules.json, so it does not say how to pool: "
                "the mean over the tokens is taken"
            )
        try:
            with _quiet():
                self._model: Any = SentenceTransformer(
                    location,
                    trust_remote_code=False,
                    model_kwargs={"use_safetensors": True},
                )
                self._model.float().eval()
                self._dimension = _dimension(self._model)
                missing = _missing_weights(self._model)
        except Exception as error:  # the library raises many types for one cause: no usable model
            raise InputError(
                f"{location} cannot be loaded for embedding texts: {_first_line(error)}"
            ) from error
        if missing:
            raise InputError(
                f"{location} lacks {len(missing)} weights of its architecture, {missing[0]} for "
                "one, in whose place there would be random numbers: it cannot embed texts"
            )
        if not self._dimension:
            self._dimension = self.encode(["dimension"]).shape[1]

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._dimension

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors (n, dimension) float32 of texts, in their order.

        A text longer than the model's maximum is cut to its beginning, as the library does.
        ``progress`` is told how many texts are done. InputError where the model fails on the
        texts (a tokenizer without padding token, for one) or gives NaN.
        """
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        parts: list[NDArray[np.float32]] = []
        for start in range(0, len(order), _SLICE_TEXTS):
            chosen = [texts[i] for i in order[start : start + _SLICE_TEXTS]]
            try:
                with _quiet():
                    vectors = self._model.encode(
                        chosen,
                        batch_size=_BATCH_TEXTS,
                        show_progress_bar=False,
                        convert_to_numpy=True,
                    )
            except Exception as error:
                raise InputError(
                    f"{self.location} cannot embed texts: {_first_line(error)}"
                ) from error
            parts.append(np.asarray(vectors, dtype=np.float32))
            if progress is not None:
                progress(min(start + _SLICE_TEXTS, len(order)))
        if not parts:
            return np.empty((0, self._dimension), dtype=np.float32)
        sorted_vectors = np.concatenate(parts)
        if not np.isfinite(sorted_vectors).all():
            raise InputError(f"{self.location} gives NaN or infinity: it cannot embed these texts")
        result = np.empty_like(sorted_vectors)
        result[order] = sorted_vectors
        return result


@lru_cache(maxsize=1)
def load_encoder(location: str) -> Encoder:
    """The encoder of a folder or hub id; the last one stays loaded for who asks again."""
    return Encoder(location)


def _dimension(model: Any) -> int:
    """The dimension that the model states, 0 where it states none."""
    # the method's name since sentence-transformers 6, and the one before
    for name in ("get_embedding_dimension", "get_sentence_embedding_dimension"):
        if hasattr(model, name):
            return int(getattr(model, name)() or 0)
    return 0


def _missing_weights(model: Any) -> list[str]:
    """Parameters that the model's files do not hold: the library fills them at random, silently.

    A pooler that is missing does no harm: pooling is the business of the modules that follow.
    """
    transformer = getattr(model[0], "auto_model", None)
    place = getattr(transformer, "name_or_path", "")
    if transformer is None or not place:
        return []
    # Only a second load tells, for sentence-transformers keeps the report of its own to itself.
    _, report = type(transformer).from_pretrained(
        place, use_safetensors=True, output_loading_info=True
    )
    return sorted(key for key in report["missing_keys"] if "pooler" not in key)


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' warnings and progress bars off the terminal."""
    names = ("sentence_transformers", "transformers", "huggingface_hub")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.ERROR)
    bars = _progress_bars()
    if bars is not None:
        bars[0]()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        if bars is not None:
            bars[1]()


def _progress_bars() -> tuple[Callable[[], None], Callable[[], None]] | None:
    """(off, on) for the bar that transformers draws while it loads weights."""
    try:
        from transformers.utils import logging as transformers_logging
    except ImportError:
        return None
    return transformers_logging.disable_progress_bar, transformers_logging.enable_progress_bar
