"""The small dbt project is rehearsed once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from hartonomous.rehearsal import Rehearsal, run
from hartonomous.rehearsal.check import find_checker

pytest.importorskip("dbt.adapters.sqlserver")
pytest.importorskip("dbt.adapters.fabric")

ROOT = Path(__file__).parents[3]
FIXTURE_PROJECT = Path(__file__).parent / "fixture_project"


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def fixture_project() -> Path:
    return FIXTURE_PROJECT


@pytest.fixture(scope="session")
def checker() -> Path:
    found = find_checker(ROOT)
    if found is None:
        pytest.skip("no tsqlcheck: name one by TSQLCHECK")
    return found


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rehearsal, Path]:
    out = tmp_path_factory.mktemp("tsql")
    with pytest.MonkeyPatch.context() as patch:  # checked by the tests that are about it
        patch.setattr("hartonomous.rehearsal.find_checker", lambda _project: None)
        return run(FIXTURE_PROJECT, out=out, profiles=ROOT / "profiles.yml.example"), out
