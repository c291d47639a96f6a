"""hartonomous publish-lineage, hartonomous sync: lineage into a graph, at once or all the time."""

from __future__ import annotations

import logging
import signal
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ..database import Database
from ..errors import InputError
from ..lineage import destinations
from ..lineage.bolt import BoltTransport
from ..lineage.publish import EMBEDDINGS, Published, pending_bytes, publish
from ..lineage.stream import Stream, Streamed, stream_into
from ..lineage.sync import Synced, sync
from ..lineage.target import require
from ..progress import Progress
from . import options
from .output import print_json, say

Embeddings = Annotated[
    str, typer.Option(help="Which embeddings are nodes: those that answers name (used), or all.")
]


def publish_lineage(
    to: Annotated[
        str | None,
        typer.Option(
            help="bolt, cypher, json or openlineage; by itself the graph server that NEO4J_URI "
            "names or `hartonomous graph` started, else cypher."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    embeddings: Embeddings = EMBEDDINGS[0],
    full: Annotated[
        bool, typer.Option("--full", help="Write everything again, not only what is new.")
    ] = False,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Publish where everything came from: models, texts, builds, students, every answer."""
    _quiet_driver()
    opened = Database.locate(database)
    opened.require_landed()
    transport = destinations.choose(opened, to, output)
    try:
        artifacts = destinations.artifacts_folder()
        if artifacts is None:
            say("dbt left no artifacts yet: what it built is left out until `hartonomous build`")
        with Progress(quiet=as_json).bar("publishing", _entries(opened), "entries") as advance:
            published = publish(
                opened,
                transport,
                target_folder=artifacts,
                embeddings=embeddings,
                full=full,
                on_entries=advance,
            )
    finally:
        transport.close()
    if as_json:
        print_json(published.as_dict())
    else:
        say(_told(published))


def _entries(database: Database) -> int | None:
    """About how many entries the log has; the watermark may leave fewer."""
    return pending_bytes(database, {}) // 2_000 or None


def _told(published: Published) -> str:
    if not published.transactions:
        return f"{published.to}: nothing is new"
    return (
        f"{published.to}: {published.inferences:,} inferences, {published.events:,} events; "
        f"{published.nodes:,} nodes and {published.edges:,} edges in {published.seconds:.1f} s"
    )


def sync_command(
    once: Annotated[bool, typer.Option("--once", help="End when all is passed on.")] = False,
    embeddings: Embeddings = EMBEDDINGS[0],
    kafka: Annotated[
        str | None,
        typer.Option(help="Read SQL Server's change events from these brokers, not the log."),
    ] = None,
    topic: Annotated[str | None, typer.Option(help="The topic of the change events.")] = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Keep the graph seconds behind: pass on each answer as it is logged, until Ctrl-C."""
    _quiet_driver()
    opened = Database.locate(database)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if (kafka is None) != (topic is None):
        raise InputError("--kafka BROKERS goes with --topic TOPIC")
    if kafka is not None and topic is not None:
        done: Synced | Streamed = _from_stream(opened, kafka, topic, stop, once, as_json)
    else:
        told = _Told(as_json)
        done = sync(
            opened,
            lambda: BoltTransport(require(opened)),
            stop,
            target_folder=destinations.artifacts_folder(),
            embeddings=embeddings,
            once=once,
            on_round=told.round,
        )
    if as_json:
        print_json(asdict(done))
    else:
        say(f"passed on {done.inferences:,} inferences")


def _from_stream(
    database: Database, brokers: str, topic: str, stop: threading.Event, once: bool, quiet: bool
) -> Streamed:
    stream = Stream(brokers, topic)
    try:
        return stream_into(
            lambda: BoltTransport(require(database)),
            stream,
            stop,
            once=once,
            on_batch=_Told(quiet).batch,
        )
    finally:
        stream.close()


class _Told:
    """A line when something was passed on, and when what is waited for changes."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._inferences = 0
        self._waits_for: str | None = None

    def round(self, done: Synced) -> None:
        if done.waits_for != self._waits_for:
            self._waits_for = done.waits_for
            if done.waits_for is not None:
                say(f"the catalogue waits: {done.waits_for}")
        self._new(done)

    def batch(self, done: Streamed) -> None:
        self._new(done)

    def _new(self, done: Synced | Streamed) -> None:
        new, self._inferences = done.inferences - self._inferences, done.inferences
        if new and not self._quiet:
            say(f"passed on {new:,}; {done.seconds_behind:.1f} s behind")


def _quiet_driver() -> None:
    """The driver's own warnings say less than our messages, in more lines."""
    logging.getLogger("neo4j").setLevel(logging.ERROR)
