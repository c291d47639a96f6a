"""An ONNX file without the bytes of its weights: where they stand, and all the rest to be parsed.

Parsing a whole file would take its size in memory twice over. The wire format of protobuf
(protobuf.dev/programming-guides/encoding) says the length of each field before its bytes, so that
the weights can be stepped over and later be read from where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError

_GRAPH = 7  # ModelProto.graph
_INITIALIZER = 5  # GraphProto.initializer
_RAW_DATA = 9  # TensorProto.raw_data
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True)
class _Field:
    number: int
    wire_type: int
    start: int  # of its tag
    value: int  # of its value
    end: int


def without_weights(path: Path, size: int) -> tuple[bytes, list[tuple[int, int] | None]]:
    """The model's protobuf without the ``raw_data`` of the main graph's initializers.

    Args:
        path: the .onnx file.
        size: its bytes.

    Returns:
        The rest, to be parsed as a ModelProto, and for each initializer in order the (offset,
        length) of its ``raw_data`` in the file, None where it has none.

    Raises:
        InputError: a field runs past the end of what holds it.
    """
    positions: list[tuple[int, int] | None] = []
    rest = bytearray()
    try:
        with path.open("rb") as file:
            for field in _fields(file, 0, size, path):
                if field.number == _GRAPH and field.wire_type == _BYTES:
                    graph = bytearray()
                    for inner in _fields(file, field.value, field.end, path):
                        if inner.number == _INITIALIZER and inner.wire_type == _BYTES:
                            tensor, position = _initializer(file, inner, path)
                            positions.append(position)
                            graph += _delimited(_INITIALIZER, tensor)
                        else:
                            graph += _copy(file, inner)
                    rest += _delimited(_GRAPH, graph)
                else:
                    rest += _copy(file, field)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    return bytes(rest), positions


def _initializer(
    file: BinaryIO, field: _Field, path: Path
) -> tuple[bytearray, tuple[int, int] | None]:
    rest, position = bytearray(), None
    for inner in _fields(file, field.value, field.end, path):
        if inner.number == _RAW_DATA and inner.wire_type == _BYTES:
            position = (inner.value, inner.end - inner.value)
        else:
            rest += _copy(file, inner)
    return rest, position


def _fields(file: BinaryIO, start: int, end: int, path: Path) -> Iterator[_Field]:
    """The fields between two positions of the file, without their values."""
    while start < end:
        tag, value = _varint(file, start, end, path)
        wire_type = tag & 7
        if wire_type == _VARINT:
            _, field_end = _varint(file, value, end, path)
        elif wire_type == _BYTES:
            length, value = _varint(file, value, end, path)
            field_end = value + length
        elif wire_type in (_FIXED64, _FIXED32):
            field_end = value + (8 if wire_type == _FIXED64 else 4)
        else:
            raise _broken(path, start)
        if field_end > end or tag >> 3 == 0:
            raise _broken(path, start)
        yield _Field(tag >> 3, wire_type, start, value, field_end)
        start = field_end


def _varint(file: BinaryIO, start: int, end: int, path: Path) -> tuple[int, int]:
    """The number at a position, and the position after it."""
    file.seek(start)
    data = file.read(min(10, end - start))
    number = 0
    for index, byte in enumerate(data):
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return number, start + index + 1
    raise _broken(path, start)


def _copy(file: BinaryIO, field: _Field) -> bytes:
    file.seek(field.start)
    return file.read(field.end - field.start)


def _delimited(number: int, value: bytearray) -> bytes:
    """A field of bytes: tag, length, value."""
    return _encoded(number << 3 | _BYTES) + _encoded(len(value)) + value


def _encoded(number: int) -> bytes:
    data = bytearray()
    while number >= 0x80:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    data.append(number)
    return bytes(data)


def _broken(path: Path, position: int) -> InputError:
    return InputError(
        f"{path} is not a whole ONNX file: its structure breaks off at byte {position:,}"
    )
