"""Lines of text within pictures, and how they are cut out for a reader."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

MAX_ASPECT = 512 / 48  # width over height; longer lines are not read in training
GREY = 0.5
WIDTH_MULTIPLE = 8  # pixels: the readers' strides divide it


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


def aspect(quads: Tensor) -> Tensor:
    """Width over height of lines (..., 4, 2)."""
    edges = quads.roll(-1, -2) - quads
    length = edges.norm(dim=-1).clamp(min=1e-3)
    across, down = length[..., 0] + length[..., 2], length[..., 1] + length[..., 3]
    return across / down


def heights(quads: Tensor) -> Tensor:
    """Mean length of the two upright edges of quads (L, 4, 2), pixels."""
    edges = (quads.roll(-1, 1) - quads).norm(dim=-1)
    return (edges[:, 1] + edges[:, 3]) / 2


def line_widths(quads: Tensor, height: int) -> Tensor:
    """Widths of lines (L, 4, 2) once cut out at a height, (L,) whole pixels."""
    return (height * aspect(quads).clamp(0.5, MAX_ASPECT)).round()


def warp_lines(pictures: Tensor, lines: LineBatch, height: int, beyond: float = GREY) -> Tensor:
    """Cut lines out of pictures (N, C, H, W), bilinearly: (L, C, height, W_max).

    Corners are interpolated bilinearly: exact for parallelograms, and within a fraction of a
    pixel for the mild perspective of text lines. Past a line's end is the value `beyond`.
    """
    widths = line_widths(lines.quads, height)
    widest = int(widths.max())
    widest += -widest % WIDTH_MULTIPLE
    v = (torch.arange(height, device=pictures.device) + 0.5) / height
    column = torch.arange(widest, device=pictures.device) + 0.5
    u = column[None] / widths[:, None]  # (L, W); past 1 is padding
    corner = lines.quads[:, :, None, None, :]
    u_, v_ = u.clamp(max=1.0)[:, None, :, None], v[None, :, None, None]
    top = corner[:, 0] * (1 - u_) + corner[:, 1] * u_
    bottom = corner[:, 3] * (1 - u_) + corner[:, 2] * u_
    grid = top * (1 - v_) + bottom * v_
    size = grid.new_tensor([pictures.shape[-1], pictures.shape[-2]])
    cut = nn.functional.grid_sample(
        pictures[lines.picture], grid / size * 2 - 1, padding_mode="border", align_corners=False
    )
    inside = (u <= 1.0)[:, None, None, :]
    return torch.where(inside, cut, cut.new_tensor(beyond))
