"""``hartonomous sync --kafka``: log entries from a stream (Kafka's protocol) into a graph.

The position in the stream is kept in the graph, with what it led to: in a transaction, so that a
kill at any moment loses nothing and doubles nothing. Group offsets of the broker are not used.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, MissingExtraError
from .batch import Batch
from .bolt import GraphUnavailableError
from .cloudevents import EventError, Segments, entry_of, event_of
from .from_inferences import Names, from_inferences
from .transport import Transport, Watermark

CONFIG = "HARTONOMOUS_KAFKA_CONFIG"
"""A JSON object of librdkafka's settings, such as SASL's: options are seen by everyone."""
_MESSAGES = 1_000


@dataclass
class Streamed:
    """What came: ``passed_over`` are messages that are no event of the documented format."""

    inferences: int = 0
    messages: int = 0
    passed_over: int = 0
    seconds_behind: float = 0.0


def settings(brokers: str, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """librdkafka's settings: the brokers, then those of HARTONOMOUS_KAFKA_CONFIG.

    Raises:
        InputError: the variable holds no JSON object.
    """
    try:
        of_environment = json.loads(os.environ.get(CONFIG) or "{}")
        if not isinstance(of_environment, dict):
            raise ValueError
    except ValueError as error:
        raise InputError(
            f'{CONFIG} takes a JSON object of librdkafka\'s settings, such as {{"sasl.mechanism": '
            '"PLAIN"}'
        ) from error
    return {
        "bootstrap.servers": brokers,
        "group.id": "hartonomous",  # demanded, and used for nothing: positions are ours
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
        **of_environment,
        **(extra or {}),
    }


class Stream:
    """A topic, all of its partitions, read from where the graph was left.

    Raises:
        InputError: no broker answers, or it has no such topic.
    """

    def __init__(self, brokers: str, topic: str, extra: Mapping[str, Any] | None = None) -> None:
        try:
            import confluent_kafka as kafka
        except ImportError as error:
            raise MissingExtraError("reading a stream", "stream", "confluent-kafka") from error
        self._kafka = kafka
        self.topic = topic
        self._failure: str | None = None
        try:
            self._consumer = kafka.Consumer(
                {**settings(brokers, extra), "error_cb": self._failed}, logger=_silent()
            )
            self._partitions = self._known_partitions()
        except kafka.KafkaException as error:
            raise InputError(f"the stream cannot be read: {error.args[0].str()}") from error
        self._segments: dict[int, Segments] = {}
        self._ended: set[int] = set()

    def _failed(self, error: Any) -> None:
        if error.fatal():
            self._failure = error.str()

    def _known_partitions(self) -> list[int]:
        found = self._consumer.list_topics(self.topic, timeout=15).topics[self.topic]
        if found.error is not None or not found.partitions:
            raise InputError(f"the stream has no topic {self.topic!r}")
        return sorted(found.partitions)

    def seek(self, position: Mapping[str, int]) -> None:
        """Read on from offsets by partition; a partition that is not named from its beginning."""
        first = self._kafka.OFFSET_BEGINNING
        self._segments = {partition: Segments() for partition in self._partitions}
        self._ended = set()
        self._consumer.assign(
            [
                self._kafka.TopicPartition(
                    self.topic, partition, position.get(str(partition), first)
                )
                for partition in self._partitions
            ]
        )

    def read(self, position: dict[str, int], done: Streamed, wait: float) -> list[dict[str, Any]]:
        """Entries that came since, at most a thousand messages; ``position`` moves on with them.

        Raises:
            InputError: the broker ended it for good.
        """
        entries = []
        for message in self._consumer.consume(_MESSAGES, wait):
            error = message.error()
            if error is not None:
                self._noticed(error, message)
                continue
            self._ended.discard(message.partition())
            entry = self._entry(message, done)
            if entry is not None:
                entries.append(entry)
            segments = self._segments[message.partition()]
            # A change whose end did not come yet is read again from its beginning after a kill.
            position[str(message.partition())] = min(
                [message.offset() + 1, *segments.pending.values()]
            )
        if self._failure is not None:
            raise InputError(f"the stream ended: {self._failure}")
        return entries

    def _noticed(self, error: Any, message: Any) -> None:
        if error.code() == self._kafka.KafkaError._PARTITION_EOF:
            self._ended.add(message.partition())
        elif error.fatal() or not error.retriable():
            raise InputError(f"the stream cannot be read: {error.str()}")

    def is_read(self) -> bool:
        """Whether every partition was read to its end."""
        return self._ended >= set(self._partitions)

    def _entry(self, message: Any, done: Streamed) -> dict[str, Any] | None:
        done.messages += 1
        try:
            event = event_of(message.value() or b"")
            data = self._segments[message.partition()].add(event, message.offset())
            if data is None:
                return None
            _, moment = message.timestamp()
            done.seconds_behind = max(0.0, time.time() - moment / 1000) if moment > 0 else 0.0
            return entry_of(event, data)
        except EventError:
            done.passed_over += 1
            return None

    def close(self) -> None:
        """Leave the stream."""
        self._consumer.close()


def _silent() -> Any:
    """A logger that says nothing: librdkafka's lines may hold settings."""
    import logging

    logger = logging.getLogger("hartonomous.kafka")
    logger.setLevel(logging.CRITICAL)
    return logger


def stream_into(
    connect: Callable[[], Transport],
    stream: Stream,
    stop: threading.Event,
    *,
    once: bool = False,
    wait: float = 1.0,
    on_batch: Callable[[Streamed], None] = lambda done: None,
) -> Streamed:
    """Pass on what the stream brings until ``stop`` is set, or, with ``once``, nothing more comes.

    Args:
        connect: makes a transport; called again, ever more slowly, when the graph broke off.
        stream: the topic.
        stop: ends it after the batch at hand.
        once: end where the stream ends now.
        wait: seconds to wait for messages.
        on_batch: called after each batch.
    """
    done = Streamed()
    waits = 1.0
    while not stop.is_set():
        transport = None
        try:
            transport = connect()
            watermark = transport.watermark(f"stream {stream.topic}")
            stream.seek(watermark.position)
            waits = 1.0
            if _pass_on(transport, stream, watermark, stop, done, once, wait, on_batch):
                return done
        except GraphUnavailableError:
            if once:
                raise
            stop.wait(waits)
            waits = min(30.0, waits * 2)
        finally:
            if transport is not None:
                transport.close()
    return done


def _pass_on(
    transport: Transport,
    stream: Stream,
    watermark: Watermark,
    stop: threading.Event,
    done: Streamed,
    once: bool,
    wait: float,
    on_batch: Callable[[Streamed], None],
) -> bool:
    """Whether all of it was read, with ``once``."""
    position = dict(watermark.position)
    while not stop.is_set():
        entries = stream.read(position, done, wait)
        if entries or position != dict(watermark.position):
            watermark = watermark.at(position)
            transport.write(Batch(from_inferences(entries, Names())), watermark)
            done.inferences += len(entries)
            on_batch(done)
        if once and stream.is_read():
            return True
    return False
