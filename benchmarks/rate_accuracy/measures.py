"""What is counted: characters right and wrong, fidelity, and how sure the figures are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from scipy.ndimage import convolve1d

from tcsdk.reading.text import alphanumerics

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
SCALE_WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])  # Wang et al. 2003
WINDOW, DEVIATION = 11, 1.5  # pixels, of MS-SSIM's Gaussian
LEVEL, RESAMPLES = 0.95, 1000  # of confidence intervals


def of_alphanumerics(
    text: str, values: Sequence[float], caseless: bool = False
) -> tuple[float, ...]:
    """What `alphanumerics` leaves of values that belong to a text's characters, one each."""
    return tuple(
        value
        for character, value in zip(text, values, strict=True)
        for _ in alphanumerics(character, caseless)
    )


def is_figures(text: str) -> bool:
    """Whether a line is digits or a code, which no language helps to read.

    It is where words that have a digit hold at least half of its alphanumerics.

    >>> is_figures("TX-4071-8"), is_figures("12 March 2024"), is_figures("Serial no. 4071")
    (True, True, False)
    """
    words = [alphanumerics(word) for word in text.split()]
    coded = sum(len(word) for word in words if any(c.isdigit() for c in word))
    return 0 < coded >= sum(map(len, words)) / 2


@dataclass(frozen=True)
class Edits:
    """What turns a true text into the one read, over alphanumerics, by a shortest alignment.

    Attributes:
        characters: Of the true text.
        erasures: Characters that are missing.
        insertions: Characters that are too many.
        substitutions: Characters that are others.
        wrong: Where in what was read the others and those too many are, each a position among its
            alphanumerics.
        accuracy: 1 - edits / longer length (TFIC, Section IV-A); 1 when both are empty.
    """

    characters: int
    erasures: int
    insertions: int
    substitutions: int
    wrong: tuple[int, ...]
    accuracy: float


def compare(truth: str, read: str, caseless: bool = False) -> Edits:
    """Align what was read with what is there."""
    a, b = alphanumerics(truth, caseless), alphanumerics(read, caseless)
    edits = Levenshtein.editops(a, b)
    accuracy = 1.0 - len(edits) / max(len(a), len(b), 1)
    tags = [edit.tag for edit in edits]
    erased, inserted, replaced = (tags.count(tag) for tag in ("delete", "insert", "replace"))
    wrong = tuple(edit.dest_pos for edit in edits if edit.tag != "delete")
    return Edits(len(a), erased, inserted, replaced, wrong, accuracy)


def psnr(a: Pixels, b: Pixels) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures, dB (at most 99)."""
    error = float(np.mean((a.astype(np.float64) - b) ** 2))
    return min(99.0, 10 * np.log10(255.0**2 / error)) if error else 99.0


def ms_ssim(a: Pixels, b: Pixels) -> float:
    """Multi-scale structural similarity (Wang, Simoncelli, Bovik 2003), the mean over channels.

    Args:
        a, b: (H, W, 3) uint8.

    Returns:
        0..1; nan where a side has 160 pixels or fewer, on which the coarsest scale has no window.
    """
    if min(a.shape[:2]) <= (WINDOW - 1) * 2 ** (len(SCALE_WEIGHTS) - 1):
        return float("nan")
    x, y = a.astype(np.float64), b.astype(np.float64)
    factors = []
    for scale in range(len(SCALE_WEIGHTS)):
        if scale:
            x, y = _halved(x), _halved(y)
        structure, whole = _ssim(x, y)
        last = scale == len(SCALE_WEIGHTS) - 1
        factors.append(np.maximum(whole if last else structure, 0.0))
    powers = np.stack(factors) ** SCALE_WEIGHTS[:, None]
    return float(powers.prod(0).mean())


def _ssim(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Means per channel of contrast times structure, and of that times luminance."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_x, mean_y = _blurred(x), _blurred(y)
    var_x, var_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    structure = (2 * covariance + c2) / (var_x + var_y + c2)
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return structure.mean((0, 1)), (luminance * structure).mean((0, 1))


def _blurred(x: Floats) -> Floats:
    offsets = np.arange(WINDOW) - WINDOW // 2
    kernel = np.exp(-(offsets**2) / (2 * DEVIATION**2))
    kernel /= kernel.sum()
    border = WINDOW // 2
    blurred: Floats = convolve1d(convolve1d(x, kernel, 0), kernel, 1)
    return blurred[border:-border, border:-border]


def _halved(x: Floats) -> Floats:
    """Mean of 2x2 pixels; an odd first row or column is averaged with zeros, as is usual."""
    x = np.pad(x, [*((n % 2, 0) for n in x.shape[:2]), (0, 0)])
    height, width, channels = x.shape
    halved: Floats = x.reshape(height // 2, 2, width // 2, 2, channels).mean((1, 3))
    return halved


def interval(numerators: Floats, denominators: Floats, seed: int = 0) -> tuple[float, float]:
    """Percentile bootstrap over pictures of a ratio of sums (Efron 1979).

    Args:
        numerators, denominators: (pictures,) per picture.
        seed: of the resampling; the same pictures are drawn for the same seed and count.

    Returns:
        The bounds of the 95 % interval; nan where no picture counts.
    """
    if not denominators.any():
        return float("nan"), float("nan")
    count = len(numerators)
    drawn = np.random.default_rng(seed).multinomial(count, [1 / count] * count, RESAMPLES)
    below = drawn @ denominators
    ratios = (drawn @ numerators)[below > 0] / below[below > 0]
    low, high = np.percentile(ratios, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)
