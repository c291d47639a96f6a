"""A tensor as a file stores it: name, dtype, shape, and where its bytes are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..errors import InputError
from .bytes_source import ByteSource

# Bits of an element, by the names of safetensors (github.com/huggingface/safetensors, README).
FLOAT_BITS = {"F64": 64, "F32": 32, "F16": 16, "BF16": 16}
INTEGER_BITS = {
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "U16": 16,
    "I16": 16,
    "U32": 32,
    "I32": 32,
    "U64": 64,
    "I64": 64,
}
REFUSED_DTYPES = {
    "F4": "quantized",
    "F6_E2M3": "quantized",
    "F6_E3M2": "quantized",
    "F8_E5M2": "quantized",
    "F8_E4M3": "quantized",
    "F8_E8M0": "quantized",
    "F8_E5M2FNUZ": "quantized",
    "F8_E4M3FNUZ": "quantized",
    "C64": "complex",
    "C128": "complex",
}

_LONGEST_NAME = 400  # SQL Server's keys hold 900 bytes: 450 characters of nvarchar


@dataclass(frozen=True)
class StoredTensor:
    """One tensor of a model file, C-ordered and little-endian from ``offset`` on."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    source: ByteSource
    offset: int

    @property
    def elements(self) -> int:
        """Number of elements; 1 for a scalar."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Size in the file."""
        return self.elements * item_bytes(self.dtype)

    @property
    def is_float(self) -> bool:
        """Whether its elements are weights; integers are buffers."""
        return self.dtype in FLOAT_BITS

    @property
    def matrix(self) -> tuple[int, int]:
        """Rows and width in the file: a 1-D tensor is one row, trailing axes are flattened."""
        if len(self.shape) <= 1:
            return 1, self.elements
        return self.shape[0], math.prod(self.shape[1:])


def item_bytes(dtype: str) -> int:
    """Bytes of one element of a dtype that can be read."""
    return (FLOAT_BITS.get(dtype) or INTEGER_BITS[dtype]) // 8


def check_dtype(dtype: object, tensor: str, where: str) -> str:
    """The dtype, when it is one that can be read.

    Raises:
        InputError: it is unknown, or known and refused, with the reason.
    """
    if isinstance(dtype, str):
        if dtype in FLOAT_BITS or dtype in INTEGER_BITS:
            return dtype
        if dtype in REFUSED_DTYPES:
            raise InputError(
                f"{where}: tensor {tensor!r} has the {REFUSED_DTYPES[dtype]} dtype {dtype}; "
                "float32, float16 and bfloat16 can be landed: use the model's unquantized files"
            )
    raise InputError(
        f"{where}: tensor {tensor!r} has the unknown dtype {_shorten(dtype)}; known are "
        f"{', '.join([*FLOAT_BITS, *INTEGER_BITS])}"
    )


def check_shape(shape: object, tensor: str, where: str) -> tuple[int, ...]:
    """The shape as a tuple of whole numbers.

    Raises:
        InputError: it is no list of numbers of 0 or more.
    """
    if not isinstance(shape, (list, tuple)) or any(
        type(size) is not int or size < 0 or size >= 2**63 for size in shape
    ):
        raise InputError(
            f"{where}: tensor {tensor!r} has the shape {_shorten(shape)}, "
            "which is not a list of sizes of 0 or more"
        )
    return tuple(shape)


def check_name(name: str, where: str) -> str:
    """The name, when it can be a key of the database.

    Raises:
        InputError: it is empty, too long, or not valid Unicode.
    """
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{where}: a tensor's name is not valid Unicode: {name!r}") from error
    if not name or len(name) > _LONGEST_NAME or "\0" in name:
        raise InputError(
            f"{where}: a tensor's name has {len(name):,} characters ({_shorten(name)}); "
            f"1 to {_LONGEST_NAME}, without NUL, can be landed"
        )
    return name


def _shorten(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[:limit] + "..."
