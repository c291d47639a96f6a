"""The one-line dbt models that belong to the spaces and models of one database.

The project's own models serve the default space and the default models; every other space and model
gets the same ones under its name, in the git-ignored folder models/generated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from .inference.models import RunnableModel
from .inference.names import (
    EMBEDDING_CALLABLES,
    LANGUAGE_CALLABLES,
    TOKENIZER_CALLABLES,
    WEIGHT_TABLES,
)
from .landing.spaces import Space
from .project import GENERATED

_SPACE_MODELS = {
    name: name
    for name in (
        "embedding_attributes",
        "grid_cells",
        "landmarks",
        "cells",
        "cell_codes",
        "cell_drift",
        "tuning_queries",
        "tuning_neighbors",
        "tuning_probes",
        "tuning_positions",
        "search_curve",
        "search_settings",
        "similarity_calibration",
        "exact_vector_search",
        "vector_search",
        "cell_search",
        "batch_search",
        "neighbors",
        "duplicates",
        "approx_spatial_search",
        "vector_index_search",
        "hybrid_search",
        "place_query",
        "search_measurements",
        "search_quality",
    )
} | {"embeddings": "embedding_space"}
"""Models of a space and the macros that they are a call of."""


def write_generated(
    project: Path, spaces: Iterable[Space], models: Iterable[RunnableModel], default_model: str
) -> None:
    """Write the models of every space and model but the default ones.

    Args:
        project: the dbt project's folder.
        spaces: the database's spaces other than the default one.
        models: every landed model.
        default_model: the name of the one whose walk carries no suffix.

    Files of spaces and models that the database does not have are removed.
    """
    root = project / GENERATED
    described = {file.stem: file for file in (project / "models").rglob("*.yml")}
    every = list(models)
    wanted: dict[Path, str] = {}
    for space in spaces:
        folder = root / "spaces" / space.space_id
        for name, call, note in _of_space(space, every):
            wanted |= _files(
                described.get(name), folder, name, f"{name}_{space.space_id}", call, note
            )
    for model in every:
        folder = root / "models" / model.slug
        for name, suffix, call in _of_model(model, model.name == default_model):
            note = f"model {model.name}"
            wanted |= _files(described.get(name), folder, name, f"{name}{suffix}", call, note)
    _replace(root, wanted)


def _of_space(space: Space, models: list[RunnableModel]) -> Iterator[tuple[str, str, str]]:
    """(model, its one line, note for its description) of each model of a space."""
    note = f"space {space.space_id} of {space.model_name}"
    for name, macro in _SPACE_MODELS.items():
        yield name, f"{macro}(space='{space.space_id}')", note
    same = [model for model in models if space.model_id and model.model_id == space.model_id]
    if same:
        own = next((m for m in same if m.name == space.model_name), same[0])
        arguments = f"space='{space.space_id}', {_arguments(own, own.embedding_weights)}"
        yield "semantic_search", f"semantic_search({arguments})", note


def _of_model(model: RunnableModel, is_default: bool) -> Iterator[tuple[str, str, str]]:
    """(model, suffix, its one line) of what the project's own models do not give a landed model."""
    own = f"_{model.slug}"
    if not is_default:
        yield "generate_via_spatial", own, f"generate_via_spatial({_arguments(model, own)})"
    if model.embedding:
        for name in EMBEDDING_CALLABLES:
            call = f"{name}({_arguments(model, model.embedding_weights)})"
            yield name, model.embedding, call
    if model.language:
        for name in LANGUAGE_CALLABLES:
            yield name, model.language, f"{name}({_arguments(model, model.language_weights)})"
    if own == model.embedding_weights:
        for name in WEIGHT_TABLES:
            yield name, own, f"{name}({_arguments(model, own)})"
    for name in TOKENIZER_CALLABLES if own == model.tokenizer else ():
        yield name, own, f"{name}({_arguments(model, own)})"


def _arguments(model: RunnableModel, suffix: str) -> str:
    quoted = model.name.replace("\\", "\\\\").replace("'", "\\'")
    return f"model='{quoted}', suffix='{suffix.removeprefix('_')}'"


def _files(
    described: Path | None, folder: Path, name: str, new_name: str, call: str, note: str
) -> dict[Path, str]:
    """The files of one generated model: its line, and the description of the one it is like."""
    file = folder / f"{new_name}.sql"
    files = {file: f"{{{{ {call} }}}}\n"}
    if described is not None:
        files[file.with_suffix(".yml")] = _described(described, name, new_name, note)
    return files


def _described(yml: Path, name: str, new_name: str, note: str) -> str:
    """The description of a model under another name, without tests.

    The tests of the default space read its own settings; a space's own report shows the same.
    """
    definition = yaml.safe_load(yml.read_text())
    model: dict[str, Any] = next(m for m in definition["models"] if m["name"] == name)
    model["name"] = new_name
    # dbt renders descriptions as templates: a name must not begin one.
    plain = note.replace("{", "(").replace("}", ")")
    model["description"] = f"{model['description'].strip()} ({plain})"
    model.pop("data_tests", None)
    for column in model.get("columns", []):
        column.pop("data_tests", None)
    return yaml.safe_dump(
        {"version": 2, "models": [model]}, sort_keys=False, width=100, allow_unicode=True
    )


def _replace(root: Path, wanted: dict[Path, str]) -> None:
    """Make the folder hold these files and nothing else; files that are the same stay untouched."""
    for file in sorted(root.rglob("*")) if root.exists() else []:
        if file.is_file() and file not in wanted:
            file.unlink()
    for folder in sorted(root.rglob("*"), reverse=True) if root.exists() else []:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    for file, text in wanted.items():
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
