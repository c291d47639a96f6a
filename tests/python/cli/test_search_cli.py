"""The command line as a user types it: JSON only on stdout, exit codes, bad input, many at once."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest
from typer.testing import CliRunner

from hartonomous import Hartonomous, inference_log
from hartonomous.cli.app import app
from hartonomous.errors import InputError
from hartonomous.search import METHODS


def typed(*arguments: str) -> subprocess.CompletedProcess:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from hartonomous.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )


def called(*arguments: str):
    """Run the command in this process: what it printed and how it ended."""
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def file(demo) -> str:
    return str(demo.database.landed)


@pytest.mark.parametrize("method", METHODS)
def test_search_prints_json_only(file, method, demo):
    found = called("search", "Which tree loses its needles?", "--method", method, "-k", "4",
                   "--json", "--database", file)  # fmt: skip
    assert found.exit_code == 0, found.output
    results = json.loads(found.stdout)
    assert [r["rank"] for r in results] == [1, 2, 3, 4]
    vector = demo.embed("Which tree loses its needles?")
    with demo.database.connect() as connection:
        for result in results:
            text, distance = connection.execute(
                "SELECT source_text, array_cosine_distance(embedding, $1::FLOAT[384]) "
                "FROM embeddings WHERE embedding_id = $2",
                [str(vector.tolist()), result["id"]],
            ).fetchone()
            assert result["text"] == text
            assert result["distance"] == pytest.approx(distance, abs=1e-5)
            assert ("spatial_distance" in result) == (method in ("spatial", "coarse", "hybrid"))
    order = "spatial_distance" if method in ("spatial", "coarse") else "distance"
    assert [r[order] for r in results] == sorted(r[order] for r in results)


def test_the_whole_command_in_a_process_of_its_own(file):
    found = typed("search", "a healthy dinner", "-k", "2", "--json", "-d", file)
    assert (found.returncode, len(json.loads(found.stdout))) == (0, 2), found.stderr


def test_where_narrows_and_names_unknown_columns(file):
    found = called("search", "contract", "--where", "domain=law", "--where", "difficulty>=2",
                   "--json", "-d", file)  # fmt: skip
    domains = called("sql", "SELECT source_text, metadata FROM embeddings", "--json", "-d", file)
    by_text = {r["source_text"]: json.loads(r["metadata"]) for r in json.loads(domains.stdout)}
    results = json.loads(found.stdout)
    assert results
    for result in results:
        metadata = by_text[result["text"]]
        assert metadata["domain"] == "law" and metadata["difficulty"] >= 2
    with pytest.raises(InputError, match="no text has a column 'colour'"):
        CliRunner().invoke(app, ["search", "x", "--where", "colour=red", "-d", file],
                           catch_exceptions=False)  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "x", "--top-k", "0"], "--top-k takes 1 to"),
        (["search", "x", "--top-k", "-3"], "--top-k takes 1 to"),
        (["search", "x", "--method", "telepathy"], "unknown method 'telepathy'"),
        (["search", "x", "--metric", "manhattan"], "unknown metric"),
        (["search", "x", "--model", "nobody"], "no texts are embedded by 'nobody'"),
        (["inspect", "nobody"], "no model is called 'nobody'"),
        (["inspect", "all-MiniLM-L6-v2", "--layer", "6"], "layers 0 to 5"),
        (["inspect", "all-MiniLM-L6-v2", "--layer", "1", "--type", "QQ"], "unknown weight type"),
        (["walk", "kingzzz"], "not in the vocabulary"),
        (["walk", "king", "--tokens", "0"], "--tokens takes 1"),
        (["explain", "nosuchid"], "0 inferences begin with"),
        (["inferences", "--since", "yesterday"], "--since takes a date"),
        (["sql", "SELECT nonsense"], "nonsense"),
        (["sql", "DELETE FROM embeddings"], "read-only"),
    ],
)
def test_the_callers_mistakes_are_exit_code_2(file, demo, arguments, message):
    demo.walk("king", tokens=1)  # so that there is an inference
    # The library's error carries the message; main() turns it into exit code 2 and stderr.
    with pytest.raises(InputError, match=message):
        CliRunner().invoke(app, [*arguments, "-d", file], catch_exceptions=False)


def test_main_turns_errors_into_exit_codes(file, tmp_path):
    found = typed("search", "x", "--top-k", "0", "--json", "-d", file)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith("hartonomous: --top-k takes 1 to")
    missing = typed("search", "x", "-d", str(tmp_path / "none.duckdb"))
    assert missing.returncode == 2 and "there is no database" in missing.stderr
    removed = typed("remove", "model", "m", "-d", str(tmp_path / "none.duckdb"))
    assert removed.returncode == 2 and "there is no database" in removed.stderr
    with pytest.raises(InputError, match="there is no database"):
        Hartonomous(tmp_path / "none.duckdb").remove_texts("t")
    assert not list(tmp_path.iterdir())
    unknown = typed("serach")
    assert unknown.returncode == 2
    (tmp_path / "text.duckdb").write_text("not a database")
    broken = typed("models", "-d", str(tmp_path / "text.duckdb"))
    assert broken.returncode == 2 and "cannot be opened" in broken.stderr


def test_sql_in_a_question_is_text(file, demo):
    question = "'; DROP TABLE embeddings; --"
    found = called("search", question, "-k", "1", "--json", "-d", file)
    assert len(json.loads(found.stdout)) == 1
    assert demo.explain("last")["query_text"] == question
    assert json.loads(called("sql", "SELECT count(*) AS n FROM embeddings", "--json", "-d", file)
                      .stdout) == [{"n": 252}]  # fmt: skip


def test_ten_processes_search_at_once(demo):
    vector = demo.embed("ten at once").tolist()
    script = (
        "import sys, json; from hartonomous import Hartonomous;"
        f"v = json.loads(sys.stdin.read()); h = Hartonomous({str(demo.database.landed)!r});"
        "print([r.id for r in h.search(v, method='index', top_k=3)]);"
        "assert 'torch' not in sys.modules, 'searching by vector must not need torch'"
    )

    def run(_: int) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-c", script],
            input=json.dumps(vector), capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    before = len(demo.inferences())
    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(run, range(10)))
    assert [o.returncode for o in outcomes] == [0] * 10, outcomes[0].stderr
    assert len({o.stdout for o in outcomes}) == 1
    assert len(demo.inferences()) == before + 10


def test_a_database_that_another_process_writes_is_named(tmp_path, minilm):
    file = tmp_path / "busy.duckdb"
    assert called("init", "-d", str(file), "--project", str(tmp_path)).exit_code != 0  # no project
    script = (
        f"import duckdb, sys; c = duckdb.connect({str(file)!r});"
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline().strip() == "held"
        for arguments in (["models"], ["ingest", "model", str(minilm)]):
            found = typed(*arguments, "-d", str(file))
            assert found.returncode == 2, found.stderr
            assert "another process" in found.stderr
    finally:
        holder.communicate("")


def test_the_audit_names_what_an_answer_used(file, demo):
    called("search", "the audit", "--method", "hybrid", "-k", "3", "-d", file)
    entry = json.loads(called("explain", "last", "--json", "-d", file).stdout)
    assert entry["query_text"] == "the audit" and entry["method"] == "hybrid"
    assert entry["models"] == ["all-MiniLM-L6-v2"]
    assert [r["rank"] for r in entry["results"]] == [1, 2, 3]
    assert [r["rank"] for r in entry["alternatives"]] == [4, 5, 6, 7, 8]
    assert 0 < entry["confidence"] <= 1 and entry["duration_ms"] > 0
    text = called("explain", "last", "-d", file).stdout
    assert "the audit" in text and "also considered" in text
    listed = json.loads(called("inferences", "--json", "--limit", "1", "-d", file).stdout)
    assert listed[0]["inference_id"] == entry["inference_id"]
    with demo.database.connect() as connection:
        (query,) = connection.execute(
            "SELECT query_text FROM inferences WHERE inference_id = ?", [entry["inference_id"]]
        ).fetchone()
    assert query == "the audit"


def test_a_line_that_a_kill_cut_short_is_passed_over(tmp_path):
    folder = tmp_path / "x.inferences"
    for text in ("one", "two"):
        inference_log.append(
            folder,
            inference_log.Inference("search", "exact", "s", ["m"], text, {}, 1.0, 0.5, [], []),
        )
    whole = next(folder.glob("*.jsonl"))
    with whole.open("ab") as file:
        file.write(b'{"inference_id": "half')
    assert [entry["query_text"] for entry in inference_log.read(folder)] == ["one", "two"]


def test_models_before_any_build_depend_on_content_alone(tmp_path, minilm):
    listed = []
    for name in ("a", "b"):
        file = str(tmp_path / f"{name}.duckdb")
        assert called("ingest", "model", str(minilm), "--name", "m", "-d", file).exit_code == 0
        listed.append(json.loads(called("models", "--json", "-d", file).stdout))
    for models in listed:
        (model,) = models
        assert {"name", "id", "architecture", "parameters", "layers", "tensors"} <= set(model)
        assert model["bytes"] == 90852864
        model.pop("ingested_at")
    assert listed[0] == listed[1]


def test_the_file_may_be_opened_by_plain_duckdb(demo):
    with duckdb.connect(str(demo.database.landed), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM raw.models").fetchone() == (1,)
