"""The safetensors reader against the reference library, and against files that lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hartonomous.errors import InputError
from hartonomous.readers.rows import row_blocks
from hartonomous.readers.safetensors_file import LARGEST_HEADER, read_header

FIXTURES_ARE_FINE = [HealthCheck.function_scoped_fixture]
DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U8": "u1",
    "BOOL": "?",
}


@st.composite
def arrays(draw):
    """Named arrays of any supported dtype, with any bit pattern, of up to three axes."""
    names = draw(st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=4))
    found = {}
    for name in names:
        if name == "__metadata__" or "\0" in name or any("\ud800" <= c <= "\udfff" for c in name):
            continue
        dtype = np.dtype(DTYPES[draw(st.sampled_from(sorted(DTYPES)))])
        shape = tuple(draw(st.lists(st.integers(0, 4), max_size=3)))
        size = int(np.prod(shape)) * dtype.itemsize
        data = draw(st.binary(min_size=size, max_size=size))
        if dtype == np.dtype(bool):
            data = bytes(byte & 1 for byte in data)
        found[name] = np.frombuffer(data, dtype=dtype).reshape(shape)
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=FIXTURES_ARE_FINE)
@given(
    tensors=arrays(),
    metadata=st.none() | st.dictionaries(st.text("abc"), st.text("xyz"), min_size=1),
)
def test_reads_what_the_reference_library_writes(tmp_path, read_tensor, tensors, metadata):
    reference = pytest.importorskip("safetensors.numpy")
    path = tmp_path / "model.safetensors"
    path.write_bytes(reference.save(tensors, metadata))
    found = {tensor.name: tensor for tensor in read_header(path)}
    assert set(found) == set(tensors)
    for name, array in tensors.items():
        assert DTYPES[found[name].dtype] == array.dtype.str.replace("|b1", "?").lstrip("|")
        assert found[name].shape == array.shape
        assert read_tensor(found[name]) == array.tobytes()


def test_bfloat16_of_the_reference_library(tmp_path):
    torch = pytest.importorskip("torch")
    reference = pytest.importorskip("safetensors.torch")
    weights = torch.randn(7, 5, generator=torch.Generator().manual_seed(3)).bfloat16()
    reference.save_file({"weights": weights}, tmp_path / "model.safetensors")
    (tensor,) = read_header(tmp_path / "model.safetensors")
    assert tensor.dtype == "BF16"
    rows = np.concatenate(list(row_blocks(tensor)))
    np.testing.assert_array_equal(rows, weights.float().numpy())


@settings(max_examples=300, deadline=None, suppress_health_check=FIXTURES_ARE_FINE)
@given(
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.none() | st.integers(0, 420),
)
def test_any_corruption_is_an_input_error_or_a_readable_file(write, read_tensor, changes, cut):
    path = write(
        {
            "__metadata__": {"format": "pt"},
            "a.weight": {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]},
            "a.bias": {"dtype": "BF16", "shape": [3], "data_offsets": [48, 54]},
            "ids": {"dtype": "I64", "shape": [1, 2], "data_offsets": [54, 70]},
        },
        bytes(range(70)),
    )
    data = bytearray(path.read_bytes())
    for position, value in changes:
        data[position % len(data)] = value
    path.write_bytes(bytes(data if cut is None else data[: min(cut, len(data))]))
    try:
        tensors = read_header(path)
    except InputError as error:
        assert str(path) in str(error)
    else:
        size = path.stat().st_size
        for tensor in tensors:
            assert tensor.offset + tensor.bytes <= size
            assert len(read_tensor(tensor)) == tensor.bytes


ONE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def test_one_good_file(write):
    (tensor,) = read_header(write({"a": ONE}, bytes(8)))
    assert (tensor.name, tensor.dtype, tensor.shape, tensor.bytes) == ("a", "F32", (2,), 8)


@pytest.mark.parametrize(
    ("header", "data", "length", "said"),
    [
        ({"a": ONE}, bytes(7), None, "cut short"),
        ({"a": ONE}, bytes(9), None, "8 bytes, the file has 9"),
        ({"a": ONE}, bytes(8), 10**6, "cut short"),
        ({"a": ONE}, bytes(8), 2**64 - 1, "cut short"),
        (b"[]", b"", None, "does not start with"),
        (b"", b"", None, "does not start with"),
        (b'{"a":', b"", None, "not valid JSON"),
        (b"{" + b'"a":[' * 100_000, b"", None, "not valid JSON"),
        (b'{"a": "\xff"}', b"", None, "not valid JSON"),
        (b'{"a": {}, "a": {}}', b"", None, "twice"),
        ({"a": 1}, b"", None, "not an object"),
        ({"a": ONE | {"dtype": "F99"}}, bytes(8), None, "unknown dtype 'F99'"),
        ({"a": ONE | {"dtype": ["F32"]}}, bytes(8), None, "unknown dtype"),
        ({"a": ONE | {"dtype": "F8_E4M3"}}, bytes(8), None, "quantized"),
        ({"a": ONE | {"shape": [-2]}}, bytes(8), None, "sizes of 0 or more"),
        ({"a": ONE | {"shape": [2.0]}}, bytes(8), None, "sizes of 0 or more"),
        ({"a": ONE | {"shape": [True, 2]}}, bytes(8), None, "sizes of 0 or more"),
        ({"a": ONE | {"shape": [2**62, 2**62]}}, bytes(8), None, "by its offsets"),
        ({"a": ONE | {"shape": [3]}}, bytes(8), None, "by its offsets"),
        ({"a": ONE | {"data_offsets": [8, 0]}}, bytes(8), None, "data_offsets"),
        ({"a": ONE | {"data_offsets": [0]}}, bytes(8), None, "data_offsets"),
        ({"a": ONE | {"data_offsets": [0, 10**30]}}, bytes(8), None, "by its offsets"),
        ({"a": ONE, "b": ONE}, bytes(8), None, "overlaps"),
        ({"a": ONE, "b": ONE | {"data_offsets": [4, 12]}}, bytes(12), None, "overlaps"),
        ({"a": ONE, "b": ONE | {"data_offsets": [12, 20]}}, bytes(20), None, "gap"),
        ({"": ONE}, bytes(8), None, "0 characters"),
        ({"x" * 500: ONE}, bytes(8), None, "500 characters"),
        ({"\ud800": ONE}, bytes(8), None, "Unicode"),
    ],
)
def test_a_header_that_lies_is_refused(write, header, data, length, said):
    path = write(header, data, length)
    with pytest.raises(InputError) as caught:
        read_header(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_header_of_gigabytes_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "model.safetensors"
    with path.open("wb") as file:  # sparse: takes no room
        file.write((LARGEST_HEADER + 1).to_bytes(8, "little") + b"{")
        file.truncate(LARGEST_HEADER * 4)
    with pytest.raises(InputError, match="its header has"):
        read_header(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\x02", "cut short"),
        (b"PK\x03\x04" + bytes(60), "pickle"),
        (b"\x80\x02}q\x00(X\x04\x00\x00\x00", "pickle"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    ],
)
def test_what_only_bears_the_name_is_refused(tmp_path, data, said):
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    with pytest.raises(InputError, match=said):
        read_header(path)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_header(tmp_path / "missing.safetensors")
    with pytest.raises(InputError, match="not a regular file"):
        read_header(tmp_path)


def test_a_file_that_shrinks_under_the_reader_is_an_input_error(write):
    path = write({"a": ONE}, bytes(8))
    (tensor,) = read_header(path)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(InputError, match="cut short"):
        list(row_blocks(tensor))
    with pytest.raises(InputError, match="changed"):
        tensor.source.assert_unchanged()
