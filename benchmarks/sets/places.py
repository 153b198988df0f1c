"""Where text stands: quads, their overlap, words within lines, and the order of reading."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw

# (4, 2) float32 corners TL, TR, BR, BL as the reader sees them: x, y in pixels.
Quad = NDArray[np.float32]


def overlap(a: Sequence[Quad], b: Sequence[Quad]) -> NDArray[np.float64]:
    """Intersection over union of every quad of a with every one of b, (len(a), len(b)).

    Corners are put around their centre first, so that a twisted quad counts as its outline.
    """
    if not a or not b:
        return np.zeros((len(a), len(b)))
    one, two = (shapely.convex_hull(shapely.multipoints(np.stack(quads))) for quads in (a, b))
    shared = shapely.area(shapely.intersection(one[:, None], two[None]))
    union = shapely.area(one)[:, None] + shapely.area(two)[None] - shared
    result: NDArray[np.float64] = shared / np.maximum(union, 1e-9)
    return result


def mask_of(quads: Sequence[Quad], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels (H, W) inside any of the quads."""
    mask = Image.new("1", (shape[1], shape[0]))
    for quad in quads:
        ImageDraw.Draw(mask).polygon((quad - 0.5).ravel().tolist(), 1)
    return np.asarray(mask)


def share_inside(quad: Quad, mask: NDArray[np.bool_]) -> float:
    """The part of a quad's pixels that a mask (H, W) covers; 0 for a quad without pixels."""
    pixels = mask_of([quad], (mask.shape[0], mask.shape[1]))
    return float(mask[pixels].mean()) if pixels.any() else 0.0


def cut_words(text: str, quad: Quad) -> list[tuple[str, Quad]]:
    """A line's words with their places, as if all its characters were equally wide."""
    words, position = [], 0
    left, right = np.array([quad[0], quad[3]]), np.array([quad[1], quad[2]])
    for word in text.split():
        begin = text.index(word, position)
        position = begin + len(word)
        near = left + (right - left) * (begin / len(text))
        far = left + (right - left) * (position / len(text))
        words.append((word, np.array([near[0], far[0], far[1], near[1]], np.float32)))
    return words


def in_reading_order(words: Sequence[tuple[str, Quad]]) -> str:
    """Words joined row by row from the top, each row from the left.

    A word belongs to the row above it where its centre is less than half a height below that of
    the row's first word.
    """
    rows: list[tuple[float, float, list[tuple[float, str]]]] = []
    for word, quad in sorted(words, key=lambda w: float(w[1][:, 1].mean())):
        middle, height = float(quad[:, 1].mean()), float(np.ptp(quad[:, 1]))
        if not rows or middle - rows[-1][0] > min(height, rows[-1][1]) / 2:
            rows.append((middle, height, []))
        rows[-1][2].append((float(quad[:, 0].mean()), word))
    return "\n".join(" ".join(word for _, word in sorted(row)) for _, _, row in rows)
