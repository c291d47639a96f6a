"""The dbt project: where it is, and the models in it that belong to one database."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import yaml

from . import __version__
from .errors import InputError
from .landing.spaces import Space

ENVIRONMENT = "HARTONOMOUS_PROJECT"
GENERATED = Path("models") / "generated"
"""Git-ignored: the models of the spaces and models of the database that was built last."""

_SPACE_MODELS = {
    "embeddings": ["embeddings", "grid_cells", "landmarks"],
    "search": [
        "exact_vector_search",
        "approx_spatial_search",
        "vector_index_search",
        "hybrid_search",
        "place_query",
    ],
    "reports": ["search_measurements", "search_quality"],
}
_MACRO_OF = {"embeddings": "embedding_space"}


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
    copy = data / "hartonomous" / f"project-{__version__}"
    shutil.copytree(packaged, copy, dirs_exist_ok=True)
    return copy


def default_names(project: Path) -> tuple[str, str]:
    """The vars default_space and default_model of the project; '' where they are left open."""
    declared = yaml.safe_load((project / "dbt_project.yml").read_text())
    values = declared.get("vars", {}).get("hartonomous", {})
    return str(values.get("default_space") or ""), str(values.get("default_model") or "")


def _is_ours(folder: Path) -> bool:
    file = folder / "dbt_project.yml"
    if not file.is_file():
        return False
    return re.search(r"^name: *hartonomous\b", file.read_text(), re.M) is not None


def write_generated(
    project: Path, spaces: Iterable[Space], models: Iterable[tuple[str, str]]
) -> None:
    """Write the one-line models of every space and model but the default ones.

    Args:
        project: the dbt project's folder.
        spaces: the database's spaces other than the default one.
        models: (name, suffix) of landed models other than the default one.

    Files of spaces that the database does not have are removed.
    """
    root = project / GENERATED
    wanted: dict[Path, str] = {}
    for space in spaces:
        folder = root / "spaces" / space.space_id
        for area, names in _SPACE_MODELS.items():
            for name in names:
                macro = _MACRO_OF.get(name, name)
                file = folder / f"{name}_{space.space_id}.sql"
                wanted[file] = f"{{{{ {macro}(space='{space.space_id}') }}}}\n"
                wanted[file.with_suffix(".yml")] = _described(
                    project / "models" / area / f"{name}.yml", name, space
                )
    for model_name, suffix in models:
        quoted = model_name.replace("\\", "\\\\").replace("'", "\\'")
        file = root / "models" / suffix / f"generate_via_spatial_{suffix}.sql"
        wanted[file] = f"{{{{ generate_via_spatial(model='{quoted}', suffix='{suffix}') }}}}\n"
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


def _described(yml: Path, name: str, space: Space) -> str:
    """The default space's description of a model, under the space's name and without its tests.

    The tests of the default space read its own settings; a space's own report shows the same.
    """
    definition = yaml.safe_load(yml.read_text())
    model = next(entry for entry in definition["models"] if entry["name"] == name)
    model["name"] = f"{name}_{space.space_id}"
    model["description"] = (
        model["description"].strip() + f" (space {space.space_id} of {space.model_name})"
    )
    model.pop("data_tests", None)
    for column in model.get("columns", []):
        column.pop("data_tests", None)
    return yaml.safe_dump(definition, sort_keys=False, width=100, allow_unicode=True)


def model_suffixes(names: Iterable[str]) -> dict[str, str]:
    """What the callables of each model carry: '' for the first, the default one.

    Models whose names give the same suffix are told apart by a number, in their order.
    """
    suffixes: dict[str, str] = {}
    for name in names:
        base = slug(name)
        taken = set(suffixes.values())
        numbered = (f"{base}_{number}" for number in range(2, len(suffixes) + 3))
        free = next(s for s in (base, *numbered) if s not in taken)
        suffixes[name] = free if suffixes else ""
    return suffixes


def slug(name: str) -> str:
    """A name as a suffix: its last part in lower case, everything else but [a-z0-9] as `_`."""
    return re.sub(r"[^a-z0-9]+", "_", name.rstrip("/").split("/")[-1].lower()).strip("_") or "model"
