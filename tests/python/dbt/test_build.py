"""`dbt build` as CI, a second run, a kill and a changed space see it. No torch: made vectors."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hartonomous import Hartonomous
from hartonomous.build import BuildFailedError
from hartonomous.dbt_process import DbtOutcome

pytestmark = pytest.mark.usefixtures("runs_dbt")


def write_vectors(path, rows: int, dimension: int, seed: int, normed: bool = True):
    generator = np.random.default_rng(seed)
    vectors = generator.standard_normal((rows, dimension)).astype(np.float32)
    if normed:
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    table = pa.table(
        {
            "text": [f"text {seed}-{number}" for number in range(rows)],
            "number": list(range(rows)),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), dimension),
        }
    )
    pq.write_table(table, path)
    return vectors


def land(hartonomous, path, model="made", **options):
    return hartonomous.ingest_embeddings(
        path, vector_column="vector", model_name=model, reducer="pca", **options
    )


def environment(hartonomous) -> dict[str, str]:
    return {
        **os.environ,
        "HARTONOMOUS_DATABASE": str(hartonomous.database.landed),
        "HARTONOMOUS_BUILT": str(hartonomous.database.built),
    }


@pytest.fixture
def clone(project, tmp_path):
    """A copy of the dbt project, so that a test may change it, with its profile."""
    copy = tmp_path / "project"
    copy.mkdir()
    for name in ("dbt_project.yml", "profiles.yml.example"):
        shutil.copy(project / name, copy / name)
    for name in ("models", "macros", "seeds", "analyses", "tests/dbt"):
        if (project / name).exists():
            shutil.copytree(project / name, copy / name, ignore=shutil.ignore_patterns("generated"))
    shutil.copy(copy / "profiles.yml.example", copy / "profiles.yml")
    return copy


@pytest.fixture
def hartonomous(tmp_path):
    return Hartonomous(tmp_path / "made.duckdb")


def test_dbt_build_by_itself_over_empty_landing_tables(hartonomous, clone):
    hartonomous.init()
    found = subprocess.run(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build",
         "--project-dir", str(clone), "--profiles-dir", str(clone)],
        env=environment(hartonomous), capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout[-3000:]
    assert "ERROR=0" in found.stdout
    with hartonomous.database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM embeddings").fetchone() == (0,)
        assert connection.execute(
            "FROM exact_vector_search($1)", [str([0.0] * 384)]
        ).fetchall() == []  # fmt: skip


@pytest.mark.slow
def test_a_contract_with_another_type_fails_the_build(hartonomous, clone):
    hartonomous.init()
    yml = clone / "models" / "embeddings" / "embeddings.yml"
    text = yml.read_text()
    column = "- name: x\n        data_type: "
    broken = text.replace(f"{column}float", f"{column}text")
    assert broken != text
    yml.write_text(broken)
    with pytest.raises(BuildFailedError, match=r"(?s)embeddings.*contract"):
        hartonomous.build(project=clone, select=["+embeddings"])


def test_more_texts_do_not_rebuild_the_rest_and_removed_ones_leave(hartonomous, clone, tmp_path):
    write_vectors(tmp_path / "first.parquet", 300, 24, seed=1)
    new = write_vectors(tmp_path / "second.parquet", 3, 24, seed=2)
    land(hartonomous, tmp_path / "first.parquet")
    hartonomous.build(project=clone, select=["+embeddings", "spaces", "exact_vector_search"])

    def stored():
        with hartonomous.database.connect() as connection:
            return connection.execute(
                "SELECT embedding_id, rowid, x FROM embeddings ORDER BY embedding_id"
            ).fetchall()

    before = stored()
    land(hartonomous, tmp_path / "second.parquet")
    hartonomous.build(project=clone, select=["+embeddings", "spaces", "exact_vector_search"])
    after = stored()
    assert len(before) == 300 and len(after) == 303
    assert after[:300] == before, "rows that were there stay where they are"
    assert hartonomous.search(new[1], top_k=1, method="exact")[0].text == "text 2-1"

    hartonomous.remove_texts("second")
    hartonomous.build(project=clone, select=["+embeddings", "spaces", "exact_vector_search"])
    assert stored() == before
    assert hartonomous.search(new[1], top_k=1, method="exact")[0].text.startswith("text 1-")


@pytest.mark.slow
def test_spaces_of_several_dimensions_have_their_own_names(hartonomous, clone, tmp_path):
    made = {}
    for dimension in (384, 768, 1536):
        path = tmp_path / f"d{dimension}.parquet"
        made[dimension] = write_vectors(path, 60, dimension, seed=dimension)
        land(hartonomous, path, model=f"Org/Model-{dimension}")
    hartonomous.build(project=clone, arguments=["--vars", "{report_queries: 3}"])
    generated = sorted(p.name for p in (clone / "models" / "generated" / "spaces").iterdir())
    assert generated == ["model_1536_1536", "model_768_768"]
    for dimension, vectors in made.items():
        for method in hartonomous.methods:
            results = hartonomous.search(
                vectors[7], method=method, top_k=1, model=f"Org/Model-{dimension}"
            )
            assert [r.text for r in results] == [f"text {dimension}-7"], (dimension, method)
    with hartonomous.database.connect() as connection:
        found = connection.execute(
            "FROM exact_vector_search_model_768_768($1, 1)", [str(made[768][3].tolist())]
        ).fetchall()
    assert found[0][1] == "text 768-3"

    hartonomous.remove_texts("d768")
    hartonomous.build(project=clone, select=["bounding_boxes"])
    assert not (clone / "models" / "generated" / "spaces" / "model_768_768").exists()


@pytest.mark.slow
def test_the_default_space_is_a_choice(hartonomous, clone, tmp_path):
    made = {}
    for dimension in (8, 12):
        path = tmp_path / f"d{dimension}.parquet"
        made[dimension] = write_vectors(path, 40, dimension, seed=dimension)
        land(hartonomous, path, model=f"model-{dimension}")
    text = (clone / "dbt_project.yml").read_text()
    chosen = text.replace('default_space: ""', "default_space: model_12_12")
    assert chosen != text
    (clone / "dbt_project.yml").write_text(chosen)
    searches = ["+exact_vector_search", "+exact_vector_search_model_8_8", "spaces"]
    hartonomous.build(project=clone, select=searches)
    assert hartonomous.search(made[12][3], top_k=1, method="exact")[0].text == "text 12-3"
    assert (
        hartonomous.search(made[8][3], top_k=1, method="exact", model="model-8")[0].text
        == "text 8-3"
    )
    with hartonomous.database.connect() as connection:
        suffixes = dict(connection.execute("SELECT space_id, suffix FROM spaces").fetchall())
    assert suffixes == {"model_12_12": "", "model_8_8": "_model_8_8"}


@pytest.mark.slow
def test_another_dimension_in_the_default_space_is_built_anew(hartonomous, clone, tmp_path):
    write_vectors(tmp_path / "small.parquet", 40, 8, seed=3)
    land(hartonomous, tmp_path / "small.parquet", model="small")
    hartonomous.build(project=clone, select=["+exact_vector_search", "spaces"])
    hartonomous.remove_texts("small")
    vectors = write_vectors(tmp_path / "wide.parquet", 40, 16, seed=4)
    land(hartonomous, tmp_path / "wide.parquet", model="wide")
    hartonomous.build(project=clone, select=["+exact_vector_search", "spaces"])
    assert hartonomous.search(vectors[5], top_k=1, method="exact")[0].text == "text 4-5"


def test_a_killed_build_is_made_again(hartonomous, clone, tmp_path):
    vectors = write_vectors(tmp_path / "many.parquet", 2_000, 64, seed=5)
    land(hartonomous, tmp_path / "many.parquet")
    build = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build",
             "--project-dir", str(clone), "--profiles-dir", str(clone)]  # fmt: skip
    process = subprocess.Popen(
        build, env=environment(hartonomous), stdout=subprocess.PIPE, text=True
    )
    for line in process.stdout:  # in the middle: right after the table with its indexes
        if "OK created" in line and "main.embeddings " in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    hartonomous.build(
        project=clone, select=["+exact_vector_search", "+vector_index_search", "spaces"]
    )
    assert hartonomous.search(vectors[9], top_k=1, method="index")[0].text == "text 5-9"


@pytest.mark.slow
def test_the_built_file_is_disposable(hartonomous, clone, tmp_path):
    vectors = write_vectors(tmp_path / "few.parquet", 50, 12, seed=6)
    land(hartonomous, tmp_path / "few.parquet")
    hartonomous.build(project=clone, select=["+exact_vector_search", "spaces"])
    hartonomous.database.built.unlink()
    started = time.monotonic()
    hartonomous.build(project=clone, select=["+exact_vector_search", "spaces"])
    assert time.monotonic() - started < 120
    assert hartonomous.search(vectors[2], top_k=1, method="exact")[0].text == "text 6-2"


def test_builds_in_one_project_wait_for_each_other(hartonomous, clone, monkeypatch, caplog):
    module = sys.modules["hartonomous.build"]
    running, waits = [], threading.Event()

    class Told(logging.Handler):
        def emit(self, record):
            assert "another build runs" in record.getMessage()
            waits.set()

    def run_dbt(*arguments, **options):
        running.append(threading.current_thread().name)
        assert len(running) == 1 and waits.wait(60)
        running.pop()
        return DbtOutcome()

    monkeypatch.setattr(module, "run_dbt", run_dbt)
    monkeypatch.setattr(module.log, "handlers", [Told()])
    with ThreadPoolExecutor(2) as pool:
        builds = [
            pool.submit(hartonomous.build, project=clone, target="sqlserver") for _ in range(2)
        ]
        assert [build.result(60).built for build in builds] == [0, 0]
