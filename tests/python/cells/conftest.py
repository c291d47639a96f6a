from __future__ import annotations

import pytest
from searched_spaces import copy_project, land

from database_copies import copy_database


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
    hartonomous, project = built_once
    copied = copy_database(hartonomous, tmp_path)
    return copied, project
