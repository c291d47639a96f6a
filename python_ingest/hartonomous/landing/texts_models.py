"""Which model embeds: a landed one by its name, a folder or a hub id; found without torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import InputError
from ..texts.files import describe_file
from .model_source import find_model
from .sink import Sink

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WEIGHTS = ".safetensors"


class LandedRows(Protocol):
    """The reading half of a sink, which is all that finding a model needs."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a read."""


class TextEncoder(Protocol):
    """What makes vectors of texts, by whatever means; ``notices`` are for a person."""

    notices: list[str]

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors (n, dimension) float32 of texts, in their order."""


@dataclass(frozen=True)
class EmbeddingModel:
    """A model that can embed texts.

    ``name`` names it in ``raw.spaces``; ``model_id`` is '' where it is not landed; ``given`` is
    what the caller named, None where the landed one was taken; ``notices`` are for a person.
    """

    name: str
    model_id: str
    given: str | None
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Landed:
    name: str
    model_id: str
    family: str
    tokenizer_id: str


def find_embedding_model(sink: LandedRows, model: str | None = None) -> EmbeddingModel:
    """The model by a landed name, else by a folder or hub id; without any, the landed one.

    Of several landed models, the only one of the BERT family with a tokenizer is taken, and a
    notice says so. A folder or hub id whose weights are those of a landed model is that model.
    InputError where there is none or where the choice is open.
    """
    landed = _landed(sink)
    if model is None:
        return _only_one(landed)
    for candidate in landed:
        if candidate.name == model:
            return EmbeddingModel(model, candidate.model_id, model)
    names = ", ".join(candidate.name for candidate in landed) or "none"
    try:
        source = find_model(model)
    except InputError as error:
        raise InputError(f"{error} (models landed: {names})") from error
    files = _weight_files(source.weights)
    for candidate in landed:
        if _is_landed(sink, candidate.name, files):
            return EmbeddingModel(candidate.name, candidate.model_id, model)
    return EmbeddingModel(source.name, "", model)


EncoderOf = Callable[[Sink, EmbeddingModel], TextEncoder]
"""Makes the encoder of a model; called only where there is something new to embed."""


def torch_encoder(sink: Sink, model: EmbeddingModel) -> TextEncoder:
    """The model in sentence-transformers, from its folder; errors as :func:`weights_folder`."""
    folder = weights_folder(sink, model)
    from ..texts.encoder import load_encoder

    return load_encoder(str(folder))


def weights_folder(sink: LandedRows, model: EmbeddingModel) -> Path:
    """The folder that sentence-transformers can load the model from.

    For a landed model that is where it was landed from, or what the caller named: InputError
    where the folder is gone, its weights are no longer those that were landed (by size, then by
    SHA-256), or the model has no safetensors.
    """
    if model.given is not None and (not model.model_id or model.given != model.name):
        source = find_model(model.given)
        if source.format != "safetensors":
            raise InputError(f"{model.given!r} has no safetensors: texts are embedded from those")
        return source.root
    recorded = _recorded(sink, model.name)
    if not recorded:
        raise InputError(
            f"model {model.name!r} was not landed from safetensors: name a folder that has them "
            "with --model"
        )
    folder = Path(next(iter(recorded))).parent
    for path, (sha256, size) in recorded.items():
        file = Path(path)
        if not file.is_file():
            raise InputError(
                f"model {model.name!r} was landed from {folder}, where {file.name} is no more: "
                "put it back, or name another folder with the same model with --model"
            )
        if file.stat().st_size != size or describe_file(file).sha256 != sha256:
            raise InputError(
                f"{file} is not the file that model {model.name!r} was landed from: land it anew "
                "under another name, or name a folder with the landed one with --model"
            )
    # Older sentence-transformers folders keep the transformer in a folder of its own.
    nested = not (folder / "modules.json").exists() and (folder.parent / "modules.json").exists()
    return folder.parent if nested else folder


def _landed(sink: LandedRows) -> list[_Landed]:
    rows = sink.query(
        "SELECT name, model_id, family, tokenizer_id FROM raw.models ORDER BY ingested_at, name"
    )
    return [_Landed(*row) for row in rows]


def _only_one(landed: list[_Landed]) -> EmbeddingModel:
    if not landed:
        raise InputError(
            "no model is landed: land one with `hartonomous ingest model`, or name a folder or "
            "hub id with --model"
        )
    names = ", ".join(candidate.name for candidate in landed)
    fitting = landed
    if len({candidate.model_id for candidate in landed}) > 1:
        fitting = [c for c in landed if c.family == "bert" and c.tokenizer_id]
    if len({candidate.model_id for candidate in fitting}) != 1:
        raise InputError(f"several models are landed ({names}): choose one with --model")
    chosen = fitting[0]
    notices = [f"embedding with {chosen.name} (models landed: {names})"] if len(landed) > 1 else []
    return EmbeddingModel(chosen.name, chosen.model_id, None, notices)


def _recorded(sink: LandedRows, name: str) -> dict[str, tuple[str, int]]:
    """Path -> (SHA-256, bytes) of the safetensors that a model was landed from."""
    rows = sink.query(
        "SELECT path, sha256, bytes FROM raw.source_files WHERE kind = 'model' AND name = ? "
        "ORDER BY path",
        [name],
    )
    return {path: (sha256, size) for path, sha256, size in rows if path.endswith(_WEIGHTS)}


def _weight_files(weights: Path) -> list[Path]:
    if weights.suffix == _WEIGHTS:
        return [weights]
    return sorted(weights.parent.glob(f"*{_WEIGHTS}"))  # the shards beside an index


def _is_landed(sink: LandedRows, name: str, files: list[Path]) -> bool:
    recorded = _recorded(sink, name)
    if not files or sorted(f.stat().st_size for f in files) != sorted(
        size for _, size in recorded.values()
    ):
        return False
    return {describe_file(file).sha256 for file in files} == {sha for sha, _ in recorded.values()}
