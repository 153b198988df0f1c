"""Distillation: transforms that learn what those of another net, the teacher, give.

Analysis and synthesis learn side by side, each from what the teacher has at its input and output,
so neither waits for the other. Every element of y and every pixel teaches, where a rate and a
reader say a number per picture or line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from tcsdk.models.codecs.base import Codec
from tcsdk.models.registry import codec_of
from tcsdk.train.codec.data import Batch
from tcsdk.train.run.weights import load_origin, load_weights

LEARNT = ("g_a", "g_s", "detector")  # by the student; all else it has from the teacher


@dataclass(frozen=True)
class Taught:
    """What a student's step learns from, per sample: its picture, and how far its y is off."""

    x_hat: Tensor  # (N, 3, H, W), 0..1, not clipped, of the teacher's y_hat
    y_error: Tensor  # (N,), summed squared errors of y, in squared quantiser steps
    text: Tensor  # (N, 1, H/16, W/16), logits of "this block shows text"
    offsets: Tensor | None = None  # (N, 1, H/16, W/16), steps that the block wants; if adaptive

    @property
    def cost(self) -> Tensor:
        """(N,): the errors of y, where a codec pays bits."""
        return self.y_error

    @property
    def z_cost(self) -> Tensor:
        """(N,): nothing, as z is the teacher's."""
        return torch.zeros_like(self.y_error)


class Teacher:
    """A trained codec that stands still.

    Args:
        path: its weights, as `load_weights` takes them.
        device: where it works.

    Raises:
        FileNotFoundError: there are no weights.
        ValueError: they are no net's.
    """

    def __init__(self, path: Path, device: torch.device) -> None:
        net = codec_of(load_weights(path), load_origin(path).net)
        self._net = net.to(device, memory_format=torch.channels_last)

    def lend(self, student: Codec) -> None:
        """Give the student, in place, all parts but `LEARNT`; of the others nothing is taught.

        Raises:
            RuntimeError: a part of the student's has another shape.
        """
        for name, part in self._net.named_children():
            if name not in LEARNT:
                student.get_submodule(name).load_state_dict(part.state_dict())

    def teach(
        self, student: Codec, batch: Batch, quality: Tensor, exact: int, offsets: Tensor | None
    ) -> tuple[Batch, Taught]:
        """Return what a step of the student learns from, for `compute_loss`.

        Args:
            student: with the parts that the teacher lent it.
            batch: N pictures.
            quality: (N,) int64 in 0..63.
            exact: so many pictures pass the quantiser as they are.
            offsets: as `Codec.code` takes it.

        Returns:
            The batch with the teacher's pictures in place of what was drawn; and what the student
            gives for them of the teacher's y_hat.
        """
        x = batch.pictures - 0.5
        with torch.no_grad():
            y = self._net.analyse(x)[0].float()
            coded = self._net.code(y, quality, exact, offsets=offsets)
            pictures = self._net.synthesise(coded.y_hat)
        own, features = student.analyse(x)
        error = ((own.float() - y) * coded.gain).square().sum((1, 2, 3))
        x_hat = student.synthesise(coded.y_hat)
        taught = Taught(x_hat, error, *student.detect(features))
        return replace(batch, pictures=pictures, clean=pictures), taught
