# ruff: noqa: E501 - a statement is read as one line
"""Whole models in SQL against transformers in float32, on random weights of many shapes.

Every model goes the way of a user's: landed, built by dbt, called from SQL with text.
"""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
import zoo
from tokenizers import Tokenizer

from hartonomous import Hartonomous
from hartonomous.project import model_suffixes

pytestmark = pytest.mark.xdist_group("exactness")

TEXTS = [
    "The keeper of the lighthouse",
    "a small bird, 3 ships & 14 Straßen",
    "x",
]


FEW = ("offset-positions", "conv1d", "own-head-size")
"""One of every family, for the suite that runs always; all others are slow tests."""


@pytest.fixture(scope="module", params=["few", pytest.param("many", marks=pytest.mark.slow)])
def shapes(request) -> list[zoo.Shape]:
    few = [shape for shape in zoo.FIXED if shape.name in FEW]
    others = [shape for shape in zoo.FIXED if shape.name not in FEW]
    return few if request.param == "few" else [*others, *zoo.drawn_shapes(12, seed=11)]


@pytest.fixture(scope="module")
def models(shapes, tmp_path_factory, project):
    """(database, {name: (shape, reference, tokenizer, suffix)}), built once, in a copy of the
    project: dbt writes into its project, and other tests build in the checkout."""
    folder = tmp_path_factory.mktemp("zoo")
    copy = folder / "project"
    for part in ("macros", "models", "seeds", "tests/dbt"):
        shutil.copytree(project / part, copy / part, ignore=shutil.ignore_patterns("generated"))
    for file in ("dbt_project.yml", "profiles.yml.example"):
        shutil.copyfile(project / file, copy / file)
    return land(shapes, folder, copy)


def land(shapes, folder, project):
    hartonomous = Hartonomous(folder / "zoo.duckdb")
    # The first two take the default names; what is tested carries a suffix.
    for shape in (
        zoo.Shape("first", "bert", zoo.FIXED[0].arguments),
        zoo.Shape("second", "gpt2", zoo.FIXED[3].arguments),
    ):
        hartonomous.ingest_model(str(zoo.make(shape, folder, seed=1)), name=shape.name)
    found = {}
    for number, shape in enumerate(shapes):
        path = zoo.make(shape, folder, seed=number)
        hartonomous.ingest_model(str(path), name=shape.name)
        found[shape.name] = (
            shape,
            zoo.load(shape, path),
            Tokenizer.from_file(str(path / "tokenizer.json")),
        )
    suffixes = model_suffixes(["first", "second", *found])
    hartonomous.build(
        project=project,
        select=[
            "path:models/staging",
            "path:models/catalog",
            "path:models/students",
            "path:models/tokenizers",
            "path:models/inference",
            "path:models/generated",
        ],
    )
    return hartonomous, {name: (*entry, suffixes[name]) for name, entry in found.items()}


def rows(hartonomous, statement, parameters):
    with hartonomous.database.connect() as connection:
        return connection.execute(statement, parameters).fetchall()


def test_every_kind_is_there():
    assert {shape.kind for shape in [*zoo.FIXED, *zoo.drawn_shapes(4, seed=11)]} >= {
        "bert",
        "roberta",
        "distilbert",
        "gpt2",
        "llama",
        "mistral",
        "qwen2",
    }


def test_hidden_states_agree_after_every_layer(models):
    hartonomous, found = models
    for name, (_, reference, tokenizer, suffix) in found.items():
        ids = tokenizer.encode(TEXTS[1]).ids
        with torch.no_grad():
            expected = reference(torch.tensor([ids]), output_hidden_states=True).hidden_states
        for layer in range(len(expected)):
            got = rows(
                hartonomous,
                f"SELECT token_id, hidden FROM hidden_states_{suffix}(?, ?)",
                [TEXTS[1], layer],
            )
            assert [token for token, _ in got] == ids, name
            difference = np.abs(np.array([h for _, h in got]) - expected[layer][0].numpy()).max()
            assert difference <= 2e-5, (name, layer, difference)


