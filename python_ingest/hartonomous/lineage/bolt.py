"""Lineage into a graph server over Bolt, by the official Neo4j driver."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..errors import HartonomousError, InputError, MissingExtraError
from .batch import Batch
from .graph import VERSION, WATERMARK
from .statements import CONSTRAINTS, statements
from .target import Target
from .transport import Watermark

_ROWS = 5_000
_CHARACTERS = 2_000_000
"""Of one statement's rows: a message of Bolt may have 16 MiB, and a character four bytes."""

_TIMEOUT, _RETRY = 10.0, 30.0


class GraphUnavailableError(InputError):
    """The graph server cannot be reached, or broke off."""


class GraphRefusedError(HartonomousError):
    """The server did not take a statement."""


@contextmanager
def graph_errors(target: Target) -> Iterator[None]:
    """Turn the driver's errors into messages that say what to do, and hold no secret."""
    neo4j = _neo4j()
    exceptions = neo4j.exceptions
    try:
        yield
    except exceptions.AuthError as error:
        raise InputError(
            f"{target.uri} refuses user and password: {_credentials(target)}"
        ) from error
    except exceptions.ServiceUnavailable as error:
        raise GraphUnavailableError(
            f"no graph server answers at {target.uri}: start it, and run the same command again; "
            f"what was published is kept"
        ) from error
    except (exceptions.SessionExpired, exceptions.TransientError) as error:
        raise GraphUnavailableError(
            f"{target.uri} broke off: run the same command again; what was published is kept"
        ) from error
    except exceptions.ClientError as error:
        if (error.code or "").endswith("DatabaseNotFound"):
            raise InputError(
                f"{target.uri} has no database {target.database!r}: NEO4J_DATABASE names another"
            ) from error
        raise GraphRefusedError(f"{target.uri} refused: {error.message}") from error
    except exceptions.ConfigurationError as error:
        raise InputError(f"{target.uri} cannot be connected to: check NEO4J_URI") from error


def _credentials(target: Target) -> str:
    if target.local:
        return "it runs with another; `hartonomous graph stop`, then `start`"
    return "check NEO4J_USER and NEO4J_PASSWORD"


def _neo4j() -> Any:
    try:
        import neo4j
        import neo4j.exceptions
    except ImportError as error:
        raise MissingExtraError("a graph server", "neo4j", "neo4j") from error
    return neo4j


class Graph:
    """A connection to a graph server.

    Args:
        target: the server.
        retry_seconds: for how long the driver tries a transaction again that broke off.

    Raises:
        InputError: it cannot be reached, refuses the password, or has no such database.
    """

    def __init__(self, target: Target, *, retry_seconds: float = _RETRY) -> None:
        neo4j = _neo4j()
        self.target = target
        with graph_errors(target):
            self.driver = neo4j.GraphDatabase.driver(
                target.uri,
                auth=(target.user, target.password),
                connection_timeout=_TIMEOUT,
                max_transaction_retry_time=retry_seconds,
                # Notices, such as of a label that nothing has yet, are no news to a user.
                warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
            )
            try:
                # At once, not after the driver's half minute of retries.
                self.driver.verify_connectivity()
            except BaseException:
                self.driver.close()
                raise

    def read(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a query that only reads; retried where the server says so."""
        with graph_errors(self.target):
            found = self.driver.execute_query(
                query,
                dict(parameters or {}),
                database_=self.target.database,
                routing_="r",
            )
        return [record.data() for record in found.records]

    def close(self) -> None:
        """Let go of the connections."""
        self.driver.close()

    def __enter__(self) -> Graph:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class BoltTransport:
    """Writes into a graph server; the watermark is a node, written with its batch."""

    def __init__(self, target: Target, *, retry_seconds: float = _RETRY) -> None:
        self.graph = Graph(target, retry_seconds=retry_seconds)
        self.name = target.shown
        self._constrained = False

    def watermark(self, database: str) -> Watermark:
        """How far this database was published.

        Raises:
            InputError: the graph has another version's shape.
        """
        found = self.graph.read(
            f"MATCH (w:{WATERMARK} {{key: $key}}) "
            "RETURN w.position AS position, w.digests AS digests, w.schema AS schema",
            {"key": database},
        )
        if not found:
            return Watermark(database)
        row = found[0]
        if row["schema"] != VERSION:
            newer = isinstance(row["schema"], int) and row["schema"] > VERSION
            raise InputError(
                f"the graph in {self.name} has the shape {row['schema']} of "
                f"{'a newer' if newer else 'an older'} hartonomous; this one writes shape "
                f"{VERSION}. Nothing was changed: "
                + (
                    "publish with the newer version"
                    if newer
                    else "publish into another database (NEO4J_DATABASE)"
                )
            )
        return Watermark(
            database, json.loads(row["position"] or "{}"), json.loads(row["digests"] or "{}")
        )

    def write(self, batch: Batch, watermark: Watermark) -> None:
        """One transaction, retried by the driver where the server says so; merges, never wipes."""
        self._constrain()
        inferences = [key for label, key in batch.nodes if label == "Inference"]
        exceptions = _neo4j().exceptions
        with (
            graph_errors(self.graph.target),
            self.graph.driver.session(database=self.graph.target.database) as session,
        ):
            try:
                session.execute_write(_write, batch, watermark, inferences)
            except exceptions.ConstraintError:
                # Another publisher made one of them meanwhile: now they are merged.
                session.execute_write(_write, batch, watermark, [])

    def _constrain(self) -> None:
        if self._constrained:
            return
        with (
            graph_errors(self.graph.target),
            self.graph.driver.session(database=self.graph.target.database) as session,
        ):
            for constraint in CONSTRAINTS:
                session.run(constraint).consume()
        self._constrained = True

    def finish(self) -> None:
        """Every batch was committed already."""

    def close(self) -> None:
        """Let go of the connections."""
        self.graph.close()


def _write(transaction: Any, batch: Batch, watermark: Watermark, inferences: list[str]) -> None:
    """The work of one transaction; the driver may call it again.

    ``inferences``: those of the batch of which it is worth asking whether the graph has them.
    """
    known = transaction.run(
        "UNWIND $keys AS key MATCH (n:Inference {key: key}) RETURN n.key AS key", keys=inferences
    )
    fresh = set(inferences) - {row["key"] for row in known}
    for text, rows in statements(batch, fresh):
        for part in _parts(rows):
            transaction.run(text, rows=part).consume()
    transaction.run(
        f"MERGE (w:{WATERMARK} {{key: $key}}) SET w.position = $position, "
        "w.digests = $digests, w.schema = $schema, w.published_at = datetime()",
        key=watermark.database,
        position=json.dumps(watermark.position),
        digests=json.dumps(watermark.digests),
        schema=watermark.schema,
    ).consume()


def _parts(rows: list[list[Any]]) -> Iterator[list[list[Any]]]:
    """Rows in parts that a message can carry."""
    part: list[list[Any]] = []
    characters = 0
    for row in rows:
        length = _characters(row)
        if part and (len(part) >= _ROWS or characters + length > _CHARACTERS):
            yield part
            part, characters = [], 0
        part.append(row)
        characters += length
    if part:
        yield part


def _characters(values: list[Any]) -> int:
    return sum(
        [
            len(value) if type(value) is str else _characters(value)
            for value in values
            if type(value) is str or type(value) is list
        ]
    )
