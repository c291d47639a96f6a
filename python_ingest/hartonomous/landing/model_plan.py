"""What a model's tensors become: names, roles, layouts and content hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..families import Family
from ..readers.json_file import canonical_json
from ..readers.onnx_graph import Use
from ..readers.rows import AS_STORED, Layout, as_matrix, landed_shape
from ..readers.tensor import StoredTensor, item_bytes


@dataclass(frozen=True)
class PlannedTensor:
    """One row of ``raw.model_tensors``, and how its weight rows are read.

    ``has_rows`` is false for buffers, integers and tensors without elements, which are catalogued
    without rows; ``shape`` is as landed, after transposition and split.
    """

    name: str
    stored: StoredTensor
    layout: Layout
    shape: tuple[int, ...]
    role: str
    weight_type: str
    layer: int | None
    has_rows: bool

    @property
    def matrix(self) -> tuple[int, int]:
        """(rows, width) as landed."""
        return as_matrix(self.shape)

    @property
    def elements(self) -> int:
        """Number of elements as landed."""
        rows, width = self.matrix
        return rows * width

    @property
    def bytes(self) -> int:
        """Size of these elements in the file."""
        return self.elements * item_bytes(self.stored.dtype)

    @property
    def shape_json(self) -> str:
        """The landed shape as JSON."""
        return json.dumps(list(self.shape), separators=(",", ":"))

    def tensor_id(self, sha256: str) -> str:
        """Identity by content: SHA-256 over dtype, landed shape, layout and the bytes' SHA-256."""
        layout = str(self.layout) if self.has_rows else "buffer"
        text = f"{self.stored.dtype}|{self.shape_json}|{layout}|{sha256}"
        return hashlib.sha256(text.encode()).hexdigest()


def plan_tensors(
    tensors: Iterable[StoredTensor],
    family: Family,
    uses: dict[str, Use] | None = None,
) -> list[PlannedTensor]:
    """What each stored tensor lands as, in the order of the file.

    Args:
        tensors: the tensors of the model's files.
        family: whose rules give roles, transposition and splits.
        uses: for ONNX, how the graph uses each initializer: this decides the orientation of what
            it multiplies by, and names what the exporter left without a name.

    Raises:
        InputError: a tensor's shape contradicts its role, or two tensors get the same name.
    """
    planned: list[PlannedTensor] = []
    for stored in tensors:
        use = (uses or {}).get(stored.name)
        name = use.name if use and use.name else stored.name
        for part in family.parts(name):
            has_rows = stored.is_float and stored.elements > 0 and part.role != "buffer"
            transposed = part.transposed and len(stored.shape) == 2
            if use is not None and len(stored.shape) == 2:
                # Conv1D is stored input x output as well: where the graph tells, it tells more.
                transposed = use.transposed
            layout = Layout(transposed) if transposed and has_rows else AS_STORED
            if part.share and has_rows:
                layout = _share(stored, transposed, part.share)
            planned.append(
                PlannedTensor(
                    name + part.suffix,
                    stored,
                    layout,
                    landed_shape(stored, layout) if has_rows else stored.shape,
                    part.role,
                    part.weight_type,
                    part.layer,
                    has_rows,
                )
            )
    names = [tensor.name for tensor in planned]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"two tensors would land under the name {twice!r}")
    return planned


def tied_head(
    planned: list[PlannedTensor], family: Family, config: dict[str, Any], architecture: str
) -> PlannedTensor | None:
    """The head of a language model that shares its token embedding, as a tensor of its own name.

    Files leave such a head out; with it, role 'head' is a plain filter for every language model.
    It has the content, and so the identity, of the embedding. None where nothing is tied.
    """
    if family.tied_head is None or not architecture.endswith(("ForCausalLM", "LMHeadModel")):
        return None
    if not config.get("tie_word_embeddings", family.tied_by_default):
        return None
    embedding = next((tensor for tensor in planned if tensor.role == "embedding_token"), None)
    taken = any(tensor.role == "head" or tensor.name == family.tied_head for tensor in planned)
    if embedding is None or taken:
        return None
    return PlannedTensor(
        family.tied_head,
        embedding.stored,
        embedding.layout,
        embedding.shape,
        "head",
        "HEAD",
        None,
        embedding.has_rows,
    )


def parameter_tensors(tensors: list[tuple[PlannedTensor, str]]) -> list[PlannedTensor]:
    """Those of (planned tensor, tensor_id) whose elements are parameters, each once.

    A head that shares the token embedding counts once, whether the file leaves it out or holds it
    twice; tensors that happen to be equal, as biases of zeros, are parameters each.
    """
    embeddings = {identity for tensor, identity in tensors if tensor.role == "embedding_token"}
    return [
        tensor
        for tensor, identity in tensors
        if tensor.has_rows and not (tensor.role == "head" and identity in embeddings)
    ]


def model_identity(
    settings: dict[str, Any],
    tensors: list[tuple[PlannedTensor, str]],
    tokenizer_id: str,
    graph: list[Any],
) -> str:
    """The model's id: SHA-256 over canonical JSON of what it is.

    Args:
        settings: the ``config`` column's object.
        tensors: (planned tensor, tensor_id).
        tokenizer_id: '' where there is none.
        graph: the rows of an ONNX graph; empty, and then left out, for safetensors.
    """
    content: dict[str, Any] = {
        "config": settings,
        "tensors": sorted(
            [tensor.name, tensor_id, tensor.role, tensor.weight_type, tensor.layer]
            for tensor, tensor_id in tensors
        ),
        "tokenizer_id": tokenizer_id,
    }
    if graph:
        content["graph"] = graph
    try:
        return hashlib.sha256(canonical_json(content).encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise InputError(f"the model's JSON files hold invalid Unicode: {error}") from error


def _share(stored: StoredTensor, transposed: bool, share: tuple[int, int]) -> Layout:
    which, parts = share
    rows = stored.shape[1] if transposed else stored.shape[0] if stored.shape else 0
    if rows % parts:
        raise InputError(
            f"tensor {stored.name!r} of shape {list(stored.shape)} should hold query, key and "
            f"value: its {rows} outputs are not a multiple of {parts}"
        )
    return Layout(transposed, which * rows // parts, (which + 1) * rows // parts)
