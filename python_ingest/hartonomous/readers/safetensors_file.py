"""The header of a safetensors file, checked before anything is believed.

The format: 8 bytes (little-endian length of the header), the header as JSON, then the tensors'
bytes, without gaps or overlaps (github.com/huggingface/safetensors, README, 'Format').
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import InputError
from .bytes_source import FileSource
from .json_file import parse_json
from .tensor import StoredTensor, check_dtype, check_name, check_shape

LARGEST_HEADER = 25_000_000
"""Bytes of the largest header: about 200,000 tensors. (The reference reads four times as much,
which as Python objects would take gigabytes of memory.)"""

_PICKLE_REASON = (
    "loading a pickle runs whatever code is in it, so pickles are refused; save the model as "
    "safetensors (model.save_pretrained(folder, safe_serialization=True)) and land that"
)
# A zip, as torch.save writes, and the protocols 2 to 5 of a bare pickle.
_PICKLE_STARTS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
PICKLE_SUFFIXES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")


def refuse_pickle(path: Path) -> InputError:
    """The error that refuses a pickle file, with the reason."""
    return InputError(f"{path} is a pickle file: {_PICKLE_REASON}")


def read_header(path: Path) -> list[StoredTensor]:
    """The tensors of a safetensors file, in the order of their bytes.

    Raises:
        InputError: the file is missing, empty, truncated, something else than safetensors, or
            its header contradicts itself or the file's size.
    """
    source = FileSource.at(path)
    if source.size < 8:
        _refuse_stranger(b"", path)
        raise InputError(
            f"{path} is {'empty' if source.size == 0 else 'cut short'}: {source.size} bytes, "
            "where a safetensors file has at least 8"
        )
    with source.open() as reader:
        start = bytearray(min(64, source.size))
        reader.read_into(0, memoryview(start))
        _refuse_stranger(bytes(start), path)
        length = int.from_bytes(start[:8], "little")
        if length > source.size - 8:
            raise InputError(
                f"{path}: its header would be {length:,} bytes long, the file has "
                f"{source.size:,} in all: it was cut short, or it is no safetensors file"
            )
        if length > LARGEST_HEADER:
            raise InputError(f"{path}: its header has {length:,} bytes; {LARGEST_HEADER:,} may be")
        header = bytearray(length)
        reader.read_into(8, memoryview(header))
    return _tensors(bytes(header), source)


def _tensors(header: bytes, source: FileSource) -> list[StoredTensor]:
    where = str(source.path)
    if not header.startswith(b"{"):
        raise InputError(f"{where}: its header does not start with '{{': no safetensors file")
    entries = parse_json(header, f"{where}: its header", pairs_hook=_without_duplicates)
    if isinstance(entries, _Duplicate):
        raise InputError(f"{where}: its header names {entries.key!r} twice")
    entries.pop("__metadata__", None)
    data_start = 8 + len(header)
    data_bytes = source.size - data_start
    found: list[tuple[int, int, StoredTensor]] = []
    for name, entry in entries.items():
        check_name(name, where)
        begin, end, tensor = _tensor(name, entry, data_start, source)
        if end > data_bytes:
            raise InputError(
                f"{where}: tensor {name!r} would end at byte {end:,} of the data, of which there "
                f"are {data_bytes:,}: the file was cut short, fetch or copy it again"
            )
        found.append((begin, end, tensor))
    found.sort(key=lambda item: item[:2])
    position = 0
    for begin, end, tensor in found:
        if begin != position:
            problem = "overlaps the one before it" if begin < position else "leaves a gap"
            raise InputError(
                f"{where}: tensor {tensor.name!r} begins at byte {begin:,} of the data, where "
                f"{position:,} was expected: it {problem}"
            )
        position = end
    if position != data_bytes:
        raise InputError(
            f"{where}: its tensors take {position:,} bytes, the file has {data_bytes:,} of data"
        )
    return [tensor for _, _, tensor in found]


def _tensor(
    name: str, entry: Any, data_start: int, source: FileSource
) -> tuple[int, int, StoredTensor]:
    where = str(source.path)
    if not isinstance(entry, dict):
        raise InputError(f"{where}: the entry of tensor {name!r} is not an object")
    dtype = check_dtype(entry.get("dtype"), name, where)
    shape = check_shape(entry.get("shape"), name, where)
    offsets = entry.get("data_offsets")
    if (
        not isinstance(offsets, list)
        or len(offsets) != 2
        or any(type(offset) is not int for offset in offsets)
        or not 0 <= offsets[0] <= offsets[1]
    ):
        raise InputError(f"{where}: tensor {name!r} has no valid data_offsets")
    begin, end = offsets
    tensor = StoredTensor(name, dtype, shape, source, data_start + begin)
    if end - begin != tensor.bytes:
        raise InputError(
            f"{where}: tensor {name!r} has {end - begin:,} bytes by its offsets, and "
            f"{tensor.bytes:,} by its dtype {dtype} and shape {list(shape)}"
        )
    return begin, end, tensor


class _Duplicate(dict):
    """What stands for an object that names a key twice."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            return _Duplicate(key)
        result[key] = value
    return result


def _refuse_stranger(start: bytes, path: Path) -> None:
    """Say what a file is that only bears the name."""
    # The length of a real header could begin with a pickle's bytes; its ninth is then a brace.
    if start.startswith(_PICKLE_STARTS) and start[8:9] != b"{":
        raise refuse_pickle(path)
    if start.startswith(b"version https://git-lfs"):
        raise InputError(
            f"{path} is a pointer of Git LFS, not the file itself: run 'git lfs pull' in its folder"
        )
