"""TFIC's loss: rate, distortion by region, and a frozen reader (TFIC, Section III-B)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from tcsdk.models.codec import NUM_QUALITIES, CodecOutput
from tcsdk.train.data import Batch
from tcsdk.train.readers import (
    MAX_ASPECT,
    LineBatch,
    Reader,
    Readers,
    aspect,
    heights,
    select_lines,
)
from tcsdk.train.recipes import Range, Recipe

MIN_LINE_HEIGHT = 7.0  # pixels; smaller lines are not asked for
# Per character: beyond it the loss grows as a logarithm only, so that hopeless lines do not drown
# the others.
SOFT_NATS = 4.0
QUAD_JITTER = 0.04  # of the line's height, so that no exact crop is learnt
# Text is read by its luma, by its contrast (an error of 20 levels hides grey letters on white and
# does nothing to black ones) and by its size (a letter of twice the height shows four times the
# pixels, and is as legible with four times the error). So errors in text are measured mostly in
# luma, over its variance in a window of CELLS cells of CELL pixels a side relative to CONTRAST,
# and over a power of the line's height relative to LEGIBLE, both within bounds; and against the
# text before noise, blur and other codecs got at it, on which no bit should be spent.
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
LUMA_SHARE = 0.7
CELL, CELLS = 8, 5
CONTRAST, CONTRAST_FLOOR = 40.0, 10.0  # standard deviations, 0..255
LEAST_WEIGHT, MOST_WEIGHT = 0.4, 4.0
LEGIBLE, HEIGHT_POWER = 16.0, 2.5  # pixels of a line's quad
LEAST_HEIGHT_WEIGHT, MOST_HEIGHT_WEIGHT = 1 / 32, 4.0
BLOCK = 16  # pixels a side: what one element of y stands for
TEXT_SHARE = 0.1  # of a block's area: from here on it shows text


def weight_of(weights: Range, quality: Tensor) -> Tensor:
    """The weight at each quality (N,), log-linear from quality 0 to 63."""
    position = quality.float() / (NUM_QUALITIES - 1)
    return torch.exp(math.log(weights.low) * (1 - position) + math.log(weights.high) * position)


@dataclass(frozen=True)
class Loss:
    """The total and its parts, each a mean over the batch."""

    total: Tensor
    bpp: Tensor
    z_bpp: Tensor
    mse: Tensor  # on the 0..255 scale
    nats: Tensor  # per character of the lines read; nan when none was
    detector: Tensor  # binary cross-entropy per block, nats
    reader: str | None  # which one read them


def choose_lines(batch: Batch, count: int, generator: torch.Generator) -> LineBatch | None:
    """Up to `count` random lines of readable size, their quads jittered."""
    if count == 0 or len(batch.texts) == 0:
        return None
    height = heights(batch.quads)
    usable = (height >= MIN_LINE_HEIGHT) & (aspect(batch.quads) <= MAX_ASPECT)
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


def luma(pictures: Tensor) -> Tensor:
    """(N, 3, H, W) -> (N, 1, H, W)."""
    weights = pictures.new_tensor(LUMA)[:, None, None]
    return (pictures * weights).sum(1, keepdim=True)


def contrast_weight(pictures: Tensor) -> Tensor:
    """How much an error in text matters there, (N, 1, H, W), of pictures (N, 3, H, W) in 0..1."""
    y = luma(pictures) * 255.0
    cells = nn.functional.avg_pool2d(torch.cat([y, y.square()], 1), CELL)
    options = {"stride": 1, "padding": CELLS // 2, "count_include_pad": False}
    mean, square = nn.functional.avg_pool2d(cells, CELLS, **options).split(1, 1)
    variance = (square - mean.square()).clamp(min=0.0)
    weight = CONTRAST**2 / (variance + CONTRAST_FLOOR**2)
    bounded = weight.clamp(LEAST_WEIGHT, MOST_WEIGHT)
    return nn.functional.interpolate(bounded, scale_factor=float(CELL), mode="nearest")


def height_weight(text_heights: Tensor) -> Tensor:
    """How much an error in text of these heights in pixels matters, of the same shape."""
    weight = (LEGIBLE / text_heights.clamp(min=1.0)) ** HEIGHT_POWER
    return weight.clamp(LEAST_HEIGHT_WEIGHT, MOST_HEIGHT_WEIGHT)


def compute_loss(
    recipe: Recipe,
    batch: Batch,
    output: CodecOutput,
    quality: Tensor,
    readers: Readers | None,
    generator: torch.Generator,
) -> Loss:
    """The recipe's loss of one batch.

    Args:
        recipe: weights, and how many lines are read.
        batch: N pictures with their lines.
        output: what the net made of the pictures.
        quality: (N,) int64 in 0..63.
        readers: of which one reads the lines; None where the recipe asks none.
        generator: on the CPU, draws the reader, chooses the lines and moves their quads.
    """
    pixels = batch.pictures.shape[-2] * batch.pictures.shape[-1]
    bpp = (output.r_bits + output.z_bits) / pixels
    error = (output.x_hat - batch.pictures) * 255.0
    squared = error.square().mean(1, keepdim=True)
    background = weight_of(recipe.background, quality)[:, None, None, None]
    text = weight_of(recipe.text, quality)[:, None, None, None]
    weighted = squared * background
    if recipe.legibility:
        blemish = (output.x_hat - batch.clean) * 255.0
        unread = LUMA_SHARE * luma(blemish).square()
        unread = unread + (1.0 - LUMA_SHARE) * blemish.square().mean(1, keepdim=True)
        legible = contrast_weight(batch.clean) * height_weight(batch.text_heights)
        in_text = unread * legible * text
    else:
        in_text = squared * text
    distortion = (weighted + (in_text - weighted) * batch.masks).mean((1, 2, 3))
    if recipe.tone:
        tone = nn.functional.avg_pool2d(error * (1.0 - batch.masks), BLOCK).square()
        distortion = distortion + weight_of(recipe.tone, quality) * tone.mean((1, 2, 3))
    # Losses at quality 63 are tens of times those at 0: without this the high rates would have
    # nearly all of the gradient.
    balance = (recipe.text.low / weight_of(recipe.text, quality)).sqrt()
    detector = detector_loss(output.text, batch.masks)
    total = (balance * (bpp + distortion)).mean() + detector
    nats, reader = bpp.new_tensor(float("nan")), None
    if readers and recipe.reading:
        gamma = balance * weight_of(recipe.reading, quality) / (pixels * len(quality))
        reader = readers.draw(generator)
        cost, nats = reading_loss(recipe, batch, output.x_hat, gamma, readers[reader], generator)
        total = total + cost
    return Loss(
        total, bpp.detach().mean(), output.z_bits.mean().detach() / pixels,
        squared.detach().mean(), nats, detector.detach(), reader,
    )  # fmt: skip


def reading_loss(
    recipe: Recipe, batch: Batch, decoded: Tensor, gamma: Tensor, reader: Reader,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """What a reader's losses cost, and their mean per character in nats (nan without lines).

    Args:
        recipe: how many lines are read.
        batch: N pictures with their lines.
        decoded: (N, 3, H, W), what the net made of them.
        gamma: (N,) what a nat costs in each picture.
        reader: asked for the nats of each line.
        generator: on the CPU, chooses the lines and moves their quads.
    """
    lines = choose_lines(batch, recipe.lines, generator)
    if lines is None:
        return gamma.new_zeros(()), gamma.new_tensor(float("nan"))
    length = torch.tensor([float(len(t)) for t in lines.texts], device=gamma.device)
    nats = reader.nats(decoded.clamp(0.0, 1.0), batch.clean, lines)
    nats = SOFT_NATS * length * torch.log1p(nats / (SOFT_NATS * length))
    # The lines read stand for all of the batch's: scale the sample up.
    share = len(batch.texts) / len(lines.texts)
    return share * (gamma[lines.picture] * nats).sum(), nats.detach().sum() / length.sum()