def test_embeddings_agree(models):
    hartonomous, found = models
    checked = 0
    for name, (shape, reference, tokenizer, suffix) in found.items():
        if shape.is_causal:
            continue
        for text in TEXTS:
            with torch.no_grad():
                hidden = reference(torch.tensor([tokenizer.encode(text).ids])).last_hidden_state[0]
            expected = {
                "bert": hidden.mean(0),
                "roberta": hidden[0],
                "distilbert": hidden.max(0).values,
            }[shape.kind]
            ((got,),) = rows(hartonomous, f"SELECT embedding FROM embed_{suffix}(?)", [text])
            difference = np.abs(np.array(got) - expected.numpy()).max()
            assert difference <= 1e-5, (name, text, difference)
            checked += 1
    assert checked >= 3


def test_embed_table_gives_what_embed_gives(models):
    hartonomous, found = models
    suffix = next(entry[3] for entry in found.values() if not entry[0].is_causal)
    with hartonomous.database.connect() as connection:
        connection.execute(
            "CREATE TEMP TABLE asked AS SELECT * FROM (VALUES (?), (?), (?)) AS t (sentence)", TEXTS
        )
        together = connection.execute(
            f"SELECT text, embedding FROM embed_table_{suffix}('asked', 'sentence')"
        ).fetchall()
        assert [text for text, _ in together] == TEXTS
        for text, embedding in together:
            alone = connection.execute(
                f"SELECT embedding FROM embed_{suffix}(?)", [text]
            ).fetchone()[0]
            assert np.abs(np.array(alone) - np.array(embedding)).max() <= 1e-6


def causal(found):
    return {name: entry for name, entry in found.items() if entry[0].is_causal}


def test_next_tokens_and_scores_agree(models):
    hartonomous, found = models
    for name, (_, reference, tokenizer, suffix) in causal(found).items():
        for text in TEXTS:
            ids = tokenizer.encode(text).ids
            with torch.no_grad():
                logits = reference(torch.tensor([ids])).logits[0].double()
            expected = torch.log_softmax(logits, -1)
            got = rows(
                hartonomous,
                f"SELECT token_id, log_probability, probability FROM next_tokens_{suffix}(?, 400)",
                [text],
            )
            assert abs(sum(p for _, _, p in got) - 1) <= 1e-6 or len(got) == 400
            difference = max(abs(expected[-1, token].item() - value) for token, value, _ in got)
            assert difference <= 1e-4, (name, difference)
            scored = rows(
                hartonomous,
                f"SELECT token_id, log_probability, perplexity FROM score_{suffix}(?)",
                [text],
            )
            assert [token for token, _, _ in scored] == ids
            assert scored[0][1] is None
            given = [expected[i - 1, ids[i]].item() for i in range(1, len(ids))]
            assert np.allclose([value for _, value, _ in scored[1:]], given, atol=1e-4), name
            if given:
                assert abs(scored[0][2] / np.exp(-np.mean(given)) - 1) <= 1e-3


def test_greedy_continuations_are_identical_for_64_tokens(models):
    hartonomous, found = models
    for name, (_, reference, tokenizer, suffix) in causal(found).items():
        ids = tokenizer.encode(TEXTS[0]).ids
        got = rows(
            hartonomous,
            f"SELECT token_id, log_probability FROM generate_{suffix}(?, max_tokens := 64)",
            [TEXTS[0]],
        )
        expected, logs = greedy(reference, ids, 64)
        assert [token for token, _ in got] == expected, name
        assert np.allclose([value for _, value in got], logs, atol=1e-4), name


def greedy(reference, ids, count):
    """Reference continuation without the end token, and its log probabilities."""
    ids, chosen, logs = list(ids), [], []
    ends = reference.generation_config.eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    for _ in range(count):
        with torch.no_grad():
            values = torch.log_softmax(reference(torch.tensor([ids])).logits[0, -1], -1)
        token = int(values.argmax())
        if token in ends:
            break
        ids.append(token)
        chosen.append(token)
        logs.append(values[token].item())
    return chosen, logs


def test_beam_search_is_that_of_transformers(models):
    hartonomous, found = models
    for name, (_, reference, tokenizer, suffix) in causal(found).items():
        ids = tokenizer.encode(TEXTS[0]).ids
        for beams in (2, 5):
            got = rows(
                hartonomous,
                f"SELECT token_id FROM generate_beam_{suffix}(?, max_tokens := 12, beams := {beams})",
                [TEXTS[0]],
            )
            with torch.no_grad():
                expected = reference.generate(
                    torch.tensor([ids]),
                    num_beams=beams,
                    max_new_tokens=12,
                    do_sample=False,
                    pad_token_id=1,
                )[0, len(ids) :].tolist()
            expected = expected[: expected.index(0)] if 0 in expected else expected
            assert [token for (token,) in got] == expected, (name, beams)


