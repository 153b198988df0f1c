"""Boxes of one line that overlap are joined, so that no figure is read twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tcsdk.reading.boxes import Box, Frame, frame_of, sides

# Both in heights of the lower box. How far the middles of two boxes of a line may be apart:
_APART = 0.25
# What they share at least, where they are joined. A figure is about half a height wide; boxes of
# neighbouring words that share no more than their margins may stay two.
_SHARED = 0.1
# Lower over taller box: a small unit beside large figures is a line of its own.
_ALIKE = 0.6
# How much of a box lies in another one that says the same.
_WITHIN = 0.5


def joined(boxes: Sequence[Box]) -> list[Box]:
    """Join boxes that cover a part of the same line twice.

    Args:
        boxes: Clockwise from the top left of the picture.

    Returns:
        As many or fewer; a joined box is where the first of its parts was.
    """
    rest = list(boxes)
    at = 0
    while at < len(rest):
        other = next((k for k in range(at + 1, len(rest)) if _one_line(rest[at], rest[k])), None)
        if other is None:
            at += 1
        else:
            rest[at] = _around(rest[at], rest.pop(other))
            at = 0  # what was joined may reach boxes that were passed
    return rest


def shares_place(box: Box, others: Sequence[Box]) -> bool:
    """Say whether the middle of a box lies within the bounds of another one."""
    middle = box.mean(axis=0)
    return any(
        bool((other.min(axis=0) <= middle).all() and (middle <= other.max(axis=0)).all())
        for other in others
    )


def repeated(boxes: Sequence[Box], texts: Sequence[str], scores: Sequence[float]) -> list[bool]:
    """Say which lines repeat what a line around them says.

    Args:
        boxes: Of the lines.
        texts: What each says.
        scores: How sure the reader is of each.

    Returns:
        For each whether at least half of it lies in the box of another one that says the same and
        perhaps more. Of two that say the same the less sure one repeats the other.
    """
    said = ["".join(text.split()) for text in texts]
    order = sorted(range(len(said)), key=lambda k: (len(said[k]), scores[k]), reverse=True)
    repeats = [False] * len(said)
    for rank, inner in enumerate(order):
        repeats[inner] = any(
            not repeats[outer]
            and said[inner] in said[outer]
            and share_within(boxes[inner], boxes[outer]) >= _WITHIN
            for outer in order[:rank]
        )
    return repeats


def share_within(inner: Box, outer: Box) -> float:
    """Return how much of the inner box lies in the outer one, 0..1."""
    frame = frame_of(outer)
    a, b = frame.extent(inner), frame.extent(outer)
    return _part(a.along, b.along) * _part(a.across, b.across)


def _one_line(one: Box, other: Box) -> bool:
    """Say whether two boxes lie in one line and cover a part of it twice."""
    frame = _longer_frame(one, other)
    a, b = frame.extent(one), frame.extent(other)
    lower, taller = sorted((a.height, b.height))
    apart = abs(sum(a.across) - sum(b.across)) / 2
    return (
        lower >= _ALIKE * taller
        and apart <= _APART * lower
        and _shared(a.along, b.along) > _SHARED * lower
    )


def _around(one: Box, other: Box) -> Box:
    """Return the box around two, in the direction of the longer one."""
    frame = _longer_frame(one, other)
    extent = frame.extent(np.concatenate([one, other]))
    (left, right), (top, bottom) = extent.along, extent.across
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    box: Box = corners @ np.stack([frame.along, frame.across])
    return np.roll(box, 1, axis=0) if _runs_down(frame) else box


def _longer_frame(one: Box, other: Box) -> Frame:
    return frame_of(max(one, other, key=lambda box: max(sides(box))))


def _runs_down(frame: Frame) -> bool:
    return bool(abs(frame.along[1]) > abs(frame.along[0]))


def _part(inner: tuple[float, float], outer: tuple[float, float]) -> float:
    return max(_shared(inner, outer), 0.0) / max(inner[1] - inner[0], 1e-6)


def _shared(one: tuple[float, float], other: tuple[float, float]) -> float:
    return min(one[1], other[1]) - max(one[0], other[0])
