"""Rectification by thin-plate splines: a spatial transformer network in front of a net for words.

Jaderberg et al. (2015), with Bookstein's splines as in ASTER (Shi et al., 2018): a small net says
where 20 control points lie in the crop, half along the top edge and half along the bottom one, and
the crop is bent so that they lie on straight lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

POINTS = 20
VIEW = (16, 64)  # the size at which the crop is looked at
HALVINGS = 4  # of that plane, to 1 x 4
MARGIN = 0.05  # of the edges, where control points lie in the rectified crop
START_MARGIN = 0.01  # where an untrained net sees them


@dataclass(frozen=True)
class RectifierConfig:
    """Widths of the net that looks; the defaults are the published ones.

    Attributes:
        widths: of its six convolutions; behind the first four the plane is halved.
        hidden: of the layer behind them.
    """

    widths: tuple[int, ...] = (32, 64, 128, 256, 256, 256)
    hidden: int = 512


PUBLISHED = RectifierConfig()
# In front of the reduced nets.
SMALL = RectifierConfig(widths=(16, 32, 64, 96, 128, 128), hidden=256)


def control_points(margin: float) -> Tensor:
    """Return the control points in order, top edge then bottom edge, x and y in 0..1: (20, 2)."""
    along = torch.linspace(margin, 1 - margin, POINTS // 2)
    top = torch.stack([along, torch.full_like(along, margin)], 1)
    bottom = torch.stack([along, torch.full_like(along, 1 - margin)], 1)
    return torch.cat([top, bottom])


def _radial(distance2: Tensor) -> Tensor:
    """Thin-plate spline's U(r) = r^2 log(r^2) / 2, which is 0 at 0."""
    return 0.5 * distance2 * distance2.clamp_min(1e-12).log()


def _distances2(one: Tensor, other: Tensor) -> Tensor:
    """Squared distances of (A, 2) and (B, 2) points: (A, B)."""
    return (one[:, None] - other[None]).square().sum(-1)


def spline_matrix(height: int, width: int) -> Tensor:
    """Return the matrix (H * W, 20) that makes a sampling grid of control points.

    The spline through the control points is linear in where they are seen, so that the grid is one
    product: where each pixel of the rectified crop comes from, x and y in 0..1.
    """
    fixed = control_points(MARGIN).double()
    ones, zeros = torch.ones(POINTS, 1).double(), torch.zeros(3, 3).double()
    affine = torch.cat([ones, fixed], 1)
    system = torch.cat(
        [
            torch.cat([_radial(_distances2(fixed, fixed)), affine], 1),
            torch.cat([affine.T, zeros], 1),
        ]
    )
    y, x = torch.meshgrid(
        (torch.arange(height).double() + 0.5) / height,
        (torch.arange(width).double() + 0.5) / width,
        indexing="ij",
    )
    pixels = torch.stack([x.flatten(), y.flatten()], 1)
    terms = torch.cat(
        [_radial(_distances2(pixels, fixed)), torch.ones(len(pixels), 1).double(), pixels], 1
    )
    return (terms @ torch.linalg.inv(system)[:, :POINTS]).float()


def _resized(planes: Tensor, size: Sequence[int]) -> Tensor:
    """(N, C, H, W) to (N, C, *size)."""
    if planes.shape[-2:] == torch.Size(size):
        return planes
    return functional.interpolate(planes, tuple(size), mode="bilinear", align_corners=False)


class Rectifier(nn.Module):
    """Look at a crop, say where its control points are, bend it.

    An untrained one hands its input on all but unchanged (it is enlarged by the difference of the
    margins). It diverges in its first steps at the rate of the net behind it.

    Args:
        config: of the net that looks.
    """

    matrix: Tensor
    straight: Tensor  # where the control points lie in the rectified crop
    rate_factor = 0.1  # of the net's learning rate: tcsdk.train.run.optimiser

    def __init__(self, config: RectifierConfig = PUBLISHED) -> None:
        super().__init__()
        c = config
        height, width = VIEW
        layers: list[nn.Module] = []
        for i, (narrow, wide) in enumerate(pairwise((3, *c.widths))):
            layers += [nn.Conv2d(narrow, wide, 3, padding=1), nn.BatchNorm2d(wide), nn.ReLU()]
            layers += [nn.MaxPool2d(2)] if i < HALVINGS else []
        self.look = nn.Sequential(*layers)
        self.describe = nn.Sequential(
            nn.Linear(c.widths[-1] * (height * width >> 2 * HALVINGS), c.hidden),
            nn.BatchNorm1d(c.hidden),
            nn.ReLU(),
        )
        self.place = nn.Linear(c.hidden, 2 * POINTS)
        with torch.no_grad():
            self.place.weight.zero_()
            self.place.bias.copy_(control_points(START_MARGIN).flatten())
        self.register_buffer("matrix", spline_matrix(height, width), persistent=False)
        self.register_buffer("straight", control_points(MARGIN), persistent=False)

    def points(self, crops: Tensor) -> Tensor:
        """Return where the control points of (N, C, H, W) are seen, x and y in 0..1: (N, 20, 2)."""
        described = self.describe(self.look(_resized(crops, VIEW)).flatten(1))
        return self.place(0.1 * described).unflatten(1, (POINTS, 2))

    def forward(self, crops: Tensor, share: Tensor | None = None) -> Tensor:
        """Return the rectified crops, (N, C, H, W) as they came.

        Args:
            crops: (N, C, H, W).
            share: (N, 1, 1) how much of it is done to each, 0 leaves a crop as it is; None does
                all.
        """
        points = self.points(crops)
        if share is not None:
            points = self.straight + share * (points - self.straight)
        grid = (self.matrix @ points).unflatten(1, VIEW)
        # The spline is smooth: at other sizes it is interpolated.
        planes = _resized(grid.permute(0, 3, 1, 2), crops.shape[-2:])
        grid = planes.permute(0, 2, 3, 1)
        return functional.grid_sample(
            crops, 2 * grid - 1, mode="bilinear", padding_mode="border", align_corners=False
        )