def test_attention_maps_agree(models):
    hartonomous, found = models
    for name, (shape, reference, tokenizer, suffix) in found.items():
        reference.set_attn_implementation("eager")
        ids = tokenizer.encode(TEXTS[0]).ids
        with torch.no_grad():
            expected = reference(torch.tensor([ids]), output_attentions=True).attentions
        layer, head = len(expected) - 1, expected[0].shape[1] - 1
        got = rows(
            hartonomous,
            f"SELECT position, attends_to, weight FROM attention_map_{suffix}(?, ?, ?)",
            [TEXTS[0], layer, head],
        )
        matrix = np.zeros((len(ids), len(ids)))
        for position, attends_to, weight in got:
            matrix[position, attends_to] = weight
        assert np.abs(matrix - expected[layer][0, head].numpy()).max() <= 1e-5, name
        assert shape.is_causal == bool((np.triu(matrix, 1) == 0).all()) or len(ids) == 1


def test_the_logit_lens_ends_in_the_models_own_prediction(models):
    hartonomous, found = models
    for name, (_, reference, tokenizer, suffix) in causal(found).items():
        ids = tokenizer.encode(TEXTS[0]).ids
        with torch.no_grad():
            logits = torch.softmax(reference(torch.tensor([ids])).logits[0], -1)
        got = rows(
            hartonomous,
            f"SELECT layer, position, predicted_token_id, probability FROM logit_lens_{suffix}(?)",
            [TEXTS[0]],
        )
        layers = max(layer for layer, *_ in got)
        assert len(got) == (layers + 1) * len(ids), name
        last = {position: (token, p) for layer, position, token, p in got if layer == layers}
        for position in range(len(ids)):
            token, probability = last[position]
            assert token == int(logits[position].argmax()), name
            assert abs(probability - logits[position, token].item()) <= 1e-5


def test_chosen_tokens_follow_the_probabilities(models):
    """Chi-squared over seeds: one step of sampling against the softmax at that temperature."""
    from scipy.stats import chisquare

    hartonomous, found = models
    name, (_, reference, tokenizer, suffix) = next(iter(causal(found).items()))
    ids = tokenizer.encode(TEXTS[0]).ids
    with torch.no_grad():
        logits = reference(torch.tensor([ids])).logits[0, -1].double()
    draws = 400
    with hartonomous.database.connect() as connection:
        connection.execute(
            "CREATE TEMP TABLE cache (layer INT, position INT, hidden FLOAT[], outputs FLOAT[])"
        )
        connection.execute("CREATE TEMP TABLE pending (position INT, token_id INT)")
        connection.executemany("INSERT INTO pending VALUES (?, ?)", list(enumerate(ids)))
        connection.execute(
            f"INSERT INTO cache SELECT * FROM run_tokens_{suffix}('pending', 'cache')"
        )
        seen = {}
        for seed in range(draws):
            token, *_ = connection.execute(
                f"FROM choose_token_{suffix}('cache', temperature := 0.7, top_k := 8, top_p := 1.0, seed := {seed}, step := 0)"
            ).fetchone()
            seen[token] = seen.get(token, 0) + 1
    top = logits.topk(8)
    probabilities = torch.softmax(top.values / 0.7, -1).numpy()
    counts = [seen.pop(int(token), 0) for token in top.indices]
    assert not seen, "a token outside the top 8 was drawn"
    assert chisquare(counts, probabilities * draws).pvalue > 1e-3, name


def test_a_nucleus_holds_the_likeliest_and_no_more(models):
    hartonomous, found = models
    _, (_, reference, tokenizer, suffix) = next(iter(causal(found).items()))
    ids = tokenizer.encode(TEXTS[0]).ids
    with torch.no_grad():
        probabilities = torch.softmax(reference(torch.tensor([ids])).logits[0, -1].double(), -1)
    order = probabilities.argsort(descending=True)
    before = probabilities[order].cumsum(0) - probabilities[order]
    allowed = set(order[before < 0.3].tolist())
    drawn = {
        rows(
            hartonomous,
            f"SELECT token_id FROM generate_{suffix}(?, max_tokens := 1, temperature := 1, top_p := 0.3, seed := {seed})",
            [TEXTS[0]],
        )[0][0]
        for seed in range(12)
    }
    assert drawn <= allowed
    assert len(drawn) > 1 or len(allowed) == 1


