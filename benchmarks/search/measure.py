"""What every search method is measured by: recall@10 against exact search, latency, size, build.

A method is built once for its vectors and kept in its folder, so that measuring again on a quieter
machine does not build again. Each query is sent alone. Settings are chosen on the odd queries and
reported on the even ones.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

K = 10
TARGET_RECALL = 0.99
SAME = 1e-6
"""Inner products of unit vectors in float32 that differ by less are equal."""
ENOUGH = 0.999
"""Dearer settings than the first that reaches this are not measured."""
WARM_UP = 5
LEAST_QUERIES = 25
BUDGET_S = 10.0
"""A half of the queries gets this long; a method too slow for all of them is measured on fewer."""

Setting = dict[str, int]


@dataclass(frozen=True)
class Data:
    """Vectors to search, queries that are not among them, and the answers.

    ``vectors`` n x d and ``queries`` m x d are unit vectors, so inner product, cosine and euclidean
    distance rank alike; ``truth`` m x K are row numbers, nearest first. ``file`` is the Parquet
    file whose first rows these are.
    """

    file: Path
    vectors: NDArray[np.float32]
    queries: NDArray[np.float32]
    truth: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """How many vectors there are."""
        return len(self.vectors)

    @property
    def dimension(self) -> int:
        """Of every vector."""
        return self.vectors.shape[1]

    def recall(self, number: int, found: Sequence[int]) -> float:
        """The share of the K nearest of query `number` that was found.

        A row as near as the K-th counts, for equal distances have no order.
        """
        query, rows = self.queries[number], np.unique(np.asarray(found, dtype=np.int64))
        last = self.vectors[self.truth[number, -1]] @ query
        hits = int((self.vectors[rows] @ query >= last - SAME).sum())
        return min(hits, K) / K


class Method(ABC):
    """One way to search, over the vectors of one size, with its files in a folder of its own."""

    name: ClassVar[str]
    exact: ClassVar[bool] = False
    settings: ClassVar[tuple[Setting, ...]] = ({},)
    """From the cheapest to the dearest."""
    threads: ClassVar[tuple[int, ...]] = (1,)
    """Thread counts it is searched with; two only where one query can use them."""
    build_threads: ClassVar[int] = 2
    most_rows: ClassVar[int | None] = None
    """Above this many it is not to be had."""
    least_rows: ClassVar[int] = 0
    """Below this many it is of no use."""

    def __init__(self, data: Data, folder: Path) -> None:
        self.data, self.folder = data, folder

    def prepare(self) -> None:  # noqa: B027, most methods need nothing
        """What has to be there before building and is not counted, such as a loaded table."""

    @abstractmethod
    def build(self) -> None:
        """Make the index in ``folder``."""

    @abstractmethod
    def open(self, threads: int) -> None:
        """Get ready to search with this many threads."""

    @abstractmethod
    def search(self, query: NDArray[np.float32], setting: Setting) -> Sequence[int]:
        """Row numbers of the K nearest, nearest first."""

    @abstractmethod
    def bytes(self) -> int:
        """What must be kept to search: the index, and the vectors where it reads them besides."""

    def close(self) -> None:  # noqa: B027, most methods hold nothing
        """Let go of files and servers; called once after `open` and after `build`."""

    def vector_bytes(self) -> int:
        """The float32 vectors themselves."""
        return self.data.vectors.nbytes


@dataclass
class Figure:
    """One method, one setting, one thread count, one size."""

    method: str
    rows: int
    threads: int
    setting: Setting
    exact: bool
    recall: float
    p50_ms: float
    p95_ms: float
    queries: int
    recall_odd: float
    chosen: bool = False
    build_s: float | None = None
    build_threads: int | None = None
    bytes: int | None = None
    notes: dict[str, Any] = field(default_factory=dict)


def exact_truth(
    vectors: NDArray[np.float32], queries: NDArray[np.float32], block: int = 50_000
) -> NDArray[np.int64]:
    """Row numbers of the K largest inner products of each query, m x K, largest first."""
    best = np.full((len(queries), 0), 0, dtype=np.int64)
    scores = np.full((len(queries), 0), 0, dtype=np.float32)
    for first in range(0, len(vectors), block):
        found = queries @ vectors[first : first + block].T
        top = np.argpartition(-found, min(K, found.shape[1] - 1), axis=1)[:, :K]
        scores = np.hstack([scores, np.take_along_axis(found, top, axis=1)])
        best = np.hstack([best, top + first])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :K]
        scores = np.take_along_axis(scores, order, axis=1)
        best = np.take_along_axis(best, order, axis=1)
    return best


def built(method: Method) -> dict[str, Any]:
    """Build where it is not there yet; what building took."""
    note = method.folder / "built.json"
    if not note.exists():
        shutil.rmtree(method.folder, ignore_errors=True)
        method.folder.mkdir(parents=True)
        try:
            method.prepare()
            started = time.perf_counter()
            method.build()
            seconds = time.perf_counter() - started
        finally:
            method.close()
        facts = {
            "build_s": round(seconds, 2),
            "build_threads": method.build_threads,
            "build_load": os.getloadavg()[0],
        }
        note.write_text(json.dumps(facts) + "\n")
    return json.loads(note.read_text())


def measure(method: Method) -> list[Figure]:
    """Every setting at every thread count, with the one that the odd queries choose marked."""
    facts = built(method)
    figures: list[Figure] = []
    for threads in method.threads:
        method.open(threads)
        try:
            found = []
            for setting in method.settings:
                found.append(_figure(method, threads, setting, facts))
                if found[-1].recall_odd >= ENOUGH:
                    break
        finally:
            method.close()
        choose(found).chosen = True
        figures += found
    return figures


def choose(figures: list[Figure]) -> Figure:
    """The cheapest that reaches the target on the odd queries, else the one of best recall there.

    Cheapest by the order of the settings, not by the clock, which another program may disturb.
    """
    for figure in figures:
        if figure.recall_odd >= TARGET_RECALL:
            return figure
    return max(figures, key=lambda figure: figure.recall_odd)


def _figure(method: Method, threads: int, setting: Setting, facts: dict[str, Any]) -> Figure:
    load = os.getloadavg()[0]
    for query in method.data.queries[:WARM_UP]:
        method.search(query, setting)
    recall, ms = _run(method, setting, start=0)
    # Where there is nothing to choose, the odd queries have nothing to say.
    odd_recall = _run(method, setting, start=1)[0] if len(method.settings) > 1 else recall
    return Figure(
        method=method.name,
        rows=method.data.rows,
        threads=threads,
        setting=setting,
        exact=method.exact,
        recall=round(float(np.mean(recall)), 4),
        p50_ms=round(float(np.percentile(ms, 50)), 3),
        p95_ms=round(float(np.percentile(ms, 95)), 3),
        queries=len(ms),
        recall_odd=round(float(np.mean(odd_recall)), 4),
        build_s=facts["build_s"],
        build_threads=facts["build_threads"],
        bytes=method.bytes(),
        notes={"load": round(load, 2), "build_load": round(facts["build_load"], 2)},
    )


def _run(method: Method, setting: Setting, start: int) -> tuple[list[float], list[float]]:
    """(recall, milliseconds) of every second query from `start`, as many as the budget allows."""
    recalls: list[float] = []
    times: list[float] = []
    for number in range(start, len(method.data.queries), 2):
        query = method.data.queries[number]
        began = time.perf_counter()
        found = method.search(query, setting)
        times.append((time.perf_counter() - began) * 1000)
        recalls.append(method.data.recall(number, found))
        if sum(times) > BUDGET_S * 1000 and len(times) >= LEAST_QUERIES:
            break
    return recalls, times


def records(figures: list[Figure]) -> list[dict[str, Any]]:
    """Figures as plain data."""
    return [asdict(figure) for figure in figures]
