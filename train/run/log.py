"""The log of a training: the mean of what is learnt by, a row every LOG_EVERY steps."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

LOG_EVERY = 50  # steps
NATS = "nats_per_character"  # what recognisers learn by


class MeanLog:
    """Rows of log.csv in a training's folder.

    Args:
        folder: of the training.
        what: name of the mean's column.
    """

    def __init__(self, folder: Path, what: str) -> None:
        self._path = folder / "log.csv"
        self._columns = ("step", "seconds", what, "rate")
        self.values: list[float] = []  # since the last row

    def add(self, value: float) -> None:
        """Note a step's value."""
        self.values.append(value)

    def write(self, step: int, seconds: float, rate: float) -> None:
        """Write the mean since the last row, where a row is due and something was noted."""
        if step % LOG_EVERY or not self.values:
            return
        row = (step, round(seconds, 1), f"{np.mean(self.values):.5f}", rate)
        self.values.clear()
        fresh = not self._path.exists()
        with self._path.open("a", newline="") as file:
            csv.writer(file).writerows([self._columns, row] if fresh else [row])
        print(" ".join(f"{k}={v}" for k, v in zip(self._columns, row, strict=True)), flush=True)
