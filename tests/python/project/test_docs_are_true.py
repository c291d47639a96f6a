"""Documentation is held against the code."""

from __future__ import annotations

import re

import typer
import yaml

from hartonomous.cli.app import app
from hartonomous.landing.schema import SCHEMA, TABLES


def test_sources_yml_names_the_landing_tables(project):
    (source,) = yaml.safe_load((project / "models" / "sources.yml").read_text())["sources"]
    assert source["schema"] == SCHEMA
    named = {table["name"]: [c["name"] for c in table["columns"]] for table in source["tables"]}
    assert named == {name: list(table.columns) for name, table in TABLES.items()}
    for table in source["tables"]:
        assert all(c["description"].strip() for c in [table, *table["columns"]])


def test_every_var_is_documented_with_its_default(project):
    declared = yaml.safe_load((project / "dbt_project.yml").read_text())["vars"]["hartonomous"]
    table = (project / "docs" / "guides" / "configuration.md").read_text()
    documented = {
        name: (yaml.safe_load(default), text.strip())
        for name, default, text in re.findall(r"^\| `(\w+)` \| `(.*?)` \| (.*) \|$", table, re.M)
    }
    assert {name: value for name, (value, _) in documented.items()} == declared
    assert all(text for _, text in documented.values())


def test_every_var_that_is_read_is_declared(project):
    declared = yaml.safe_load((project / "dbt_project.yml").read_text())["vars"]["hartonomous"]
    read = set()
    for folder in ("macros", "models", "tests/dbt"):
        for file in (project / folder).rglob("*"):
            if file.suffix in (".sql", ".yml"):
                read |= set(re.findall(r"\bvar\(\s*['\"](\w+)['\"]", file.read_text()))
    for file in (project / "python_ingest").rglob("*.py"):  # what landing goes by
        read |= set(re.findall(r'_declared_vars\(project\)\.get\("(\w+)"', file.read_text()))
    assert read == set(declared)


def test_every_command_is_in_the_readme_or_a_guide(project):
    texts = (project / "README.md").read_text() + "".join(
        file.read_text() for file in (project / "docs").rglob("*.md")
    )
    group = typer.main.get_command(app)
    names = []
    for name, command in group.commands.items():
        names += [f"{name} {sub}" for sub in getattr(command, "commands", {})] or [name]
    assert len(names) > 12
    missing = [name for name in names if f"hartonomous {name}" not in texts]
    assert not missing


def test_every_model_and_column_has_a_description(project):
    models = {f.stem for f in (project / "models").rglob("*.sql") if "generated" not in f.parts}
    described = {}
    for file in (project / "models").rglob("*.yml"):
        if "generated" not in file.parts:
            for model in yaml.safe_load(file.read_text()).get("models", []):
                described[model["name"]] = model
    assert set(described) == models
    for name, model in described.items():
        assert model["description"].strip(), name
        assert model.get("columns"), name
        assert all(column.get("description", "").strip() for column in model["columns"]), name


def test_no_macro_or_model_branches_on_the_target(project):
    for folder in ("macros", "models", "tests/dbt"):
        for file in (project / folder).rglob("*.sql"):
            assert not re.search(r"target\.(type|name)", file.read_text()), file


def test_files_stay_small(project):
    for file in (project / "python_ingest").rglob("*.py"):
        assert len(file.read_text().splitlines()) <= 400, file
    for file in (project / "macros").rglob("*.sql"):
        assert len(file.read_text().splitlines()) <= 180, file
