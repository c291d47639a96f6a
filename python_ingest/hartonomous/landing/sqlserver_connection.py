"""Connections to SQL Server from the environment, without a word about secrets.

The driver is mssql-python: its wheel carries Microsoft's ODBC driver, where pyodbc needs unixODBC
and a driver from the system (``import pyodbc`` fails on a bare Debian).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import InputError, MissingExtraError

PREFIX = "HARTONOMOUS_SQLSERVER_"

_PART = re.compile(r"([^=;]+)=(\{(?:[^}]|\}\})*\}|[^;]*)")


def _braced(value: str) -> str:
    """A value as connection strings quote it: braces keep ; and = from ending it."""
    return "{" + value.replace("}", "}}") + "}"


def connection_string(environment: Mapping[str, str] | None = None) -> str:
    """The connection string that HARTONOMOUS_SQLSERVER_* describe (see profiles.yml.example).

    HOST, DATABASE, and USER with PASSWORD, or AUTHENTICATION for Microsoft Entra
    (``ActiveDirectoryDefault``, ``ActiveDirectoryMSI``, ...); PORT (1433), ENCRYPT (yes) and
    TRUST_CERTIFICATE (no) have defaults.

    Raises InputError that names what is missing, never a value.
    """
    source = os.environ if environment is None else environment
    values = {k.removeprefix(PREFIX): v for k, v in source.items() if k.startswith(PREFIX) and v}
    authentication = values.get("AUTHENTICATION", "sql")
    needed = ["HOST", "DATABASE", *(["USER", "PASSWORD"] if authentication == "sql" else [])]
    missing = [PREFIX + name for name in needed if name not in values]
    if missing:
        raise InputError(
            f"SQL Server is reached by environment variables, and {', '.join(missing)} "
            "is not set: see the target `sqlserver` in profiles.yml.example"
        )
    parts = {
        "Server": f"{values['HOST']},{values.get('PORT', '1433')}",
        "Database": values["DATABASE"],
        "Encrypt": values.get("ENCRYPT", "yes"),
        "TrustServerCertificate": values.get("TRUST_CERTIFICATE", "no"),
    }
    if authentication != "sql":
        parts["Authentication"] = authentication
    for key, name in (("UID", "USER"), ("PWD", "PASSWORD")):
        if name in values:
            parts[key] = values[name]
    return ";".join(f"{key}={_braced(value)}" for key, value in parts.items())


def connector(text: str) -> Callable[[], Any]:
    """A function that opens an autocommitting connection by a connection string.

    What it raises says what the driver said, with every value of the string blotted out: drivers
    quote connection strings in their messages.
    """
    try:
        import mssql_python
    except ImportError as error:
        raise MissingExtraError("landing into SQL Server", "sqlserver", "mssql-python") from error

    def connect() -> Any:
        message = ""
        try:
            return mssql_python.connect(text, autocommit=True)
        except Exception as error:
            message = redact(f"{type(error).__name__}: {error}", text)
        # Outside the handler: the driver's exception must not hang on ours as its context.
        raise InputError(
            f"cannot connect to SQL Server by the {PREFIX}* variables: {message}"
        ) from None

    return connect


def redact(message: str, text: str) -> str:
    """The message without any part of the connection string that could be a secret."""
    secrets = {text}
    for key, value in _PART.findall(text):
        if key.lower() in ("pwd", "password", "uid", "user"):
            bare = value[1:-1].replace("}}", "}") if value.startswith("{") else value
            secrets |= {value, bare}
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        message = message.replace(secret, "***")
    return message
