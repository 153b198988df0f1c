"""TextBoost's recipes: the block that draws sent text, and the paper's backbones."""

from __future__ import annotations

from dataclasses import replace

from tcsdk.train.codec.data import DataConfig
from tcsdk.train.codec.recipe import Range, Recipe
from tcsdk.train.codec.recipes.tfic import BASE

# TextBoost's second stage: the fusion block alone learns, of pictures that stand still. Its first
# stage is the training of the weights that it starts from.
_TEXTBOOST = Recipe(
    name="textboost",
    init="tfic-rates",
    background=Range(1e-3, 1e-3),
    tone=None,
    text=Range(1e-3, 1e-3),
    reading=Range(3000.0, 3000.0),
    readers=(("own", 0.6), ("ppocr", 0.4)),
    lines=4,
    legibility=False,
    exact=0,
    rate=4e-3,
    steps=1_500,
    data=DataConfig(crop=(128, 256), batch=4, photos=0.0, damaged=0.15, guided=True),
    warmup=50,
    average=0.99,
    net="edge-guided",
    learns=("fusion",),
    consistency=10.0,
    qualities=(0, 24),
)

# TextBoost's own backbones at a reduced width: taught `base`'s transforms first, then for the rates
# of the paper, 0.015 to 0.06 bits a pixel, then the block that draws. A step of `student-elic-s`
# takes 0.6 s of one core, one of `elic-s` 1.3 s. Four crops teach a student in 18 s what eight do
# in 40, and z sees the inside of a picture in crops of 256x256 (docs/studies/backbones.md).
_BACKBONES = tuple(
    recipe
    for net, drawing in (("elic-s", "textboost-elic"), ("tcm-s", "textboost-tcm"))
    for recipe in (
        replace(
            BASE,
            name=f"student-{net}",
            teacher="base",
            net=net,
            steps=6_000,
            data=replace(BASE.data, batch=4),
        ),
        replace(
            BASE,
            name=net,
            init=f"student-{net}",
            background=Range(2e-5, 2e-3),
            text=Range(2e-5, 2e-3),
            coarser=9,  # the root of a tenth, of the weights of squared error
            exact=0,
            rate=3e-4,
            steps=10_000,
            data=replace(BASE.data, crop=(256, 256), batch=4),
            net=net,
        ),
        replace(_TEXTBOOST, name=drawing, init=net, net=f"{net}-guided"),
    )
)
# TACO's backbone too.
ELIC = next(row for row in _BACKBONES if row.name == "elic-s")
# The same painted where text reaches alone, as `textboost` is: what the whole frame is worth.
_REACHING = replace(
    _TEXTBOOST, name="textboost-elic-reach", init="elic-s", net="elic-s-guided-reach"
)

# The paper's ablation, without readers in the loss as it has none: the block alone, then with the
# guidance-consistent loss. What ships asks readers too.
_ABLATED = tuple(
    replace(
        drawing,
        name=f"{drawing.name}-{name}",
        reading=None,
        readers=(),
        lines=0,
        consistency=consistency,
    )
    for drawing in (_TEXTBOOST, *(row for row in _BACKBONES if row.data.guided))
    for name, consistency in (("plain", None), ("published", _TEXTBOOST.consistency))
)

RECIPES = (_TEXTBOOST, *_BACKBONES, _REACHING, *_ABLATED)
