"""Readers beside each other: their losses on pictures that lost detail, and their cost."""

from __future__ import annotations

import time
from collections.abc import Iterable
from statistics import mean, median

import torch
from torch import Tensor, nn

from tcsdk.train.codec.data import Batch
from tcsdk.train.codec.losses import choose_lines
from tcsdk.train.readers.registry import READERS

FACTORS = (1.0, 1.5, 2.0, 3.0, 4.0)
LINES = 4


def shrink(pictures: Tensor, factor: float) -> Tensor:
    """Pictures (N, 3, H, W) made smaller by a factor and enlarged again."""
    if factor == 1.0:
        return pictures.clone()
    small = nn.functional.interpolate(
        pictures, scale_factor=1 / factor, mode="bilinear", antialias=True
    )
    return nn.functional.interpolate(small, size=pictures.shape[-2:], mode="bilinear")


def compare(batches: Iterable[Batch]) -> str:
    """A table in Markdown, a row per reader: nats and gradient per character, and seconds.

    Nats are means over the batches at each factor; norms of the gradient in the pictures and
    seconds of CPU time for one question, loss and gradient, are medians.
    """
    readers = {name: make() for name, make in READERS.items()}
    nats: dict[tuple[str, float], list[float]] = {(n, f): [] for n in readers for f in FACTORS}
    norms: dict[tuple[str, float], list[float]] = {key: [] for key in nats}
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for index, batch in enumerate(batches):
        lines = choose_lines(batch, LINES, torch.Generator().manual_seed(index))
        if lines is None:
            continue
        pictures = batch.pictures.contiguous(memory_format=torch.channels_last)
        characters = sum(map(len, lines.texts))
        for name, factor in nats:
            decoded = shrink(pictures, factor).requires_grad_()
            begin = time.process_time()
            with torch.autocast("cpu", torch.bfloat16):
                lost = readers[name].nats(decoded, pictures, lines).sum()
            (gradient,) = torch.autograd.grad(lost, decoded)
            seconds[name].append(time.process_time() - begin)
            nats[name, factor].append(lost.item() / characters)
            norms[name, factor].append(gradient.norm().item() / characters)
    columns = [f"nats at {f:g}" for f in FACTORS] + [f"gradient at {f:g}" for f in FACTORS]
    rows = ["| reader | " + " | ".join([*columns, "seconds"]) + " |", "|---" * 12 + "|"]
    for name in readers:
        cells = [f"{mean(nats[name, f]):.2f}" for f in FACTORS]
        cells += [f"{median(norms[name, f]):.1f}" for f in FACTORS]
        rows.append(f"| `{name}` | " + " | ".join([*cells, f"{median(seconds[name]):.3f}"]) + " |")
    return "\n".join(rows)
