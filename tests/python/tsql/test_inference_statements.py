"""The inference procedures of SQL Server: what they are made of, and what they compute.

The statements are those that dbt compiles for the target sqlserver. Their arithmetic is run on
DuckDB (tsql_on_duckdb) over models of a few dimensions and compared with transformers; whether a
server would accept them is the checker's to say (test_tsql_rehearsal).
"""

from __future__ import annotations

import hashlib
import json
import re

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from compiled_inference import Compiled, copy_project  # noqa: E402
from seeded_models import END, POSITIONS, VOCABULARY, bert, gpt2, llama, seeded  # noqa: E402
from tsql_on_duckdb import Thrown  # noqa: E402

pytestmark = pytest.mark.xdist_group("tsql-inference")

TEXT = [int(n) for n in np.random.default_rng(5).integers(2, VOCABULARY, 70)]
"""Longer than the 64 positions that one vector of values holds."""
PROMPT = TEXT[:9]


@pytest.fixture(scope="module")
def copied_project(root, tmp_path_factory):
    return copy_project(root, tmp_path_factory.mktemp("inference"))


@pytest.fixture(scope="module")
def absolute(copied_project):
    """BERT, which embeds, and GPT-2, which predicts tokens: learned positions."""
    return Compiled([seeded(bert), seeded(gpt2)], copied_project)


@pytest.fixture(scope="module")
def rotary(copied_project):
    """Llama, in both parts: rotary positions, grouped heads, SwiGLU."""
    return Compiled([seeded(llama)], copied_project)


@pytest.fixture(params=["absolute", "rotary"])
def language(request):
    compiled = request.getfixturevalue(request.param)
    return compiled, compiled.models[-1]


def run_model(model, tokens, **wanted):
    with torch.no_grad():
        return model(torch.tensor([tokens]), **wanted)


def column(rows, name):
    return np.array([row[name] for row in rows], dtype=np.float64)


def test_bert_embeds_as_transformers_does(absolute):
    rows = absolute.call("embed", text=json.dumps(TEXT))
    expected = run_model(absolute.models[0], TEXT).last_hidden_state[0].mean(0).numpy()
    assert column(rows, "embedding")[0] == pytest.approx(
        expected / np.linalg.norm(expected), abs=1e-6
    )


CATALOGUE = """
create schema sys;
create table sys.objects as select 1 as object_id, 'notes' as name, 'U' as type;
create table sys.columns as select 1 as object_id, 'content' as name;
create macro quotename(name) as '"' || replace(name, '"', '""') || '"';
create macro object_schema_name(id) as 'dbo';
create macro object_id(given) as
    case when given in ('notes', 'dbo.notes', '"dbo"."notes"') then 1 end;
create table dbo.notes (content varchar);
"""


def test_a_column_of_texts_is_embedded_in_the_order_of_its_texts(absolute):
    absolute.connection.execute(CATALOGUE)
    texts = sorted(json.dumps(tokens) for tokens in (PROMPT, TEXT, PROMPT[:1]))
    absolute.connection.executemany("insert into dbo.notes values (?)", [[t] for t in texts[::-1]])
    rows = absolute.call("embed_table", relation_name="dbo.notes", column_name="content")
    assert [(row["text_id"], row["text"]) for row in rows] == list(enumerate(texts))
    one_by_one = [absolute.call("embed", text=text)[0]["embedding"] for text in texts]
    assert column(rows, "embedding") == pytest.approx(np.array(one_by_one), abs=1e-6)
    with pytest.raises(Thrown, match="column_name must name a column"):
        absolute.call("embed_table", relation_name="dbo.notes", column_name='x"; drop table notes')
    with pytest.raises(Thrown, match="relation_name must name a table"):
        absolute.call("embed_table", relation_name="elsewhere", column_name="content")


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("name", ["absolute", "rotary"])
def test_hidden_states_of_every_layer(name, layer, request):
    compiled = request.getfixturevalue(name)
    rows = compiled.call("hidden_states", text=json.dumps(TEXT), layer=layer)
    states = run_model(compiled.models[0], TEXT, output_hidden_states=True).hidden_states
    expected = states[layer][0].numpy()
    assert column(rows, "hidden") == pytest.approx(
        expected, abs=3e-6 * float(np.abs(expected).max())
    )
    assert [row["token_id"] for row in rows] == TEXT


@pytest.mark.parametrize("name", ["absolute", "rotary"])
def test_attention_map(name, request):
    compiled = request.getfixturevalue(name)
    model = compiled.models[0]
    model.set_attn_implementation("eager")
    rows = compiled.call("attention_map", text=json.dumps(PROMPT), layer=1, head=2)
    expected = run_model(model, PROMPT, output_attentions=True).attentions[1][0, 2].numpy()
    assert column(rows, "weight").reshape(expected.shape) == pytest.approx(expected, abs=1e-6)


def test_score_of_a_text(language):
    compiled, model = language
    rows = compiled.call("score", text=json.dumps(TEXT))
    logits = run_model(model, TEXT).logits[0].double().log_softmax(-1).numpy()
    expected = [logits[at, token] for at, token in enumerate(TEXT[1:])]
    assert rows[0]["log_probability"] is None
    assert column(rows[1:], "log_probability") == pytest.approx(expected, abs=1e-4)
    assert rows[0]["perplexity"] == pytest.approx(np.exp(-np.mean(expected)), rel=1e-4)


