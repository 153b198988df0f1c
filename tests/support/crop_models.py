"""The model folders of tests/data that take crops: what their graphs do is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[1] / "data"
WORDS, RESOLUTION = DATA / "small-words", DATA / "small-resolution"
END = 11  # its grey ends a word


def word(text: str, *, end: bool = True) -> np.ndarray:
    """A crop (32, 128, 3) that `small-words` reads as these digits."""
    classes = [int(c) for c in text] + [END] * (25 - len(text) if end else 0)
    grey = np.repeat(np.array(classes[:25], np.uint8) * 20, 5)
    row = np.full(128, 220, np.uint8)
    row[: len(grey)] = grey
    return np.broadcast_to(row[None, :, None], (32, 128, 3)).copy()
