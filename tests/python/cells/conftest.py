from __future__ import annotations

import pytest
import searched_spaces

from database_copies import copy_database
from project_copies import built_in_a_copy


@pytest.fixture(scope="session")
def built_once(tmp_path_factory, project):
    return built_in_a_copy(tmp_path_factory.mktemp("cells"), project, searched_spaces)


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
