"""Several spaces and BM25 fused: against NumPy and plain Python, and what is refused."""

from __future__ import annotations

import json
from contextlib import closing

import duckdb
import numpy as np
import pytest
from ensemble_project import SPACES, WEIGHTS, bm25, ingest, texts, vectors, write, write_weights

from hartonomous.build import BuildFailedError
from hartonomous.ensemble import FUSIONS, ensemble_search
from hartonomous.errors import InputError
from hartonomous.search import vector_text

pytestmark = pytest.mark.xdist_group("ensemble")

QUESTIONS = [
    "apple",
    "The Tree, the TREE and the cloud",
    "ärger 3d; नमस्ते unheard-of",
    "snow_bird 17",
]


@pytest.fixture(scope="module")
def connection(ensemble):
    with ensemble.database.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def collection(connection) -> dict[str, str]:
    return dict(connection.execute("SELECT text_id, text FROM landing.raw.texts").fetchall())


@pytest.fixture(scope="module")
def asked() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    return {
        space: rng.normal(size=dimension).astype(np.float32)
        for space, dimension in zip(SPACES, (16, 24), strict=True)
    }


def as_json(asked: dict[str, np.ndarray]) -> str:
    return json.dumps({space: json.loads(vector_text(v)) for space, v in asked.items()})


def ordered(scores: dict[str, float]) -> list[str]:
    return sorted(scores, key=lambda text_id: (-round(scores[text_id], 12), text_id))


@pytest.mark.parametrize("question", QUESTIONS)
def test_lexical_search_equals_bm25(connection, collection, question):
    found = connection.execute("FROM lexical_search($1, 1000)", [question]).fetchall()
    scores, bound = bm25(question, collection)
    assert scores and {row[0] for row in found} == set(scores)
    np.testing.assert_allclose([row[2] for row in found], [scores[row[0]] for row in found])
    np.testing.assert_allclose([row[3] for row in found], [row[2] / bound for row in found])
    assert [row[2] for row in found] == sorted((row[2] for row in found), reverse=True)
    assert all(row[1] == collection[row[0]] for row in found)
    best = connection.execute("FROM lexical_search($1, 5)", [question]).fetchall()
    assert best == found[:5]


@pytest.mark.parametrize("question", ["", "?!", "zzz", None])
def test_lexical_search_of_no_known_word_finds_nothing(connection, question):
    assert connection.execute("FROM lexical_search($1)", [question]).fetchall() == []


def test_calibration_is_that_of_the_pairs(connection):
    found = {row[0]: row[1:] for row in connection.execute("FROM ensemble_members").fetchall()}
    assert {member: row[0] for member, row in found.items()} == WEIGHTS
    for name, space, suffix in (("small", "small_16", ""), ("large", "large_24", "_large_24")):
        own = [
            row[0]
            for row in connection.execute(
                f"SELECT own_id FROM tuning_queries{suffix} ORDER BY query_id"
            ).fetchall()
        ]
        # fewer texts than calibration_rows: all of them were drawn
        rows = connection.execute(
            f"SELECT embedding_id, source_text FROM embeddings{suffix}"
        ).fetchall()
        at = {text: number for number, text in enumerate(texts())}
        place = {key: at[text] for key, text in rows}
        matrix = vectors(name).astype(np.float64)
        asking = np.array([place[key] for key in own])
        others = (matrix @ matrix.T)[asking][np.arange(len(matrix)) != asking[:, None]]
        measured = [others.mean(), others.std(ddof=1)]
        np.testing.assert_allclose(found[space][1:3], measured, atol=1e-6)
        assert found[space][3] == others.size
    assert 0 < found["lexical"][1] < 1 and 0 < found["lexical"][2] < 1