def test_next_tokens_and_the_lens_of_the_last_layer(language):
    compiled, model = language
    rows = compiled.call("next_tokens", prompt=json.dumps(PROMPT), top_k=5)
    probabilities = run_model(model, PROMPT).logits[0].double().softmax(-1)
    expected = probabilities[-1].topk(5)
    assert [row["token_id"] for row in rows] == expected.indices.tolist()
    assert column(rows, "probability") == pytest.approx(expected.values.numpy(), abs=1e-5)
    lens = compiled.call("logit_lens", text=json.dumps(PROMPT))
    last = [row for row in lens if row["layer"] == model.config.num_hidden_layers]
    assert [row["predicted_token_id"] for row in last] == probabilities.argmax(-1).tolist()
    assert column(last, "probability") == pytest.approx(probabilities.max(-1)[0].numpy(), abs=1e-5)


def generated(model, tokens, **settings):
    ids = torch.tensor([tokens])
    mask = torch.ones_like(ids)
    options = {"do_sample": False, "max_new_tokens": 8, "pad_token_id": END, **settings}
    written = model.generate(ids, attention_mask=mask, **options)[0, len(tokens) :].tolist()
    return [token for token in written if token != END]


def generate(compiled, **settings):
    given = {"max_tokens": 8, "temperature": 0.0, "top_k": 0, "top_p": 1.0, "seed": 0, **settings}
    return compiled.call("generate", prompt=json.dumps(PROMPT), **given)


def test_greedy_continuation(language):
    compiled, model = language
    rows = generate(compiled)
    expected = generated(model, PROMPT)
    assert [row["token_id"] for row in rows] == expected
    assert rows[-1]["generated_text"] == " ".join(map(str, expected))


def test_the_last_position_of_the_model_is_used_and_none_behind_it(language):
    compiled, _ = language
    text = [int(n) for n in np.random.default_rng(6).integers(2, VOCABULARY, POSITIONS - 1)]
    given = {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "seed": 0}
    rows = compiled.call("generate", prompt=json.dumps(text), max_tokens=8, **given)
    assert len(rows) <= 2
    with pytest.raises(Thrown, match="81 tokens"):
        compiled.call("score", text=json.dumps([*text, 2, 3]))


def test_sampling_draws_by_the_hash_of_seed_and_step(language):
    """The number is that of sampling.sql, the choice that of the cumulative distribution."""
    compiled, model = language
    for seed in range(4):
        rows = generate(compiled, max_tokens=1, temperature=0.7, top_k=20, top_p=0.9, seed=seed)
        logits = run_model(model, PROMPT).logits[0, -1].double()
        weights = (logits.sort(descending=True).values[:20] / 0.7).softmax(-1).numpy()
        tokens = logits.argsort(descending=True)[:20].tolist()
        running = weights.cumsum()
        kept = int((running - weights < 0.9).sum())
        number = int(hashlib.md5(f"{seed}:0".encode()).hexdigest()[:12], 16) / 2**48
        drawn = tokens[int((running[:kept] <= number * running[kept - 1]).sum())]
        assert [row["token_id"] for row in rows] == [drawn] * (drawn != END)


@pytest.mark.parametrize("beams", [1, 3])
def test_beam_search(language, beams):
    compiled, model = language
    rows = compiled.call("generate_beam", prompt=json.dumps(PROMPT), max_tokens=8, beams=beams)
    expected = generated(model, PROMPT, num_beams=beams, early_stopping=False, length_penalty=1.0)
    assert [row["token_id"] for row in rows] == expected


@pytest.mark.parametrize(
    "parameters",
    [{"max_tokens": -1}, {"temperature": -0.5}, {"top_k": -1}, {"top_p": 0.0}, {"seed": None}],
)
def test_bad_parameters_are_thrown(absolute, parameters):
    with pytest.raises(Thrown, match=next(iter(parameters))):
        generate(absolute, **parameters)


PROCEDURES = [
    "embed", "embed_table", "next_tokens", "score", "generate", "generate_beam", "hidden_states",
    "attention_map", "logit_lens", "semantic_search",
]  # fmt: skip


@pytest.mark.parametrize("name", PROCEDURES)
def test_every_procedure_runs_the_layers_in_a_loop(absolute, name):
    sql = re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", absolute.sql[name])
    assert re.search(r"while @this_layer <=? (\d+|@layer)\s+begin", sql)
    assert sql.count("from #attention_queries") == 1  # one layer's statements serve all
    assert not re.search(r"\bwith\b(?! \(|in group)", sql, re.I)  # no CTE, so none is nested


@pytest.mark.parametrize("name", PROCEDURES)
def test_temporary_tables_are_keyed_and_made_before_they_are_used(absolute, name):
    sql = re.sub(r"--[^\n]*", "", absolute.sql[name])
    made = {}
    for match in re.finditer(r"create table (#\w+) \((.*?)\n\);", sql, re.S):
        assert match[1] not in made, f"{match[1]} is made twice"
        made[match[1]] = match.start()
        assert "primary key" in match[2], match[1]
    for match in re.finditer(r"#\w+", sql):
        assert made.get(match[0], len(sql)) <= match.start(), f"{match[0]} is not there yet"


def test_names_that_a_caller_gives_are_quoted(absolute):
    sql = absolute.sql["embed_table"]
    dynamic = sql[sql.index("declare @statement") : sql.index("exec sp_executesql")]
    assert "@relation_name" not in dynamic
    assert "@column_name" not in dynamic
    assert "quotename(found.name)" in sql
