"""dbt's artifacts as a graph: models with their code, and the run that built them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..run_metadata import COMMIT, VERSION
from .code import Code
from .graph import Edge, Node

MANIFEST, RUN_RESULTS = "manifest.json", "run_results.json"
_SCHEMAS = {MANIFEST: "manifest/v12", RUN_RESULTS: "run-results/v6"}
_KINDS = ("model", "seed", "snapshot")
_SECRET = re.compile(r"passw|secret|token|key|credential", re.I)


def from_artifacts(target_folder: Path) -> Iterator[Node | Edge]:
    """DbtModel, Callable, Exposure and Run, with what each depends on and what the run built.

    The checksum of a model is over its file and every macro that it may call: most models are one
    call of a macro.

    Args:
        target_folder: dbt's target folder.

    Raises:
        InputError: an artifact is missing, half-written, or of another version of dbt.
    """
    manifest = _read(target_folder, MANIFEST)
    results = _read(target_folder, RUN_RESULTS)
    code = Code(manifest)
    yield from _models(manifest, code)
    yield from _exposures(manifest)
    yield from _run(manifest, results, code)


def _read(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(
            f"there is no {path}: `hartonomous build` writes it; DBT_TARGET_PATH names another "
            "folder"
        ) from error
    except ValueError as error:
        raise InputError(
            f"{path} is not complete: a build is just writing it, or was killed; let it end, or "
            "run `hartonomous build` again"
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    metadata = found.get("metadata") if isinstance(found, dict) else None
    version = str(metadata.get("dbt_schema_version", "")) if isinstance(metadata, dict) else ""
    if _SCHEMAS[name] not in version:
        raise InputError(
            f"{path} is {version or 'no artifact of dbt'}; what is read is {_SCHEMAS[name]}, which "
            "dbt 1.11 writes: build with that"
        )
    return found


def _models(manifest: Mapping[str, Any], code: Code) -> Iterator[Node | Edge]:
    for unique_id, node in sorted(manifest["nodes"].items()):
        if node["resource_type"] not in _KINDS:
            continue
        config = node.get("config") or {}
        meta = config.get("meta") or {}
        this = ("DbtModel", unique_id)
        yield Node(
            "DbtModel",
            unique_id,
            {
                "unique_id": unique_id,
                "name": node["name"],
                "checksum": code.checksum(unique_id),
                "materialized": config.get("materialized"),
                "resource_type": node["resource_type"],
                "path": node.get("original_file_path"),
                "description": " ".join((node.get("description") or "").split()),
                "database": node.get("database"),
                "schema": node.get("schema"),
                "relation": node.get("relation_name"),
            },
        )
        yield from _depends(this, node, manifest)
        if meta.get("callable"):
            name = node.get("alias") or node["name"]
            description = " ".join((node.get("description") or "").split())
            yield Node("Callable", name, {"name": name, "description": description})
            yield Edge("GENERATED_BY", ("Callable", name), this)
        # A student is a table; the view of those that were made at run time is none itself.
        if "student" in (node.get("tags") or ()) and config.get("materialized") == "table":
            yield Edge("GENERATED_BY", ("Student", node["name"]), this)
            for dataset in _texts(meta.get("calibrated_on")):
                yield Edge("CALIBRATED_ON", ("Student", node["name"]), ("Dataset", dataset))


def _exposures(manifest: Mapping[str, Any]) -> Iterator[Node | Edge]:
    for unique_id, exposure in sorted(manifest["exposures"].items()):
        yield Node(
            "Exposure",
            unique_id,
            {
                "unique_id": unique_id,
                "name": exposure["name"],
                "label": exposure.get("label"),
                "type": exposure.get("type"),
                "maturity": exposure.get("maturity"),
                "description": " ".join((exposure.get("description") or "").split()),
                "owner": (exposure.get("owner") or {}).get("name"),
            },
        )
        yield from _depends(("Exposure", unique_id), exposure, manifest)


def _depends(
    this: tuple[str, str], node: Mapping[str, Any], manifest: Mapping[str, Any]
) -> Iterator[Edge]:
    for parent in sorted(set((node.get("depends_on") or {}).get("nodes") or ())):
        if parent in manifest["sources"]:
            source = manifest["sources"][parent]
            table = f"{source['schema']}.{source['identifier']}"
            if this[0] == "DbtModel":
                yield Edge("DEPENDS_ON", this, ("LandedTable", table))
        elif manifest["nodes"].get(parent, {}).get("resource_type") in _KINDS:
            yield Edge("DEPENDS_ON", this, ("DbtModel", parent))


def _run(
    manifest: Mapping[str, Any], results: Mapping[str, Any], code: Code
) -> Iterator[Node | Edge]:
    metadata, arguments = results["metadata"], results.get("args") or {}
    run_id = metadata["invocation_id"]
    environment = metadata.get("env") or {}
    statuses = {str(result["status"]) for result in results["results"]}
    yield Node(
        "Run",
        run_id,
        {
            "invocation_id": run_id,
            "started_at": metadata.get("invocation_started_at"),
            "finished_at": metadata.get("generated_at"),
            "command": arguments.get("which"),
            "status": "error" if statuses & {"error", "fail", "runtime error"} else "success",
            "target": arguments.get("target"),
            "hartonomous_version": environment.get(VERSION),
            "dbt_version": metadata.get("dbt_version"),
            "git_commit": environment.get(COMMIT),
            "vars": json.dumps(_without_secrets(arguments.get("vars") or {}), sort_keys=True),
            "seconds": results.get("elapsed_time"),
        },
    )
    # `dbt docs` writes the manifest alone: then its code is not known to be what the run built.
    same = manifest["metadata"].get("invocation_id") == run_id
    for result in results["results"]:
        node = manifest["nodes"].get(result["unique_id"], {})
        if node.get("resource_type") not in _KINDS:
            continue
        rows = (result.get("adapter_response") or {}).get("rows_affected")
        properties = {
            "checksum": code.checksum(result["unique_id"]) if same else None,
            "status": str(result["status"]),
            "seconds": result.get("execution_time"),
            "rows": rows if isinstance(rows, int) and rows >= 0 else None,
            "message": result.get("message"),
        }
        yield Edge("BUILT", ("Run", run_id), ("DbtModel", result["unique_id"]), properties)


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _without_secrets(value: Any) -> Any:
    """Vars that are named like secrets, without their values."""
    if not isinstance(value, dict):
        return value
    return {
        name: "..." if _SECRET.search(str(name)) else _without_secrets(part)
        for name, part in value.items()
    }