def test_generation_is_the_same_for_a_seed(models):
    hartonomous, found = models
    _, (_, _, _, suffix) = next(iter(causal(found).items()))
    statement = f"SELECT token_id FROM generate_{suffix}(?, max_tokens := 12, temperature := 1.3, seed := ?)"
    first = rows(hartonomous, statement, [TEXTS[0], 5])
    assert rows(hartonomous, statement, [TEXTS[0], 5]) == first
    assert rows(hartonomous, statement, [TEXTS[0], 6]) != first


def test_the_random_number_is_that_of_md5(models):
    """The draw is the inverse of the cumulative distribution at MD5('seed:step'), first 48 bits."""
    import hashlib

    hartonomous, found = models
    _, (_, reference, tokenizer, suffix) = next(iter(causal(found).items()))
    ids = tokenizer.encode(TEXTS[0]).ids
    with torch.no_grad():
        probabilities = torch.softmax(reference(torch.tensor([ids])).logits[0, -1].double(), -1)
    order = probabilities.argsort(descending=True)
    running = probabilities[order].cumsum(0)
    for seed in range(6):
        number = int(hashlib.md5(f"{seed}:0".encode()).hexdigest()[:12], 16) / 2**48
        expected = int(order[int((running > number).nonzero()[0])])
        ((got,),) = rows(
            hartonomous,
            f"SELECT token_id FROM generate_{suffix}(?, max_tokens := 1, temperature := 1, seed := {seed})",
            [TEXTS[0]],
        )
        assert got == expected or expected == 0, seed


def test_a_text_beyond_the_positions_is_refused(models):
    import duckdb

    hartonomous, found = models
    _, reference, _, suffix = next(iter(causal(found).values()))
    longest = reference.config.max_position_embeddings
    with pytest.raises(duckdb.Error, match=f"the model reads {longest} at most"):
        rows(hartonomous, f"FROM score_{suffix}(?)", ["q " * 200])


def test_a_layer_that_is_not_there_is_refused(models):
    import duckdb

    hartonomous, found = models
    suffix = next(iter(found.values()))[3]
    for statement in (
        "FROM hidden_states_{}('a', 9)",
        "FROM attention_map_{}('a', 0, 99)",
        "FROM attention_map_{}('a', -1, 0)",
    ):
        with pytest.raises(duckdb.Error, match="must be from 0 to"):
            rows(hartonomous, statement.format(suffix), [])


def test_settings_that_make_no_sense_are_refused(models):
    import duckdb

    hartonomous, found = models
    suffix = next(iter(causal(found).values()))[3]
    for statement, message in (
        ("generate_{}('a', max_tokens := -1)", "max_tokens must be 0 or more; it is -1"),
        ("generate_{}('a', max_tokens := null)", "max_tokens must be 0 or more; it is null"),
        ("generate_{}('a', temperature := -0.5)", "temperature must be 0 or more"),
        ("generate_{}('a', top_k := -1)", "top_k must be 0 or more"),
        ("generate_{}('a', top_p := 0)", "top_p must be more than 0 and at most 1"),
        ("generate_{}('a', top_p := 1.5)", "top_p must be more than 0 and at most 1"),
        ("generate_{}('a', seed := null)", "seed is null"),
        ("generate_beam_{}('a', beams := 0)", "beams must be 1 or more; it is 0"),
        ("next_tokens_{}('a', top_k := 0)", "top_k must be 1 or more; it is 0"),
    ):
        with pytest.raises(duckdb.Error, match=message):
            rows(hartonomous, f"FROM {statement.format(suffix)}", [])
    assert rows(hartonomous, f"FROM generate_{suffix}('a', max_tokens := 0)", []) == []


def test_a_token_without_an_embedding_is_refused(models):
    import duckdb

    hartonomous, found = models
    _, reference, _, suffix = next(iter(causal(found).values()))
    known = reference.config.vocab_size
    with hartonomous.database.connect() as connection:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE cache "
            "(layer INTEGER, position INTEGER, hidden FLOAT[], outputs FLOAT[])"
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE pending AS SELECT 0 AS position, {known} AS token_id"
        )
        with pytest.raises(duckdb.Error, match=f"gives token {known}, and the model has"):
            connection.execute(f"FROM run_tokens_{suffix}('pending', 'cache')").fetchall()
