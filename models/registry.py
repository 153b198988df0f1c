"""What there is, a row each: nets, which weights say they belong to, and families, which ship."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeVar

from torch import Tensor, nn

from tcsdk.model.graphs import RECOGNITION, SUPER_RESOLUTION
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.edge import (
    CAPTIONED,
    CLIP_CAPTIONED,
    LONG_CAPTIONED,
    MINILM_CAPTIONED,
    REPLICATE,
    EdgeCodec,
    EdgeConfig,
)
from tcsdk.models.codecs.elic import SMALL as ELIC_SMALL
from tcsdk.models.codecs.elic import ElicCodec
from tcsdk.models.codecs.tcm import SMALL as TCM_SMALL
from tcsdk.models.codecs.tcm import TcmCodec
from tcsdk.models.codecs.tinylic import SMALL, TinylicCodec
from tcsdk.models.layers.folding import folded
from tcsdk.models.recognition import cdistnet
from tcsdk.models.recognition.cdistnet import Cdistnet
from tcsdk.models.recognition.reader import Reader
from tcsdk.models.super_resolution import edsr, tbsrn
from tcsdk.models.super_resolution.edsr import Edsr
from tcsdk.models.super_resolution.tbsrn import Tbsrn

Net = TypeVar("Net", bound=nn.Module)

NETS: dict[str, Callable[[], Codec]] = {
    "edge": EdgeCodec,
    "edge-adaptive": partial(EdgeCodec, EdgeConfig(adaptive=True)),
    # `tfic`'s, into whose pictures sent text is drawn.
    "edge-guided": partial(EdgeCodec, EdgeConfig(adaptive=True, guided=True)),
    # `tfic`'s, whose encoder is told what the picture shows.
    "edge-captioned": partial(EdgeCodec, CAPTIONED),
    "edge-captioned-long": partial(EdgeCodec, LONG_CAPTIONED),
    "edge-captioned-minilm": partial(EdgeCodec, MINILM_CAPTIONED),
    "edge-captioned-clip": partial(EdgeCodec, CLIP_CAPTIONED),
    # What lies at the border is repeated beyond it: docs/studies/next-tfic.md.
    "edge-replicate": partial(EdgeCodec, REPLICATE),
    # A synthesis that is deeper at 1/8, where a MAC costs the fewest weights.
    "edge-deep": partial(EdgeCodec, replace(REPLICATE, synthesis_blocks=(9, 4))),
    "elic": ElicCodec,
    "elic-s": partial(ElicCodec, ELIC_SMALL),
    "elic-s-guided": partial(ElicCodec, replace(ELIC_SMALL, guided=True)),
    "tcm": TcmCodec,
    "tcm-s": partial(TcmCodec, TCM_SMALL),
    "tcm-s-guided": partial(TcmCodec, replace(TCM_SMALL, guided=True)),
    "tinylic": TinylicCodec,
    "tinylic-s": partial(TinylicCodec, SMALL),
    "tinylic-s-adaptive": partial(TinylicCodec, replace(SMALL, adaptive=True)),
}
# Those that take crops of text: they read or enlarge them.
CROP_NETS: dict[str, Callable[[], nn.Module]] = {
    "reader": Reader,
    "cdistnet": Cdistnet,
    "cdistnet-s": partial(Cdistnet, cdistnet.SMALL),
    "edsr": Edsr,
    "edsr-s": partial(Edsr, edsr.SMALL),
    "tbsrn": Tbsrn,
    "tbsrn-s": partial(Tbsrn, tbsrn.SMALL),
}
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
    # TextBoost's baselines, and what is drawn into their pictures below; none is trained yet.
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


CAPTIONED_FAMILIES = {"taco": CaptionedFamily("edge-captioned", ("taco",), "tfic")}
# Nets with a text adapter -> the text encoder that they have.
CAPTIONED_NETS = {
    "edge-captioned": "pieces",
    "edge-captioned-long": "pieces",
    "edge-captioned-minilm": "minilm",
    "edge-captioned-clip": "clip",
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


def codec_of(weights: Mapping[str, Tensor], net: str) -> Codec:
    """Return a net with these weights, in evaluation mode.

    Args:
        weights: float32, by the names of its state.
        net: a key of NETS.

    Raises:
        ValueError: there is no such net, or the weights are not its.
    """
    if net not in NETS:
        raise ValueError(f"expected weights of one of the nets {', '.join(NETS)}, got {net!r}")
    return _holding(NETS[net](), weights, net)


def crop_net(weights: Mapping[str, Tensor], net: str) -> nn.Module:
    """Return a net that takes crops with these weights, in evaluation mode.

    Args:
        weights: float32, by the names of its state: as it learns, or as it ships, its
            normalisations folded (tcsdk.models.layers.folding).
        net: a key of CROP_NETS.

    Raises:
        ValueError: there is no such net, or the weights are not its.
    """
    if net not in CROP_NETS:
        raise ValueError(f"expected weights of one of the nets {', '.join(CROP_NETS)}, got {net!r}")
    made = CROP_NETS[net]()
    learns = any(name.endswith(".running_mean") for name in weights)
    return _holding(made if learns else folded(made), weights, net)


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
    own = next((n for n, row in alike.items() if recipe in row.recipes), None)
    name = name or own
    if name is None or (name in CROP_FAMILIES and name != own):
        known = ", ".join(r for row in alike.values() for r in row.recipes)
        raise ValueError(
            f"expected weights of one of the recipes {known} for {name or ' or '.join(alike)}, got "
            f"those of {recipe!r}: give a name of your own with --family"
        )
    return name, alike[own] if own else next(iter(alike.values()))


def captioned_family(name: str | None, net: str, recipe: str) -> tuple[str, CaptionedFamily]:
    """Return the name and row of the family that weights of a captioned net are exported as.

    Args:
        name: what is asked for; None for the family of the recipe.
        net: of the weights, a key of CAPTIONED_NETS.
        recipe: of the weights. Those of no family's build on the first family's codec.

    Raises:
        ValueError: the name is another family's, or none is given and weights of this recipe are
            no family's.
    """
    own = next((n for n, row in CAPTIONED_FAMILIES.items() if recipe in row.recipes), None)
    name = name or own
    if name is None or (name in CAPTIONED_FAMILIES and name != own):
        known = ", ".join(r for row in CAPTIONED_FAMILIES.values() for r in row.recipes)
        raise ValueError(
            f"expected weights of one of the recipes {known}, got those of {recipe!r}: give a name "
            "of your own with --family"
        )
    backbone = next(iter(CAPTIONED_FAMILIES.values())).backbone
    return name, CAPTIONED_FAMILIES[own] if own else CaptionedFamily(net, (recipe,), backbone)


def _holding(module: Net, weights: Mapping[str, Tensor], net: str) -> Net:
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"expected the weights of the net {net}, got others: {error}") from error
    return module.eval()
