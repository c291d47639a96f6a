"""Landing a model: its tensors, tokenizer and graph become rows, all of them or nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import InputError
from ..progress import QUIET, Progress
from .model_check import check_model
from .model_content import ModelContent, read_content
from .model_plan import model_identity, parameter_tensors
from .model_positions import land_token_positions
from .model_register import is_landed, refuse_used_name, register
from .model_remove import collect_garbage, remove_model
from .model_source import find_model
from .model_write import TensorToLand, write_tensors
from .sink import Sink

__all__ = ["LandedModel", "collect_garbage", "land_model", "remove_model"]


@dataclass(frozen=True)
class LandedModel:
    """What a landing did.

    Attributes:
        model_id, name, architecture, family, format: as in ``raw.models``.
        parameters: number of weights, each shared tensor once.
        bytes: their size in the files.
        tensors: number of tensors of the model.
        new_tensors: how many of them were not in the database.
        changed: False when the model was there under this name, and nothing was written.
        warnings: what will not work, one sentence each.
        seconds: time taken.
    """

    model_id: str
    name: str
    architecture: str
    family: str
    format: str
    parameters: int
    bytes: int
    tensors: int
    new_tensors: int
    changed: bool
    warnings: tuple[str, ...]
    seconds: float


def land_model(
    sink: Sink, source: str, name: str | None = None, *, progress: Progress = QUIET
) -> LandedModel:
    """Land a model.

    Everything is read and checked first, so that bad input lands nothing. Then the tensors that
    are missing land, each in one transaction with its rows, and the model's own row last: a
    landing that is killed leaves no half a model, and the same command completes it. Landing the
    same content again changes nothing; under another name it adds that name.

    Args:
        sink: where to; its schema is created where it is missing.
        source: a folder, a hub id, a .safetensors file (or index) or a .onnx file.
        name: the model's name; without it the hub id, or the name of the folder or file.
        progress: where bars and messages go.

    Raises:
        InputError: the model cannot be landed, and why; or its name is used by another.
        MissingExtraError: a package for hub ids or ONNX is not installed.
    """
    started = time.monotonic()
    content = read_content(find_model(str(source), name))
    weights = {tensor.stored.name for tensor in content.planned if tensor.has_rows}
    total = sum(file.stat().st_size for file in content.files)
    total += sum(tensor.bytes for tensor in content.stored)
    with progress.bar(f"Checking {content.source.name}", total, "bytes") as advance:
        hashes, digests = check_model(content.stored, weights, content.files, advance)
    tensors = [
        TensorToLand(planned, planned.tensor_id(sha256), sha256)
        for planned in content.planned
        for sha256 in [hashes[planned.stored.name]]
    ]
    model = _model_row(content, tensors)

    sink.ensure_schema()
    refuse_used_name(sink, model["name"], model["model_id"])
    new_tensors = 0
    changed = not is_landed(sink, model["model_id"], model["name"])
    if changed:
        new_tensors = _land_tensors(sink, content, tensors, progress)
        now = datetime.now(UTC).replace(tzinfo=None)
        register(sink, model, content, tensors, digests, now)
    landed = LandedModel(
        model["model_id"],
        model["name"],
        model["architecture"],
        model["family"],
        model["format"],
        model["parameters"],
        model["bytes"],
        len(tensors),
        new_tensors,
        changed,
        tuple(content.warnings),
        time.monotonic() - started,
    )
    _tell(progress, landed)
    return landed


def _model_row(content: ModelContent, tensors: list[TensorToLand]) -> dict[str, object]:
    tokenizer_id = content.tokenizer.tokenizer_id if content.tokenizer else ""
    identified = [(tensor.planned, tensor.tensor_id) for tensor in tensors]
    weighing = parameter_tensors(identified)
    graph = [list(vars(node).values()) for node in content.nodes]
    return {
        "model_id": model_identity(content.settings, identified, tokenizer_id, graph),
        "name": content.source.name,
        "architecture": content.architecture,
        "family": content.family.name,
        "format": content.source.format,
        "tokenizer_id": tokenizer_id,
        "parameters": sum(tensor.elements for tensor in weighing),
        "bytes": sum(tensor.bytes for tensor in weighing),
        **content.fields,
    }


def _land_tensors(
    sink: Sink, content: ModelContent, tensors: list[TensorToLand], progress: Progress
) -> int:
    """Land the tensors that are missing, and the positions of tokens; returns how many tensors."""
    there = {row[0] for row in sink.query("SELECT tensor_id FROM raw.tensors")}
    missing = {tensor.tensor_id: tensor for tensor in tensors if tensor.tensor_id not in there}
    total = sum(tensor.planned.bytes for tensor in missing.values())
    try:
        with progress.bar(f"Landing {content.source.name}", total, "bytes") as advance:
            write_tensors(sink, list(missing.values()), advance)
        embedding = next(
            (tensor for tensor in tensors if tensor.planned.role == "embedding_token"), None
        )
        if embedding is not None:
            rows = embedding.planned.matrix[0]
            with progress.bar("Placing tokens", 2 * rows) as advance:
                land_token_positions(sink, embedding.planned, embedding.tensor_id, advance)
        for source in content.weight_files:
            source.assert_unchanged()
    except InputError:
        # The files changed or vanished since they were checked: what landed may be neither.
        collect_garbage(sink)
        raise
    return len(missing)


def _tell(progress: Progress, landed: LandedModel) -> None:
    for warning in landed.warnings:
        progress.warn(warning)
    if not landed.changed:
        progress.say(
            f"{landed.name} is landed already, with the same content ({landed.model_id[:12]}): "
            f"nothing changed ({landed.seconds:.1f} s)"
        )
        return
    shared = landed.tensors - landed.new_tensors
    progress.say(
        f"{landed.name}: {landed.architecture} ({landed.family}), {landed.parameters:,} parameters "
        f"in {landed.tensors} tensors"
        + (f", {shared} of them there already" if shared else "")
        + f", landed in {landed.seconds:.1f} s"
    )
