"""embed, generate, score and next-tokens: JSON shapes, what is built first, audit, bad input."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from typer.testing import CliRunner

from hartonomous.cli.app import app
from hartonomous.errors import InputError
from hartonomous.inference import generation
from hartonomous.inference import ready as library

pytestmark = pytest.mark.usefixtures("runs_dbt")

PROMPT = "a small animal that"


def call(hartonomous, *arguments: str):
    return CliRunner().invoke(
        app, [*arguments, "-d", str(hartonomous.database.landed)], catch_exceptions=False
    )


def called_json(hartonomous, *arguments: str):
    return json.loads(call(hartonomous, *arguments, "--json").stdout)


def test_embed_prints_the_model_and_the_vector(ready):
    found = called_json(ready, "embed", "the cat sat on the mat")
    assert list(found) == ["model", "embedding"]
    assert found["model"] == "tiny-reader" and len(found["embedding"]) == 24
    plain = json.loads(call(ready, "embed", "the cat sat on the mat").stdout)
    assert np.allclose(plain, found["embedding"], rtol=1e-6)
    by_writer = called_json(ready, "embed", "the cat", "--model", "writer")
    assert by_writer["model"] == "writer" and len(by_writer["embedding"]) == 192


def test_generate_prints_new_tokens_only(ready):
    found = called_json(ready, "generate", PROMPT, "--max-tokens", "6")
    assert list(found) == ["model", "text", "token_ids", "logprobs"]
    assert found["model"] == "writer" and not found["text"].startswith(PROMPT)
    assert 0 < len(found["token_ids"]) == len(found["logprobs"]) <= 6
    assert all(value <= 0 for value in found["logprobs"])
    assert call(ready, "generate", PROMPT, "-n", "6").stdout == found["text"] + "\n"
    with ready.database.connect() as connection:
        in_one_call = connection.execute(
            "SELECT token_id, log_probability, generated_text FROM generate($1, 6) ORDER BY seq",
            [PROMPT],
        ).fetchall()
    assert [row[0] for row in in_one_call] == found["token_ids"]
    assert np.allclose([row[1] for row in in_one_call], found["logprobs"], atol=1e-5)
    assert in_one_call[-1][2] == found["text"]


def test_drawing_is_repeated_by_its_seed_and_like_the_one_call_form(ready):
    draws = [
        ready.generate(PROMPT, max_tokens=12, temperature=1.5, top_k=50, top_p=0.95, seed=seed)
        for seed in (3, 3, 4)
    ]
    assert draws[0].token_ids == draws[1].token_ids != draws[2].token_ids
    with ready.database.connect() as connection:
        rows = connection.execute(
            "SELECT token_id FROM generate($1, 12, 1.5, 50, 0.95, 3) ORDER BY seq", [PROMPT]
        ).fetchall()
    assert [token for (token,) in rows] == draws[0].token_ids


def test_beams_find_what_is_at_least_as_likely(ready):
    greedy = called_json(ready, "generate", PROMPT, "-n", "4")
    beams = called_json(ready, "generate", PROMPT, "-n", "4", "--beams", "3")
    assert list(beams) == list(greedy)
    assert len(beams["token_ids"]) == len(beams["logprobs"])
    if len(beams["token_ids"]) == len(greedy["token_ids"]) == 4:
        assert sum(beams["logprobs"]) >= sum(greedy["logprobs"]) - 1e-6


def test_score_has_no_logprob_for_the_first_token(ready):
    found = called_json(ready, "score", "a person who writes")
    assert list(found) == ["model", "tokens", "perplexity"]
    assert {tuple(token) for token in found["tokens"]} == {("id", "text", "logprob")}
    first, *others = [token["logprob"] for token in found["tokens"]]
    assert first is None
    assert math.isclose(found["perplexity"], math.exp(-np.mean(others)), rel_tol=1e-5)
    assert "".join(token["text"] for token in found["tokens"]) == "a person who writes"
    one = called_json(ready, "score", "a")
    assert len(one["tokens"]) == 1 and one["perplexity"] is None


def test_next_tokens_are_a_ranked_array(ready):
    found = called_json(ready, "next-tokens", PROMPT, "-k", "5")
    assert [list(token) for token in found] == [["id", "text", "probability", "logprob"]] * 5
    values = [token["probability"] for token in found]
    assert values == sorted(values, reverse=True)
    assert all(math.isclose(math.exp(t["logprob"]), t["probability"], rel_tol=1e-6) for t in found)
    greedy = called_json(ready, "generate", PROMPT, "-n", "1")
    assert greedy["token_ids"] == [found[0]["id"]]


def test_tokens_are_those_of_the_tokenizer(ready, shipped):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(shipped / "tokenizer.json"))
    text = "a Straße of ☕, and  so on"
    assert [token.id for token in ready.tokenize(text)] == tokenizer.encode(text).ids


def test_a_model_that_was_just_landed_is_built_first(ready, writer_folder, builds, monkeypatch):
    ready.next_tokens(PROMPT, top_k=1)
    ready.embed("nothing is lacking")
    assert builds == []
    ready.ingest_model(str(writer_folder), name="second-writer")
    assert called_json(ready, "generate", "a", "-n", "2", "-m", "second-writer")["model"] == (
        "second-writer"
    )
    assert len(builds) == 1 and "+generate_second_writer" in builds[0]
    ready.score("a person", model="second-writer")
    ready.next_tokens(PROMPT, top_k=1)
    assert len(builds) == 1
    # under the same name another model: what stands there is not its own
    ready.remove_model("second-writer")
    ready.ingest_model(str(other_weights(writer_folder)), name="second-writer")
    with monkeypatch.context() as patch:
        patch.setattr(library, "build", refuse_to_build)
        with pytest.raises(WouldBuild):
            ready.score("a person", model="second-writer")
    ready.remove_model("second-writer")
    ready.ingest_model(str(writer_folder), name="second-writer")
    ready.score("a person", model="second-writer")
    assert len(builds) == 1


class WouldBuild(Exception):
    pass


def refuse_to_build(*_, **options):
    raise WouldBuild(options["select"])


def other_weights(folder):
    import torch
    from transformers import GPT2LMHeadModel

    torch.manual_seed(2)
    model = GPT2LMHeadModel.from_pretrained(folder)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    changed = folder.with_name("other-weights")
    model.save_pretrained(changed)
    (changed / "tokenizer.json").write_text((folder / "tokenizer.json").read_text())
    return changed


def test_every_call_lands_an_inference(ready):
    vector = ready.embed("who logs?")
    assert log(ready)["settings"] == {"dimension": len(vector)}
    assert (log(ready)["task"], log(ready)["models"]) == ("embed", ["tiny-reader"])
    ready.embed_many(["one", "two", "one"])
    assert (log(ready)["query_text"], log(ready)["settings"]) == ("(3 texts)", {"texts": 3})
    ready.score("who logs?")
    assert log(ready)["task"] == "score" and log(ready)["results"][0]["logprob"] is None
    found = ready.next_tokens("who", top_k=2)
    entry = log(ready)
    assert (entry["task"], entry["confidence"]) == ("next-tokens", found[0].probability)
    assert [r["rank"] for r in entry["results"]] == [1, 2]
    assert [r["rank"] for r in entry["alternatives"]] == [3, 4, 5, 6, 7]
    written = ready.generate("who", max_tokens=3, temperature=0.5, seed=7)
    entry = log(ready)
    assert (entry["task"], entry["method"]) == ("generate", "sampling")
    assert entry["settings"] == {
        "max_tokens": 3, "temperature": 0.5, "top_k": 0, "top_p": 1.0, "seed": 7
    }  # fmt: skip
    assert [r["id"] for r in entry["results"]] == written.token_ids and entry["duration_ms"] > 0
    first = [r for r in entry["alternatives"] if r["step"] == 1]
    likeliest = [t for t in ready.next_tokens("who", top_k=6) if t.id != written.token_ids[0]][:5]
    assert [(r["rank"], r["id"]) for r in first] == list(enumerate((t.id for t in likeliest), 1))
    assert [r["logprob"] for r in first] == pytest.approx([t.logprob for t in likeliest], abs=1e-4)
    assert all(r["text"] for r in first)
    assert {r["step"] for r in entry["alternatives"]} >= set(range(1, len(written.token_ids) + 1))
    ready.generate_beam("who", max_tokens=2, beams=2)
    assert log(ready)["method"] == "beam_search"
    shown = call(ready, "explain", "last").stdout
    assert "logprob" in shown and "distance" not in shown


def log(hartonomous) -> dict:
    return hartonomous.explain("last")


def test_a_stream_that_its_reader_leaves_is_logged_as_far_as_it_came(ready):
    stream = generation.Stream(ready.database, PROMPT, generation.Sampling(max_tokens=50))
    pieces = stream.__iter__()
    first = next(pieces)
    pieces.close()
    assert [r["id"] for r in log(ready)["results"]] == [first.id]
    with ready.database.connect() as connection:
        assert connection.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'hartonomous%'"
        ).fetchone() == (0,)


def test_a_character_in_pieces_is_held_back_until_it_is_complete(ready, shipped, monkeypatch):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(shipped / "tokenizer.json"))
    text = " Ünïcode 雪🙂!"
    ids = tokenizer.encode(text).ids
    assert len(ids) > len(text), "some character must be in pieces"
    script = iter([*ids, *tokenizer.encode("🙂").ids[:2]])
    monkeypatch.setattr(generation, "_choose", lambda *_: (next(script), -1.0, False, None))
    stream = generation.Stream(ready.database, PROMPT, generation.Sampling(max_tokens=len(ids) + 2))
    pieces = list(stream)
    told = [piece.text for piece in pieces]
    assert "\N{REPLACEMENT CHARACTER}" not in "".join(told[: len(ids)])
    assert "".join(told[: len(ids)]) == text
    assert "" in told
    assert "".join(told) == stream.generated.text and stream.generated.text.startswith(text)
    assert [piece.id for piece in pieces[:-1]] == stream.generated.token_ids
    assert pieces[-1].id is None, "the rest of a character that stays incomplete"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["embed", ""], "the text is empty"),
        (["embed", "x", "--model", "nobody"], "no model is called 'nobody'"),
        (["generate", ""], "the prompt is empty"),
        (["generate", "x", "--model", "nobody"], "no model is called 'nobody'"),
        (["generate", "x", "--max-tokens", "0"], "--max-tokens takes 1 or more"),
        (["generate", "x", "--max-tokens", "-1"], "--max-tokens takes 1 or more"),
        (["generate", "x", "--temperature", "-0.1"], "--temperature takes 0"),
        (["generate", "x", "--temperature", "nan"], "--temperature takes 0"),
        (["generate", "x", "--top-k", "-1"], "--top-k takes 0"),
        (["generate", "x", "--top-p", "0"], "--top-p takes more than 0"),
        (["generate", "x", "--top-p", "1.1"], "--top-p takes more than 0"),
        (["generate", "x", "--beams", "0"], "--beams takes 1 or more"),
        (["generate", "x", "--beams", "2", "--temperature", "1"], "--beams looks for"),
        (["generate", "x", "--seed", str(2**63)], "--seed takes"),
        (["generate", "a " * 200], "tokens, and writer reads 128 at most"),
        (["generate", "a " * 200, "--beams", "2"], "tokens, and writer reads 128 at most"),
        (["generate", "x", "--model", "tiny-reader"], "tiny-reader predicts no tokens"),
        (["score", ""], "the text is empty"),
        (["score", "a " * 200], "128 at most"),
        (["score", "x", "--model", "tiny-reader"], "tiny-reader predicts no tokens"),
        (["next-tokens", ""], "the prompt is empty"),
        (["next-tokens", "x", "-k", "0"], "--top-k takes 1 to"),
        (["next-tokens", "a " * 200], "128 at most"),
    ],
)
def test_bad_input_is_told(ready, arguments, message):
    before = len(ready.inferences())
    with pytest.raises(InputError, match=message):
        call(ready, *arguments)
    assert len(ready.inferences()) == before


def test_a_text_is_cut_where_the_encoder_stops_reading(ready):
    long = " ".join(["the king of the old country"] * 40)
    assert np.isfinite(ready.embed(long)).all()
    assert np.allclose(ready.embed(long), ready.embed(long + " and more"), atol=1e-6)


def test_a_generation_ends_where_the_positions_end(ready):
    if "second-writer" not in [model["name"] for model in ready.models()]:
        pytest.skip("the second writer is landed by another test")
    written = ready.generate("a b c", max_tokens=40, temperature=3.0, model="second-writer")
    prompt = len(ready.tokenize("a b c", model="second-writer"))
    assert len(written.token_ids) <= 16 - prompt + 1
