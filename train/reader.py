"""The frozen reader of TFIC's loss: PP-OCRv6's recogniser as a differentiable torch module."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tcsdk.train.reader_network import load_network

LINE_HEIGHT = 48  # the recogniser's input height, pixels
MAX_WIDTH = 512  # wider lines are not scored in training
BLANK = 0
GROUP = 4  # lines per pass of the recogniser in training


@dataclass(frozen=True)
class LineBatch:
    """Lines of text within a batch of pictures."""

    picture: Tensor  # (L,) int64, index of the picture within the batch
    quads: Tensor  # (L, 4, 2) float32, x then y in pixels: TL, TR, BR, BL
    texts: tuple[str, ...]


def select_lines(lines: LineBatch, indexes: Tensor) -> LineBatch:
    """Some lines of a batch, in the order of `indexes`."""
    texts = tuple(lines.texts[i] for i in indexes.tolist())
    return LineBatch(lines.picture[indexes], lines.quads[indexes], texts)


def line_width(quad: Tensor) -> Tensor:
    """Width in pixels of lines (..., 4, 2) once scaled to the recogniser's height."""
    edges = quad.roll(-1, -2) - quad
    length = edges.norm(dim=-1).clamp(min=1e-3)
    across, down = length[..., 0] + length[..., 2], length[..., 1] + length[..., 3]
    return (LINE_HEIGHT * across / down).round()


def warp_lines(pictures: Tensor, lines: LineBatch) -> Tensor:
    """Cut lines out of pictures (N, C, H, W), bilinearly: (L, C, 48, W_max), grey past their ends.

    Corners are interpolated bilinearly: exact for parallelograms, and within a fraction of a
    pixel for the mild perspective of text lines.
    """
    widths = line_width(lines.quads).clamp(LINE_HEIGHT // 2, MAX_WIDTH)
    widest = int(widths.max())
    widest += -widest % 8
    v = (torch.arange(LINE_HEIGHT, device=pictures.device) + 0.5) / LINE_HEIGHT
    column = torch.arange(widest, device=pictures.device) + 0.5
    u = column[None] / widths[:, None]  # (L, W); past 1 is padding
    corner = lines.quads[:, :, None, None, :]
    u_, v_ = u.clamp(max=1.0)[:, None, :, None], v[None, :, None, None]
    top = corner[:, 0] * (1 - u_) + corner[:, 1] * u_
    bottom = corner[:, 3] * (1 - u_) + corner[:, 2] * u_
    grid = top * (1 - v_) + bottom * v_
    height, width = pictures.shape[-2:]
    size = grid.new_tensor([width, height])
    cut = nn.functional.grid_sample(
        pictures[lines.picture], grid / size * 2 - 1, padding_mode="border", align_corners=False
    )
    inside = (u <= 1.0)[:, None, None, :]
    return torch.where(inside, cut, cut.new_tensor(0.5))


class Reader(nn.Module):
    """PP-OCRv6's recogniser, frozen; gradients pass through it to the pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.network, self.characters = load_network()
        self._class_of = {c: i for i, c in enumerate(self.characters)}

    def encode(self, text: str) -> list[int] | None:
        """Class indexes of a text, or None when the recogniser lacks one of its characters."""
        indexes = [self._class_of.get(c) for c in text]
        return None if None in indexes else [i for i in indexes if i is not None]

    def log_probabilities(self, lines: Tensor) -> Tensor:
        """(L, 3, 48, W) RGB in 0..1 -> (T, L, classes), natural logarithms."""
        bgr = lines.flip(1) * 2.0 - 1.0
        return self.network(bgr).float().log_softmax(-1).transpose(0, 1)

    def loss(self, pictures: Tensor, lines: LineBatch) -> Tensor:
        """CTC loss of each line's true text, summed over its characters: (L,) nats.

        Lines go through in groups of like width, because a group is padded to its widest.

        Raises:
            ValueError: the recogniser lacks a character of a text; the renderer writes ASCII, all
                of which it has.
        """
        order = line_width(lines.quads).argsort()
        parts = [self._loss(pictures, select_lines(lines, part)) for part in order.split(GROUP)]
        return torch.cat(parts)[order.argsort()]

    def _loss(self, pictures: Tensor, lines: LineBatch) -> Tensor:
        targets = [self._target(t) for t in lines.texts]
        log_p = self.log_probabilities(warp_lines(pictures, lines))
        steps = torch.full((len(targets),), log_p.shape[0], dtype=torch.long)
        flat = torch.tensor([i for t in targets for i in t], dtype=torch.long)
        lengths = torch.tensor([len(t) for t in targets], dtype=torch.long)
        return nn.functional.ctc_loss(
            log_p, flat, steps, lengths, blank=BLANK, reduction="none", zero_infinity=True
        )

    def _target(self, text: str) -> list[int]:
        indexes = self.encode(text)
        if indexes is None:  # as blanks, the picture would be trained to hide the line
            lacking = sorted(set(text) - set(self._class_of))
            raise ValueError(
                f"expected characters that the recogniser has, got {lacking} in {text!r}"
            )
        return indexes

    def read(self, pictures: Tensor, lines: LineBatch) -> list[str]:
        """Greedy CTC decoding of each line."""
        with torch.no_grad():
            best = self.log_probabilities(warp_lines(pictures, lines)).argmax(-1).T
        texts = []
        for row in best.tolist():
            kept = [c for i, c in enumerate(row) if c != BLANK and (i == 0 or c != row[i - 1])]
            texts.append("".join(self.characters[c] for c in kept))
        return texts
