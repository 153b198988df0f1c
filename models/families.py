"""What families there are, a row each: what ships under a name, and whose weights it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from tcsdk.model.graphs import RECOGNITION, SUPER_RESOLUTION

PRIVATE_WIRE_ID = 0xF000


@dataclass(frozen=True)
class Family:
    """What is shipped under one name.

    Attributes:
        net: a key of NETS.
        wire_id: its number in streams, assigned by hand and never reused; PRIVATE_WIRE_ID and above
            are nobody's.
        recipes: names in tcsdk.train.codec.recipes.RECIPES whose weights are this family's, in the
            order of training; the last is what ships.
        judge: of its integer forms: distortion alone, or a reader beside it where one was in the
            training.
        precisions: integer forms that ship beside FP32, names in tcsdk.quant.ship.PRECISIONS.
        task: what its model folders do.
        halo: pixels of context around a tile. At 64 a seam can be measured: docs/decisions/halo.md.
        default_quality: of an encoder that names none.
    """

    net: str
    wire_id: int
    recipes: tuple[str, ...]
    judge: Literal["distortion", "reading"]
    precisions: tuple[str, ...]
    task: Literal["codec"] = "codec"
    halo: int = 128
    default_quality: int = 32


# w3 costs a quarter of the rate and more, so it is made on demand: docs/extend/quantise.md.
FAMILIES = {
    "tfic": Family("edge-adaptive", 1, ("tfic", "tfic-rates"), "reading", ("int8", "w4")),
    "base": Family("edge", 2, ("base", "base-rates"), "distortion", ("int8", "w4")),
    "base-tinylic": Family("tinylic-s", 3, ("base-tinylic",), "distortion", ()),
    "tfic-tinylic": Family("tinylic-s-adaptive", 4, ("tfic-tinylic",), "reading", ()),
    # TextBoost's baselines; what is drawn into their pictures stands below.
    "elic-s": Family("elic-s", 6, ("elic-s",), "distortion", (), default_quality=16),
    "tcm-s": Family("tcm-s", 7, ("tcm-s",), "distortion", (), default_quality=16),
}


@dataclass(frozen=True)
class CropFamily:
    """What ships under one name and takes crops of text.

    Attributes:
        net: a key of CROP_NETS.
        task: what its model folders do, a key of tcsdk.model.tasks.TASKS.
        recipes: whose weights are this family's.
        precisions: integer forms that ship beside FP32.
    """

    net: str
    task: str
    recipes: tuple[str, ...]
    precisions: tuple[str, ...] = ("int8", "w4")


_WORDS = ("cdistnet-high", "cdistnet-bicubic", "cdistnet-edsr", "cdistnet-tbsrn")
_RESOLVED = ("edsr-scratch", "edsr-pixels", "edsr-ctc", "edsr-text", "edsr-reads", "edsr-ocr")
CROP_FAMILIES = {
    "reader": CropFamily("reader", RECOGNITION, ("reader",), ("int8",)),
    "cdistnet-s": CropFamily("cdistnet-s", RECOGNITION, _WORDS),
    "edsr-s": CropFamily("edsr-s", SUPER_RESOLUTION, _RESOLVED),
    "tbsrn-s": CropFamily("tbsrn-s", SUPER_RESOLUTION, ("tbsrn-pixels", "tbsrn-text")),
}


@dataclass(frozen=True)
class DrawingFamily:
    """What ships under one name and draws sent text into a codec's pictures.

    Attributes:
        net: a key of NETS, with a fusion block.
        wire_id: its number in streams, with the codec's; as a Family's.
        recipes: whose weights are this family's.
        backbone: the family of the codec; its folder lies beside this one's.
        default_quality: of an encoder that names none.
    """

    net: str
    wire_id: int
    recipes: tuple[str, ...]
    backbone: str
    default_quality: int


@dataclass(frozen=True)
class CaptionedFamily:
    """What ships under one name and is told what a picture shows; a codec beside it decodes.

    Attributes:
        net: a key of NETS, with a text adapter.
        recipes: whose weights are this family's.
        backbone: the family of the codec, whose wire id its streams have; its folder lies beside.
    """

    net: str
    recipes: tuple[str, ...]
    backbone: str


CAPTIONED_FAMILIES = {
    "taco": CaptionedFamily("edge-captioned", ("taco",), "tfic"),
    "taco-elic": CaptionedFamily("elic-s-captioned", ("taco-elic",), "elic-s"),
}
DRAWING_FAMILIES = {
    "textboost": DrawingFamily("edge-guided", 5, ("textboost",), "tfic", 16),
    "textboost-elic": DrawingFamily("elic-s-guided", 8, ("textboost-elic",), "elic-s", 16),
    "textboost-tcm": DrawingFamily("tcm-s-guided", 9, ("textboost-tcm",), "tcm-s", 16),
}


def family_of(recipe: str) -> str | None:
    """Return the family that weights of a recipe are of; None where they are on the way to one."""
    return next((name for name, row in FAMILIES.items() if recipe in row.recipes), None)


def row_of(name: str, net: str, recipe: str) -> Family:
    """Return the row of a family, or what a private name of one's own gets in its place.

    Args:
        name: a key of FAMILIES, or another name.
        net: of the weights.
        recipe: of the weights. A private family is judged and shipped as its recipe's own is; of a
            private recipe by distortion, in the forms of families of that net.

    Raises:
        ValueError: the name is a family's, and the weights are another's.
    """
    own = family_of(recipe)
    if name == own:
        return FAMILIES[name]
    if name in FAMILIES:
        raise ValueError(
            f"expected weights of recipe {' or '.join(FAMILIES[name].recipes)} for family {name}, "
            f"got those of {recipe}: give a name of your own"
        )
    if own is not None:
        return replace(FAMILIES[own], wire_id=PRIVATE_WIRE_ID)
    alike = next((row.precisions for row in FAMILIES.values() if row.net == net), ())
    return Family(net, PRIVATE_WIRE_ID, (recipe,), "distortion", alike)


def crop_family(name: str | None, net: str, recipe: str) -> tuple[str, CropFamily]:
    """Return the name and row of the family that weights are exported as.

    Args:
        name: what is asked for; None for the family of the recipe.
        net: of the weights.
        recipe: of the weights.

    Raises:
        ValueError: no family has the net, the name is another family's, or none is given and
            weights of this recipe are no family's.
    """
    alike = {n: row for n, row in CROP_FAMILIES.items() if row.net == net}
    if not alike:
        known = ", ".join(sorted({row.net for row in CROP_FAMILIES.values()}))
        raise ValueError(f"expected weights of one of the nets {known}, got those of {net!r}")
    name, own = _named(name, alike, CROP_FAMILIES, recipe)
    return name, alike[own] if own else next(iter(alike.values()))


def captioned_family(name: str | None, net: str, recipe: str) -> tuple[str, CaptionedFamily]:
    """Return the name and row of the family that weights of a captioned net are exported as.

    Args:
        name: what is asked for; None for the family of the recipe.
        net: of the weights, a key of CAPTIONED_NETS.
        recipe: of the weights. Those of no family's build on the codec of the family whose net is
            told captions otherwise: "edge-captioned-long" on that of "edge-captioned".

    Raises:
        ValueError: the name is another family's, or none is given and weights of this recipe are
            no family's; or no family tells such a net.
    """
    name, own = _named(name, CAPTIONED_FAMILIES, CAPTIONED_FAMILIES, recipe)
    backbones = {row.net: row.backbone for row in CAPTIONED_FAMILIES.values()}
    backbone = next((b for told, b in backbones.items() if net.startswith(told)), None)
    if backbone is None:
        known = ", ".join(backbones)
        raise ValueError(f"expected weights of a net that begins as {known}, got those of {net!r}")
    return name, CAPTIONED_FAMILIES[own] if own else CaptionedFamily(net, (recipe,), backbone)


def _named(
    name: str | None,
    fitting: Mapping[str, CropFamily | CaptionedFamily],
    taken: Iterable[str],
    recipe: str,
) -> tuple[str, str | None]:
    """Return the name to export under, and the family of the recipe's own, if there is one.

    Args:
        name: what is asked for.
        fitting: the families that the weights may be of.
        taken: names of families.
        recipe: of the weights.
    """
    own = next((n for n, row in fitting.items() if recipe in row.recipes), None)
    name = name or own
    if name is None or (name in taken and name != own):
        known = ", ".join(r for row in fitting.values() for r in row.recipes)
        raise ValueError(
            f"expected weights of one of the recipes {known} for {name or ' or '.join(fitting)}, "
            f"got those of {recipe!r}: give a name of your own with --family"
        )
    return name, own
