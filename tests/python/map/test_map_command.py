"""hartonomous map over the demo database: the page holds what SQL says, and mistakes are named."""

from __future__ import annotations

import json

import numpy as np
import pytest
from map_pages import taken_apart
from typer.testing import CliRunner

from hartonomous import Hartonomous
from hartonomous.cli.app import app
from hartonomous.errors import InputError


def stored(demo, sql: str) -> list[tuple]:
    with demo.database.connect() as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def drawn(demo, tmp_path_factory):
    """A page with a query, and what the command printed about it."""
    path = tmp_path_factory.mktemp("map") / "page.html"
    found = CliRunner().invoke(
        app,
        ["map", "--output", str(path), "--colour", "difficulty", "--query", "who mends a roof?",
         "-k", "4", "--json", "--database", str(demo.database.landed)],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    return path, json.loads(found.stdout)


def test_the_page_holds_every_point(demo, drawn):
    path, told = drawn
    page = taken_apart(path)
    rows = stored(
        demo,
        "SELECT embedding_id, x, y, z, source_text, source, metadata FROM embeddings "
        "ORDER BY embedding_id",
    )
    assert told == {
        "path": str(path), "space": "all_minilm_l6_v2_384", "points": 252, "total": 252,
        "bytes": path.stat().st_size, "color": "difficulty", "results": 4,
    }  # fmt: skip
    assert page["ids"] == [row[0] for row in rows] and page["count"] == len(rows) == 252
    step = np.array(page["box"]["size"]) / 65535
    assert (np.abs(page["positions"] - np.array([row[1:4] for row in rows])) <= step).all()
    assert page["texts"] == [row[4] for row in rows]
    assert page["columns"]["source"] == [row[5] for row in rows]
    metadata = [json.loads(row[6]) for row in rows]
    assert page["columns"]["domain"] == [row["domain"] for row in metadata]
    assert page["columns"]["difficulty"] == [row["difficulty"] for row in metadata]
    assert (page["model"], page["color"]) == ("all-MiniLM-L6-v2", "difficulty")


def test_the_query_is_searched_as_search_does(demo, drawn):
    page = taken_apart(drawn[0])
    results = demo.search("who mends a roof?", top_k=4)
    marked = page["query"]["results"]
    assert page["query"]["text"] == "who mends a roof?"
    assert [r["rank"] for r in marked] == [1, 2, 3, 4]
    assert [r["id"] for r in marked] == [r.id for r in results]
    assert [page["texts"][r["point"]] for r in marked] == [r.text for r in results]
    assert [r["distance"] for r in marked] == pytest.approx([r.distance for r in results], abs=1e-6)
    with demo.database.connect() as connection:
        placed = connection.execute(
            "FROM place_query($1)", [json.dumps(demo.embed("who mends a roof?").tolist())]
        ).fetchone()
    assert page["query"]["position"] == pytest.approx(placed, abs=1e-4)
    logged = [entry["query_text"] for entry in demo.inferences(limit=3)]
    assert logged[:2] == ["who mends a roof?"] * 2


def test_a_sample_holds_the_results_and_says_so(demo, tmp_path):
    told = demo.map(tmp_path / "few.html", query="a healthy dinner", top_k=10, limit=12)
    page = taken_apart(tmp_path / "few.html")
    assert (told.points, told.total, page["count"], page["total"]) == (12, 252, 12, 252)
    assert {r["id"] for r in page["query"]["results"]} <= set(page["ids"])
    assert [page["ids"][r["point"]] for r in page["query"]["results"]] == [
        r["id"] for r in page["query"]["results"]
    ]
    again = demo.map(tmp_path / "again.html", limit=12, seed=3)
    assert again.results == 0 and again.color == "domain"
    assert taken_apart(tmp_path / "again.html")["query"] is None


def test_the_command_tells_where_and_how_large(demo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(
        app, ["map", "--limit", "100", "--characters", "20", "-d", str(demo.database.landed)]
    )
    assert found.exit_code == 0, found.output
    assert found.stdout.strip() == str(tmp_path / "map.html")
    assert "100 points (a sample of 252) of all_minilm_l6_v2_384, 0.1 MB" in found.stderr
    texts = taken_apart(tmp_path / "map.html")["texts"]
    assert max(map(len, texts)) == 20 and all(len(t) < 20 or t.endswith("…") for t in texts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"color": "colour"}, "a column 'colour'; there are source, difficulty, domain"),
        ({"space": "nobody"}, "no texts are embedded by 'nobody'; there are spaces of all-MiniLM"),
        ({"query": " "}, "--query is empty"),
        ({"query": "x", "top_k": 0}, "--top-k takes 1 to 100 on a map; it got 0"),
        ({"query": "x", "top_k": 101}, "--top-k takes 1 to 100"),
        ({"limit": 0}, "--limit takes 1 or more points; it got 0"),
        ({"query": "x", "limit": 5}, "--limit 5 leaves no room for the 10 results"),
        ({"characters": 3}, "--characters takes 20 or more; it got 3"),
        ({"output": "map.duckdb"}, "takes a file NAME.html"),
        ({"output": "none/map.html"}, "there is no folder .*none"),
    ],
)
def test_mistakes_are_named_before_anything_is_done(demo, tmp_path, options, message):
    before = len(demo.inferences())
    output = tmp_path / options.pop("output", "map.html")
    with pytest.raises(InputError, match=message):
        demo.map(output, **{"query": "x", **options})
    assert not list(tmp_path.iterdir())
    assert len(demo.inferences()) == before


def test_a_database_that_was_never_built(tmp_path):
    hartonomous = Hartonomous(tmp_path / "new.duckdb")
    with pytest.raises(InputError, match="there is no database"):
        hartonomous.map(tmp_path / "map.html")
    hartonomous.init()
    with pytest.raises(InputError, match="was never built"):
        hartonomous.map(tmp_path / "map.html")
    assert not (tmp_path / "map.html").exists()
