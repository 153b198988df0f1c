"""Pictures to calibrate and measure codecs with: rendered, with their lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tcsdk.train.readers import LineBatch
from tcsdk.train.render import LAYOUTS, Assets, render

SIZE = (128, 256)  # what the nets are trained on; they are fully convolutional
SEED = 0xCA11B
# Each layout alike, whatever training draws most: what ships does not change with a recipe.
ALIKE = dict.fromkeys(LAYOUTS, 1.0)


@dataclass(frozen=True)
class Picture:
    """A picture and the text on it.

    Attributes:
        x: (3, H, W) float32 in 0..1.
        quads: (L, 4, 2) float32, corners of its lines in pixels.
        texts: what the lines say.
    """

    x: Tensor
    quads: Tensor
    texts: tuple[str, ...]

    @staticmethod
    def plain(x: Tensor) -> Picture:
        """A picture without known text."""
        return Picture(x, torch.zeros((0, 4, 2)), ())


def lines_of(pictures: Sequence[Picture]) -> LineBatch:
    """All lines of a batch of pictures."""
    counts = torch.tensor([len(p.texts) for p in pictures])
    return LineBatch(
        torch.repeat_interleave(torch.arange(len(pictures)), counts),
        torch.cat([p.quads for p in pictures]),
        tuple(text for p in pictures for text in p.texts),
    )


def rendered(
    split: str, count: int, photos: Path | None = None, size: tuple[int, int] = SIZE
) -> list[Picture]:
    """Rendered pictures, the same ones on every machine with the same fonts.

    Args:
        split: "train" or "test": fonts, words and photographs that training saw or not.
        count: how many.
        photos: photographs for backgrounds, or None for synthetic ones.
        size: height and width, multiples of 64.
    """
    assets = Assets.load(split, photos)
    pictures = []
    for index in range(count):
        sample = render(assets, np.random.default_rng((SEED, index)), size, ALIKE)
        quads = np.array([line.quad for line in sample.lines], np.float32).reshape(-1, 4, 2)
        x = torch.from_numpy(sample.image.astype(np.float32).transpose(2, 0, 1) / 255.0)
        texts = tuple(line.text for line in sample.lines)
        pictures.append(Picture(x.contiguous(), torch.from_numpy(quads), texts))
    return pictures


def coloured(picture: Picture, seed: int) -> Picture:
    """The same picture in colours that printed text seldom has: full ones, white, black.

    Channels change places, some are turned to their negatives, and colours are driven apart until
    they are cut off, as on screens and signs. A grid that has not seen them cuts them off itself.

    Args:
        picture: any.
        seed: of the choice.
    """
    generator = np.random.default_rng((SEED, seed))
    order, turned = generator.permutation(3).copy(), generator.random((3, 1, 1)) < 0.5
    x = picture.x[torch.from_numpy(order)]
    x = torch.where(torch.from_numpy(turned), 1 - x, x)
    gray = x.mean(0, keepdim=True)
    apart, contrast = generator.uniform(1, 4), generator.uniform(1, 2)
    x = 0.5 + contrast * (gray - 0.5) + apart * (x - gray)
    return replace(picture, x=x.clamp(0.0, 1.0).contiguous())
