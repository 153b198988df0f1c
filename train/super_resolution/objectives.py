"""What nets do with a batch to be judged: enlarge it, read it, both at once, or shrink it first."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from tcsdk.models.super_resolution.resampler import rounded
from tcsdk.train.super_resolution.batches import PairBatch
from tcsdk.train.super_resolution.losses import MadeLoss
from tcsdk.train.super_resolution.trainer import Objective
from tcsdk.train.super_resolution.words import encode_words, word_nats

Source = Callable[[PairBatch], Tensor]  # crops (N, 3, 32, 128) to read
STILL = 1e-3  # of the resampler's moves: those that gain nothing stay zero


def _laid_out(crops: Tensor) -> Tensor:
    return crops.contiguous(memory_format=torch.channels_last)


def resolving(loss: MadeLoss) -> Objective:
    """The loss of what a net makes of the small crops."""

    def objective(net: nn.Module, batch: PairBatch) -> Tensor:
        return loss(net(_laid_out(batch.low)).float(), batch)

    return objective


def large(batch: PairBatch) -> Tensor:
    """The good shots themselves."""
    return batch.high


def enlarged(batch: PairBatch) -> Tensor:
    """The poor shots, enlarged by a bicubic filter."""
    return functional.interpolate(
        batch.low, batch.high.shape[-2:], mode="bicubic", align_corners=False
    ).clamp(0, 1)


def resolved(net: nn.Module) -> Source:
    """What a net for super-resolution makes of the poor shots; it does not learn."""
    net = net.eval().requires_grad_(False)

    def crops(batch: PairBatch) -> Tensor:
        with torch.no_grad():
            return net(_laid_out(batch.low)).float().clamp(0, 1)

    return crops


def _nats(reader: nn.Module, crops: Tensor, batch: PairBatch) -> Tensor:
    words = encode_words(batch.texts)
    return word_nats(reader(_laid_out(crops), words.before), words.following)


def reading(source: Source) -> Objective:
    """Nats per character of a reader of words."""

    def objective(net: nn.Module, batch: PairBatch) -> Tensor:
        return _nats(net, source(batch), batch)

    return objective


def together(loss: MadeLoss) -> Objective:
    """One step for both, `resolver` and `reader` of a net: the training that the paper rejects."""

    def objective(net: nn.Module, batch: PairBatch) -> Tensor:
        made = net["resolver"](_laid_out(batch.low)).float()  # type: ignore[operator]
        nats = _nats(net["reader"], made, batch)  # type: ignore[index]
        return loss(made, batch) + nats

    return objective


def rescaling(net: nn.Module, pictures: Tensor) -> Tensor:
    """The squared error of pictures that the net's `resampler` shrank and its `resolver` enlarged.

    (Sun and Chen, 2020, Section III.D.)
    """
    small, moves = net["resampler"](_laid_out(pictures))  # type: ignore[operator]
    made = net["resolver"](rounded(small.float())).float()  # type: ignore[operator]
    return functional.mse_loss(made, pictures) + STILL * moves.float().square().mean()
