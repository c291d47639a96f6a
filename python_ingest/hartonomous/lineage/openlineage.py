"""Lineage as OpenLineage events (https://openlineage.io, spec 2-0-2): a START and an end a run.

What dbt built is a run of each dbt model, an answer a run of its method. Events go to a file, one
JSON object a line, or to a server by HTTP.
"""

from __future__ import annotations

import hashlib
import json
import os
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from .. import __version__
from ..errors import InputError
from .batch import Batch, Key
from .graph import Edge, Node
from .new_file import NewFile
from .transport import Watermark

URL, API_KEY = "OPENLINEAGE_URL", "OPENLINEAGE_API_KEY"
NAMESPACE = "hartonomous"
PRODUCER = f"https://pypi.org/project/hartonomous/{__version__}"
_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_PARENT_SCHEMA = (
    "https://openlineage.io/spec/facets/1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet"
)
_ENDPOINT = "/api/v1/lineage"
_IDS = uuid.UUID("6b3a52a2-6b0c-5a0e-9b52-3f4a6c3c1d10")
"""Names our runs' ids, so that the same run has the same id at every publish."""

Event = dict[str, Any]


class Destination(Protocol):
    """Where events go."""

    name: str

    def watermark(self, database: str) -> Watermark:
        """How far it was."""
        ...

    def send(self, events: Iterable[Event], watermark: Watermark) -> None:
        """Send events, then keep the watermark."""
        ...

    def finish(self) -> None:
        """All were sent."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class OpenLineage:
    """Makes events of batches."""

    def __init__(self, destination: Destination) -> None:
        self.name = destination.name
        self._destination = destination
        self._catalog = Batch()

    def watermark(self, database: str) -> Watermark:
        """How far the log was sent; what dbt built is told whole, with the same ids each time."""
        return self._destination.watermark(database)

    def write(self, batch: Batch, watermark: Watermark) -> None:
        """Events of the answers in a batch; of what dbt built, once all of it came by."""
        answers = [key for key in batch.nodes if key[0] == "Inference"]
        if answers:
            self._destination.send(_answers(batch, answers), watermark)
            return
        self._catalog.extend(Node(*key, value) for key, value in batch.nodes.items())
        self._catalog.extend(Edge(*key, value) for key, value in batch.edges.items())
        if watermark.digests:
            self._destination.send(_builds(self._catalog), watermark)
            self._catalog = Batch()

    def finish(self) -> None:
        """A file takes its place."""
        self._destination.finish()

    def close(self) -> None:
        """Let go of what is open."""
        self._destination.close()


class EventFile:
    """Events as JSON lines: everything, each time."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._file = NewFile(path)

    def watermark(self, database: str) -> Watermark:
        """The beginning."""
        return Watermark(database)

    def send(self, events: Iterable[Event], watermark: Watermark) -> None:
        """Add lines."""
        for event in events:
            self._file.write(json.dumps(event, ensure_ascii=False) + "\n")

    def finish(self) -> None:
        """The file takes its place."""
        self._file.finish()

    def close(self) -> None:
        """Throw away what was not finished."""
        self._file.close()


