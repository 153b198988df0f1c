"""TFIC's loss: rate, distortion by region, and a frozen reader (TFIC, Section III-B)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor, nn

from tcsdk.codec.quality_map import WHOLE_STEPS
from tcsdk.models.codecs.gains import NUM_QUALITIES
from tcsdk.refining.worth import LUMA_SHARE
from tcsdk.train.codec.blurring import legible_target
from tcsdk.train.codec.data import Batch
from tcsdk.train.codec.legibility import (
    BLOCK,
    contrast_weight,
    height_weight,
    luma,
)
from tcsdk.train.codec.perception import Perception
from tcsdk.train.codec.recipe import Range, Recipe
from tcsdk.train.codec.twins import kept_apart
from tcsdk.train.readers import (
    MAX_ASPECT,
    LineBatch,
    Reader,
    Readers,
    aspect,
    heights,
    select_lines,
)

MIN_LINE_HEIGHT = 7.0  # pixels; smaller lines are not asked for
# Per character: beyond it the loss grows as a logarithm only, so that hopeless lines do not drown
# the others.
SOFT_NATS = 4.0
QUAD_JITTER = 0.04  # of the line's height, so that no exact crop is learnt
TEXT_SHARE = 0.1  # of a block's area: from here on it shows text


def weight_of(weights: Range, quality: Tensor) -> Tensor:
    """The weight at each quality (N,), log-linear from quality 0 to 63."""
    position = quality.float() / (NUM_QUALITIES - 1)
    return torch.exp(math.log(weights.low) * (1 - position) + math.log(weights.high) * position)


class Output(Protocol):
    """What a loss is made of: a codec's pass, or a student's beside its teacher, N pictures."""

    @property
    def x_hat(self) -> Tensor:
        """Pictures, (N, 3, H, W) in 0..1, not clipped."""

    @property
    def cost(self) -> Tensor:
        """What the latents cost, (N,): bits, or a student's squared errors of y."""

    @property
    def z_cost(self) -> Tensor:
        """The share of z in it, (N,)."""

    @property
    def text(self) -> Tensor:
        """Logits of "this block shows text", (N, 1, H/16, W/16)."""

    @property
    def offsets(self) -> Tensor | None:
        """Steps that blocks want, (N, 1, H/16, W/16); None where the net is not adaptive."""


@dataclass(frozen=True)
class Loss:
    """The total and its parts, each a mean over the batch."""

    total: Tensor
    bpp: Tensor
    z_bpp: Tensor
    mse: Tensor  # on the 0..255 scale
    nats: Tensor  # per character of the lines read; nan when none was
    detector: Tensor  # binary cross-entropy per block, nats; and what it asks for, where it does
    reader: str | None  # which one read them


def choose_lines(
    batch: Batch, count: int, generator: torch.Generator, least: Tensor | None = None
) -> LineBatch | None:
    """Up to `count` random lines of readable size, their quads jittered.

    Args:
        batch: pictures with their lines.
        count: of lines.
        generator: on the CPU.
        least: (N,) height of a readable line in each picture, pixels; MIN_LINE_HEIGHT at least.
    """
    if count == 0 or len(batch.texts) == 0:
        return None
    height = heights(batch.quads)
    usable = (height >= MIN_LINE_HEIGHT) & (aspect(batch.quads) <= MAX_ASPECT)
    if least is not None:
        usable = usable & (height >= least[batch.picture_of_line])
    kept = torch.nonzero(usable)[:, 0]
    if len(kept) == 0:
        return None
    kept = kept[torch.randperm(len(kept), generator=generator)[:count]]
    jitter = (torch.rand((len(kept), 4, 2), generator=generator) * 2 - 1) * QUAD_JITTER
    jitter = jitter.to(batch.quads.device)
    chosen = select_lines(LineBatch(batch.picture_of_line, batch.quads, batch.texts), kept)
    return replace(chosen, quads=chosen.quads + jitter * height[kept, None, None])


