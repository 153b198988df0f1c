"""Recipes of `base`, `tfic` and what is tried in their place."""

from __future__ import annotations

from dataclasses import replace

from tcsdk.refining import worth
from tcsdk.train.codec.data import DataConfig
from tcsdk.train.codec.recipe import Range, Recipe

# Stages of one training: base -> text -> tfic (the paper's two, with one between them).
BASE, _TEXT, TFIC = (
    Recipe(
        name="base",
        init=None,
        background=Range(2e-4, 2e-2),
        tone=None,
        text=Range(2e-4, 2e-2),
        reading=None,
        readers=(),
        lines=0,
        legibility=False,
        exact=1,
        rate=1e-3,
        steps=14_000,
        data=DataConfig(photos=0.35),
    ),
    # Bits move from the background to the text, still without a reader: where little is readable
    # yet, distortion teaches more per second, and no one network's taste.
    Recipe(
        name="text",
        init="base",
        background=Range(1e-5, 2e-4),
        tone=None,
        text=Range(3e-4, 2e-2),
        reading=None,
        readers=(),
        lines=0,
        legibility=True,
        exact=1,
        rate=6e-4,
        steps=4_000,
        data=DataConfig(photos=0.1),
    ),
    Recipe(
        name="tfic",
        init="text",
        background=Range(*worth.BACKGROUND),
        tone=Range(*worth.TONE),
        text=Range(*worth.TEXT),
        reading=Range(*worth.READING),
        readers=(("ppocr", 0.45), ("own", 0.35), ("ppocr-detector", 0.2)),
        lines=4,
        legibility=True,
        exact=1,
        rate=3e-4,
        steps=60_000,
        data=DataConfig(crop=(256, 256), photos=0.1, damaged=0.15),
        net="edge-adaptive",
    ),
)

# The next `tfic`, on pictures of what the shipped one does badly (docs/studies/next-tfic.md): the
# synthesis alone, for the shipped latents; then all; then, in a long training, a deeper synthesis.
_SYNTHESIS_NEXT = replace(
    TFIC,
    name="synthesis-next",
    init="tfic",
    net="edge-replicate",
    learns=("g_s",),
    rim=4.0,
    rate=2e-4,
    steps=1_600,
    data=replace(TFIC.data, hard=0.25),
)
_TFIC_NEXT = replace(
    _SYNTHESIS_NEXT, name="tfic-next", init="synthesis-next", learns=None, rate=1e-4, steps=6_000
)
_TFIC_DEEP = replace(
    _TFIC_NEXT, name="tfic-deep", init="tfic-next", steps=60_000, warmup=2_000, net="edge-deep"
)

# Two ways to draw fewer wrong letters sharply, each beside a training that goes on as before
# (docs/studies/look-alikes.md): 0 and O kept apart, and text that cannot be read blurred.
_TFIC_MORE = replace(TFIC, name="tfic-more", init="tfic", rate=1e-4, steps=300, warmup=30)
_TFIC_APART = replace(
    _TFIC_MORE,
    name="tfic-apart",
    apart=Range(8.0, 80.0),
    data=replace(TFIC.data, twins=0.3),
)
_TFIC_BLURRED = replace(_TFIC_MORE, name="tfic-blurred", blurred=Range(14.0, 7.0))

# TinyLIC's transforms, a step of which takes as long as five of the edge net's. They are taught
# what the edge net learnt in so many more: base-tinylic -> student-tinylic -> tfic-tinylic.
_TINYLIC = (
    replace(BASE, name="base-tinylic", net="tinylic-s", steps=3_000),
    replace(
        _TEXT,
        name="student-tinylic",
        init="base-tinylic",
        teacher="tfic",
        rate=1e-3,
        steps=2_400,
        data=replace(TFIC.data, crop=(128, 256)),
        net="tinylic-s-adaptive",
    ),
    replace(TFIC, name="tfic-tinylic", init="student-tinylic", steps=900, net="tinylic-s-adaptive"),
)

# A last stage of each codec, for scales that fit what is coded: under training's noise they lose
# rare strokes among zeros (docs/decisions/scales-of-whole-numbers.md). The detector, which nothing
# else depends on, learns along at the higher rate.
_RATES = tuple(
    replace(
        recipe,
        name=f"{recipe.name}-rates",
        init=recipe.name,
        reading=None,
        readers=(),
        lines=0,
        exact=0,
        learns=("scales", "detector"),
        whole=True,
        rate=1e-3,
        steps=2_000,
        data=replace(recipe.data, crop=(256, 256), fresh=2),
    )
    for recipe in (BASE, TFIC, _TFIC_NEXT, _TFIC_DEEP)
)

RECIPES = (
    BASE,
    _TEXT,
    TFIC,
    _SYNTHESIS_NEXT,
    _TFIC_NEXT,
    _TFIC_DEEP,
    _TFIC_MORE,
    _TFIC_APART,
    _TFIC_BLURRED,
    *_TINYLIC,
    *_RATES,
)