class EventServer:
    """Events to a server's ``/api/v1/lineage``, each at least once, in order.

    How far it was is kept in a file beside the database: OpenLineage has no place for it.
    """

    def __init__(self, url: str, state: Path) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            # The URL is not shown: it may hold a password.
            raise InputError(
                f"{URL} is no address; it takes http://HOST:PORT or https://HOST without user and "
                f"password ({API_KEY} holds the key)"
            )
        self.name = f"{parts.scheme}://{parts.netloc}"
        self._url = url.rstrip("/") + ("" if url.rstrip("/").endswith(_ENDPOINT) else _ENDPOINT)
        self._state = state.with_name(f"{state.name}-{_hash(self._url)[:12]}.json")

    def watermark(self, database: str) -> Watermark:
        """How far the log was sent."""
        try:
            kept = json.loads(self._state.read_text())
            position = {str(name): int(value) for name, value in kept["position"].items()}
        except FileNotFoundError:
            return Watermark(database)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"{self._state} cannot be read: delete it, and every event is sent again"
            ) from error
        return Watermark(database, position)

    def send(self, events: Iterable[Event], watermark: Watermark) -> None:
        """Send each event, then keep how far that is."""
        for event in events:
            self._post(json.dumps(event).encode())
        beside = self._state.with_suffix(".new")
        beside.write_text(json.dumps({"position": dict(watermark.position)}))
        beside.replace(self._state)

    def _post(self, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get(API_KEY):
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(self._url, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10):
                pass
        except urllib.error.HTTPError as error:
            raise InputError(
                f"{self.name} refused an event: {error.code} {error.reason}; what was sent is kept"
            ) from error
        except OSError as error:
            raise InputError(
                f"{self.name} cannot be reached; run the same command again: what was sent is kept"
            ) from error

    def finish(self) -> None:
        """Every event was sent already."""

    def close(self) -> None:
        """Nothing is open."""


def _builds(batch: Batch) -> Iterator[Event]:
    """What runs of dbt built, with the tables that went in."""
    inputs: dict[Key, list[Key]] = {}
    for type_, start, end in batch.edges:
        if type_ == "DEPENDS_ON" and start[0] == "DbtModel":
            inputs.setdefault(start, []).append(end)
    for (type_, run, model), properties in batch.edges.items():
        if type_ != "BUILT":
            continue
        of_run = batch.nodes.get(run, {})
        started = _moment(of_run.get("started_at"))
        if started is None:  # without a moment there is no event
            continue
        status = str(properties.get("status") or "success")
        ended = {"error": "FAIL", "fail": "FAIL", "skipped": "ABORT"}.get(status, "COMPLETE")
        facet = {
            "_producer": PRODUCER,
            "_schemaURL": _PARENT_SCHEMA,
            "run": {"runId": _run_id(run[1])},
            "job": {"namespace": NAMESPACE, "name": "dbt"},
        }
        job = {"namespace": NAMESPACE, "name": model[1]}
        of = {"runId": _run_id(f"{run[1]} {model[1]}"), "facets": {"parent": facet}}
        put = [_dataset(batch, key) for key in inputs.get(model, [])]
        out = [_dataset(batch, model)]
        last = started + timedelta(seconds=float(properties.get("seconds") or 0))
        yield _event("START", started, of, job, put, out)
        yield _event(ended, last, of, job, put, out)


def _answers(batch: Batch, answers: list[Key]) -> Iterator[Event]:
    """Answers: which models and spaces went in; texts are not told."""
    inputs: dict[Key, list[Key]] = {}
    for type_, start, end in batch.edges:
        if type_ in ("USED_MODEL", "USED_STUDENT", "USED_SPACE"):
            inputs.setdefault(start, []).append(end)
    for key in answers:
        properties = batch.nodes[key]
        moment = _moment(properties.get("timestamp"))
        if moment is None:
            continue
        name = f"{properties.get('task_type')}.{properties.get('method')}"
        job, of = {"namespace": NAMESPACE, "name": name}, {"runId": _run_id(key[1])}
        put = [_dataset(batch, used) for used in inputs.get(key, [])]
        last = moment + timedelta(milliseconds=float(properties.get("duration_ms") or 0))
        yield _event("START", moment, of, job, put, [])
        yield _event("COMPLETE", last, of, job, put, [])


def _dataset(batch: Batch, key: Key) -> dict[str, str]:
    label, name = key
    relation = batch.nodes.get(key, {}).get("relation")
    return {"namespace": NAMESPACE, "name": f"{label}/{relation or name}"}


def _event(
    kind: str,
    moment: datetime,
    run: dict[str, Any],
    job: dict[str, str],
    inputs: list[dict[str, str]],
    outputs: list[dict[str, str]],
) -> Event:
    return {
        "eventType": kind,
        "eventTime": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "run": run,
        "job": job,
        "inputs": inputs,
        "outputs": outputs,
        "producer": PRODUCER,
        "schemaURL": _SCHEMA,
    }


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _run_id(name: str) -> str:
    """A run's id has to be a UUID: dbt's invocations and most inferences are one already."""
    try:
        return str(uuid.UUID(name))
    except ValueError:
        return str(uuid.uuid5(_IDS, name))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
