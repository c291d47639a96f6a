"""Questions to the graph by name: ``analyses/lineage/NAME.cypher``, with values as parameters.

A file begins with comments: ``// title: ...`` and a line for each parameter,
``// parameter NAME: what it is (default JSON)``; without a default it must be given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from .. import project as dbt_project
from ..errors import InputError
from .bolt import Graph
from .target import Target

FOLDER = Path("analyses") / "lineage"
_TITLE = re.compile(r"^// title: *(.+)$", re.M)
_PARAMETER = re.compile(r"^// parameter ([a-z_]+): *(.+?)(?: \(default (.+)\))?$", re.M)


@dataclass(frozen=True)
class Parameter:
    """A value that a question takes."""

    name: str
    description: str
    default: Any = None
    required: bool = False


@dataclass(frozen=True)
class Question:
    """A named query."""

    name: str
    title: str
    cypher: str
    parameters: Sequence[Parameter] = field(default_factory=tuple)

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "name": self.name,
            "title": self.title,
            "parameters": [vars(parameter) for parameter in self.parameters],
        }

    def values(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Values of all parameters: those given, as texts, and defaults.

        Raises:
            InputError: there is no such parameter, one is missing, or is of another type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        if unknown := given.keys() - known.keys():
            listed = ", ".join(known) or "none"
            raise InputError(
                f"{self.name} has no parameter {', '.join(sorted(unknown))}; it has: {listed}"
            )
        found = {}
        for name, parameter in known.items():
            if name in given:
                found[name] = _typed(parameter, given[name])
            elif parameter.required:
                raise InputError(f"{self.name} needs --param {name}=...: {parameter.description}")
            else:
                found[name] = parameter.default
        return found


def _typed(parameter: Parameter, text: str) -> Any:
    """A text as the type of the parameter's default."""
    if isinstance(parameter.default, bool) or not isinstance(parameter.default, int | float):
        return text
    try:
        return type(parameter.default)(text)
    except ValueError as error:
        raise InputError(
            f"--param {parameter.name} takes a number such as {parameter.default}; it got {text!r}"
        ) from error


def questions(project: Path | None = None) -> list[Question]:
    """All questions, by name."""
    folder = (project or dbt_project.locate()) / FOLDER
    return [_read(path) for path in sorted(folder.glob("*.cypher"))]


def find(name: str, project: Path | None = None) -> Question:
    """The question of a name.

    Raises:
        InputError: there is none.
    """
    found = questions(project)
    for question in found:
        if question.name == name:
            return question
    listed = ", ".join(question.name for question in found)
    raise InputError(f"there is no question {name!r}; `hartonomous ask` lists them: {listed}")


def _read(path: Path) -> Question:
    text = path.read_text(encoding="utf-8")
    title = _TITLE.search(text)
    return Question(
        path.stem,
        title.group(1) if title else path.stem,
        text,
        tuple(
            Parameter(name, description, json.loads(default or "null"), not default)
            for name, description, default in _PARAMETER.findall(text)
        ),
    )


def ask(target: Target, question: Question, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows that answer a question, as plain data: moments as ISO 8601 text."""
    values = question.values(given)
    with Graph(target) as graph:
        rows = graph.read(question.cypher.strip().removesuffix(";"), values)
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if hasattr(value, "iso_format"):  # the driver's own DateTime, Date, Duration
        return value.iso_format()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
