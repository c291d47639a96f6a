"""``hartonomous publish-lineage``: what is known, or what is new of it, to a transport."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .. import inference_log
from ..database import Database
from ..errors import InputError
from . import changes, server
from .batch import Batch, Key
from .from_artifacts import from_artifacts
from .from_catalog import from_catalog
from .from_inferences import Names, from_inferences
from .graph import Edge, Node
from .names import names_of
from .transport import Transport, Watermark

EMBEDDINGS = ("used", "all")
_ENTRIES = 1_000
_ELEMENTS = 5_000
"""Entries of the log, and elements of the catalogue, in one transaction."""


@dataclass(frozen=True)
class Published:
    """What was written: ``nodes`` and ``edges`` count each once a transaction.

    ``newest``: when the last entry of the log was made.
    """

    to: str
    inferences: int = 0
    events: int = 0
    nodes: int = 0
    edges: int = 0
    transactions: int = 0
    seconds: float = 0.0
    newest: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def publish(
    database: Database,
    transport: Transport,
    *,
    target_folder: Path | None = None,
    embeddings: str = "used",
    full: bool = False,
    on_entries: Callable[[int], None] = lambda count: None,
) -> Published:
    """Write what is not in the graph yet: of the catalogue, of dbt's artifacts, of the log.

    Nothing is deleted. A run that is broken off at any moment loses nothing and doubles nothing:
    the next one goes on at the watermark, which is written with each batch.

    Args:
        database: whose lineage.
        transport: where to.
        target_folder: dbt's, with manifest.json and run_results.json; None leaves them out.
        embeddings: those that answers name (``used``), or ``all``.
        full: write everything again, whatever the watermark says.
        on_entries: called with a number of log entries that were written.

    Raises:
        InputError: the target refuses, cannot be reached, or half-written artifacts were met.
    """
    if embeddings not in EMBEDDINGS:
        raise InputError(f"--embeddings takes {' or '.join(EMBEDDINGS)}; it got {embeddings!r}")
    database.require_landed()
    with alone(database):
        started = time.monotonic()
        key = database_id(database)
        watermark = transport.watermark(key)
        if full:
            watermark = Watermark(key)
        catalog, watermark = publish_catalog(
            database, transport, watermark, target_folder=target_folder, embeddings=embeddings
        )
        log, watermark = publish_log(database, transport, watermark, on_entries=on_entries)
        transport.finish()
    total = _sum(catalog, log)
    return replace(total, seconds=round(time.monotonic() - started, 3))


def publish_catalog(
    database: Database,
    transport: Transport,
    watermark: Watermark,
    *,
    target_folder: Path | None,
    embeddings: str,
) -> tuple[Published, Watermark]:
    """Write what changed in tables and artifacts; how much, and the watermark after it."""
    sources = _sources(database, target_folder, embeddings)
    now: dict[str, str] = {}
    for source in sources:
        # A digest of a source that is left out this time stays: what it said is still there.
        now |= _merged(now, changes.digests(source()))
    now = {**watermark.digests, **now}
    done = Published(transport.name)
    if now == watermark.digests:
        return done, watermark
    elements = itertools.chain.from_iterable(source() for source in sources)
    with _Writer(transport) as writer:
        for part in _parts(changes.changed(elements, now, watermark.digests), _ELEMENTS):
            batch = Batch(part)
            writer.write(batch, watermark)
            done = _with(done, batch)
        # Only now: a run that is broken off before writes these groups again.
        watermark = watermark.with_digests(now)
        writer.write(Batch(), watermark)
    return done, watermark


def publish_log(
    database: Database,
    transport: Transport,
    watermark: Watermark,
    *,
    names: Callable[[Database], Names] = names_of,
    on_entries: Callable[[int], None] = lambda count: None,
) -> tuple[Published, Watermark]:
    """Write the log from the watermark on; how much, and the watermark after it."""
    done = Published(transport.name)
    followed = inference_log.follow(database.inference_folder, watermark.position)
    known: Names | None = None
    written: dict[Key, dict[str, Any]] = {}
    with _Writer(transport) as writer:
        for part in _parts(followed, _ENTRIES):
            known = known or names(database)
            entries = [entry for entry, _ in part]
            watermark = watermark.at(part[-1][1])
            batch = Batch(from_inferences(entries, known))
            # Models, callers, embeddings come again with every answer.
            batch.leave_out(written)
            writer.write(batch, watermark, then=partial(on_entries, len(part)))
            events = sum("event" in entry for entry in entries)
            done = _with(done, batch, inferences=len(entries) - events, events=events)
            done = replace(done, newest=str(entries[-1].get("created_at") or ""))
    return done, watermark


def pending_bytes(database: Database, position: Mapping[str, int]) -> int:
    """Bytes of the log after a position: what a progress bar may expect."""
    total = 0
    for path in database.inference_folder.glob("*.json*"):
        total += max(0, path.stat().st_size - position.get(path.name, 0))
    return total


def database_id(database: Database) -> str:
    """Names this database in a graph that several share; made once, kept beside it."""
    of = server.files(database)
    of.make()
    path = of.folder / "database_id"
    try:
        with path.open("x") as file:
            file.write(uuid.uuid4().hex)
    except FileExistsError:
        pass
    found = path.read_text().strip()
    if not found:  # a kill between making and writing it
        found = uuid.uuid4().hex
        path.write_text(found)
    return found


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """One publisher a database: two would write the same twice, to no use."""
    of = server.files(database)
    of.make()
    lock = FileLock(of.folder / ".publishing")
    try:
        lock.acquire(timeout=30)
    except Timeout as error:
        raise InputError(
            f"another process publishes {database.landed.name}: wait for it, or stop "
            "`hartonomous sync`, which publishes all the time"
        ) from error
    try:
        yield
    finally:
        lock.release()


Source = Callable[[], Iterable[Node | Edge]]


def _sources(database: Database, target_folder: Path | None, embeddings: str) -> list[Source]:
    found: list[Source] = [lambda: from_catalog(database, embeddings=embeddings)]
    if target_folder is not None:
        folder = target_folder
        found.append(lambda: from_artifacts(folder))
    return found


def _merged(known: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """Digests of a group that two sources fill are one digest of both."""
    return {of: known[of] + value if of in known else value for of, value in found.items()}


def _parts(elements: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(elements)
    while part := list(itertools.islice(iterator, size)):
        yield part


def _with(done: Published, batch: Batch, *, inferences: int = 0, events: int = 0) -> Published:
    return replace(
        done,
        inferences=done.inferences + inferences,
        events=done.events + events,
        nodes=done.nodes + len(batch.nodes),
        edges=done.edges + len(batch.edges),
        transactions=done.transactions + 1,
    )


def _sum(one: Published, other: Published) -> Published:
    names = ("inferences", "events", "nodes", "edges", "transactions")
    sums = {name: getattr(one, name) + getattr(other, name) for name in names}
    return replace(one, **sums, newest=other.newest)


class _Writer:
    """Writes in a thread of its own, in order, while the next batch is made."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="lineage")
        self._last: Future[None] | None = None

    def write(
        self, batch: Batch, watermark: Watermark, then: Callable[[], None] = lambda: None
    ) -> None:
        """Write a batch; raises what the one before it ran into."""
        self._settle()

        def work() -> None:
            self._transport.write(batch, watermark)
            then()

        self._last = self._pool.submit(work)

    def _settle(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._settle()
        finally:
            self._pool.shutdown(wait=True)
