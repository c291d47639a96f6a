from __future__ import annotations

import shutil

import pytest
from ensemble_project import copy_project, land

from database_copies import copy_database


@pytest.fixture(scope="session")
def built_once(tmp_path_factory, project):
    folder = tmp_path_factory.mktemp("ensemble")
    hartonomous = land(folder)
    copy = copy_project(project, folder / "project")
    hartonomous.build(project=copy)
    return hartonomous, copy


@pytest.fixture(scope="session")
def ensemble(built_once):
    """The built database; tests only read it."""
    return built_once[0]


@pytest.fixture
def own_copy(built_once, tmp_path):
    """(a copy of the database that a test may change, a copy of its project)."""
    hartonomous, project = built_once
    copied = copy_database(hartonomous, tmp_path)
    return copied, shutil.copytree(project, tmp_path / "project")
