"""What cannot be landed is refused with the reason, and leaves nothing behind."""

from __future__ import annotations

import json
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_models import CONFIG, bert_tensors, write_safetensors

from hartonomous.errors import InputError, MissingExtraError
from hartonomous.landing import model as model_module
from hartonomous.landing import model_write
from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.model import land_model

WEIGHTS = "model.safetensors"


def spoil(folder, name, value):
    """Write one wrong value into a tensor of the tiny model."""
    tensors = bert_tensors()
    tensors[name].reshape(-1)[11] = value
    write_safetensors(folder / WEIGHTS, tensors)


def drop_data(folder):
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-100])


def double_precision(folder):
    tensors = bert_tensors()
    tensors["embeddings.word_embeddings.weight"] = np.full((20, 8), 0.1)
    write_safetensors(folder / WEIGHTS, tensors)


def missing_shard(folder):
    (folder / WEIGHTS).unlink()
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def shard_outside(folder):
    (folder / WEIGHTS).rename(folder.parent / "outside.safetensors")
    index = {"weight_map": {"a": "../outside.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def only_a_pickle(folder):
    (folder / WEIGHTS).unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"a": 1}))


def a_pickle_in_disguise(folder):
    with zipfile.ZipFile(folder / WEIGHTS, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"a": 1}))


def set_config(**changes):
    def change(folder):
        (folder / "config.json").write_text(json.dumps(CONFIG | changes))

    return change


def write_file(name, text):
    return lambda folder: (folder / name).write_text(text)


