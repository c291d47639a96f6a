"""docs/engines.md is held against the macros."""

from __future__ import annotations

import re


def documented(project) -> dict[str, list[str]]:
    text = (project / "docs" / "engines.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (yes|no) \| (yes|no) \| (yes|no) \| (yes|no) \|", text, re.M)
    return {name: list(values) for name, *values in rows}


def declared(project) -> dict[str, list[str]]:
    text = (project / "macros" / "engine" / "supports.sql").read_text()
    return {
        engine: re.findall(r"'(\w+)'", body)
        for engine, body in re.findall(
            r"macro (\w+)__capabilities\(\) %\}\s*\{% do return\(\[(.*?)\]\) %\}", text, re.S
        )
    }


def test_the_table_of_capabilities_is_that_of_the_macros(project):
    table, macros = documented(project), declared(project)
    known = re.search(
        r"set known = \[(.*?)\]", (project / "macros/engine/supports.sql").read_text()
    )
    assert set(table) == set(re.findall(r"'(\w+)'", known[1]))
    for column, engine in enumerate(("duckdb", "sqlserver", "fabric", "default")):
        said = {name for name, values in table.items() if values[column] == "yes"}
        assert said == set(macros[engine]), engine


def test_every_callable_is_in_the_table_with_its_procedure(project):
    text = (project / "docs" / "engines.md").read_text()
    readme = (project / "README.md").read_text()
    found = {}
    for file in (project / "macros").rglob("*.sql"):
        for match in re.finditer(r"callable\('(sp_\w+)'", file.read_text()):
            found[match[1]] = file.stem
    assert len(found) >= 8
    for procedure in found:
        assert f"`{procedure}`" in text, procedure
        assert f"`{procedure}`" in readme, procedure


def test_every_primitive_has_its_variants(project):
    """What is dispatched has a variant for DuckDB and SQL Server, or a default for both."""
    defined: set[str] = set()
    raising: set[str] = set()
    dispatched: set[str] = set()
    for file in (project / "macros").rglob("*.sql"):
        text = file.read_text()
        for name, body in re.findall(r"macro (\w+__\w+)\(.*?%\}(.*?)endmacro", text, re.S):
            defined.add(name)
            if "unsupported(" in body:
                raising.add(name)
        dispatched |= set(re.findall(r"adapter\.dispatch\(\s*'(\w+)'", text))
    assert len(dispatched) > 30
    missing = []
    for name in dispatched:
        default = f"default__{name}" in defined - raising
        for engine in ("duckdb", "sqlserver"):
            if f"{engine}__{name}" not in defined and not default:
                missing.append(f"{engine}__{name}")
        if f"default__{name}" not in defined:
            missing.append(f"default__{name}")
    only_there = {
        # a procedure writes; DuckDB has none, and its students are dbt models
        "duckdb__extract_student_model",
        # capability relation_parameters: sp_GenerateText loops by itself
        "sqlserver__run_tokens",
        "sqlserver__choose_token",
        # capability lists, and its counterpart: a tokenizer as one expression, or as statements
        "sqlserver__encode_ctes",
        "sqlserver__decode_ctes",
        "sqlserver__tokenizer_lookups",
        "duckdb__encode_statements",
        "duckdb__decode_statements",
    }
    assert [name for name in missing if name not in only_there] == []
