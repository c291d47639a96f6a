"""What the pretended database holds: relations, their columns and indexes.

Columns come from the landing contract and from the properties (yml) of the dbt project, where
every column of a public model is described with its type; relations come from dbt's own cache
after a run; indexes from the statements that were recorded.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import HartonomousError
from ..landing.fabric_ddl import fabric_columns
from ..landing.schema import SCHEMA, TABLES
from ..landing.tsql_schema import column_type
from .landed import has_column

DATABASE = "hartonomous"

_WORKING_NAME = re.compile(r"(__dbt_(tmp|temp|tmp_vw|backup|refresh))+\Z")
_INDEX = re.compile(
    r"create\s+(?P<unique>unique\s+)?(?P<type>clustered|nonclustered)\s+index\s+\[(?P<name>[^\]]+)\]"
    r"\s+on\s+(?P<relation>[^\s(]+)\s*\((?P<columns>[^)]*)\)",
    re.IGNORECASE,
)


class RehearsalError(HartonomousError):
    """The rehearsal cannot answer as a database would."""


@dataclass(frozen=True)
class Column:
    """A column with its declared T-SQL type, e.g. ``nvarchar(200)``."""

    name: str
    type: str

    @property
    def base(self) -> str:
        """The type's name without length, precision or dimension."""
        return self.type.split("(")[0].strip().lower()

    @property
    def arguments(self) -> list[int]:
        """What stands in the type's parentheses; ``max`` is -1, as in sys.columns."""
        found = re.findall(r"\d+|max", self.type.partition("(")[2].lower())
        return [-1 if part == "max" else int(part) for part in found]


@dataclass
class Catalog:
    """The relations of the pretended database, by (schema, name) in lower case."""

    target: str
    columns: dict[tuple[str, str], list[Column]] = field(default_factory=dict)
    nodes: dict[str, list[Column]] = field(default_factory=dict)
    """The columns of a dbt node by its unique id."""
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The relation of a dbt node by its unique id."""
    undocumented: dict[tuple[str, str], str] = field(default_factory=dict)
    """Relations of the project that list no columns, with their file."""
    relations: dict[tuple[str, str], str] = field(default_factory=dict)
    """What exists: 'table' or 'view'."""
    spelled: dict[tuple[str, str], str] = field(default_factory=dict)
    """The name of a relation as it was created; dbt refuses one in another case."""
    indexes: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def add_landing(self) -> None:
        """The landing tables exist from the start."""
        if self.target == "fabric":
            definitions = fabric_columns()
        else:
            definitions = {
                table.name: [(name, column_type(table, name)) for name in table.columns]
                for table in TABLES.values()
            }
        for table, columns in definitions.items():
            key = (SCHEMA, table)
            self.columns[key] = [Column(name, kind) for name, kind in columns]
            self.relations[key] = "table"

    def add_manifest(self, manifest: Any, project: Path) -> None:
        """The columns that the project declares for its models, seeds and snapshots."""
        for node in manifest.nodes.values():
            if node.resource_type not in ("model", "seed", "snapshot"):
                continue
            columns = [
                Column(column.name, column.data_type or "varchar(8000)")
                for column in node.columns.values()
                if has_column(node.name, column.name)
            ]
            if not columns and node.resource_type == "seed":
                columns = _seed_columns(project / node.original_file_path, node)
            key = (str(node.schema).lower(), str(node.alias).lower())
            self.nodes[node.unique_id] = columns
            self.keys[node.unique_id] = key
            if columns:
                self.columns[key] = columns
            else:
                self.undocumented[key] = node.original_file_path

    def declare(self, node: str, columns: list[Column]) -> None:
        """Set the columns of a node as its contract has them at run time."""
        self.nodes[node] = columns
        if node in self.keys:
            self.columns[self.keys[node]] = columns

    def add_cached(self, relations: Iterable[Any]) -> None:
        """What a run of dbt has left in its relation cache; only tables and views are listed."""
        for relation in relations:
            kind = str(relation.type or "")
            if kind in ("table", "view"):
                key = (str(relation.schema).lower(), str(relation.identifier).lower())
                self.relations[key] = kind
                self.spelled[key] = str(relation.identifier)

    def add_indexes(self, batches: Iterable[str]) -> None:
        """The indexes that recorded statements have made by dbt's `indexes:` configuration."""
        for batch in batches:
            for match in _INDEX.finditer(batch):
                parts = [part.strip('"[]') for part in match["relation"].split(".")]
                key = (parts[-2].lower(), self.target_name(parts[-1].lower()))
                row = {
                    "name": match["name"],
                    "type": match["type"].lower(),
                    "unique": bool(match["unique"]),
                    "columns": re.sub(r"[\[\]]| desc\b", "", match["columns"]),
                }
                self.indexes.setdefault(key, []).append(row)

    @staticmethod
    def target_name(name: str) -> str:
        """The relation that a working name of dbt's stands for."""
        return _WORKING_NAME.sub("", name)

    def columns_of(self, schema: str, name: str) -> list[Column]:
        """Columns of a relation or of dbt's working copy of it; none where it is not there."""
        key = (schema.lower(), name.lower())
        if key not in self.columns:
            key = (key[0], self.target_name(key[1]))
        if key not in self.columns and key in self.undocumented:
            raise RehearsalError(
                f"dbt asks for the columns of {schema}.{key[1]}, and {self.undocumented[key]} has "
                "none in its yml: list them there with their data_type (the rehearsal has no "
                "server that could tell)"
            )
        return self.columns.get(key, [])


def _seed_columns(path: Path, node: Any) -> list[Column]:
    types = {str(k).lower(): str(v) for k, v in (node.config.column_types or {}).items()}
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file, delimiter=node.config.delimiter or ","), [])
    return [Column(name, types.get(name.lower(), "varchar(8000)")) for name in header]
