"""Code, show and read what the cache lacks, picture by picture."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from benchmarks.guidance.arms import Arm, Plan
from benchmarks.guidance.received import TASK, VERSION, look_at
from benchmarks.rate_accuracy.cache import Cache, Key, Measured
from benchmarks.rate_accuracy.measuring import FIDELITY, Task, key_of, measure
from benchmarks.sets import Picture
from benchmarks.sets.registry import PAGE


def tasks_of(readers: Sequence[str]) -> list[Task]:
    """What is measured of every arm: fidelity, and what each reader finds."""
    return [Task(FIDELITY), *(Task(PAGE, reader) for reader in readers)]


def sent_key(picture: Picture, arm: Arm) -> Key:
    """Where the cache keeps what is said of the lines that an arm sends."""
    which = (arm.codec, arm.version, arm.setting)
    return Key(picture.name, picture.digest, *which, TASK, VERSION)


def fill(
    pictures: Iterable[Picture],
    plan: Plan,
    tasks: Sequence[Task],
    cache: Cache,
    until: float = float("inf"),
) -> bool:
    """Fill the cache, all arms of a picture before the next one.

    Args:
        pictures: The set.
        plan: What is coded.
        tasks: What is measured of each arm.
        cache: Where results go.
        until: `time.monotonic()` at which to stop after the arm in work.

    Returns:
        Whether all is measured.
    """
    for picture in pictures:
        for arm in plan.arms(picture):
            if not measure([picture], [arm.point], tasks, cache, until):
                return False
            key = sent_key(picture, arm)
            if arm.model is None or key in cache:
                continue
            if time.monotonic() >= until:
                return False
            cache.add(key, Measured(len(arm.data), look_at(arm.model, arm.data)))
        print(picture.name, flush=True)
    return True


def is_whole(picture: Picture, arms: Sequence[Arm], tasks: Sequence[Task], cache: Cache) -> bool:
    """Whether everything of a picture is in the cache."""
    measured = all(key_of(picture, arm.point, task) in cache for arm in arms for task in tasks)
    return measured and all(sent_key(picture, arm) in cache for arm in arms if arm.model)
