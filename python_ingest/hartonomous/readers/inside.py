"""Paths that a file names must stay in its folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from ..errors import InputError


def path_inside(folder: Path, name: object, named_by: str) -> Path:
    """The path of a file that an untrusted file names, relative to its folder.

    Symbolic links are followed first. They may lead outside in one case: in the cache of the hub
    a snapshot's files are links into ``blobs`` beside ``snapshots``.

    Args:
        folder: where the naming file stands.
        name: what it says.
        named_by: the naming file, for the message.

    Raises:
        InputError: the name is no relative path, or what it leads to is outside the folder.
    """
    if not isinstance(name, str) or not name or "\0" in name:
        raise InputError(f"{named_by} names a file by {name!r}, which is no file name")
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).is_absolute():
        raise InputError(f"{named_by} names the absolute path {name!r}: only files beside it count")
    if ".." in PurePosixPath(name).parts or ".." in PureWindowsPath(name).parts:
        raise InputError(f"{named_by} names {name!r}, which leaves its folder")
    path = folder / name
    try:
        real, root = path.resolve(), folder.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links
        raise InputError(f"{named_by} names {name!r}, which cannot be resolved: {error}") from error
    roots = [root]
    if root.parent.name == "snapshots":
        roots.append(root.parent.parent / "blobs")
    if not any(real.is_relative_to(allowed) for allowed in roots):
        raise InputError(
            f"{named_by} names {name!r}, a link that leaves its folder (to {real}): "
            "copy the file into the folder"
        )
    return path
