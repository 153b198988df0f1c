"""Lines to learn to read from: rendered, damaged, coded, and cut out as a finder cuts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tcsdk.model.grids import LINE_HEIGHT
from tcsdk.models.recognition.reader import CHARACTERS
from tcsdk.reading.cutting import cut_line
from tcsdk.train.codec.data import vary_colours
from tcsdk.train.recognition.coded import code
from tcsdk.train.recognition.figures import FIGURES
from tcsdk.train.render import Assets, Line, Sample, render
from tcsdk.train.render.damage import damage
from tcsdk.train.render.hard import render_hard
from tcsdk.train.run.window import WindowBatches

WIDEST = 20  # widths over heights of lines that are learnt
# How far a cut line reaches past the truth, in its heights: on top and below, at either end.
AROUND, ENDS, CORNERS = (-0.06, 0.3), (-0.04, 0.6), 0.05


@dataclass(frozen=True)
class CutLine:
    """A line as the reader gets it.

    Args:
        text: what it says, of the reader's characters.
        pixels: (32, w, 3) uint8, RGB.
    """

    text: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class LineConfig:
    """What is drawn.

    Attributes:
        sizes: (height, width) of pictures, one drawn for each.
        figures: share of pictures that show figures alone (train/recognition/figures.py).
        hard: share of the others that show what is hard to code.
        damaged: share of pictures that are damaged (train/render/damage.py).
        coded: share of pictures that a codec has coded.
        pictures: of a step's batch, drawn from those at hand.
        lines: of one picture in a batch, at most.
        fresh: new pictures per step.
    """

    sizes: tuple[tuple[int, int], ...] = ((160, 320), (192, 448), (256, 384))
    figures: float = 0.4
    hard: float = 0.35
    damaged: float = 0.08
    coded: float = 0.5
    pictures: int = 16
    lines: int = 3
    fresh: int = 2


def _around(quad: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """A quad as a finder would have it: larger by a random part of its height on each side."""
    down = (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    across = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
    tall = max(float(np.linalg.norm(down)), 1.0)
    unit = across / max(float(np.linalg.norm(across)), 1.0) * tall
    top, bottom = rng.uniform(*AROUND, 2)
    left, right = rng.uniform(*ENDS, 2)
    moves = np.array(
        [
            -top * down - left * unit,
            -top * down + right * unit,
            bottom * down + right * unit,
            bottom * down - left * unit,
        ]
    )
    return (quad + moves + rng.uniform(-CORNERS, CORNERS, (4, 2)) * tall).astype(np.float32)


def _is_learnt(line: Line) -> bool:
    across, down = (float(np.linalg.norm(line.quad[i] - line.quad[0])) for i in (1, 3))
    return across <= WIDEST * down and set(line.text) <= set(CHARACTERS)


def draw_picture(assets: Assets, config: LineConfig, rng: np.random.Generator) -> Sample:
    """Render a picture, damage some and code some."""
    size = config.sizes[rng.integers(len(config.sizes))]
    if rng.random() < config.figures:
        sample = render(assets, rng, size, FIGURES)
    elif rng.random() < config.hard:
        sample = render_hard(assets, rng, size)
    else:
        sample = render(assets, rng, size)
    return damage(sample, rng) if rng.random() < config.damaged else sample


def make_lines(assets: Assets, config: LineConfig, seed: int, index: int) -> tuple[CutLine, ...]:
    """All lines of picture number `index` of the run with this seed."""
    rng = np.random.default_rng((seed, index))
    sample = draw_picture(assets, config, rng)
    image = sample.image
    if sample.lines and rng.random() < config.coded:
        image = code(image, rng)
    return tuple(
        CutLine(line.text, cut_line(image, _around(line.quad, rng), LINE_HEIGHT))
        for line in sample.lines
        if _is_learnt(line)
    )


def _line_maker(
    photos: Path | None, config: LineConfig, seed: int
) -> Callable[[int], tuple[CutLine, ...]]:
    return partial(make_lines, Assets.load("train", photos), config, seed)


def _gather(
    config: LineConfig, pictures: list[tuple[CutLine, ...]], rng: np.random.Generator
) -> list[CutLine]:
    chosen: list[CutLine] = []
    for lines in pictures:
        some = rng.permutation(len(lines))[: config.lines]
        chosen += [vary(lines[int(i)], rng) for i in some]
    return chosen


def open_line_batches(
    photos: Path | None, config: LineConfig, seed: int, first: int = 0, workers: int = 1
) -> WindowBatches[tuple[CutLine, ...], list[CutLine]]:
    """Open a run's batches from step `first`, backed by renderer processes.

    Args:
        photos: folder of photographs for backgrounds, or None for synthetic ones alone.
        config: what is drawn.
        seed: of the whole run.
        first: the step to begin at.
        workers: renderer processes.
    """
    return WindowBatches(
        partial(_line_maker, photos, config, seed),
        partial(_gather, config),
        count=config.pictures,
        fresh=config.fresh,
        seed=seed,
        first=first,
        workers=workers,
    )


def vary(line: CutLine, rng: np.random.Generator) -> CutLine:
    """The same line in other colours."""
    varied = vary_colours(line.pixels, rng)
    return CutLine(line.text, (varied * 255.0 + 0.5).astype(np.uint8))
