"""The nearest road of a point, found once more for the verifier: a k-d tree over short pieces, exact by its bound."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.spatial import cKDTree

TIE_M = 1e-6  # edges this much farther than the nearest one count as equally near: the smallest edge id wins
PIECE_M = 60.0
FIRST_LOOK = 8  # pieces looked at first; four times as many wherever the bound is not reached


class NearestEdge:
    """Straight parts of roads, searched by the middles of pieces at most ``PIECE_M`` long.

    Whatever lies beyond the k-th nearest middle is at least its distance less half a piece away. So as soon as that
    exceeds the best distance found, nothing better is left, and all ties have been seen.
    """

    def __init__(self, lines: np.ndarray, edge: np.ndarray) -> None:
        """Index ``lines`` (LineStrings, metres) that belong to ``edge`` (int64, one for each)."""
        xy, line = shapely.get_coordinates(lines, return_index=True)
        part = np.flatnonzero(line[1:] == line[:-1])
        self.start, self.end, self.edge = xy[part], xy[part + 1], edge[line[part]]
        length = np.hypot(*(self.end - self.start).T)
        pieces = np.maximum(np.ceil(length / PIECE_M), 1).astype(np.int64)
        self.part = np.repeat(np.arange(len(part)), pieces)
        nth = np.arange(len(self.part)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        share = ((nth + 0.5) / pieces[self.part])[:, None]
        self.half_m = float((length / pieces).max(initial=0.0)) / 2
        self.tree = cKDTree(self.start[self.part] * (1 - share) + self.end[self.part] * share)

    def of(self, xy: np.ndarray) -> np.ndarray:
        """Return the edge nearest to each point (n, 2), the smallest of those that tie (int64)."""
        found = np.full(len(xy), -1, dtype=np.int64)
        left, look = np.arange(len(xy)), FIRST_LOOK
        while len(left):
            look = min(look, len(self.part))
            middle_m, piece = self.tree.query(xy[left], k=np.arange(1, look + 1))
            part = self.part[piece]
            far = self._distance(xy[left][:, None, :], part)
            best = far.min(axis=1)
            near = np.where(far <= best[:, None] + TIE_M, self.edge[part], np.iinfo(np.int64).max)
            sure = (middle_m[:, -1] - self.half_m > best + 2 * TIE_M) | (look == len(self.part))
            found[left[sure]] = near.min(axis=1)[sure]
            left, look = left[~sure], 4 * look
        return found

    def _distance(self, xy: np.ndarray, part: np.ndarray) -> np.ndarray:
        a, b = self.start[part], self.end[part]
        step = b - a
        square = (step ** 2).sum(axis=-1)
        share = np.divide(((xy - a) * step).sum(axis=-1), square, out=np.zeros_like(square), where=square > 0)
        foot = a + np.clip(share, 0.0, 1.0)[..., None] * step
        return np.hypot(*np.moveaxis(xy - foot, -1, 0))
