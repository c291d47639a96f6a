"""Land a model in a process of its own, against a plain copy of its files.

    python benchmarks/landing/land.py MODEL_FOLDER WORK_FOLDER [--json]

Prints MB/s of the files' bytes and of the float32 bytes that they become, the ratio to the copy
(shutil.copyfile, then fsync), and the highest resident memory of the landing process (VmHWM).
Both read files that are in the page cache. What is written to WORK_FOLDER is removed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHILD = """
import sys
from pathlib import Path
from hartonomous.landing.duckdb_sink import DuckDBSink
from hartonomous.landing.model import land_model
from hartonomous.progress import Progress
sink = DuckDBSink(Path(sys.argv[1]))
landed = land_model(sink, sys.argv[2], "benchmark", progress=Progress())
sink.close()
status = open("/proc/self/status").read()
print(landed.parameters, landed.bytes, status.split("VmHWM:")[1].split()[0])
"""


def copy(files: list[Path], folder: Path) -> float:
    """Seconds that a plain copy takes, with its bytes on the disk."""
    started = time.perf_counter()
    for file in files:
        target = folder / file.name
        shutil.copyfile(file, target)
        descriptor = os.open(target, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    seconds = time.perf_counter() - started
    for file in files:
        (folder / file.name).unlink()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    files = sorted(arguments.model.glob("*.safetensors"))
    with tempfile.TemporaryDirectory(dir=arguments.work) as name:
        folder = Path(name)
        for file in files:  # into the page cache, for both
            with file.open("rb") as opened:
                while opened.read(1 << 24):
                    pass
        copying = copy(files, folder)
        command = [sys.executable, "-c", CHILD, str(folder / "landed.duckdb"), arguments.model]
        started = time.perf_counter()
        child = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        landing = time.perf_counter() - started
        again = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        again = time.perf_counter() - again
        stored = (folder / "landed.duckdb").stat().st_size
    parameters, size, peak = map(int, child.stdout.split())
    result = {
        "file_bytes": size,
        "float32_bytes": 4 * parameters,
        "landed_bytes": stored,
        "copy_seconds": round(copying, 2),
        "landing_seconds": round(landing, 2),
        "again_seconds": round(again, 2),
        "file_megabytes_per_second": round(size / landing / 1e6, 1),
        "float32_megabytes_per_second": round(4 * parameters / landing / 1e6, 1),
        "times_the_copy": round(landing / copying, 1),
        "peak_resident_megabytes": round(peak * 1024 / 1e6),
        "load_average": round(os.getloadavg()[0], 1),
    }
    if arguments.json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key.replace('_', ' '):32} {value:>16,}")


if __name__ == "__main__":
    main()
