"""Durations of calls: of one, or of some in turn, so that a busy moment meets all alike."""

from __future__ import annotations

import time
from collections.abc import Callable


def milliseconds(
    call: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> float:
    """Time of one call by a clock."""
    start = clock()
    call()
    return (clock() - start) * 1e3


def in_turn(
    turns: int, *calls: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> list[list[float]]:
    """Milliseconds by a clock of each call in each turn, after one warm-up each."""
    for call in calls:
        call()
    durations: list[list[float]] = [[] for _ in calls]
    for _ in range(turns):
        for call, kept in zip(calls, durations, strict=True):
            kept.append(milliseconds(call, clock))
    return durations
