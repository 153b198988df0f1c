"""Move points and small masks from a layout to the picture, by homographies and curves.

A point is (x, y) in pixels; the picture spans 0..W and 0..H, so the centre of the first pixel is
(0.5, 0.5).
"""

from __future__ import annotations

import math
import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]


def translation(x: float, y: float) -> Floats:
    """Make the (3, 3) float64 homography that moves by x and y pixels."""
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def rotation(degrees: float, x: float, y: float) -> Floats:
    """Make the (3, 3) float64 homography that turns about (x, y), clockwise in the picture."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[c, -s, x - c * x + s * y], [s, c, y - s * x - c * y], [0.0, 0.0, 1.0]])


def from_corners(source: Floats, target: Floats) -> Floats:
    """Solve for the homography that takes four points to four points.

    Args:
        source: (4, 2) float64, pixels.
        target: (4, 2) float64, pixels.

    Returns:
        (3, 3) float64 (Hartley and Zisserman, Multiple View Geometry, section 4.1, with h33 = 1).
    """
    rows, right = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1.0).reshape(3, 3)


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Floats:
    """List a rectangle's corners clockwise from the top left, (4, 2) float64."""
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)


def project(homography: Floats, points: Floats) -> Floats:
    """Move (N, 2) float64 points by a (3, 3) homography."""
    moved = points @ homography[:, :2].T + homography[:, 2]
    return moved[:, :2] / moved[:, 2:]


def slant(dice: random.Random) -> float:
    """Draw an angle in degrees: mostly within 6, one in ten up to 20."""
    return dice.uniform(-20, 20) if dice.random() < 0.1 else dice.gauss(0, 2.5)


def scene_view(dice: random.Random, height: int, width: int) -> Floats:
    """Draw how the whole layer of text is seen: straight, turned, or in perspective."""
    roll = dice.random()
    if roll < 0.45:
        return np.eye(3)
    turned = rotation(slant(dice), width / 2, height / 2)
    if roll < 0.72:
        return turned
    frame = rectangle(0, 0, width, height)
    reach = min(height, width) * dice.uniform(0.03, 0.16)
    shift = np.array([dice.uniform(-reach, reach) for _ in range(8)]).reshape(4, 2)
    return from_corners(frame, frame + shift) @ turned


def warp(
    mask: NDArray[np.uint8], homography: Floats, height: int, width: int
) -> tuple[NDArray[np.uint8], int, int] | None:
    """See a small mask through a homography, in the smallest box of the picture that holds it.

    Args:
        mask: (h, w) uint8.
        homography: (3, 3) float64, from the mask's pixels to the picture's.
        height: of the picture, pixels.
        width: of the picture, pixels.

    Returns:
        The (bh, bw) uint8 mask in the box, and the box's left and top; None where it misses the
        picture.
    """
    h, w = mask.shape
    corners = project(homography, rectangle(0, 0, w, h))
    left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int).tolist()
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)), (width, height)).astype(int).tolist()
    if right <= left or bottom <= top:
        return None
    shift = homography - translation(*homography[:2, 2])
    if not shift.any() and (homography[:2, 2] % 1 == 0).all():  # whole pixels: keep it sharp
        x, y = int(homography[0, 2]), int(homography[1, 2])
        return mask[top - y : bottom - y, left - x : right - x], left, top
    back = np.linalg.inv(homography) @ translation(left, top)
    back /= back[2, 2]
    box, eight = (right - left, bottom - top), back.ravel()[:8].tolist()
    seen = Image.fromarray(mask).transform(
        box, Image.Transform.PERSPECTIVE, eight, Image.Resampling.BICUBIC
    )
    return np.asarray(seen), left, top


def bend(mask: NDArray[np.uint8], offsets: Floats) -> NDArray[np.uint8]:
    """Shift each column of a mask down by a fraction of pixels.

    Args:
        mask: (h, w) uint8.
        offsets: (w,) float64, pixels, at least 0.

    Returns:
        (h + ceil(largest offset) + 1, w) uint8.
    """
    h, w = mask.shape
    tall = np.zeros((h + math.ceil(float(offsets.max())) + 1, w), np.float32)
    whole = offsets.astype(int)
    part = (offsets - whole).astype(np.float32)
    rows = np.arange(h)[:, None] + whole
    columns = np.arange(w)
    tall[rows, columns] = mask * (1 - part)
    tall[rows + 1, columns] += mask * part
    return (tall + 0.5).astype(np.uint8)


def curve(dice: random.Random, width: int, size: int) -> Floats:
    """Draw an arc or a wave for a line of text.

    Args:
        dice: source of chance.
        width: of the line, pixels.
        size: of its font, pixels; a bend stays below 1.2 of it and below a slope of about 0.35.

    Returns:
        (width,) float64, pixels, at least 0: how far each column moves down.
    """
    x = np.linspace(-1, 1, width)
    height = dice.uniform(0.25, 1) * min(1.2 * size, 0.08 * width)
    shape = (
        x * x
        if dice.random() < 0.6
        else 0.5 + 0.5 * np.sin(dice.uniform(1.5, 2.5) * x + dice.uniform(0, 6))
    )
    return height * (shape if dice.random() < 0.5 else 1 - shape)