def expected_votes(collection, asked, question, depth=50):
    """member -> text_id -> (rank, similarity)."""
    by_text = {text: text_id for text_id, text in collection.items()}
    votes = {}
    for name, space in zip(("small", "large"), SPACES, strict=True):
        query = asked[space].astype(np.float64)
        similarity = vectors(name).astype(np.float64) @ query / np.linalg.norm(query)
        best = np.argsort(-similarity)[:depth]
        votes[space] = {
            by_text[texts()[i]]: (rank, similarity[i]) for rank, i in enumerate(best, start=1)
        }
    scores, bound = bm25(question, collection)
    votes["lexical"] = {
        text_id: (rank, scores[text_id] / bound)
        for rank, text_id in enumerate(ordered(scores)[:depth], start=1)
    }
    return votes


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_fusion_equals_numpy(connection, collection, asked, question, fusion):
    calibration = {
        row[0]: row[2:4] for row in connection.execute("FROM ensemble_members").fetchall()
    }
    contributions: dict[str, dict[str, float]] = {}
    votes = expected_votes(collection, asked, question)
    for member, ranked in votes.items():
        mean, deviation = calibration[member]
        for text_id, (rank, similarity) in ranked.items():
            part = (
                WEIGHTS[member] / (60 + rank)
                if fusion == "reciprocal_rank"
                else WEIGHTS[member] * (similarity - mean) / deviation / sum(WEIGHTS.values())
            )
            contributions.setdefault(text_id, {})[member] = part
    scores = {text_id: sum(parts.values()) for text_id, parts in contributions.items()}
    found = connection.execute(
        "FROM ensemble_search($1, $2, 50, $3)", [as_json(asked), question, fusion]
    ).fetchall()
    assert len(found) == 50
    np.testing.assert_allclose(
        [row[2] for row in found], sorted(scores.values(), reverse=True)[:50], atol=1e-5
    )
    for text_id, text, score, voted in found:
        said = json.loads(voted)
        assert text == collection[text_id]
        assert set(said) == set(contributions[text_id])
        assert sum(vote["contribution"] for vote in said.values()) == pytest.approx(score)
        for member, vote in said.items():
            rank, similarity = votes[member][text_id]
            assert vote["rank"] == rank
            assert vote["similarity"] == pytest.approx(similarity, abs=1e-5)
            assert vote["contribution"] == pytest.approx(contributions[text_id][member], abs=1e-5)


def test_who_is_not_asked_does_not_vote(connection, collection, asked):
    only = {"large_24": asked["large_24"]}
    found = connection.execute("FROM ensemble_search($1, NULL)", [as_json(only)]).fetchall()
    near = connection.execute(
        "SELECT e.text_id FROM vector_search_large_24($1, 10) v JOIN embeddings_large_24 e "
        "USING (embedding_id) ORDER BY v.distance",
        [vector_text(asked["large_24"])],
    ).fetchall()
    assert [row[0] for row in found] == [row[0] for row in near]
    assert all(set(json.loads(row[3])) == {"large_24"} for row in found)
    scores, _ = bm25("apple", collection)
    found = connection.execute("FROM ensemble_search(NULL, 'apple', 100)").fetchall()
    assert [row[0] for row in found] == ordered(scores)[:100]  # more than ensemble_depth
    weighted = connection.execute(
        "FROM ensemble_search($1, NULL, 3, 'weighted')", [as_json(only)]
    ).fetchall()
    mean, deviation = connection.execute(
        "SELECT mean_similarity, sd_similarity FROM ensemble_members WHERE member = 'large_24'"
    ).fetchone()
    for row in weighted:
        vote = json.loads(row[3])["large_24"]
        assert row[2] == pytest.approx((vote["similarity"] - mean) / deviation)


@pytest.mark.parametrize(
    ("query_vectors", "question", "fusion", "message"),
    [
        ("{}", "apple", "sum", "unknown fusion sum; use reciprocal_rank or weighted"),
        ("{}", "apple", None, "unknown fusion NULL"),
        ('{"nobody": [1]}', "apple", "weighted", "unknown space nobody; there is small_16, large"),
        ('{"lexical": [1]}', "apple", "weighted", "unknown space lexical"),
        ("[1]", "apple", "weighted", "must be a JSON object"),
        ("{x", "apple", "weighted", "Malformed JSON"),
        ('{"small_16": [1, 2]}', "apple", "weighted", "small_16 takes an array of 16 numbers"),
        ('{"small_16": null}', "apple", "weighted", "small_16 takes an array of 16 numbers"),
        (None, None, "weighted", "nobody votes"),
        ("{}", None, "weighted", "nobody votes"),
    ],
)
def test_bad_input_is_named(connection, query_vectors, question, fusion, message):
    with pytest.raises(duckdb.Error, match=message):
        connection.execute(
            "FROM ensemble_search($1, $2, 10, $3)", [query_vectors, question, fusion]
        ).fetchall()


