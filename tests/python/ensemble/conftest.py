from __future__ import annotations

import shutil

import ensemble_project
import pytest

from database_copies import copy_database
from project_copies import built_in_a_copy


@pytest.fixture(scope="session")
def built_once(tmp_path_factory, project):
    return built_in_a_copy(tmp_path_factory.mktemp("ensemble"), project, ensemble_project)


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
