"""ONNX: initializers inline and outside, in the orientation that the graph gives them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tiny_models import CONFIG

from hartonomous.errors import InputError
from hartonomous.landing.model import land_model

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper  # noqa: E402

GENERATOR = np.random.default_rng(4)
QUERY = GENERATOR.standard_normal((8, 8)).astype("<f4")
BIAS = GENERATOR.standard_normal(8).astype("<f4")
WORDS = GENERATOR.standard_normal((20, 8)).astype("<f4")
POOLER = GENERATOR.standard_normal((8, 8)).astype("<f4")
PREFIX = "encoder.layer.0.attention.self."


def raw(name, array, data_type=TensorProto.FLOAT):
    return helper.make_tensor(name, data_type, array.shape, array.tobytes(), raw=True)


def bert_graph(initializers=None, nodes=None):
    """The beginning of a BERT as torch.onnx exports it, with a folded and so nameless weight."""
    if nodes is None:
        nodes = [
            helper.make_node(
                *("Gather", ["embeddings.word_embeddings.weight", "ids"], ["e"], "/embed/Gather")
            ),
            helper.make_node(
                *("MatMul", ["e", "onnx::MatMul_7"], ["m"]),
                name="/encoder/layer.0/attention/self/query/MatMul",
            ),
            helper.make_node(
                *("Add", [PREFIX + "query.bias", "m"], ["q"]),
                name="/encoder/layer.0/attention/self/query/Add",
            ),
            helper.make_node(
                *("Gemm", ["q", "pooler.dense.weight"], ["p"], "/pooler/dense/Gemm"), transB=1
            ),
            helper.make_node("Constant", [], ["c"], value=raw("c", np.array([2.5], dtype="<f4"))),
        ]
    if initializers is None:
        initializers = [
            raw("embeddings.word_embeddings.weight", WORDS),
            raw("onnx::MatMul_7", QUERY.T),
            raw(PREFIX + "query.bias", BIAS),
            raw("pooler.dense.weight", POOLER),
            raw("shape", np.array([1, -1], dtype="<i8"), TensorProto.INT64),
        ]
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, [1, None])
    out = helper.make_tensor_value_info("p", TensorProto.FLOAT, None)
    return helper.make_model(helper.make_graph(nodes, "main", [ids], [out], initializers))


@pytest.fixture
def save(tmp_path):
    def write(model, config=CONFIG | {"num_hidden_layers": 1}):
        folder = tmp_path / "exported"
        folder.mkdir(exist_ok=True)
        (folder / "model.onnx").write_bytes(model.SerializeToString())
        if config:
            (folder / "config.json").write_text(json.dumps(config))
        return folder / "model.onnx"

    return write


def test_roles_and_orientation_come_from_the_graph(sink, save, matrix):
    landed = land_model(sink, str(save(bert_graph())), "exported")
    assert (landed.format, landed.family, landed.architecture) == ("onnx", "bert", "BertModel")
    rows = sink.query(
        "SELECT tensor_name, file_tensor_name, role, weight_type, layer FROM raw.model_tensors "
        "ORDER BY ordinal"
    )
    words, bias, pooler = "embeddings.word_embeddings.weight", PREFIX + "query.bias", "pooler.dense"
    assert rows == [
        (words, words, "embedding_token", "EMBEDDING", None),
        (PREFIX + "query.weight", "onnx::MatMul_7", "attention_query", "Q", 0),
        (bias, bias, "attention_query_bias", "BIAS", 0),
        (pooler + ".weight", pooler + ".weight", "pooler", "OTHER", None),
        ("shape", "shape", "other", "OTHER", None),
    ]
    np.testing.assert_array_equal(matrix(landed.model_id, PREFIX + "query.weight"), QUERY)
    np.testing.assert_array_equal(matrix(landed.model_id, "pooler.dense.weight"), POOLER)
    np.testing.assert_array_equal(matrix(landed.model_id, words), WORDS)
    np.testing.assert_array_equal(matrix(landed.model_id, bias), BIAS[None])


def test_the_graph_becomes_rows(sink, save):
    land_model(sink, str(save(bert_graph())))
    rows = sink.query(
        "SELECT node_index, name, op_type, inputs, outputs, attributes FROM raw.graph_nodes "
        "ORDER BY node_index"
    )
    assert [row[2] for row in rows] == ["Gather", "MatMul", "Add", "Gemm", "Constant"]
    assert rows[1][1] == "/encoder/layer.0/attention/self/query/MatMul"
    assert json.loads(rows[1][3]) == ["e", "onnx::MatMul_7"]
    assert json.loads(rows[1][4]) == ["m"]
    assert json.loads(rows[3][5]) == {"transB": 1}
    assert json.loads(rows[4][5]) == {"value": {"dims": [1], "data_type": 1, "values": [2.5]}}


def test_without_a_config_names_tell_the_family(sink, save):
    landed = land_model(sink, str(save(bert_graph(), config=None)))
    assert landed.family == "bert"
    columns = "layers, hidden_size, vocabulary_size, attention_heads"
    assert sink.query(f"SELECT {columns} FROM raw.models") == [(1, 8, 20, None)]


def test_a_folder_with_onnx_alone(sink, save):
    landed = land_model(sink, str(save(bert_graph()).parent))
    assert (landed.name, landed.format) == ("exported", "onnx")


def external(name, array, location, offset, length=None, dims=None):
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims or array.shape)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        if value is not None:
            tensor.external_data.add(key=key, value=str(value))
    return tensor


def test_external_data_is_the_same_model_content(sink, save, matrix):
    path = save(
        bert_graph(
            [
                external("embeddings.word_embeddings.weight", WORDS, "weights.data", 64),
                external("onnx::MatMul_7", QUERY, "weights.data", 64 + WORDS.nbytes, QUERY.nbytes),
                raw(PREFIX + "query.bias", BIAS),
                raw("pooler.dense.weight", POOLER),
            ]
        )
    )
    data = bytes(64) + WORDS.tobytes() + np.ascontiguousarray(QUERY.T).tobytes()
    (path.parent / "weights.data").write_bytes(data)
    landed = land_model(sink, str(path))
    np.testing.assert_array_equal(matrix(landed.model_id, PREFIX + "query.weight"), QUERY)
    np.testing.assert_array_equal(
        matrix(landed.model_id, "embeddings.word_embeddings.weight"), WORDS
    )
    assert ("weights.data",) in [
        (path.rsplit("/", 1)[-1],) for (path,) in sink.query("SELECT path FROM raw.source_files")
    ]


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (external("w", WORDS, "../outside.data", 0), "leaves its folder"),
        (external("w", WORDS, "/etc/passwd", 0), "absolute"),
        (external("w", WORDS, None, 0), "no file name"),
        (external("w", WORDS, "missing.data", 0), "No such file"),
        (external("w", WORDS, "weights.data", 1), "cut short"),
        (external("w", WORDS, "weights.data", -4), "no whole number"),
        (external("w", WORDS, "weights.data", "1e3"), "no whole number"),
        (external("w", WORDS, "weights.data", 0, 4), "4 bytes of external data"),
        (external("w", WORDS, "weights.data", 0, dims=[2**40, 8]), "cut short"),
        (external("w", WORDS, "weights.data", 0, dims=[-1, 8]), "sizes of 0 or more"),
        (TensorProto(name="w", data_type=1, dims=[3], raw_data=b"1234"), "by its type"),
        (TensorProto(name="w", data_type=1, dims=[3], float_data=[1.0]), "by its type"),
        (TensorProto(name="w", data_type=TensorProto.INT4, dims=[2], raw_data=b"1"), "unquantized"),
        (TensorProto(name="w", data_type=8, dims=[1], string_data=[b"a"]), "cannot be landed"),
        (TensorProto(name="", data_type=1, dims=[1], raw_data=b"1234"), "0 characters"),
        (raw("w", np.array([1, np.nan], dtype="<f4")), "NaN"),
    ],
)
def test_bad_initializers_are_refused(sink, save, counts, tensor, said):
    path = save(bert_graph([raw("x", WORDS), tensor], nodes=[]))
    (path.parent / "weights.data").write_bytes(WORDS.tobytes())
    with pytest.raises(InputError, match=said):
        land_model(sink, str(path))
    assert set(counts().values()) == {0}


@pytest.mark.parametrize("data", [b"", b"no onnx at all", b"\x08\x07", bytes(range(256))])
def test_a_corrupt_file_is_refused(sink, tmp_path, data):
    (tmp_path / "model.onnx").write_bytes(data)
    with pytest.raises(InputError):
        land_model(sink, str(tmp_path / "model.onnx"))


@pytest.mark.parametrize("seed", range(40))
def test_any_corruption_is_an_input_error_or_lands(sink, save, counts, seed):
    generator = np.random.default_rng(seed)
    path = save(bert_graph())
    data = bytearray(path.read_bytes())
    for position in generator.integers(0, len(data), 3):
        data[position] = generator.integers(256)
    path.write_bytes(data)
    try:
        land_model(sink, str(path))
    except InputError:
        assert set(counts().values()) == {0}


def test_inline_weights_are_read_from_the_file(sink, save):
    from hartonomous.readers.bytes_source import FileSource
    from hartonomous.readers.onnx_file import read_onnx

    path = save(bert_graph())
    for tensor in read_onnx(path).tensors:
        assert isinstance(tensor.source, FileSource)
        assert tensor.offset + tensor.bytes <= path.stat().st_size


def test_a_truncated_file_is_refused(sink, save):
    path = save(bert_graph())
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(InputError, match="not a whole ONNX file"):
        land_model(sink, str(path))


def test_two_initializers_of_one_name_are_refused(sink, save):
    path = save(bert_graph([raw("w", WORDS), raw("w", WORDS)], nodes=[]))
    with pytest.raises(InputError, match="two initializers"):
        land_model(sink, str(path))


def test_every_float_type_is_exact(sink, save, matrix):
    values = np.array([1.5, -0.25, 2.0**-14, 65504.0], dtype="<f4")
    halves = values.astype("<f2").view("<u2")
    brains = (np.array([1.5, -0.25, 2.0**-14, 3.0e38], "<f4").view("<u4") >> 16).astype("<u2")
    tensors = [
        raw("f32", values),
        raw("f16", halves, TensorProto.FLOAT16),
        raw("bf16", brains, TensorProto.BFLOAT16),
        raw("f64", values.astype("<f8"), TensorProto.DOUBLE),
        helper.make_tensor("typed32", TensorProto.FLOAT, [4], values),
        helper.make_tensor("typed64", TensorProto.DOUBLE, [4], values),
        TensorProto(name="typed16", data_type=10, dims=[4], int32_data=halves.tolist()),
        TensorProto(name="typedb", data_type=16, dims=[4], int32_data=brains.tolist()),
        TensorProto(name="whole", data_type=3, dims=[2], int32_data=[-1, 5]),
    ]
    landed = land_model(sink, str(save(bert_graph(tensors, nodes=[]))))
    wide = (brains.astype("<u4") << 16).view("<f4")
    for name in ("f32", "f16", "f64", "typed32", "typed64", "typed16"):
        np.testing.assert_array_equal(matrix(landed.model_id, name), values[None], name)
    for name in ("bf16", "typedb"):
        np.testing.assert_array_equal(matrix(landed.model_id, name), wide[None])
    assert matrix(landed.model_id, "whole").size == 0


def test_nested_graphs_and_long_attributes_are_told_not_dumped(sink, save):
    inner = helper.make_graph([helper.make_node("Identity", ["a"], ["b"])], "then", [], [])
    large = raw("large", np.zeros(1000, dtype="<f4"))
    nodes = [
        helper.make_node("If", ["x"], ["y"], then_branch=inner),
        helper.make_node("Constant", [], ["z"], value=large),
        helper.make_node("Cast", ["x"], ["u"], to=1, note="über", limit=float("inf")),
        helper.make_node("Many", ["x"], ["v"], sizes=list(range(100)), domain="com.microsoft"),
    ]
    land_model(sink, str(save(bert_graph([raw("x", WORDS)], nodes))))
    rows = sink.query("SELECT attributes FROM raw.graph_nodes ORDER BY node_index")
    branch, constant, cast, many = (json.loads(text) for (text,) in rows)
    assert branch == {"then_branch": {"graph": "then", "nodes": 1}}
    assert constant["value"]["bytes"] == 4000
    assert "values" not in constant["value"]
    assert cast == {"to": 1, "note": "über", "limit": "inf"}
    assert many == {
        "sizes": {"values": list(range(16)), "length": 100},
        "domain": "com.microsoft",
    }


def test_a_graph_is_part_of_what_a_model_is(sink, save):
    one = land_model(sink, str(save(bert_graph())), "one")
    graph = bert_graph()
    del graph.graph.node[-1]
    two = land_model(sink, str(save(graph)), "two")
    assert two.new_tensors == 0
    assert one.model_id != two.model_id


def test_a_shared_embedding_is_not_transposed(sink, save, matrix):
    nodes = [
        helper.make_node("Gather", ["w", "ids"], ["e"]),
        helper.make_node("MatMul", ["e", "w"], ["p"]),
    ]
    landed = land_model(sink, str(save(bert_graph([raw("w", WORDS)], nodes))))
    np.testing.assert_array_equal(matrix(landed.model_id, "w"), WORDS)