def test_python_shows_the_votes_and_logs_them(ensemble, asked, collection):
    found = ensemble_search(ensemble.database, "apple tree", asked, top_k=4, fusion="weighted")
    assert [result.rank for result in found] == [1, 2, 3, 4]
    for result in found:
        assert result.text == collection[result.id]
        assert result.score == pytest.approx(sum(v.contribution for v in result.votes.values()))
        assert set(result.votes) <= {*SPACES, "lexical"} and 0 <= result.confidence <= 1
    entry = ensemble.explain("last")
    assert (entry["method"], entry["inference_id"]) == ("ensemble", found[0].inference_id)
    assert entry["models"] == ["small", "large"]
    assert entry["settings"] == {"top_k": 4, "fusion": "weighted", "weights": WEIGHTS}
    assert [r["id"] for r in entry["results"]] == [result.id for result in found]
    assert entry["results"][0]["votes"] == found[0].as_dict()["votes"]
    assert [r["rank"] for r in entry["alternatives"]] == [5, 6, 7, 8, 9]
    alone = ensemble_search(ensemble.database, "apple", {}, top_k=2)
    assert all(set(result.votes) == {"lexical"} for result in alone)
    spaces = ensemble_search(ensemble.database, "apple", asked, lexical=False)
    assert not any("lexical" in result.votes for result in spaces)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fusion": "sum"}, "unknown fusion 'sum'"),
        ({"top_k": 0}, "takes 1 to"),
        ({"vectors": {"nobody": [1.0]}}, "unknown space 'nobody'; .* small_16, large_24"),
        ({"vectors": {"small_16": [1.0]}}, "takes 16 numbers"),
        ({"vectors": {"small_16": [np.nan] * 16}}, "NaN"),
        ({"vectors": {}, "lexical": False}, "nobody votes"),
    ],
)
def test_python_refuses(ensemble, change, message):
    arguments = {"vectors": {}, **change}
    before = len(ensemble.inferences(limit=None))
    with pytest.raises(InputError, match=message):
        ensemble_search(ensemble.database, "apple", arguments.pop("vectors"), **arguments)
    assert len(ensemble.inferences(limit=None)) == before


def test_weights_are_read_when_it_is_called(own_copy, asked):
    hartonomous, project = own_copy
    write_weights(project, {"lexical": 0, "small_16": 0.25})
    hartonomous.build(project=project, select=["ensemble_weights", "ensemble_members"])
    found = ensemble_search(hartonomous.database, "apple", asked, top_k=3)
    assert not any("lexical" in result.votes for result in found)
    assert hartonomous.explain("last")["settings"]["weights"] == {
        "small_16": 0.25,
        "large_24": 1.0,
        "lexical": 0.0,
    }
    with pytest.raises(InputError, match="nobody votes"):
        ensemble_search(hartonomous.database, "apple", {})
    write_weights(project, {"nobody": 1})
    with pytest.raises(BuildFailedError, match="known_members"):
        hartonomous.build(project=project, select=["ensemble_weights", "source:raw.spaces"])


def test_words_come_with_the_next_build_and_go_at_once(own_copy, tmp_path):
    hartonomous, project = own_copy
    tables = ["lexical_texts", "lexical_terms"]
    added = write(tmp_path / "added.parquet", ["zebra crossing", "zebra"], vectors("small")[:2] * 2)

    def found(word: str = "zebra"):
        with hartonomous.database.connect() as connection:
            return connection.execute("FROM lexical_search($1)", [word]).fetchall()

    def rows():
        with closing(duckdb.connect(str(hartonomous.database.built), read_only=True)) as built:
            return [built.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables]

    before, apples = rows(), found("apple")
    ingest(hartonomous, added, "small", "added")
    hartonomous.build(project=project, select=tables)
    assert [row[1] for row in found()] == ["zebra", "zebra crossing"]
    assert rows() == [before[0] + 2, before[1] + 3]
    hartonomous.remove_texts("added")
    assert found() == []
    hartonomous.build(project=project, select=tables)
    assert rows() == before and found() == []
    assert found("apple") == apples
