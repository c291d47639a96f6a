"""What cells, codes and searches by them must give, in NumPy: the rules of macros/cells."""

from __future__ import annotations

import numpy as np

FIRST_CELL = 100
BORDER_CELLS, BORDER_DISTANCE, BORDER_OVERLAP = 6, 2, 1.1
GROUPS, SHORTLIST, REACH_FROM = 4, 4, 4


class NumpySpace:
    """A space of ``vectors`` (m, n) whose rows have the ids 1 to m; ``groups`` (c,) and ``centers``
    (g, n) where rows are compared with groups of cells first."""

    def __init__(self, metric, coding, vectors, centroids, groups=None, centers=None) -> None:
        self.metric, self.coding = metric, coding
        self.vectors = vectors.astype(np.float64)
        self.centroids = centroids.astype(np.float64)
        self.groups, self.centers = groups, centers
        self.codes = _words(coding.bits(vectors))
        self.norms = np.linalg.norm(self.vectors, axis=1)
        self.assigned = {
            (row + 1, cell, home) for row in range(len(vectors)) for cell, home in self._cells(row)
        }

    def _from(self, rows, vector):
        """What orders rows: the negative inner product, or the Euclidean distance."""
        if self.metric == "euclidean":
            return np.linalg.norm(rows - vector, axis=1)
        return -(rows @ vector)

    def _cells(self, row):
        vector = self.vectors[row]
        cells = np.arange(len(self.centroids))
        if self.groups is not None:
            near = np.argsort(self._from(self.centers, vector), kind="stable")[:GROUPS]
            cells = cells[np.isin(self.groups, near)]
        distances = self._from(self.centroids[cells], vector)
        order = np.argsort(distances, kind="stable")[:BORDER_CELLS]
        cells, distances = cells[order], distances[order]
        offset = 0.0
        if self.metric != "euclidean":
            distances, offset = 1 + distances / self.norms[row], 1.0
        for place, cell in enumerate(cells):
            between = offset + self._from(self.centroids[cells[:place]], self.centroids[cell])
            near = distances[place] <= BORDER_DISTANCE * distances[0]
            if place == 0 or (near and not (BORDER_OVERLAP * between < distances[place]).any()):
                yield FIRST_CELL + int(cell), place == 0

    def search(self, question, probes, candidates, passing=None, reach=np.inf):
        """(id, distance) of the candidates, nearest first; without probes of all or ``passing``."""
        if probes is not None:
            distances = self.probe_distances(question.astype(np.float64))
            near = np.argsort(distances, kind="stable")[:probes]
            near = near[distances[near] - np.sort(distances)[REACH_FROM - 1] <= reach]
            cells = {FIRST_CELL + int(cell) for cell in near}
            rows = np.array(sorted(row - 1 for row, cell, _ in self.assigned if cell in cells))
        else:
            rows = np.arange(len(self.vectors)) if passing is None else np.array(passing) - 1
        bits = self.coding.bits(question[None])[0]
        margins = self._margins(question).astype(np.float64)
        weights = np.minimum(3, np.floor(1.5 * abs(margins) / abs(margins).mean() + 0.5))
        differing = self.coding.bits(self.vectors.astype(np.float32))[rows] != bits
        cosine = np.sin(np.pi / 2 * (1 - 2 * differing.sum(1) / len(bits)))
        order = self._order(rows, question, differing.sum(1), cosine)
        rows, differing = (
            part[np.lexsort((rows, order))[: SHORTLIST * candidates]] for part in (rows, differing)
        )
        rows, first = np.unique(rows, return_index=True)
        differing = differing[first]
        sums = differing @ weights
        order = self._order(rows, question, sums, 1 - 2 * sums / weights.sum())
        return self.ranked(question, rows[np.lexsort((rows, order))[:candidates]] + 1)

    def _margins(self, question):
        turned = question if self.coding.rotation is None else question @ self.coding.rotation.T
        return turned[self.coding.dimensions] - self.coding.thresholds

    def probe_distances(self, question):
        """Of the cells from a question: what the nearest are probed by."""
        if self.metric == "euclidean":
            return self._from(self.centroids, question)
        lengths = np.linalg.norm(self.centroids, axis=1) * np.linalg.norm(question)
        return 1 + self._from(self.centroids, question) / lengths

    def _order(self, rows, question, difference, cosine):
        if self.metric == "cosine":
            return difference
        norms = self.norms[rows]
        if self.metric == "dot":
            return -norms * cosine
        return norms * (norms - 2 * np.linalg.norm(question.astype(np.float64)) * cosine)

    def ranked(self, question, ids):
        """(id, distance) in the order of the full vectors."""
        ids = np.array(list(ids))
        asked = question.astype(np.float64)
        distances = self._from(self.vectors[ids - 1], asked)
        if self.metric == "cosine":
            distances = 1 + distances / self.norms[ids - 1] / np.linalg.norm(asked)
        return [(int(ids[at]), float(distances[at])) for at in np.lexsort((ids, distances))]


def _words(bits):
    """Words of 64 bits as signed integers (m, words); the first bit of a word is its highest."""
    return np.ascontiguousarray(np.packbits(bits, axis=1)).view(">i8").astype(np.int64)
