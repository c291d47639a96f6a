"""profiles.yml.example is read by every adapter that is installed, and holds no secret."""

from __future__ import annotations

import importlib
import os
import re

import pytest
import yaml

EXAMPLE = "profiles.yml.example"

SECRETS = {
    "sqlserver": {"HARTONOMOUS_SQLSERVER_USER": "u", "HARTONOMOUS_SQLSERVER_PASSWORD": "p"},
    "fabric": {"HARTONOMOUS_FABRIC_CLIENT_SECRET": "s"},
    "duckdb": {},
    "spark": {},
}


def credentials(root, target):
    from dbt.config.profile import Profile
    from dbt.config.renderer import ProfileRenderer
    from dbt_common.context import set_invocation_context

    set_invocation_context(dict(os.environ))
    raw = yaml.safe_load((root / EXAMPLE).read_text())["hartonomous"]
    name, data = Profile.render_profile(raw, "hartonomous", target, ProfileRenderer({}))
    return Profile._credentials_from_profile(data, "hartonomous", name)


@pytest.fixture
def environment(monkeypatch):
    for secrets in SECRETS.values():
        for name, value in secrets.items():
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("HARTONOMOUS_SQLSERVER_HOST", "db.example")
    monkeypatch.setenv("HARTONOMOUS_FABRIC_HOST", "w.example")


def test_sql_server(root, environment):
    pytest.importorskip("dbt.adapters.sqlserver")
    found = credentials(root, "sqlserver")
    assert (found.host, found.port, found.database, found.schema) == (
        "db.example",
        1433,
        "hartonomous",
        "dbo",
    )
    assert (found.UID, found.PWD, found.encrypt, found.trust_cert) == ("u", "p", True, False)
    assert found.backend == "mssql-python"


def test_fabric(root, environment):
    pytest.importorskip("dbt.adapters.fabric")
    found = credentials(root, "fabric")
    assert (found.host, found.database, found.schema) == ("w.example", "hartonomous", "dbo")
    assert found.authentication == "ActiveDirectoryDefault"
    assert found.client_secret == "s"


def test_duckdb_is_the_default(root, environment):
    found = credentials(root, None)
    assert found.type == "duckdb"
    assert found.path == "hartonomous.built.duckdb"
    assert [(a.path, a.alias, a.read_only) for a in found.attach] == [
        ("hartonomous.duckdb", "landing", True)
    ]
    importlib.import_module(found.plugins[0].module)


def test_spark(root, environment):
    pytest.importorskip("dbt.adapters.spark")
    assert credentials(root, "spark").schema == "hartonomous"


def test_the_host_must_be_set(root, monkeypatch):
    pytest.importorskip("dbt.adapters.sqlserver")
    from dbt.exceptions import EnvVarMissingError

    monkeypatch.delenv("HARTONOMOUS_SQLSERVER_HOST", raising=False)
    with pytest.raises(EnvVarMissingError, match="HARTONOMOUS_SQLSERVER_HOST"):
        credentials(root, "sqlserver")


def test_no_secret_stands_in_the_file(root):
    for line in (root / EXAMPLE).read_text().splitlines():
        match = re.match(r"\s*(user|password|client_secret|client_id|tenant_id):\s*(.*)", line)
        if match:
            assert "env_var(" in match[2], line
