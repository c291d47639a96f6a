"""Floats of a file to float32, exactly."""

from __future__ import annotations

import numpy as np

FILE_DTYPES = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),  # the upper half of a float32, which NumPy has no type for
}

# All bits of the exponent set is NaN or infinity.
_EXPONENT = {"F16": np.uint16(0x7C00), "BF16": np.uint16(0x7F80)}


def to_float32(raw: np.ndarray, dtype: str) -> np.ndarray:
    """A new float32 array of the same shape and the same values.

    Args:
        raw: elements as the file stores them, of ``FILE_DTYPES[dtype]``, any shape.
        dtype: F64 (whose values fit into float32: see :func:`first_unlandable`), F32, F16 or BF16.
    """
    if dtype == "BF16":
        wide = np.empty(raw.shape, dtype="<u4")
        np.left_shift(raw, 16, out=wide, dtype="<u4", casting="unsafe")
        return wide.view("<f4")
    return raw.astype("<f4")


def first_unlandable(raw: np.ndarray, dtype: str) -> tuple[int, str] | None:
    """The first element that cannot be landed, with what is wrong with it.

    Args:
        raw: a flat array of ``FILE_DTYPES[dtype]``.
        dtype: F64, F32, F16 or BF16.

    Returns:
        Its index and the reason ('NaN', 'infinity', or no float32 equals it); None when every
        element is finite and exact in float32.
    """
    if not len(raw):
        return None
    if dtype in _EXPONENT:
        exponents = np.bitwise_and(raw.view("<u2"), _EXPONENT[dtype])
        if exponents.max() != _EXPONENT[dtype]:
            return None
        index = int(np.argmax(exponents == _EXPONENT[dtype]))
        return index, _kind(to_float32(raw[index : index + 1], dtype)[0])
    # The extremes are finite exactly when all are: NaN passes through min and max.
    if not (np.isfinite(raw.min()) and np.isfinite(raw.max())):
        index = int(np.argmin(np.isfinite(raw)))
        return index, _kind(raw[index])
    if dtype == "F64":
        with np.errstate(over="ignore"):
            inexact = raw.astype("<f4").astype("<f8") != raw
        if inexact.any():
            index = int(np.argmax(inexact))
            return index, f"{raw[index]!r}, which no float32 equals"
    return None


def _kind(value: np.floating) -> str:
    return "NaN" if np.isnan(value) else "infinity"
