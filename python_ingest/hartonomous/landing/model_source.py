"""What a person means by a model: a folder, a hub id or a file, and which files are landed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, MissingExtraError
from ..readers.inside import path_inside
from ..readers.json_file import read_json
from ..readers.safetensors_file import PICKLE_SUFFIXES, refuse_pickle

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95})?")
_SMALL_FILES = ["*.json", "*.txt", "*.model"]


@dataclass(frozen=True)
class ModelSource:
    """The files of one model.

    Attributes:
        name: the name to land it under.
        root: the folder that was named; settings of sentence-transformers stand here.
        folder: the folder with config, tokenizer and weights (a nested one in older
            sentence-transformers folders, else the root).
        weights: a .safetensors file, a .safetensors.index.json file, or a .onnx file.
        format: 'safetensors' or 'onnx'.
        modules: the modules of sentence-transformers as (type, folder); empty for others.
    """

    name: str
    root: Path
    folder: Path
    weights: Path
    format: str
    modules: tuple[tuple[str, Path], ...] = ()


def find_model(source: str, name: str | None = None) -> ModelSource:
    """The model that ``source`` names: an existing path wins, else it is a hub id.

    Raises:
        InputError: there is no such path or hub model, or it holds no weights that can be landed.
        MissingExtraError: it can only be a hub id, and ``huggingface_hub`` is not installed.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        return _in_folder(path, _checked_name(name or path.resolve().name))
    if path.exists():
        stem = path.name.removesuffix(".index.json").removesuffix(path.suffix)
        return _from_file(path, _checked_name(name or stem.removesuffix(".safetensors")))
    if path.suffix in (".onnx", ".safetensors", *PICKLE_SUFFIXES) or not _HUB_ID.fullmatch(source):
        raise InputError(f"{source!r} is not there: give a model's folder, file or hub id")
    return _in_folder(_from_hub(source), _checked_name(name or source))


def _from_file(path: Path, name: str) -> ModelSource:
    folder = path.parent
    if path.name.endswith(".safetensors.index.json") or path.suffix == ".safetensors":
        return ModelSource(name, folder, folder, path, "safetensors", _modules(folder))
    if path.suffix == ".onnx":
        # Exporters put config and tokenizer beside the file, or beside its folder `onnx`.
        if not (folder / "config.json").exists() and folder.resolve().name == "onnx":
            folder = folder.resolve().parent
        return ModelSource(name, folder, folder, path, "onnx", _modules(folder))
    if path.suffix in PICKLE_SUFFIXES:
        raise refuse_pickle(path)
    raise InputError(
        f"{path} is no model: give a folder, a .safetensors, a .safetensors.index.json or a "
        ".onnx file"
    )


def _in_folder(root: Path, name: str) -> ModelSource:
    modules = _modules(root)
    folders = [root]
    folders += [folder for kind, folder in modules[:1] if kind == "Transformer"]
    if (root / "0_Transformer").is_dir():
        folders.append(root / "0_Transformer")
    for folder in folders:
        found = _safetensors_in(folder)
        if found is not None:
            return ModelSource(name, root, folder, found, "safetensors", modules)
    for folder in folders:
        found = _onnx_in(folder)
        if found is not None:
            return ModelSource(name, root, folder, found, "onnx", modules)
    for folder in folders:
        for file in sorted(folder.iterdir()):
            if file.suffix in PICKLE_SUFFIXES:
                raise refuse_pickle(file)
    raise InputError(f"{root} holds no weights: neither a .safetensors nor a .onnx file is in it")


def _safetensors_in(folder: Path) -> Path | None:
    single = folder / "model.safetensors"
    if single.exists() or single.is_symlink():
        return single
    for pattern in ("*.safetensors.index.json", "*.safetensors"):
        found = sorted(folder.glob(pattern))
        if len(found) > 1:
            raise InputError(
                f"{folder} holds several models ({', '.join(file.name for file in found[:5])}), "
                "and none is model.safetensors: name one of these files"
            )
        if found:
            return found[0]
    return None


def _onnx_in(folder: Path) -> Path | None:
    for candidate in (folder / "model.onnx", folder / "onnx" / "model.onnx"):
        if candidate.exists():
            return candidate
    found = sorted(folder.glob("*.onnx")) or sorted(folder.glob("onnx/*.onnx"))
    if len(found) > 1:
        raise InputError(
            f"{folder} holds several ONNX files ({', '.join(file.name for file in found[:5])}): "
            "name one of them"
        )
    return found[0] if found else None


def _modules(root: Path) -> tuple[tuple[str, Path], ...]:
    """The modules that sentence-transformers would chain, as (last part of the type, folder)."""
    file = root / "modules.json"
    if not file.exists():
        return ()
    entries = read_json(file)
    if not isinstance(entries, list):
        raise InputError(f"{file} does not hold a list of modules")
    modules = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise InputError(f"{file} has a module without a type: {str(entry)[:80]}")
        place: Any = entry.get("path", "")
        folder = root if place == "" else path_inside(root, place, str(file))
        modules.append((entry["type"].rsplit(".", 1)[-1], folder))
    return tuple(modules)


def _from_hub(hub_id: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingExtraError(
            f"{hub_id!r} is no file or folder here; fetching it from the hub",
            "ingest",
            "huggingface_hub",
        ) from error
    try:
        folder = Path(snapshot_download(hub_id, allow_patterns=[*_SMALL_FILES, "*.safetensors"]))
        if not any(folder.rglob("*.safetensors")):
            # Only then: repositories often keep many ONNX variants beside their safetensors.
            folder = Path(
                snapshot_download(hub_id, allow_patterns=[*_SMALL_FILES, "*.onnx", "*.onnx_data"])
            )
    except Exception as error:  # the hub's client raises many kinds, of several packages
        raise InputError(
            f"{hub_id!r} is no file or folder here, and the hub does not give it "
            f"({type(error).__name__}: {str(error).splitlines()[0][:300] if str(error) else ''}): "
            "give a folder, or check the id, the network and HF_TOKEN"
        ) from error
    return folder


def _checked_name(name: str) -> str:
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise InputError(
            f"the model's name {name[:60]!r} cannot be used: 1 to 200 printable characters can, "
            "given by --name"
        )
    return name
