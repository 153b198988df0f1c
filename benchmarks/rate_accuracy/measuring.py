"""Encode, decode, read: what is missing in the cache, picture by picture."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.codecs import Pixels, Point
from benchmarks.rate_accuracy.cache import Cache, Key, Measured
from benchmarks.rate_accuracy.known_lines import read_known
from benchmarks.rate_accuracy.measures import ms_ssim, psnr
from benchmarks.readers import READERS, Found, Reading
from benchmarks.sets import SETS, Picture
from benchmarks.sets.places import Quad
from benchmarks.sets.registry import KNOWN, PAGE

FIDELITY = "fidelity"
FIDELITY_VERSION = "1"
KNOWN_VERSION = "by character"  # what the cache keeps of known lines: a part of their keys


@dataclass(frozen=True)
class Task:
    """One measurement on a decoded picture.

    Attributes:
        way: FIDELITY, KNOWN (lines at their known places) or PAGE (text found by the reader).
        reader: Who reads; "" for fidelity.
    """

    way: str
    reader: str = ""

    @property
    def name(self) -> str:
        """How the cache calls it."""
        return f"{self.reader}-{self.way}" if self.reader else self.way

    @property
    def version(self) -> str:
        """Of the reader, or of the measure."""
        if not self.reader:
            return FIDELITY_VERSION
        reader = READERS[self.reader]().version
        return f"{reader}, {KNOWN_VERSION}" if self.way == KNOWN else reader

    def run(self, picture: Picture, shown: Pixels) -> Any:
        """Measure; the result is of types that JSON has.

        Fidelity: [PSNR, MS-SSIM or None]. KNOWN: per line [text, confidence, confidences].
        PAGE: per line found [text, confidence, eight coordinates].
        """
        if self.way == FIDELITY:
            similarity = ms_ssim(picture.image, shown)
            return [psnr(picture.image, shown), None if np.isnan(similarity) else similarity]
        reader = READERS[self.reader]()
        if self.way == KNOWN:
            return [
                [r.text, round(r.confidence, 4), [round(c, 3) for c in r.confidences]]
                for r in read_known(reader, picture.lines, shown)
            ]
        return [
            [f.text, round(f.confidence, 4), f.quad.round(1).astype(float).ravel().tolist()]
            for f in reader.read_page(shown)
        ]


def known_readings(value: Any) -> list[Reading]:
    """What a KNOWN task measured."""
    return [Reading(text, whole, tuple(each)) for text, whole, each in value]


def page_findings(value: Any) -> list[Found]:
    """What a PAGE task measured."""
    return [Found(text, confidence, _quad(numbers)) for text, confidence, numbers in value]


def _quad(numbers: Sequence[float]) -> Quad:
    return np.array(numbers, np.float32).reshape(4, 2)


def tasks_for(set_name: str, readers: Sequence[str], ways: Sequence[str]) -> list[Task]:
    """What is measured on a set: fidelity, and the ways of reading that say something of it."""
    wanted = [way for way in SETS[set_name].ways if way in ways]
    return [Task(FIDELITY), *(Task(way, reader) for reader in readers for way in wanted)]


def tasks_of(point: Point, tasks: Iterable[Task]) -> list[Task]:
    """Those of the tasks that a point takes part in.

    Where text alone is sent there is no picture to judge: what arrives is what PP-OCRv6 found in
    the picture on the device.
    """
    if point.decode is not None:
        return list(tasks)
    return [task for task in tasks if task == Task(PAGE, "ppocr")]


def key_of(picture: Picture, point: Point, task: Task) -> Key:
    """Where the cache keeps a measurement."""
    which = (point.codec, point.version, point.setting)
    return Key(picture.name, picture.digest, *which, task.name, task.version)


def measure(
    pictures: Iterable[Picture],
    points: Sequence[Point],
    tasks: Sequence[Task],
    cache: Cache,
    until: float = float("inf"),
) -> bool:
    """Fill the cache, all points of a picture before the next one.

    Args:
        pictures: The set.
        points: Operating points of all codecs.
        tasks: What to measure.
        cache: Where results go.
        until: `time.monotonic()` at which to stop after the point in work.

    Returns:
        Whether all is measured.
    """
    for picture in pictures:
        for point in points:
            wanted = {task: key_of(picture, point, task) for task in tasks_of(point, tasks)}
            missing = {task: key for task, key in wanted.items() if key not in cache}
            if not missing:
                continue
            if time.monotonic() >= until:
                return False
            data = point.encode(picture.image)
            shown = point.decode(data) if point.decode else picture.image
            if shown.shape != picture.image.shape:
                raise ValueError(
                    f"{point.codec} {point.setting} on {picture.name}: expected a picture of "
                    f"{picture.image.shape}, got {shown.shape}"
                )
            for task, key in missing.items():
                cache.add(key, Measured(len(data), task.run(picture, shown)))
    return True
