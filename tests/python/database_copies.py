"""A database that a test may change: a copy of one that was built once."""

from __future__ import annotations

import shutil
from pathlib import Path


def copy_database(hartonomous, folder: Path):
    """The same landed and built files in a folder of their own, with an empty log."""
    from hartonomous import Hartonomous

    landed = hartonomous.database.landed
    for file in landed.parent.glob(f"{landed.stem}*.duckdb"):
        shutil.copyfile(file, folder / file.name)
    copied = Hartonomous(folder / landed.name)
    copied.database.ensure_inference_folder()
    return copied
