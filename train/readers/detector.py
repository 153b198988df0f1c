"""PP-OCRv6's detector as a reader: what it found on the original it shall find when decoded.

A DBNet (Liao et al. 2020, "Real-time scene text detection with differentiable binarization"). It
gives each pixel the probability of lying in the core of a line.
"""

from __future__ import annotations

from dataclasses import replace

import onnx
import torch
from torch import Tensor, nn

from tcsdk.train.readers.lines import LineBatch, aspect, line_widths, warp_lines
from tcsdk.train.readers.onnx_network import load_network, model_path
from tcsdk.train.readers.reader import Reader

MODEL = "PP-OCRv6_det_small.onnx"
AROUND = 0.5  # of a line's height, counted on each side: lines that grow together are lost too
ROWS = 16  # at which a line's surroundings are sampled
# Of a line and its surroundings, what the detector finds in originals: the mean over 41 lines.
CORE = 0.22


class Detector(Reader):
    """PP-OCRv6's small detector, frozen.

    rapidocr enlarges pictures whose short side is under 736 pixels; here crops stay as they are,
    as parts of larger pictures. Sides are multiples of 32.
    """

    def __init__(self) -> None:
        super().__init__()
        self.network = load_network(onnx.load(model_path(MODEL)), "Sigmoid")

    def logits(self, pictures: Tensor) -> Tensor:
        """(N, 3, H, W) RGB in 0..1 -> (N, 1, H, W) log odds of text."""
        return self.network(pictures.flip(1) * 2.0 - 1.0).float()

    def nats(self, decoded: Tensor, originals: Tensor, lines: LineBatch) -> Tensor:
        """Kullback-Leibler divergence of each line from its original, (L,) nats.

        The sum over the pixels in and around the line, of the divergence between their two
        probabilities of text, over the pixels of its core: nats per decision whether there is
        text. Each of the line's characters counts as one, as in a recogniser's loss.
        """
        used, picture = lines.picture.unique(return_inverse=True)
        with torch.no_grad():
            before = self.logits(originals[used])
        after = self.logits(decoded[used])
        truth = before.sigmoid()
        divergence = cross_entropy(after, truth) - cross_entropy(before, truth)
        zones = replace(lines, picture=picture, quads=grow(lines.quads))
        core = CORE * ROWS * line_widths(zones.quads, ROWS)  # pixels
        mean = warp_lines(divergence, zones, ROWS, beyond=0.0).sum((1, 2, 3)) / core
        return mean * torch.tensor([float(len(t)) for t in lines.texts], device=mean.device)


def cross_entropy(logits: Tensor, truth: Tensor) -> Tensor:
    """Binary cross-entropy of each element, nats."""
    return nn.functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")


def grow(quads: Tensor) -> Tensor:
    """Widen quads (L, 4, 2) by AROUND of their height on each side."""
    top_left, top_right, bottom_right, bottom_left = quads.unbind(1)
    down = (bottom_left - top_left + bottom_right - top_right) / 2 * AROUND
    across = (top_right - top_left + bottom_right - bottom_left) / 2
    across = across * (AROUND / aspect(quads).clamp(min=1e-3))[:, None]
    corners = (
        top_left - down - across,
        top_right - down + across,
        bottom_right + down + across,
        bottom_left + down - across,
    )
    return torch.stack(corners, 1)
