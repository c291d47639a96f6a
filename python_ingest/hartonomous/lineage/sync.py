"""``hartonomous sync``: follows the log as an outbox, so that the graph is seconds behind.

At least once, in order; the position is in the graph, with what it led to. The server may go away
and come back, at another address, too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..database import Database
from ..errors import DatabaseBusyError, InputError
from .bolt import GraphUnavailableError
from .from_inferences import Names, moment
from .names import names_of
from .publish import alone, database_id, publish_catalog, publish_log
from .transport import Transport

_CATALOG_EVERY = 60.0
"""Seconds after which new answers make the catalogue be looked at again: for their texts."""


@dataclass
class Synced:
    """What was passed on, and how many seconds the graph is behind the log."""

    inferences: int = 0
    events: int = 0
    rounds: int = 0
    seconds_behind: float = 0.0
    reconnected: int = 0
    waits_for: str | None = None
    """Why the catalogue was left out last time: it is looked at again."""


class _Catalog:
    """When the catalogue is worth looking at: it changed, or answers name what is new."""

    def __init__(self, database: Database, target_folder: Path | None) -> None:
        self._paths = [database.landed, database.built]
        if target_folder is not None:
            self._paths += [target_folder / "manifest.json", target_folder / "run_results.json"]
        self._seen: list[Any] | None = None
        self._names, self._names_of = Names(), [None]
        self._at = -_CATALOG_EVERY
        self._answers = False

    def is_due(self) -> bool:
        """Whether to look."""
        old = time.monotonic() - self._at >= _CATALOG_EVERY
        return self.state() != self._seen or (self._answers and old)

    def names(self, database: Database) -> Names:
        """What it knows of names; what it knew last while an ingest or build writes."""
        state = self.state()
        if state != self._names_of:
            try:
                self._names = names_of(database)
            except DatabaseBusyError:
                return self._names
            self._names_of = state
        return self._names

    def looked(self, state: list[Any]) -> None:
        """It was looked at, in this state."""
        self._seen, self._at, self._answers = state, time.monotonic(), False

    def answered(self) -> None:
        """Answers came since."""
        self._answers = True

    def state(self) -> list[Any]:
        """Of the files."""
        found: list[Any] = []
        for path in self._paths:
            try:
                stat = path.stat()
                found.append((stat.st_mtime_ns, stat.st_size))
            except OSError:
                found.append(None)
        return found


def sync(
    database: Database,
    connect: Callable[[], Transport],
    stop: threading.Event,
    *,
    target_folder: Path | None = None,
    embeddings: str = "used",
    once: bool = False,
    interval: float = 1.0,
    longest_wait: float = 30.0,
    on_round: Callable[[Synced], None] = lambda done: None,
) -> Synced:
    """Pass on what is logged until ``stop`` is set, or, with ``once``, all that there is.

    Args:
        database: whose log.
        connect: makes a transport; called again, ever more slowly, when the graph broke off.
        stop: ends it after the transaction at hand.
        target_folder: dbt's; None leaves its artifacts out.
        embeddings: as with :func:`.publish.publish`.
        once: end when all is passed on.
        interval: seconds between two looks at the log.
        longest_wait: seconds, at most, between two attempts to reach the graph.
        on_round: called after each look.

    Raises:
        InputError: the graph refuses, or, at first, cannot be reached.
    """
    database.require_landed()
    done, catalog = Synced(), _Catalog(database, target_folder)
    transport: Transport | None = connect()
    waits = interval
    try:
        while not stop.is_set():
            try:
                if transport is None:
                    transport = connect()
                    done.reconnected += 1
                _round(database, transport, catalog, done, target_folder, embeddings)
                waits = interval
            except GraphUnavailableError:
                if once:
                    raise
                if transport is not None:
                    transport.close()
                    transport = None
                stop.wait(waits)
                waits = min(longest_wait, waits * 2)
                continue
            on_round(done)
            if once:
                break
            stop.wait(interval)
    finally:
        if transport is not None:
            transport.close()
    return done


def _round(
    database: Database,
    transport: Transport,
    catalog: _Catalog,
    done: Synced,
    target_folder: Path | None,
    embeddings: str,
) -> None:
    with alone(database):
        watermark = transport.watermark(database_id(database))
        log, watermark = publish_log(database, transport, watermark, names=catalog.names)
        done.seconds_behind = _age(log.newest)
        if log.inferences:
            catalog.answered()
        if catalog.is_due():
            state = catalog.state()
            try:
                publish_catalog(
                    database,
                    transport,
                    watermark,
                    target_folder=target_folder,
                    embeddings=embeddings,
                )
            except GraphUnavailableError:
                raise
            except InputError as error:  # an ingest or build is just writing: when it is done
                done.waits_for = str(error)
            else:
                catalog.looked(state)
                done.waits_for = None
    done.inferences += log.inferences
    done.events += log.events
    done.rounds += 1


def _age(newest: str | None) -> float:
    """Seconds since the last entry that was passed on was made; 0 where nothing was left."""
    made = moment(newest)
    if made is None:
        return 0.0
    return round(max(0.0, (datetime.now(UTC) - datetime.fromisoformat(made)).total_seconds()), 3)
