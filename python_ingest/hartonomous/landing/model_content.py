"""What a model's files hold, read and understood, before its weights are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..families import FAMILIES, OTHER, Family, recognize
from ..readers.bytes_source import FileSource
from ..readers.onnx_file import OnnxModel, read_onnx
from ..readers.onnx_graph import GraphNode
from ..readers.safetensors_file import read_header
from ..readers.shards import read_sharded
from ..readers.tensor import StoredTensor
from .model_config import architecture_of, catalog_fields, read_settings, settings_files
from .model_plan import PlannedTensor, plan_tensors, tied_head
from .model_source import ModelSource
from .model_tokenizer import Tokenizer, read_tokenizer


@dataclass(frozen=True)
class ModelContent:
    """A model as its files have it.

    Attributes:
        source: where it stands.
        settings: the object of the ``config`` column.
        architecture, family: what it is.
        fields: layers, hidden_size and the other numbers of the catalog.
        stored: the tensors of its files.
        planned: what they land as.
        nodes: the graph, for ONNX.
        tokenizer: None where there is none.
        files: every file that is landed from.
        warnings: what will not work, one sentence each.
    """

    source: ModelSource
    settings: dict[str, Any]
    architecture: str
    family: Family
    fields: dict[str, int | None]
    stored: list[StoredTensor]
    planned: list[PlannedTensor]
    nodes: list[GraphNode]
    tokenizer: Tokenizer | None
    files: list[Path]
    warnings: list[str]

    @property
    def weight_files(self) -> set[FileSource]:
        """The files whose bytes are the tensors'."""
        return {tensor.source for tensor in self.stored if isinstance(tensor.source, FileSource)}


def read_content(source: ModelSource) -> ModelContent:
    """Read headers, config, tokenizer and graph of a model.

    Raises:
        InputError: one of them is missing or broken.
        MissingExtraError: it is an ONNX file, and the package ``onnx`` is not installed.
    """
    settings = read_settings(source)
    config = settings.get("config", {})
    warnings: list[str] = []
    graph: OnnxModel | None = None
    if source.format == "onnx":
        graph = read_onnx(source.weights)
        stored, files = graph.tensors, graph.files
        if graph.skipped:
            warnings.append(f"sparse initializers are not landed: {_some(graph.skipped)}")
    elif source.weights.name.endswith(".index.json"):
        stored, shards, extra = read_sharded(source.weights)
        files = [source.weights, *shards]
        if extra:
            warnings.append(f"tensors that the index does not name are not landed: {_some(extra)}")
    else:
        stored, files = read_header(source.weights), [source.weights]
    uses = graph.uses if graph else None
    names = [
        (uses[tensor.name].name if uses and tensor.name in uses else None) or tensor.name
        for tensor in stored
    ]
    family = recognize(config, names)
    architecture = architecture_of(config)
    planned = plan_tensors(stored, family, uses)
    head = tied_head(planned, family, config, architecture)
    if head is not None:
        planned.append(head)
    tokenizer = read_tokenizer(source.folder)
    files = [*files, *settings_files(source), *([tokenizer.file] if tokenizer else [])]
    fields = catalog_fields(family, config, str(source.folder / "config.json"))
    layers = {tensor.layer for tensor in planned if tensor.layer is not None}
    if family is not OTHER and len(layers) != (fields["layers"] or len(layers)):
        warnings.append(
            f"config.json says {fields['layers']} layers, the files hold {len(layers)}: "
            "inference in SQL will not be that of the whole model"
        )
    return ModelContent(
        source,
        settings,
        architecture,
        family,
        _completed(fields, planned),
        stored,
        planned,
        graph.nodes if graph else [],
        tokenizer,
        list(dict.fromkeys(files)),
        warnings + _warnings(source, family, architecture, planned, tokenizer),
    )


def _completed(
    fields: dict[str, int | None], planned: list[PlannedTensor]
) -> dict[str, int | None]:
    """What a config does not say, as far as the tensors do."""
    fields = dict(fields)
    if fields["layers"] is None:
        layers = {tensor.layer for tensor in planned if tensor.layer is not None}
        fields["layers"] = len(layers) or None
    embedding = next((tensor for tensor in planned if tensor.role == "embedding_token"), None)
    if embedding is not None:
        rows, width = embedding.matrix
        fields["vocabulary_size"] = fields["vocabulary_size"] or rows
        fields["hidden_size"] = fields["hidden_size"] or width
    return fields


def _warnings(
    source: ModelSource,
    family: Family,
    architecture: str,
    planned: list[PlannedTensor],
    tokenizer: Tokenizer | None,
) -> list[str]:
    warnings = []
    if family is OTHER:
        known = ", ".join(known.name for known in FAMILIES)
        warnings.append(
            f"the architecture {architecture!r} is none of the families whose roles are known "
            f"({known}): its tensors land under their own names, can be inspected and "
            "searched by name, but filters by weight type find nothing, attention heads are not "
            "catalogued, and inference in SQL will not work"
        )
    if tokenizer is None:
        warnings.append(
            f"{source.folder} holds no tokenizer.json (nor vocab.txt, nor vocab.json with "
            "merges.txt): the model lands without tokens, so that texts cannot be tokenized in SQL "
            "and tokens have no names"
        )
    if not any(tensor.has_rows for tensor in planned):
        warnings.append("none of its tensors are float weights: there are no weight rows")
    integers = [
        tensor.name
        for tensor in planned
        if not tensor.stored.is_float and tensor.role != "buffer" and len(tensor.shape) > 1
    ]
    if integers:
        warnings.append(
            f"integer tensors are catalogued without rows, as quantized weights are: "
            f"{_some(integers)}"
        )
    for kind, folder in source.modules:
        if kind not in ("Transformer", "Pooling", "Normalize", "Dropout"):
            warnings.append(
                f"the module {kind} of sentence-transformers ({folder.name}) is not landed: "
                "embeddings made without it differ"
            )
    return warnings


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
