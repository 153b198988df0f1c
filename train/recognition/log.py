"""The log of a recogniser's training: mean nats per character, a row every LOG_EVERY steps."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

LOG_EVERY = 50  # steps
COLUMNS = ("step", "seconds", "nats_per_character", "rate")


class NatsLog:
    """Rows of log.csv in a training's folder.

    Args:
        folder: of the training.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "log.csv"
        self._nats: list[float] = []

    def add(self, nats: float) -> None:
        """Note a step's mean nats per character."""
        self._nats.append(nats)

    def write(self, step: int, seconds: float, rate: float) -> None:
        """Write the mean since the last row, where a row is due and something was noted."""
        if step % LOG_EVERY or not self._nats:
            return
        row = (step, round(seconds, 1), f"{np.mean(self._nats):.4f}", rate)
        self._nats.clear()
        fresh = not self._path.exists()
        with self._path.open("a", newline="") as file:
            csv.writer(file).writerows([COLUMNS, row] if fresh else [row])
        print(" ".join(f"{k}={v}" for k, v in zip(COLUMNS, row, strict=True)), flush=True)
