"""From measurements of single pictures to rows of results."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.codecs import Point
from benchmarks.rate_accuracy.cache import Cache, Measured
from benchmarks.rate_accuracy.measures import interval
from benchmarks.rate_accuracy.measuring import (
    FIDELITY,
    Task,
    key_of,
    known_readings,
    page_findings,
    tasks_of,
)
from benchmarks.rate_accuracy.rows import NAN, PER, Row
from benchmarks.rate_accuracy.scores import LineCounts, PageCounts, columns, count_lines, count_page
from benchmarks.sets import SETS, Picture
from benchmarks.sets.registry import KNOWN

ORIGINAL = "original"
PER_CHARACTER = ("erasures", "insertions", "substitutions", "confident", "misleading", "certain")
Figures = dict[str, Any]  # fields of Row


@dataclass
class Tally:
    """What was measured of one operating point, a list entry per picture."""

    bytes: list[int] = field(default_factory=list)
    bpp: list[float] = field(default_factory=list)
    psnr: list[float] = field(default_factory=list)
    ms_ssim: list[float] = field(default_factory=list)
    lines: dict[str, list[LineCounts]] = field(default_factory=dict)  # by reader
    figures: dict[str, list[LineCounts]] = field(default_factory=dict)
    pages: dict[str, list[PageCounts]] = field(default_factory=dict)


def summarise(
    set_name: str,
    pictures: Iterable[Picture],
    points: Sequence[Point],
    tasks: Sequence[Task],
    cache: Cache,
) -> list[Row]:
    """Rows of all points, over the pictures on which every point has been measured.

    Args:
        set_name: A name in SETS.
        pictures: The set.
        points: Operating points, "original" among them.
        tasks: What was measured.
        cache: The measurements.

    Returns:
        One row per point and reader, in the order of the points; none without a whole picture.
    """
    tallies = [Tally() for _ in points]
    digest, count = hashlib.sha256(), 0
    for picture in pictures:
        found = [_found(picture, point, tasks, cache) for point in points]
        if any(measured is None for measured in found):
            continue
        digest.update(picture.digest.encode())
        count += 1
        whole = [measured for measured in found if measured is not None]
        (original,) = (m for p, m in zip(points, whole, strict=True) if p.codec == ORIGINAL)
        for tally, measured in zip(tallies, whole, strict=True):
            _add(tally, picture, measured, original, SETS[set_name].caseless)
    if not count:
        return []
    (whole_original,) = (t for p, t in zip(points, tallies, strict=True) if p.codec == ORIGINAL)
    readers = list(dict.fromkeys(task.reader for task in tasks if task.reader)) or [""]
    return [
        _row(set_name, (count, digest.hexdigest()[:16]), point, reader, tally, whole_original)
        for point, tally in zip(points, tallies, strict=True)
        for reader in readers
    ]


def _found(
    picture: Picture, point: Point, tasks: Sequence[Task], cache: Cache
) -> dict[Task, Measured] | None:
    """All measurements of a point on a picture; None where one is missing."""
    keys = {task: key_of(picture, point, task) for task in tasks_of(point, tasks)}
    if not all(key in cache for key in keys.values()):
        return None
    return {task: cache[key] for task, key in keys.items()}


def _add(
    tally: Tally,
    picture: Picture,
    measured: dict[Task, Measured],
    original: dict[Task, Measured],
    caseless: bool,
) -> None:
    (size,) = {value.bytes for value in measured.values()}
    tally.bytes.append(size)
    tally.bpp.append(8 * size / (picture.image.shape[0] * picture.image.shape[1]))
    for task, (_, value) in measured.items():
        if task.way == FIDELITY:
            tally.psnr.append(value[0])
            tally.ms_ssim.append(NAN if value[1] is None else value[1])
        elif task.way == KNOWN:
            readings, before = known_readings(value), known_readings(original[task].value)
            for kept, only in ((tally.lines, False), (tally.figures, True)):
                counts = count_lines(picture, readings, before, caseless, only)
                kept.setdefault(task.reader, []).append(counts)
        else:
            page = count_page(picture, page_findings(value), caseless)
            tally.pages.setdefault(task.reader, []).append(page)


def _row(
    set_name: str,
    pictures: tuple[int, str],
    point: Point,
    reader: str,
    tally: Tally,
    original: Tally,
) -> Row:
    figures: Figures = {}
    if tally.psnr:
        figures["psnr"] = float(np.mean(tally.psnr))
        figures["ms_ssim"] = float(np.mean(tally.ms_ssim))
    if reader in tally.lines:
        figures |= _line_figures(tally, original, reader)
    if reader in tally.pages:
        figures |= _page_figures(columns(tally.pages[reader]))
    sizes = float(np.mean(tally.bytes)), float(np.mean(tally.bpp))
    which = point.codec, point.version, point.setting
    return replace(Row(set_name, *pictures, *which, reader, *sizes), **figures)


def _line_figures(tally: Tally, original: Tally, reader: str) -> Figures:
    lines, whole = columns(tally.lines[reader]), columns(original.lines[reader])
    gained = lines["accuracy"] - whole["accuracy"]
    figures = {
        **_bounded("accuracy", lines["accuracy"], lines["lines"]),
        **_bounded("gain", gained, lines["lines"]),
    }
    codes = columns(tally.figures[reader])
    figures["figures_share"] = _ratio(codes["lines"], lines["lines"])
    figures["figures_characters"] = float(codes["characters"].sum())
    figures["figures_accuracy"] = _ratio(codes["accuracy"], codes["lines"])
    for prefix, counted in (("", lines), ("figures_", codes)):
        for name in PER_CHARACTER:
            figures[prefix + name] = _ratio(PER * counted[name], counted["characters"])
        figures[f"{prefix}mistaken"] = _ratio(PER * counted["mistaken"], counted["certain"])
    return figures | _bounded("figures_confident", PER * codes["confident"], codes["characters"])


def _page_figures(pages: dict[str, NDArray[np.float64]]) -> Figures:
    return {
        "precision": _ratio(pages["matched"], pages["found"]),
        "recall": _ratio(pages["matched"], pages["true"]),
        **_bounded("f1", 2 * pages["matched"], pages["found"] + pages["true"]),
        **_bounded("page_accuracy", pages["accuracy"], pages["pages"]),
    }


def _ratio(numerators: NDArray[np.float64], denominators: NDArray[np.float64]) -> float:
    below = float(denominators.sum())
    return float(numerators.sum()) / below if below else NAN


def _bounded(
    name: str, numerators: NDArray[np.float64], denominators: NDArray[np.float64]
) -> Figures:
    low, high = interval(numerators, denominators)
    return {name: _ratio(numerators, denominators), f"{name}_low": low, f"{name}_high": high}
