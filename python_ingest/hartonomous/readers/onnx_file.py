"""An ONNX file: its initializers as stored tensors, and its graph.

Field meanings: github.com/onnx/onnx, docs/IR.md and docs/ExternalData.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, MissingExtraError
from .bytes_source import FileSource, MemorySource
from .inside import path_inside
from .onnx_graph import GraphNode, Use, graph_nodes, initializer_uses, text
from .onnx_wire import without_weights
from .tensor import StoredTensor, check_name, check_shape

LARGEST_MODEL = 2 << 30
"""Bytes of the largest .onnx file: protobuf's own limit. Larger models keep weights outside."""

# ONNX data type -> (our dtype, the field that holds typed values, how its values become bytes).
_TYPES: dict[int, tuple[str, str, str]] = {
    1: ("F32", "float_data", "<f4"),
    2: ("U8", "int32_data", "u1"),
    3: ("I8", "int32_data", "i1"),
    4: ("U16", "int32_data", "<u2"),
    5: ("I16", "int32_data", "<i2"),
    6: ("I32", "int32_data", "<i4"),
    7: ("I64", "int64_data", "<i8"),
    9: ("BOOL", "int32_data", "u1"),
    10: ("F16", "int32_data", "<u2"),
    11: ("F64", "double_data", "<f8"),
    12: ("U32", "uint64_data", "<u4"),
    13: ("U64", "uint64_data", "<u8"),
    16: ("BF16", "int32_data", "<u2"),
}
_EXTERNAL = 1  # TensorProto.DataLocation.EXTERNAL


@dataclass(frozen=True)
class OnnxModel:
    """What is landed of an ONNX file.

    ``uses`` says for an initializer's name how the graph uses it; ``files`` are the .onnx file
    and those with external data; ``skipped`` names what cannot be landed.
    """

    tensors: list[StoredTensor]
    uses: dict[str, Use]
    nodes: list[GraphNode]
    files: list[Path]
    skipped: list[str]


def read_onnx(path: Path) -> OnnxModel:
    """Parse an ONNX file and check its initializers against their bytes.

    Raises:
        InputError: the file is missing, empty, larger than 2 GiB, not ONNX, or an initializer
            contradicts its bytes, is quantized below 8 bits, or its external data is missing, too
            short or outside the folder.
        MissingExtraError: the package ``onnx`` is not installed.
    """
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise MissingExtraError("Reading ONNX", "ingest", "onnx") from error
    source = FileSource.at(path)
    if not 0 < source.size <= LARGEST_MODEL:
        raise InputError(
            f"{path} has {source.size:,} bytes; an ONNX file has 1 to {LARGEST_MODEL:,} "
            "(save larger models with external data)"
        )
    rest, positions = without_weights(path, source.size)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(rest)
    except (DecodeError, ValueError, RuntimeError) as error:
        raise InputError(f"{path} is not a whole ONNX file: {error}") from error
    graph = model.graph
    if not graph.initializer:
        raise InputError(f"{path} has no initializers: no weights, or not an ONNX file")
    files: dict[Path, None] = {path: None}
    tensors: dict[str, StoredTensor] = {}
    for proto, position in zip(graph.initializer, positions, strict=True):
        tensor = _tensor(proto, position, source)
        if tensor.name in tensors:
            raise InputError(f"{path} has two initializers named {tensor.name!r}")
        tensors[tensor.name] = tensor
        if isinstance(tensor.source, FileSource):
            files[tensor.source.path] = None
    nodes = graph_nodes(graph)  # refuses names that are no text, before they are looked up
    return OnnxModel(
        list(tensors.values()),
        initializer_uses(graph, set(tensors)),
        nodes,
        list(files),
        [text(sparse.values.name) for sparse in graph.sparse_initializer],
    )


def _tensor(proto: Any, position: tuple[int, int] | None, file: FileSource) -> StoredTensor:
    path, where = file.path, str(file.path)
    name = check_name(text(proto.name), where)
    if proto.data_type not in _TYPES:
        raise InputError(
            f"{where}: initializer {name!r} has the ONNX data type {proto.data_type}, which "
            "cannot be landed: use the unquantized model"
        )
    dtype, field, value_type = _TYPES[proto.data_type]
    shape = check_shape(list(proto.dims), name, where)
    if proto.data_location == _EXTERNAL:
        return _external(proto, name, dtype, shape, path)
    if position is not None:
        offset, size = position
        tensor = StoredTensor(name, dtype, shape, file, offset)
    else:
        values = getattr(proto, field)
        item = np.dtype(value_type)

        def fetch() -> bytes:
            # Wider integers hold the bits of narrower ones: only their lower bytes count.
            wide = np.asarray(values, dtype=_FIELD_TYPES[field])
            return wide.astype(item, casting="unsafe").tobytes()

        size = len(values) * item.itemsize
        memory = MemorySource(f"{where}: initializer {name!r}", fetch)
        tensor = StoredTensor(name, dtype, shape, memory, 0)
    if size != tensor.bytes:
        raise InputError(
            f"{where}: initializer {name!r} has {size:,} bytes, and {tensor.bytes:,} by its type "
            f"{dtype} and shape {list(shape)}: the file is broken"
        )
    return tensor


_FIELD_TYPES = {
    "float_data": "<f4",
    "double_data": "<f8",
    "int32_data": "<i4",
    "int64_data": "<i8",
    "uint64_data": "<u8",
}


def _external(
    proto: Any, name: str, dtype: str, shape: tuple[int, ...], path: Path
) -> StoredTensor:
    where = f"{path}: initializer {name!r}"
    entries = {text(entry.key): text(entry.value) for entry in proto.external_data}
    file = path_inside(path.parent, entries.get("location"), where)
    source = FileSource.at(file)
    offset = _whole_number(entries.get("offset", "0"), "offset", where)
    tensor = StoredTensor(name, dtype, shape, source, offset)
    length = _whole_number(entries.get("length", str(tensor.bytes)), "length", where)
    if length != tensor.bytes:
        raise InputError(
            f"{where} has {length:,} bytes of external data, and {tensor.bytes:,} by its type "
            f"{dtype} and shape {list(shape)}"
        )
    if offset + length > source.size:
        raise InputError(
            f"{where} ends at byte {offset + length:,} of {file}, which has {source.size:,}: "
            "the file was cut short, fetch or copy it again"
        )
    return tensor


def _whole_number(text: str, what: str, where: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InputError(f"{where} has the {what} {text[:40]!r}, which is no whole number")
    return int(text)
