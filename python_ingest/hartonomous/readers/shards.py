"""The index of a model whose tensors stand in several safetensors files."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from .inside import path_inside
from .json_file import read_json_object
from .safetensors_file import read_header
from .tensor import StoredTensor


def read_sharded(index: Path) -> tuple[list[StoredTensor], list[Path], list[str]]:
    """The tensors that an index names, in the order of shards and bytes.

    Args:
        index: a ``*.safetensors.index.json`` file.

    Returns:
        The tensors, the shards' paths, and the names of tensors that stand in a shard but not in
        the index (they are not part of the model).

    Raises:
        InputError: the index is broken, names a shard that is missing, broken or outside the
            folder, or a tensor that its shard does not have.
    """
    weight_map = read_json_object(index).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise InputError(f"{index} has no 'weight_map' that says which tensor is in which file")
    paths: dict[str, Path] = {}
    for shard in sorted(set(map(_as_text, weight_map.values()))):
        path = path_inside(index.parent, shard, str(index))
        if not path.exists():
            raise InputError(
                f"{index} names the shard {shard!r}, which is not there: fetch the whole model"
            )
        paths[shard] = path
    tensors: list[StoredTensor] = []
    extra: list[str] = []
    seen: set[str] = set()
    for shard, path in paths.items():
        for tensor in read_header(path):
            if weight_map.get(tensor.name) == shard:
                tensors.append(tensor)
                seen.add(tensor.name)
            elif tensor.name not in weight_map:
                extra.append(tensor.name)
    for name, shard in weight_map.items():
        if name not in seen:
            raise InputError(f"{index} says that tensor {name!r} is in {shard!r}: it is not")
    return tensors, list(paths.values()), extra


def _as_text(value: object) -> str:
    # A value that is no text is refused by path_inside; sorting must not fail before.
    return value if isinstance(value, str) else ""
