"""TACO's recipes: captions at the encoder, their controls and the study's options."""

from __future__ import annotations

from dataclasses import replace

from tcsdk.train.codec.captions import GIVEN, Given
from tcsdk.train.codec.recipe import Range, Recipe
from tcsdk.train.codec.recipes.textboost import ELIC
from tcsdk.train.codec.recipes.tfic import TFIC
from tcsdk.train.codec.told import Wording


def _controls(recipe: Recipe, captions: tuple[Given, ...]) -> tuple[Recipe, ...]:
    """A recipe for a few steps more, from its own weights, with each kind of captions."""
    return tuple(
        replace(
            recipe,
            name=f"{recipe.name}-{given}",
            init=recipe.name,
            rate=2e-4,
            steps=400,
            warmup=40,
            average=0.99,
            data=replace(recipe.data, captions=given),
        )
        for given in captions
    )


# TACO on `tfic`: the encoder alone learns, with captions, so that its streams stay `tfic`'s
# (docs/decisions/captions-at-the-encoder.md). A feature distance costs the share of the rate that
# LPIPS has in the paper, 3.5 x 0.025 of 0.226 bits a pixel: over `tfic`'s training crops, 0.144
# bits and a distance of 0.93 at quality 0, 0.40 and 0.67 at 63. A nat of the joint map costs the
# paper's 0.0025 of 0.226 bits. As in the paper no reader is asked: text counts as `tfic` weighs it.
_TACO = replace(
    TFIC,
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
    data=replace(TFIC.data, crop=(128, 256), captions="true"),
    features=Range(0.06, 0.23),
    joint=Range(0.0016, 0.0044),
)
# Its study (docs/studies/captions.md): from the weights of `taco`, the same for a few steps more,
# with its captions and with captions that know nothing of the picture. What those teach, content
# has no part in.
_TACO_CONTROLS = _controls(_TACO, GIVEN)

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
# What the perceptual term does: two of them for rate and squared error alone.
_TACO_SQUARED = tuple(
    replace(recipe, name=f"{recipe.name}-squared", features=None, joint=None)
    for recipe in _TACO_LEARNS
    if recipe.name in ("taco-encoder", "taco-open")
)

# The paper's own: TACO on `elic-s`, whose squared error and pictures it keeps, with captions by
# hand of photographs seen whole. Rates are lower there, and so is what the terms are worth: of the
# same shares, over 64 such crops, 0.0104 bits a pixel and a distance of 1.03 at quality 0, 0.145
# and 0.50 at 63. Its gains are the decoder's: no quality begins coarser than `elic-s` has it.
_TACO_ELIC = replace(
    ELIC,
    name="taco-elic",
    init="elic-s",
    coarser=0,
    learns=_TACO.learns,
    rate=_TACO.rate,
    steps=_TACO.steps,
    warmup=_TACO.warmup,
    net="elic-s-captioned",
    data=replace(ELIC.data, crop=(192, 256), captions="true", whole=True, wording=Wording("hand")),
    features=Range(0.004, 0.11),
    joint=Range(1.2e-4, 1.6e-3),
)
# One pair of controls, as `taco`'s: from its weights, with its captions and with one for all.
_TACO_ELIC_CONTROLS = _controls(_TACO_ELIC, ("true", "constant"))

RECIPES = (
    _TACO,
    *_TACO_CONTROLS,
    _TACO_HAND,
    *_TACO_TOLD,
    *_TACO_LEARNS,
    *_TACO_SQUARED,
    _TACO_ELIC,
    *_TACO_ELIC_CONTROLS,
)
