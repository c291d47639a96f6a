"""Copies of the dbt project with a part of its models, for tests that build spaces of their own."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import ModuleType

from hartonomous import Hartonomous

SHARED = ("models/sources.yml", "models/docs.md", "profiles.yml.example")


def copy_settings(project: Path, copy: Path) -> None:
    """What every copy needs beside its models; searches are measured with a few queries."""
    for file in SHARED:
        shutil.copyfile(project / file, copy / file)
    settings = (project / "dbt_project.yml").read_text(encoding="utf-8")
    few = settings.replace("report_queries: 50", "report_queries: 4")
    assert few != settings, "dbt_project.yml has another report_queries than 50"
    (copy / "dbt_project.yml").write_text(few, encoding="utf-8")


def built_in_a_copy(folder: Path, project: Path, space: ModuleType) -> tuple[Hartonomous, Path]:
    """What ``space.land`` lands, built in the copy that ``space.copy_project`` makes."""
    hartonomous = space.land(folder)
    copy = space.copy_project(project, folder / "project")
    hartonomous.build(project=copy)
    return hartonomous, copy
