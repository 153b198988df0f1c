"""Pictures for the C++ programs, and what their failures look like."""

from __future__ import annotations

import subprocess

import numpy as np
from numpy.typing import NDArray


def ppm(pixels: NDArray[np.uint8]) -> bytes:
    """The bytes of (height, width, 3) as P6 with maximum 255."""
    height, width, _ = pixels.shape
    return b"P6\n%d %d\n255\n" % (width, height) + pixels.tobytes()


def check_fails(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """The program ended with this code and one line on standard error that holds every word."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr, f"{word!r} is not in {done.stderr!r}"
