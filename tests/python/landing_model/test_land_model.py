"""A model lands whole, once, and shares what it shares."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from tiny_models import CONFIG, TOKENIZER, bert_tensors, write_safetensors

from hartonomous.errors import InputError
from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.model import collect_garbage, land_model, remove_model


def test_everything_is_there_as_the_file_has_it(sink, tiny, matrix):
    landed = land_model(sink, str(tiny))
    assert (landed.name, landed.family, landed.changed) == ("tiny", "bert", True)
    assert landed.warnings == ()
    arrays = bert_tensors()
    weights = {name: array for name, array in arrays.items() if array.dtype == np.float32}
    assert landed.parameters == sum(array.size for array in weights.values())
    assert landed.bytes == 4 * landed.parameters
    assert landed.tensors == landed.new_tensors == len(arrays)
    for name, array in weights.items():
        np.testing.assert_array_equal(matrix(landed.model_id, name), np.atleast_2d(array))
    ((shape, rows, has_rows, sha256),) = sink.query(
        "SELECT t.shape, t.row_count, t.has_rows, t.sha256 FROM raw.tensors t JOIN "
        "raw.model_tensors m ON m.tensor_id = t.tensor_id WHERE role = 'buffer'"
    )
    assert (shape, rows, has_rows) == ("[1,4]", 1, False)
    buffer = arrays["embeddings.position_ids"].tobytes()
    assert sha256 == hashlib.sha256(buffer).hexdigest()


def test_the_row_of_the_model(sink, tiny):
    landed = land_model(sink, str(tiny), "mine")
    columns = "name, architecture, family, format, parameters, layers, hidden_size"
    more = "attention_heads, key_value_heads, head_size, vocabulary_size, config"
    ((*values, config),) = sink.query(f"SELECT {columns}, {more} FROM raw.models")
    assert values == [
        *("mine", "BertModel", "bert", "safetensors", landed.parameters, 2, 8),
        *(2, 2, 4, 20),
    ]
    assert json.loads(config) == {"config": CONFIG}
    files = dict(sink.query("SELECT path, sha256 FROM raw.source_files WHERE name = 'mine'"))
    assert files == {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in tiny.iterdir()
    }


def test_a_plain_filter_finds_a_weight(sink, tiny):
    land_model(sink, str(tiny))
    found = sink.query(
        "SELECT tensor_name FROM raw.model_tensors WHERE layer = 1 AND weight_type = 'Q'"
    )
    assert found == [("encoder.layer.1.attention.self.query.weight",)]


def test_landing_again_changes_nothing(tmp_path, tiny):
    path = tmp_path / "again.duckdb"
    landings, digests = [], []
    for _ in range(3):
        sink = DuckDBSink(path)
        landings.append(land_model(sink, str(tiny)))
        sink.close()
        digests.append(hashlib.sha256(path.read_bytes()).hexdigest())
    assert [landed.changed for landed in landings] == [True, False, False]
    assert [landed.new_tensors for landed in landings[1:]] == [0, 0]
    assert digests[0] == digests[1] == digests[2]


def test_the_same_content_elsewhere_is_the_same_model(sink, write_model, counts):
    first = land_model(sink, str(write_model("one")), "name")
    before = counts()
    again = land_model(sink, str(write_model("two")), "name")
    assert (again.model_id, again.changed) == (first.model_id, False)
    assert counts() == before


def test_another_name_is_another_row_of_the_same_model(sink, tiny, counts):
    first = land_model(sink, str(tiny), "one")
    before = counts()
    second = land_model(sink, str(tiny), "two")
    assert (second.model_id, second.changed, second.new_tensors) == (first.model_id, True, 0)
    assert counts() == before | {"models": 2, "source_files": 2 * before["source_files"]}
    remove_model(sink, "one")
    assert counts() == before
    remove_model(sink, "two")
    assert set(counts().values()) == {0}


def test_a_used_name_is_refused(sink, tiny, write_model, counts):
    land_model(sink, str(tiny), "name")
    before = counts()
    other = write_model("other", bert_tensors(seed=1))
    with pytest.raises(InputError, match="hartonomous remove model name"):
        land_model(sink, str(other), "name")
    assert counts() == before


def test_a_tensor_of_two_models_is_stored_once(sink, tiny, write_model, counts, matrix):
    parent = land_model(sink, str(tiny))
    before = counts()
    changed = bert_tensors()
    changed["encoder.layer.0.output.dense.weight"] = changed[
        "encoder.layer.0.output.dense.weight"
    ] * np.float32(2)
    child = land_model(sink, str(write_model("tuned", changed)))
    assert child.new_tensors == 1
    after = counts()
    assert after["tensors"] == before["tensors"] + 1
    assert after["weight_rows"] == before["weight_rows"] + 8
    assert after["model_tensors"] == 2 * before["model_tensors"]
    assert after["tokens"] == before["tokens"]
    assert after["token_positions"] == before["token_positions"]

    remove_model(sink, "tiny")
    left = counts()
    assert left["tensors"] == before["tensors"]
    assert left["tokens"] == before["tokens"]
    for name, array in changed.items():
        if array.dtype == np.float32:
            np.testing.assert_array_equal(matrix(child.model_id, name), np.atleast_2d(array))
    assert parent.model_id not in {row[0] for row in sink.query("SELECT model_id FROM raw.models")}


def test_removing_takes_the_tokenizer_that_nobody_else_has(sink, tiny, write_model, counts):
    other = dict(TOKENIZER, version="2.0")
    land_model(sink, str(tiny))
    land_model(sink, str(write_model("other", tokenizer=other)))
    assert counts()["tokenizers"] == 2
    remove_model(sink, "other")
    assert counts()["tokenizers"] == 1
    assert counts()["tokens"] == 20


def test_removing_what_is_not_there(sink, tiny):
    with pytest.raises(InputError, match="there is none"):
        remove_model(sink, "tiny")
    land_model(sink, str(tiny))
    with pytest.raises(InputError, match="there are: tiny"):
        remove_model(sink, "tinny")


def test_collecting_garbage_harms_no_model(sink, tiny, counts):
    land_model(sink, str(tiny))
    before = counts()
    assert set(collect_garbage(sink).values()) == {0}
    assert counts() == before


def test_tokens_have_positions(sink, tiny):
    land_model(sink, str(tiny))
    positions = sink.query("SELECT row_index, x, y, z FROM raw.token_positions ORDER BY row_index")
    points = np.array(positions)[:, 1:]
    embeddings = bert_tensors()["embeddings.word_embeddings.weight"].astype(np.float64)
    centered = embeddings - embeddings.mean(axis=0)
    _, _, axes = np.linalg.svd(centered, full_matrices=False)
    expected = centered @ axes[:3].T
    for axis in range(3):
        sign = np.sign(points[:, axis] @ expected[:, axis])
        np.testing.assert_allclose(points[:, axis], sign * expected[:, axis], atol=1e-4)


def test_shards_are_the_same_tensors(sink, tiny, tmp_path):
    whole = land_model(sink, str(tiny))
    folder = tmp_path / "shards"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    weight_map = {}
    names = list(bert_tensors())
    for shard, part in enumerate((names[:7], names[7:])):
        file = f"model-{shard}.safetensors"
        arrays = bert_tensors()
        write_safetensors(folder / file, {name: arrays[name] for name in part})
        weight_map |= dict.fromkeys(part, file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    sharded = land_model(sink, str(folder))
    assert sharded.new_tensors == 0
    assert sharded.parameters == whole.parameters
    assert sharded.model_id != whole.model_id  # it has no tokenizer
    assert "tokenizer" in sharded.warnings[0]


def test_unknown_architectures_land_with_a_warning(sink, tmp_path, write_model, matrix):
    tensors = {
        "block.0.mix.weight": np.ones((3, 2, 2), dtype="<f2"),
        "layers.4.gain": np.array(2.5, dtype="<f8"),
        "layers.4.shift.bias": np.ones(2, dtype="<f4"),
        "empty": np.zeros((0, 5), dtype="<f4"),
    }
    folder = write_model("odd", tensors, {"model_type": "odd", "d_model": "wide"})
    landed = land_model(sink, str(folder))
    assert landed.family == "other"
    assert "inference in SQL will not work" in landed.warnings[0]
    rows = sink.query(
        "SELECT tensor_name, role, weight_type, layer, t.shape, has_rows FROM raw.model_tensors m "
        "JOIN raw.tensors t ON t.tensor_id = m.tensor_id ORDER BY tensor_name"
    )
    assert rows == [
        ("block.0.mix.weight", "other", "OTHER", 0, "[3,2,2]", True),
        ("empty", "other", "OTHER", None, "[0,5]", False),
        ("layers.4.gain", "other", "OTHER", 4, "[]", True),
        ("layers.4.shift.bias", "other_bias", "BIAS", 4, "[2]", True),
    ]
    assert matrix(landed.model_id, "layers.4.gain").tolist() == [[2.5]]
    assert matrix(landed.model_id, "block.0.mix.weight").shape == (3, 4)
