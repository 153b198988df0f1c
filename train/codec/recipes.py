"""The recipes: one row per family."""

from __future__ import annotations

from dataclasses import replace

from tcsdk.train.codec.captions import GIVEN
from tcsdk.train.codec.data import DataConfig
from tcsdk.train.codec.recipe import Range, Recipe
from tcsdk.train.codec.told import Wording

# Stages of one training: base -> text -> tfic (the paper's two, with one between them).
_BASE, _TEXT, _TFIC = (
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
        background=Range(4e-7, 8e-6),
        tone=Range(5e-6, 6e-5),
        text=Range(3e-4, 3e-2),
        reading=Range(60.0, 600.0),
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
    _TFIC,
    name="synthesis-next",
    init="tfic",
    net="edge-replicate",
    learns=("g_s",),
    rim=4.0,
    rate=2e-4,
    steps=1_600,
    data=replace(_TFIC.data, hard=0.25),
)
_TFIC_NEXT = replace(
    _SYNTHESIS_NEXT, name="tfic-next", init="synthesis-next", learns=None, rate=1e-4, steps=6_000
)
_TFIC_DEEP = replace(
    _TFIC_NEXT, name="tfic-deep", init="tfic-next", steps=60_000, warmup=2_000, net="edge-deep"
)

# Two ways to draw fewer wrong letters sharply, each beside a training that goes on as before
# (docs/studies/look-alikes.md): 0 and O kept apart, and text that cannot be read blurred.
_TFIC_MORE = replace(_TFIC, name="tfic-more", init="tfic", rate=1e-4, steps=300, warmup=30)
_TFIC_APART = replace(
    _TFIC_MORE,
    name="tfic-apart",
    apart=Range(8.0, 80.0),
    data=replace(_TFIC.data, twins=0.3),
)
_TFIC_BLURRED = replace(_TFIC_MORE, name="tfic-blurred", blurred=Range(14.0, 7.0))

# TinyLIC's transforms, a step of which takes as long as five of the edge net's. They are taught
# what the edge net learnt in so many more: base-tinylic -> student-tinylic -> tfic-tinylic.
_TINYLIC = (
    replace(_BASE, name="base-tinylic", net="tinylic-s", steps=3_000),
    replace(
        _TEXT,
        name="student-tinylic",
        init="base-tinylic",
        teacher="tfic",
        rate=1e-3,
        steps=2_400,
        data=replace(_TFIC.data, crop=(128, 256)),
        net="tinylic-s-adaptive",
    ),
    replace(
        _TFIC, name="tfic-tinylic", init="student-tinylic", steps=900, net="tinylic-s-adaptive"
    ),
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
    for recipe in (_BASE, _TFIC, _TFIC_NEXT, _TFIC_DEEP)
)

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
            _BASE,
            name=f"student-{net}",
            teacher="base",
            net=net,
            steps=6_000,
            data=replace(_BASE.data, batch=4),
        ),
        replace(
            _BASE,
            name=net,
            init=f"student-{net}",
            background=Range(2e-5, 2e-3),
            text=Range(2e-5, 2e-3),
            coarser=9,  # the root of a tenth, of the weights of squared error
            exact=0,
            rate=3e-4,
            steps=10_000,
            data=replace(_BASE.data, crop=(256, 256), batch=4),
            net=net,
        ),
        replace(_TEXTBOOST, name=drawing, init=net, net=f"{net}-guided"),
    )
)
# The same painted where text reaches alone, as `textboost` is: what the whole frame is worth.
_REACHING = replace(
    _TEXTBOOST, name="textboost-elic-reach", init="elic-s", net="elic-s-guided-reach"
)

# TACO on `tfic`: the encoder alone learns, with captions, so that its streams stay `tfic`'s
# (docs/decisions/captions-at-the-encoder.md). A feature distance costs the share of the rate that
# LPIPS has in the paper, 3.5 x 0.025 of 0.226 bits a pixel: over `tfic`'s training crops, 0.144
# bits and a distance of 0.93 at quality 0, 0.40 and 0.67 at 63. A nat of the joint map costs the
# paper's 0.0025 of 0.226 bits. As in the paper no reader is asked: text counts as `tfic` weighs it.
_TACO = replace(
    _TFIC,
    name="taco",
    init="tfic-rates",
    reading=None,
    readers=(),
    lines=0,
    exact=0,
    learns=("g_a", "h_a", "detector", "adapter", "captions"),
    rate=4e-4,
    steps=2_500,
    warmup=100,
    net="edge-captioned",
    data=replace(_TFIC.data, crop=(128, 256), captions="true"),
    features=Range(0.06, 0.23),
    joint=Range(0.0016, 0.0044),
)
# Its study (docs/studies/captions.md): from the weights of `taco`, the same for a few steps more,
# with its captions and with captions that know nothing of the picture. What those teach, content
# has no part in.
_TACO_CONTROLS = tuple(
    replace(
        _TACO,
        name=f"taco-{given}",
        init="taco",
        rate=2e-4,
        steps=400,
        warmup=40,
        average=0.99,
        data=replace(_TACO.data, captions=given),
    )
    for given in GIVEN
)

# Its other options, each at as many steps, over pictures half of which are photographs, whole and
# with captions that somebody wrote. First what is said and how it is taken in, from `taco`'s
# weights: the paper's Table 3, and the report's key words, long captions, and Linformer for these.
_TACO_HAND = replace(
    _TACO_CONTROLS[0],
    name="taco-hand",
    data=replace(
        _TACO.data,
        crop=(192, 256),
        batch=6,
        photos=0.5,
        whole=True,
        wording=Wording("hand"),
    ),
)
_LONG = Wording("long", pieces=512)
_TACO_TOLD = tuple(
    replace(_TACO_HAND, name=name, net=net, data=replace(_TACO_HAND.data, wording=wording))
    for name, net, wording in (
        ("taco-rule", "edge-captioned", Wording("rule")),
        ("taco-keywords", "edge-captioned", Wording("keywords")),
        ("taco-tfidf", "edge-captioned", Wording("hand", "tfidf")),
        ("taco-names", "edge-captioned", Wording("hand", "names")),
        ("taco-long", "edge-captioned-long", _LONG),
        ("taco-linformer", "edge-captioned-linformer", _LONG),
    )
)
# Then what learns, from the codec's weights, for nothing that `taco` learnt is theirs: the paper's
# appendix C freezes a codec that knows no captions; its Figure 9 takes them in by convolutions.
# Streams of `taco-open`, whose decoder learns too, are of a family of its own, which none ships.
_TACO_LEARNS = tuple(
    replace(_TACO_HAND, name=name, init="tfic-rates", rate=_TACO.rate, net=net, learns=learns)
    for name, net, learns in (
        ("taco-frozen", "edge-captioned", ("adapter", "captions")),
        ("taco-encoder", "edge-captioned", _TACO.learns),
        ("taco-open", "edge-captioned", None),
        ("taco-mixed", "edge-captioned-mixed", _TACO.learns),
    )
)

RECIPES = {
    recipe.name: recipe
    for recipe in (
        _BASE,
        _TEXT,
        _TFIC,
        _SYNTHESIS_NEXT,
        _TFIC_NEXT,
        _TFIC_DEEP,
        _TFIC_MORE,
        _TFIC_APART,
        _TFIC_BLURRED,
        *_TINYLIC,
        *_BACKBONES,
        _REACHING,
        *_RATES,
        _TEXTBOOST,
        _TACO,
        *_TACO_CONTROLS,
        _TACO_HAND,
        *_TACO_TOLD,
        *_TACO_LEARNS,
    )
}
