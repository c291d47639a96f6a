"""Floats are exact, and rows come in the orientation that was asked for, block by block."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hartonomous.errors import InputError
from hartonomous.readers import rows as rows_module
from hartonomous.readers.bytes_source import MemorySource
from hartonomous.readers.floats import first_unlandable, to_float32
from hartonomous.readers.rows import LARGEST_ROW, Layout, landed_shape, row_blocks
from hartonomous.readers.tensor import StoredTensor


def stored(array: np.ndarray, dtype: str = "F32") -> StoredTensor:
    source = MemorySource("memory", array.tobytes)
    return StoredTensor("t", dtype, array.shape, source, 0)


@pytest.mark.parametrize(("dtype", "type_"), [("F16", np.float16), ("BF16", ml_dtypes.bfloat16)])
def test_every_half_is_exact(dtype, type_):
    bits = np.arange(65_536, dtype="<u2")
    raw = bits if dtype == "BF16" else bits.view("<f2")
    np.testing.assert_array_equal(to_float32(raw, dtype), bits.view(type_).astype(np.float32))


@pytest.mark.parametrize(("dtype", "type_"), [("F16", np.float16), ("BF16", ml_dtypes.bfloat16)])
def test_every_half_that_is_not_finite_is_found(dtype, type_):
    bits = np.arange(65_536, dtype="<u2")
    finite = np.isfinite(bits.view(type_).astype(np.float32))
    for value in np.concatenate([bits[~finite][::97], bits[finite][::997]]):
        raw = np.zeros(9, dtype="<u2")
        raw[5] = value
        bad = first_unlandable(raw if dtype == "BF16" else raw.view("<f2"), dtype)
        assert bad is None if finite[value] else bad[0] == 5


@pytest.mark.parametrize("dtype", ["F32", "F64"])
@pytest.mark.parametrize(
    ("value", "said"), [(np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "infinity")]
)
def test_what_is_not_finite_is_found_where_it_is(dtype, value, said):
    raw = np.linspace(-1, 1, 1000).astype("<f4").astype("<f4" if dtype == "F32" else "<f8")
    assert first_unlandable(raw, dtype) is None
    raw[[321, 700]] = value
    assert first_unlandable(raw, dtype) == (321, said)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_double_that_a_float_equals_lands(value):
    raw = np.array([value], dtype="<f8")
    assert first_unlandable(raw, "F64") is None
    assert to_float32(raw, "F64")[0] == value


@pytest.mark.parametrize("value", [0.1, 1e39, -1e300, 1e-60])
def test_a_double_that_no_float_equals_is_refused(value):
    index, reason = first_unlandable(np.array([1.0, value]), "F64")
    assert index == 1
    assert "no float32 equals" in reason


@settings(deadline=None, max_examples=60)
@given(
    rows=st.integers(1, 9),
    width=st.integers(1, 9),
    transposed=st.booleans(),
    part=st.integers(0, 2),
    split=st.booleans(),
    dtype=st.sampled_from(["F32", "F16", "BF16"]),
    block=st.sampled_from([4, 40, 400]),
)
def test_rows_in_every_layout(rows, width, transposed, part, split, dtype, block):
    width = width * 3 if split and transposed else width
    rows = rows * 3 if split and not transposed else rows
    values = np.arange(rows * width, dtype=np.float32).reshape(rows, width)  # exact in each dtype
    kinds = {"F32": "<f4", "F16": "<f2", "BF16": ml_dtypes.bfloat16}
    expected = values.T if transposed else values
    layout = Layout(transposed)
    if split:
        third = len(expected) // 3
        layout = Layout(transposed, part * third, (part + 1) * third)
        expected = expected[layout.start : layout.stop]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "BLOCK_BYTES", block)
        patch.setattr(rows_module, "TRANSPOSE_BYTES", block)
        tensor = stored(values.astype(kinds[dtype]), dtype)
        found = np.concatenate(list(row_blocks(tensor, layout)))
    assert landed_shape(tensor, layout) == expected.shape
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


def test_one_axis_is_one_row_and_its_parts_are_elements():
    bias = stored(np.arange(6, dtype="<f4"))
    np.testing.assert_array_equal(np.concatenate(list(row_blocks(bias))), [[0, 1, 2, 3, 4, 5]])
    (part,) = row_blocks(bias, Layout(False, 2, 4))
    np.testing.assert_array_equal(part, [[2, 3]])


def test_a_scalar_is_one_row_and_more_axes_are_flattened():
    (row,) = row_blocks(stored(np.array(5.0, dtype="<f4")))
    assert row.tolist() == [[5.0]]
    filters = stored(np.arange(24, dtype="<f4").reshape(2, 3, 4))
    assert landed_shape(filters, Layout()) == (2, 3, 4)
    assert np.concatenate(list(row_blocks(filters))).shape == (2, 12)


def test_blocks_bound_memory():
    tensor = stored(np.zeros((1000, 1000), dtype="<f4"))
    for layout in (Layout(), Layout(True)):
        sizes = [block.nbytes for block in row_blocks(tensor, layout)]
        assert sum(sizes) == tensor.bytes
        assert max(sizes) <= rows_module.BLOCK_BYTES


def test_layouts_that_do_not_fit_are_refused():
    tensor = stored(np.zeros((2, 3, 4), dtype="<f4"))
    with pytest.raises(InputError, match="two axes"):
        landed_shape(tensor, Layout(True))
    with pytest.raises(InputError, match="no rows 1 to 5"):
        landed_shape(tensor, Layout(False, 1, 5))
    wide = StoredTensor("w", "F32", (LARGEST_ROW + 1,), tensor.source, 0)
    with pytest.raises(InputError, match="can be landed"):
        landed_shape(wide, Layout())
