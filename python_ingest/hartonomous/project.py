"""The dbt project: where it is, what its vars choose, and how its models are named."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from . import __version__
from .errors import InputError
from .inference.names import (
    EMBEDDING_CALLABLES,
    LANGUAGE,
    LANGUAGE_CALLABLES,
    TOKENIZER_CALLABLES,
    WEIGHT_TABLES,
)

ENVIRONMENT = "HARTONOMOUS_PROJECT"

UMAP_MAX_ROWS = 200_000
"""The default of the var umap_max_rows: UMAP needs 4 to 8 ms a row, landmarks 0.1."""
GENERATED = Path("models") / "generated"
"""Git-ignored: the models of the spaces and models of the database that was built last."""

MODEL_NODES = (
    "generate_via_spatial",
    *EMBEDDING_CALLABLES,
    *LANGUAGE_CALLABLES,
    *TOKENIZER_CALLABLES,
    *WEIGHT_TABLES,
)
"""dbt models that every landed model has, under its slug where it is not a default one."""

# Engines limit identifiers to 128 characters, and inference_feed_forward_outputs_ takes 31.
_MAX_SLUG_CHARACTERS = 80


def locate(path: str | os.PathLike[str] | None = None) -> Path:
    """The folder with ``dbt_project.yml``: named, in or above the working folder, or the package's.

    Installed as a wheel, the package's own copy is put into the user's data folder first, since dbt
    writes into its project.
    """
    named = path or os.environ.get(ENVIRONMENT)
    if named:
        folder = Path(named).absolute()
        if not (folder / "dbt_project.yml").is_file():
            raise InputError(f"{folder} holds no dbt_project.yml")
        return folder
    for folder in (Path.cwd(), *Path.cwd().parents):
        if _is_ours(folder):
            return folder
    checkout = Path(__file__).parents[2]
    if _is_ours(checkout):
        return checkout
    packaged = Path(__file__).parent / "dbt_project"
    if not packaged.is_dir():
        raise InputError(
            f"no dbt project found: run inside a checkout, or name its folder by {ENVIRONMENT}"
        )
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return _copied(packaged, data / "hartonomous" / f"project-{__version__}")


def target_folder() -> Path:
    """Where dbt leaves its artifacts: DBT_TARGET_PATH, else the project's folder ``target``."""
    named = os.environ.get("DBT_TARGET_PATH")
    return Path(named) if named else locate() / "target"


@cache
def _copied(packaged: Path, copy: Path) -> Path:
    """The package's project in a folder that can be written to; copied once a process.

    Seeds that are there stay: they are the user's, as `tune-ensemble --apply` wrote them.
    """
    seeds = {file.name for file in (copy / "seeds").glob("*.csv")}

    def kept(folder: str, names: list[str]) -> set[str]:
        return seeds & set(names) if Path(folder).name == "seeds" else set()

    shutil.copytree(packaged, copy, ignore=kept, dirs_exist_ok=True)
    return copy


@dataclass(frozen=True)
class Defaults:
    """The project's vars default_space and default_*model; '' where they are left open."""

    space: str = ""
    model: str = ""
    embedding_model: str = ""
    language_model: str = ""


def _declared_vars(project: Path) -> dict[str, Any]:
    """The vars of the project's dbt_project.yml."""
    declared = yaml.safe_load((project / "dbt_project.yml").read_text())
    return declared.get("vars", {}).get("hartonomous", {})


def defaults(project: Path) -> Defaults:
    """What the project's vars choose."""
    values = _declared_vars(project)
    return Defaults(
        *[
            str(values.get(f"default_{name}") or "")
            for name in ("space", "model", "embedding_model", "language_model")
        ]
    )


def umap_max_rows() -> int:
    """The project's var umap_max_rows: in larger spaces UMAP places no more rows by itself."""
    try:
        project = locate()
    except InputError:  # landing alone needs no project
        return UMAP_MAX_ROWS
    return int(_declared_vars(project).get("umap_max_rows", UMAP_MAX_ROWS))


def _is_ours(folder: Path) -> bool:
    file = folder / "dbt_project.yml"
    if not file.is_file():
        return False
    return re.search(r"^name: *hartonomous\b", file.read_text(), re.M) is not None


def model_slugs(names: Iterable[str]) -> dict[str, str]:
    """What tells the dbt models of each landed model apart.

    Models whose names give the same slug are told apart by a number, in their order; so is one
    whose callables would bear another's name: the model ``table``, whose embed_table is not the
    callable for tables.
    """
    taken = {*MODEL_NODES, *(f"{name}_{LANGUAGE}" for name in MODEL_NODES)}
    slugs: dict[str, str] = {}
    for name in names:
        base = slug(name)
        for number in itertools.count(1):
            candidate = base if number == 1 else f"{base}_{number}"
            nodes = {f"{node}_{candidate}" for node in MODEL_NODES}
            if taken.isdisjoint(nodes):
                break
        taken |= nodes
        slugs[name] = candidate
    return slugs


def model_suffixes(names: Iterable[str]) -> dict[str, str]:
    """What the walk of each model carries: '' for the first, the default one, else its slug."""
    slugs = model_slugs(names)
    return {name: own if number else "" for number, (name, own) in enumerate(slugs.items())}


def slug(name: str) -> str:
    """A name as a suffix: its last part in lower case, everything else but [a-z0-9] as `_`."""
    last = re.sub(r"[^a-z0-9]+", "_", name.rstrip("/").split("/")[-1].lower())
    return last.strip("_")[:_MAX_SLUG_CHARACTERS].strip("_") or "model"
