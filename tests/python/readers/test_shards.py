"""The index of a sharded model: what it may name, and what it may not."""

from __future__ import annotations

import json

import pytest

from hartonomous.errors import InputError
from hartonomous.readers.shards import read_sharded

FIRST, SECOND = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"


@pytest.fixture
def folder(tmp_path, write):
    write({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, bytes(4), name=FIRST)
    write(
        {
            "b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
            "c": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
        },
        bytes(8),
        name=SECOND,
    )
    return tmp_path


@pytest.fixture
def index(folder):
    def writer(weight_map):
        path = folder / "model.safetensors.index.json"
        path.write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
        return path

    return writer


def test_tensors_of_every_shard(index):
    tensors, files, extra = read_sharded(index({"a": FIRST, "b": SECOND, "c": SECOND}))
    assert [tensor.name for tensor in tensors] == ["a", "b", "c"]
    assert [file.name for file in files] == [FIRST, SECOND]
    assert extra == []


def test_a_tensor_that_the_index_leaves_out_is_told(index):
    tensors, _, extra = read_sharded(index({"a": FIRST, "b": SECOND}))
    assert [tensor.name for tensor in tensors] == ["a", "b"]
    assert extra == ["c"]


@pytest.mark.parametrize(
    ("weight_map", "said"),
    [
        ({}, "weight_map"),
        ([], "weight_map"),
        ({"a": "model-00003.safetensors"}, "not there"),
        ({"a": FIRST, "x": SECOND}, "it is not"),
        ({"a": SECOND}, "it is not"),
        ({"a": 5}, "no file name"),
        ({"a": ""}, "no file name"),
        ({"a": "/etc/passwd"}, "absolute"),
        ({"a": "C:\\model.safetensors"}, "absolute"),
        ({"a": "../model.safetensors"}, "leaves its folder"),
        ({"a": "sub/../../model.safetensors"}, "leaves its folder"),
        ({"a": "..\\model.safetensors"}, "leaves its folder"),
    ],
)
def test_a_bad_index_is_refused(index, weight_map, said):
    with pytest.raises(InputError, match=said):
        read_sharded(index(weight_map))


def test_a_broken_index_is_refused(folder):
    path = folder / "model.safetensors.index.json"
    path.write_text('{"weight_map": {')
    with pytest.raises(InputError, match="not valid JSON"):
        read_sharded(path)


def test_a_link_that_leaves_the_folder_is_refused(folder, index, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "weights.safetensors"
    (folder / FIRST).rename(outside)
    (folder / FIRST).symlink_to(outside)
    with pytest.raises(InputError, match="a link that leaves its folder"):
        read_sharded(index({"a": FIRST}))


def test_a_loop_of_links_is_refused(folder, index):
    (folder / FIRST).unlink()
    (folder / FIRST).symlink_to(folder / "other.safetensors")
    (folder / "other.safetensors").symlink_to(folder / FIRST)
    with pytest.raises(InputError):
        read_sharded(index({"a": FIRST}))


def test_links_of_the_hubs_cache_are_followed(folder, index):
    snapshot = folder / "models--x--y" / "snapshots" / "0123"
    blobs = folder / "models--x--y" / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    (folder / FIRST).rename(blobs / "abc")
    (snapshot / FIRST).symlink_to("../../blobs/abc")
    path = snapshot / "model.safetensors.index.json"
    path.write_text(json.dumps({"weight_map": {"a": FIRST}}))
    tensors, _, _ = read_sharded(path)
    assert [tensor.name for tensor in tensors] == ["a"]
