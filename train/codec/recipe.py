"""What a recipe is: what a training's loss weighs, of which pictures, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass, field

from tcsdk.train.codec.data import DataConfig


@dataclass(frozen=True)
class Range:
    """A weight at quality 0 and at quality 63, log-linear between them."""

    low: float
    high: float


@dataclass(frozen=True)
class Recipe:
    """Loss of one picture: bits/px + lambda * squared error (0..255) + gamma * reading nats/px.

    Attributes:
        name: what weights that it trains say of themselves.
        init: family whose weights it starts from, or None for random ones.
        teacher: family of another net. Transforms and detector alone learn, to give its y and its
            pictures, and all else is its own (train/codec/distil.py). The log's bpp is then the
            squared error of y, in squared quantiser steps per pixel.
        background: lambda outside text.
        tone: lambda outside text of errors averaged over blocks of 16x16 pixels.
        rim: how many times errors outside text count in the outermost 16 pixels.
        text: lambda inside text quads.
        legibility: errors in text count by luma, over its contrast and height, and against the
            text before it was spoilt (train/codec/losses.py).
        reading: gamma, bits that one nat of a reader's loss is worth; None asks no reader.
        apart: bits that a block is worth that is decoded alike in two twins (train/codec/twins.py),
            which are in `data`; None for none.
        blurred: height in pixels of text below which it is wanted blurred (train/codec/blurring.py)
            and no reader is asked; None for none.
        readers: (name in tcsdk.train.readers.READERS, weight); each step asks one, by weight.
        lines: lines read per step.
        exact: crops per step that are not quantised, at the top quality and for no bits. Without
            them the transforms forget how to carry fine strokes, which few qualities can afford.
        learns: names of the net's parts that learn; None for all.
        whole: rates are those of whole numbers.
        rate: peak learning rate; it warms up and ends at a tenth by a cosine over `steps`.
        steps: planned length; the schedule is a function of the step alone.
        data: what is drawn.
        warmup: steps until the rate is at its peak.
        average: decay per step of the moving average of the weights, which is what ships.
        net: a name in tcsdk.models.registry.NETS.
        consistency: alpha of the guidance-consistent loss (TextBoost, eq. 6): how many times more
            errors count where sent text reaches; None without guidance.
        qualities: the least and the most that pictures are coded at.
        coarser: steps of the scale table by which every quality begins coarser than in the weights
            to start from. A training moves a step by its rate, so it cannot reach far by itself.
        features: what a unit of feature distance (train/codec/features.py) is worth, in bits per
            pixel; None asks no classifier.
        joint: what a nat of the joint map (train/codec/joint_map.py) is worth, in bits per pixel;
            None asks none.
    """

    name: str
    init: str | None
    background: Range
    tone: Range | None
    text: Range
    reading: Range | None
    readers: tuple[tuple[str, float], ...]
    lines: int
    legibility: bool
    exact: int
    rate: float
    steps: int
    data: DataConfig = field(default_factory=DataConfig)
    warmup: int = 200
    average: float = 0.998
    net: str = "edge"
    learns: tuple[str, ...] | None = None
    whole: bool = False
    rim: float = 1.0
    teacher: str | None = None
    consistency: float | None = None
    qualities: tuple[int, int] = (0, 63)
    coarser: int = 0
    apart: Range | None = None
    blurred: Range | None = None
    features: Range | None = None
    joint: Range | None = None
