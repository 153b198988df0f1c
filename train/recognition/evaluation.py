"""How well readers of lines read the renderer's test split, clean and softened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor

from tcsdk.reading.text import alphanumerics
from tcsdk.train.readers.line_reader import LineReader
from tcsdk.train.readers.lines import LineBatch
from tcsdk.train.recognition.training import readable, soften
from tcsdk.train.render import Assets, render

SIZE = (128, 256)  # of the pictures, pixels
SEED = 0x0E4D


def accuracy(truth: str, read: str) -> float:
    """1 - edits / longer length over alphanumerics (TFIC, Section IV-A).

    >>> accuracy("Room 12", "Roam 12!")
    0.8333333333333334
    """
    return Levenshtein.normalized_similarity(alphanumerics(truth), alphanumerics(read))


def test_picture(assets: Assets, index: int) -> tuple[Tensor, LineBatch]:
    """Picture number `index`, (1, 3, H, W) in 0..1, and those of its lines that are readable."""
    sample = render(assets, np.random.default_rng((SEED, index)), SIZE)
    picture = torch.from_numpy(sample.image.copy()).permute(2, 0, 1)[None].float() / 255
    quads = np.array([line.quad for line in sample.lines], np.float32).reshape(-1, 4, 2)
    texts = tuple(line.text for line in sample.lines)
    which = torch.zeros(len(texts), dtype=torch.int64)
    return picture, readable(LineBatch(which, torch.from_numpy(quads), texts))


def evaluate(
    readers: dict[str, LineReader], pictures: int, photos: Path | None
) -> dict[str, tuple[float, float, int]]:
    """Mean accuracy over the lines of test pictures.

    Args:
        readers: by name.
        pictures: how many.
        photos: photographs for backgrounds, or None.

    Returns:
        By reader: accuracy on pictures as rendered, on softened ones, and the number of lines.
    """
    assets = Assets.load("test", photos)
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in readers}
    for index in range(pictures):
        clean, lines = test_picture(assets, index)
        if not lines.texts:
            continue
        soft = soften(clean, lines, (SEED, 1, index))
        for name, reader in readers.items():
            for truth, *read in zip(
                lines.texts, reader.read(clean, lines), reader.read(soft, lines), strict=True
            ):
                scores[name].append((accuracy(truth, read[0]), accuracy(truth, read[1])))
    means = {name: np.mean(rows, 0) for name, rows in scores.items()}
    return {n: (float(m[0]), float(m[1]), len(scores[n])) for n, m in means.items()}
