"""What a device's sent text draws into training crops: its reader's lines, never the truth.

The reader is simulated, by what PP-OCRv6 does with rendered pictures: reading each crop would take
ten times as long as a step. Heights of boxes are those of 217 small lines, by
`python -m benchmarks.studies.sent_guidance reader`; misses and mistakes are rough, of 51 readings.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from tcsdk._kernels import GlyphAtlas, draw_guidance, places_of_corners
from tcsdk.codec.fitting import fitted_parts
from tcsdk.codec.quality_map import DRAWN_SHARE
from tcsdk.model.grids import Y_STRIDE
from tcsdk.train.render import Line
from tcsdk.train.render.atlas import make_atlas
from tcsdk.train.render.render import MARGIN

# Crops are parts of scenes of this size: letters up to 800 square pixels guide.
SCENE = (1280, 720)
# What is read as something else, by its look.
ALIKE = ("0OoDQ", "1Il|i!", "2Zz", "5Ss", "8B", "6G", "cCe", "uvUV", "rn", ".,:", "-_", "hb", "tf")
EDITED = string.ascii_letters + string.digits


@dataclass(frozen=True)
class DeviceReader:
    """How a device's reader errs.

    Attributes:
        missed: share of lines that it does not find.
        mistaken: share of characters that it reads as another, leaves out or makes up.
        height: of its boxes over the ink's, mean and standard deviation.
        shift: of their middle, standard deviation over their height.
        turned: of their angle, standard deviation in radians.
    """

    missed: float = 0.12
    mistaken: float = 0.015
    height: tuple[float, float] = (1.66, 0.29)
    shift: float = 0.06
    turned: float = 0.01

    def read(self, line: Line, rng: np.random.Generator) -> tuple[str, NDArray[np.float64]] | None:
        """Return a line as it reads it, and its box (4, 2); None where it misses it."""
        if rng.random() < self.missed:
            return None
        text = "".join(self._character(c, rng) for c in line.text).strip()
        return (text, self._box(line.quad.astype(np.float64), rng)) if text else None

    def _character(self, character: str, rng: np.random.Generator) -> str:
        if rng.random() >= self.mistaken:
            return character
        alike = next((group for group in ALIKE if character in group), EDITED)
        kind = rng.random()
        other = alike[rng.integers(len(alike))]
        return other if kind < 0.6 else "" if kind < 0.85 else character + other

    def _box(self, quad: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
        """A quad of ink and MARGIN on each side, as the reader's detector gives it."""
        left, right = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
        length = float(np.linalg.norm(right - left)) + 1e-6
        ink = float(np.linalg.norm(quad[3] - quad[0])) / (1 + 2 * MARGIN)
        height = ink * max(1.05, rng.normal(*self.height))
        length += height - ink * (1 + 2 * MARGIN)
        along = (right - left) / np.linalg.norm(right - left).clip(1e-6)
        angle = np.arctan2(along[1], along[0]) + rng.normal(0, self.turned)
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        middle = (left + right) / 2 + rng.normal(0, self.shift * height, 2)
        ends = middle - along * length / 2, middle + along * length / 2
        down = across * height / 2
        return np.stack([ends[0] - down, ends[1] - down, ends[1] + down, ends[0] + down])


def drawn_blocks(guidance: Tensor) -> Tensor:
    """Return the blocks that an encoder codes coarser, (N, 1, H/16, W/16) bool.

    Args:
        guidance: (N, 2, H, W), as FusionBlock.fuse takes it.
    """
    inside = (guidance[:, 1:] >= 1.0).float()
    return nn.functional.avg_pool2d(inside, Y_STRIDE) >= DRAWN_SHARE


@cache
def _atlas() -> GlyphAtlas:
    return GlyphAtlas(make_atlas())


def guidance_of(
    lines: Sequence[Line],
    size: tuple[int, int],
    rng: np.random.Generator,
    reader: DeviceReader = DeviceReader(),
) -> NDArray[np.uint8]:
    """Draw what a device would send of a crop's lines.

    Args:
        lines: with the truth, which is not what is drawn.
        size: height and width of the crop, pixels.
        rng: source of chance, for the reader's errors.
        reader: errs.

    Returns:
        (2, H, W) uint8: how much of a pixel is ink, and how far what is painted is to show.
    """
    height, width = size
    found = [each for line in lines if (each := reader.read(line, rng)) is not None]
    read = [part for text, box in found for part in fitted_parts(_atlas(), text, box)]
    blank = np.zeros((2, height, width), np.uint8)
    if not read:
        return blank
    places = places_of_corners(np.stack([box for _, box in read]))
    texts = [text for text, _ in read]
    drawn = draw_guidance(_atlas(), texts, places, *SCENE, (0, 0, width, height))
    return blank if drawn is None else drawn
