"""First pass over a model: bytes are hashed and floats looked at, before anything lands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..readers.bytes_source import FileSource
from ..readers.floats import FILE_DTYPES, first_unlandable
from ..readers.tensor import StoredTensor, item_bytes
from .workers import run_all

_CHUNK = 4 << 20


def check_model(
    tensors: Iterable[StoredTensor],
    weights: set[str],
    files: Iterable[Path],
    advance: Callable[[int], None],
) -> tuple[dict[str, str], dict[Path, tuple[str, int]]]:
    """Hash tensors and files, and refuse weights that are no finite float32.

    Args:
        tensors: the stored tensors.
        weights: names of those whose elements are weights; others are only hashed.
        files: the files that are landed from.
        advance: called with the number of bytes read since its last call.

    Returns:
        SHA-256 (hex) by tensor name, and (SHA-256, bytes) by file.

    Raises:
        InputError: a weight is NaN, infinite or (float64) not exact in float32, naming tensor and
            row; or a file cannot be read to its end.
    """
    hashes: dict[str, str] = {}
    digests: dict[Path, tuple[str, int]] = {}

    def hash_file(path: Path, stopped: Callable[[], bool]) -> None:
        digests[path] = _file_digest(path, advance, stopped)

    def check(tensor: StoredTensor, stopped: Callable[[], bool]) -> None:
        hashes[tensor.name] = _tensor_digest(tensor, tensor.name in weights, advance, stopped)

    # Files first: one thread follows a file from its start while the other follows its tensors,
    # so that both read what the system has just cached.
    jobs = [lambda stopped, path=path: hash_file(path, stopped) for path in files]
    jobs += [lambda stopped, tensor=tensor: check(tensor, stopped) for tensor in tensors]
    run_all(jobs, workers=2)
    return hashes, digests


def _file_digest(
    path: Path, advance: Callable[[int], None], stopped: Callable[[], bool]
) -> tuple[str, int]:
    source = FileSource.at(path)
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(min(_CHUNK, max(1, source.size))))
    with source.open() as reader:
        for offset in range(0, source.size, len(buffer)):
            if stopped():
                break
            view = buffer[: min(len(buffer), source.size - offset)]
            reader.read_into(offset, view)
            digest.update(view)
            advance(len(view))
    return digest.hexdigest(), source.size


def _tensor_digest(
    tensor: StoredTensor,
    is_weight: bool,
    advance: Callable[[int], None],
    stopped: Callable[[], bool],
) -> str:
    digest = hashlib.sha256()
    item = item_bytes(tensor.dtype)
    buffer = memoryview(bytearray(min(_CHUNK, max(1, tensor.bytes))))
    with tensor.source.open() as reader:
        for done in range(0, tensor.bytes, len(buffer)):
            if stopped():
                break
            view = buffer[: min(len(buffer), tensor.bytes - done)]
            reader.read_into(tensor.offset + done, view)
            digest.update(view)
            if is_weight:
                bad = first_unlandable(
                    np.frombuffer(view, dtype=FILE_DTYPES[tensor.dtype]), tensor.dtype
                )
                if bad is not None:
                    index, reason = bad
                    row, column = divmod(done // item + index, max(1, tensor.matrix[1]))
                    raise InputError(
                        f"tensor {tensor.name!r} holds {reason} in row {row}, column {column}: "
                        "weights must be finite, and exact in float32"
                    )
            advance(len(view))
    return digest.hexdigest()
