from __future__ import annotations

import shutil

import pytest
from searched_spaces import copy_project, land


@pytest.fixture(scope="session")
def built_once(tmp_path_factory, project):
    folder = tmp_path_factory.mktemp("cells")
    hartonomous = land(folder)
    copy = copy_project(project, folder / "project")
    hartonomous.build(project=copy)
    return hartonomous, copy


@pytest.fixture(scope="session")
def searched(built_once):
    """The built database; tests only read it."""
    return built_once[0]


@pytest.fixture
def own_copy(built_once, tmp_path):
    """(a copy of the database that a test may change, its project)."""
    from hartonomous import Hartonomous

    hartonomous, project = built_once
    for file in hartonomous.database.landed.parent.glob("cells*.duckdb"):
        shutil.copyfile(file, tmp_path / file.name)
    copied = Hartonomous(tmp_path / "cells.duckdb")
    copied.database.ensure_inference_folder()
    return copied, project