BAD = {
    "nothing there": (lambda folder: (folder / WEIGHTS).unlink(), "holds no weights"),
    "empty": (write_file(WEIGHTS, ""), "is empty"),
    "truncated": (drop_data, "cut short"),
    "no config": (lambda folder: (folder / "config.json").unlink(), "needs its config.json"),
    "broken config": (write_file("config.json", "{"), "config.json is not valid JSON"),
    "config is a list": (write_file("config.json", "[]"), "not an object"),
    "heads are text": (set_config(num_attention_heads="two"), "num_attention_heads"),
    "no layers": (set_config(num_hidden_layers=0), "num_hidden_layers"),
    "heads that do not divide": (set_config(num_attention_heads=3), "not a multiple of 3"),
    "nan": (
        lambda folder: spoil(folder, "encoder.layer.1.output.dense.weight", np.nan),
        "'encoder.layer.1.output.dense.weight' holds NaN in row 0, column 11",
    ),
    "infinity": (
        lambda folder: spoil(folder, "encoder.layer.0.intermediate.dense.weight", -np.inf),
        "'encoder.layer.0.intermediate.dense.weight' holds infinity in row 1, column 3",
    ),
    "doubles": (double_precision, "no float32 equals"),
    "missing shard": (missing_shard, "is not there"),
    "shard outside": (shard_outside, "leaves its folder"),
    "pickle": (only_a_pickle, "runs whatever code is in it"),
    "pickle in disguise": (a_pickle_in_disguise, "runs whatever code is in it"),
    "broken tokenizer": (write_file("tokenizer.json", "{"), "tokenizer.json is not valid JSON"),
    "no tokenizer": (write_file("tokenizer.json", "{}"), "no object 'model'"),
    "broken modules": (write_file("modules.json", "{}"), "list of modules"),
    "module outside": (
        write_file("modules.json", '[{"type": "a.Pooling", "path": "../x"}]'),
        "leaves its folder",
    ),
    "broken settings": (write_file("tokenizer_config.json", "nope"), "tokenizer_config.json"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_models_land_nothing(sink, tiny, counts, case):
    spoil_it, said = BAD[case]
    spoil_it(tiny)
    with pytest.raises(InputError) as caught:
        land_model(sink, str(tiny))
    assert said in str(caught.value)
    assert set(counts().values()) == {0}


def test_what_does_not_exist(sink, tmp_path, monkeypatch):
    with pytest.raises(InputError, match="is not there"):
        land_model(sink, str(tmp_path / "nowhere" / "at all"))
    with pytest.raises(InputError, match="is not there"):
        land_model(sink, "missing.safetensors")
    pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(InputError, match="no file or folder here"):
        land_model(sink, "nobody/has-this-model")


def test_a_hub_id_without_the_hubs_package(sink, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"hartonomous\[ingest\]"):
        land_model(sink, "nobody/has-this-model")


@pytest.mark.parametrize("name", ["model.pt", "model.ckpt", "pytorch_model.bin", "w.pkl"])
def test_pickle_files_are_refused_by_name(sink, tmp_path, name):
    (tmp_path / name).write_bytes(b"whatever")
    with pytest.raises(InputError, match="pickle"):
        land_model(sink, str(tmp_path / name))


def test_other_files_are_refused(sink, tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    with pytest.raises(InputError, match="is no model"):
        land_model(sink, str(tmp_path / "model.gguf"))


def test_several_models_in_a_folder_must_be_told_apart(sink, tiny, counts):
    (tiny / WEIGHTS).rename(tiny / "a.safetensors")
    write_safetensors(tiny / "b.safetensors", bert_tensors(seed=2))
    with pytest.raises(InputError, match="several models"):
        land_model(sink, str(tiny))
    landed = land_model(sink, str(tiny / "b.safetensors"))
    assert landed.name == "b"


@pytest.mark.parametrize("name", [" ", "a\nb", "x" * 300])
def test_names_that_cannot_be_used(sink, tiny, name):
    with pytest.raises(InputError, match="name"):
        land_model(sink, str(tiny), name)


def test_a_pickle_beside_safetensors_is_ignored(sink, tiny):
    (tiny / "pytorch_model.bin").write_bytes(b"not looked at")
    assert land_model(sink, str(tiny)).changed


def test_a_file_that_changes_while_it_lands_is_refused(sink, tiny, counts, monkeypatch):
    register = model_module.write_tensors

    def change_then_write(*arguments):
        register(*arguments)
        write_safetensors(tiny / WEIGHTS, bert_tensors(seed=5))

    monkeypatch.setattr(model_module, "write_tensors", change_then_write)
    with pytest.raises(InputError, match="changed while it was being landed"):
        land_model(sink, str(tiny))
    assert set(counts().values()) == {0}


def test_an_error_of_one_writer_stops_the_other(sink, tiny, counts, monkeypatch):
    monkeypatch.setattr(model_write, "_GROUP_BYTES", 300)
    monkeypatch.setattr(model_write, "_GROUP_ROWS", 8)
    blocks, seen = model_write.row_blocks, []

    def fail_at_the_fifth(*arguments):
        seen.append(arguments)
        if len(seen) == 5:
            raise ValueError("the disk is on fire")
        return blocks(*arguments)

    monkeypatch.setattr(model_write, "row_blocks", fail_at_the_fifth)
    with pytest.raises(ValueError, match="the disk is on fire"):
        land_model(sink, str(tiny))
    left = counts()
    assert left["models"] == left["model_tensors"] == 0
    monkeypatch.undo()
    assert land_model(sink, str(tiny)).new_tensors == len(bert_tensors()) - left["tensors"]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=st.lists(st.tuples(st.integers(0, 2500), st.integers(0, 255)), min_size=1, max_size=4),
    cut=st.none() | st.integers(0, 9000),
)
def test_corruption_lands_nothing_or_a_whole_model(tmp_path_factory, write_whole, changes, cut):
    folder = tmp_path_factory.mktemp("corrupt")
    data = bytearray(write_whole(folder))
    for position, value in changes:
        data[position] = value
    (folder / WEIGHTS).write_bytes(bytes(data if cut is None else data[:cut]))
    sink = DuckDBSink(folder / "corrupt.duckdb")
    try:
        land_model(sink, str(folder))
    except InputError:
        sink.ensure_schema()
        for table in ("models", "model_tensors", "tensors", "weight_rows", "tokenizers"):
            assert sink.query(f"SELECT COUNT(*) FROM raw.{table}") == [(0,)]
    else:
        missing = sink.query(
            "SELECT COUNT(*) FROM raw.model_tensors m WHERE tensor_id NOT IN "
            "(SELECT tensor_id FROM raw.tensors)"
        )
        assert missing == [(0,)]
    finally:
        sink.close()


@pytest.fixture
def write_whole():
    """Writes the tiny model without a tokenizer, and returns the bytes of its weights."""

    def write(folder) -> bytes:
        (folder / "config.json").write_text(json.dumps(CONFIG))
        write_safetensors(folder / WEIGHTS, bert_tensors())
        return (folder / WEIGHTS).read_bytes()

    return write