def detector_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Binary cross-entropy of the text detector, a mean over blocks.

    Args:
        logits: (N, 1, H/16, W/16).
        masks: (N, 1, H, W), 1 where text is.
    """
    share = nn.functional.avg_pool2d(masks, masks.shape[-1] // logits.shape[-1])
    return nn.functional.binary_cross_entropy_with_logits(logits, (share >= TEXT_SHARE).float())


def asking_loss(asked: Tensor, wanted: Tensor) -> Tensor:
    """Smooth L1 loss of the steps that blocks ask for, a mean over blocks.

    The more steps the more they count, too few twice as much as too many: most blocks want none,
    and a line that gets too few is lost where others take a few bytes more.

    Args:
        asked: (N, 1, H/16, W/16) steps, by the detector.
        wanted: the same, by what is known of the text.
    """
    asked, wanted = asked / WHOLE_STEPS, wanted / WHOLE_STEPS
    weight = (1.0 + wanted) * torch.where(asked < wanted, 1.0, 0.5)
    return (weight * nn.functional.smooth_l1_loss(asked, wanted, reduction="none")).mean()


def rim_weight(most: float, masks: Tensor) -> Tensor:
    """How much errors outside text matter in each block, (1, 1, H/16, W/16): `most` at the border.

    Args:
        most: at least 1. Convolutions pad with zeros, which is mid-grey: without its own weight the
            rim of all that is not grey drifts towards it.
        masks: (N, 1, H, W), of the pictures.
    """
    height, width = (side // BLOCK - 2 for side in masks.shape[-2:])
    inside = masks.new_ones(1, 1, height, width)
    return nn.functional.pad(inside, (1, 1, 1, 1), value=most)


def on_blocks(weights: Tensor) -> Tensor:
    """(N, 1, H/16, W/16) -> (N, 1, H, W)."""
    return nn.functional.interpolate(weights, scale_factor=float(BLOCK), mode="nearest")


def _distortion(
    recipe: Recipe, batch: Batch, output: Output, quality: Tensor, error: Tensor
) -> Tensor:
    """Weighted squared errors of the pictures, (N,); error (N, 3, H, W) in 0..255."""
    squared = error.square().mean(1, keepdim=True)
    background = weight_of(recipe.background, quality)[:, None, None, None]
    text = weight_of(recipe.text, quality)[:, None, None, None]
    rim = rim_weight(recipe.rim, batch.masks)
    weighted = squared * background * on_blocks(rim)
    if recipe.legibility:
        target = batch.clean
        if recipe.blurred:
            target = legible_target(target, batch.text_heights, weight_of(recipe.blurred, quality))
        blemish = (output.x_hat - target) * 255.0
        unread = LUMA_SHARE * luma(blemish).square()
        unread = unread + (1.0 - LUMA_SHARE) * blemish.square().mean(1, keepdim=True)
        legible = contrast_weight(batch.clean) * height_weight(batch.text_heights)
        in_text = unread * legible * text
    else:
        in_text = squared * text
    distortion = (weighted + (in_text - weighted) * batch.masks).mean((1, 2, 3))
    if recipe.consistency is not None and batch.guidance is not None:
        guided = squared * background * batch.guidance[:, 1:]
        distortion = distortion + recipe.consistency * guided.mean((1, 2, 3))
    if recipe.tone:
        tone = nn.functional.avg_pool2d(error * (1.0 - batch.masks), BLOCK).square() * rim
        distortion = distortion + weight_of(recipe.tone, quality) * tone.mean((1, 2, 3))
    return distortion


def compute_loss(
    recipe: Recipe,
    batch: Batch,
    output: Output,
    quality: Tensor,
    readers: Readers | None,
    generator: torch.Generator,
    offsets: Tensor | None = None,
    perception: Perception | None = None,
) -> Loss:
    """The recipe's loss of one batch.

    Args:
        recipe: weights, and how many lines are read.
        batch: N pictures with their lines.
        output: what the net made of the pictures.
        quality: (N,) int64 in 0..63.
        readers: of which one reads the lines; None where the recipe asks none.
        generator: on the CPU, draws the reader, chooses the lines and moves their quads.
        offsets: (N, 1, H/16, W/16) steps that an adaptive net's detector shall ask for.
        perception: tells pictures apart by features; None where the recipe asks for none.
    """
    pixels = batch.pictures.shape[-2] * batch.pictures.shape[-1]
    bpp = output.cost / pixels
    error = (output.x_hat - batch.pictures) * 255.0
    distortion = _distortion(recipe, batch, output, quality, error)
    # Losses at quality 63 are tens of times those at 0: without this the high rates would have
    # nearly all of the gradient.
    balance = (recipe.text.low / weight_of(recipe.text, quality)).sqrt()
    if perception and recipe.features:
        apart, jointly = perception(batch, output.x_hat.clamp(0.0, 1.0))
        distortion = distortion + weight_of(recipe.features, quality) * apart
        if recipe.joint:
            distortion = distortion + weight_of(recipe.joint, quality) * jointly
    detector = detector_loss(output.text, batch.masks)
    if offsets is not None and output.offsets is not None:
        detector = detector + asking_loss(output.offsets, offsets)
    total = (balance * (bpp + distortion)).mean() + detector
    nats, reader = bpp.new_tensor(float("nan")), None
    if readers and recipe.reading:
        gamma = balance * weight_of(recipe.reading, quality) / (pixels * len(quality))
        reader = readers.draw(generator)
        least = weight_of(recipe.blurred, quality) if recipe.blurred else None
        cost, nats = reading_loss(
            recipe, batch, output.x_hat, gamma, readers[reader], generator, least
        )
        total = total + cost
    if recipe.apart and len(batch.twins):
        worth = balance * weight_of(recipe.apart, quality) / (pixels * len(quality))
        missing = kept_apart(output.x_hat, batch.clean, batch.twins).missing
        total = total + (worth[batch.twins[:, 0]] * missing).sum()
    return Loss(
        total,
        bpp.detach().mean(),
        output.z_cost.mean().detach() / pixels,
        error.detach().square().mean(),
        nats,
        detector.detach(),
        reader,
    )


def reading_loss(
    recipe: Recipe,
    batch: Batch,
    decoded: Tensor,
    gamma: Tensor,
    reader: Reader,
    generator: torch.Generator,
    least: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """What a reader's losses cost, and their mean per character in nats (nan without lines).

    Args:
        recipe: how many lines are read.
        batch: N pictures with their lines.
        decoded: (N, 3, H, W), what the net made of them.
        gamma: (N,) what a nat costs in each picture.
        reader: asked for the nats of each line.
        generator: on the CPU, chooses the lines and moves their quads.
        least: (N,) height of a line that is read in each picture, pixels; None for any.
    """
    lines = choose_lines(batch, recipe.lines, generator, least)
    if lines is None:
        return gamma.new_zeros(()), gamma.new_tensor(float("nan"))
    length = torch.tensor([float(len(t)) for t in lines.texts], device=gamma.device)
    nats = reader.nats(decoded.clamp(0.0, 1.0), batch.clean, lines)
    nats = SOFT_NATS * length * torch.log1p(nats / (SOFT_NATS * length))
    # The lines read stand for all of the batch's: scale the sample up.
    share = len(batch.texts) / len(lines.texts)
    return share * (gamma[lines.picture] * nats).sum(), nats.detach().sum() / length.sum()
