"""How legible text of a size is at a quality, as measured on rendered lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Accuracy of `tfic-int8` by the height at which a line was coded, in pixels, and by quality, over
# that of the original: docs/studies/automatic-scale.md. Heights are those that lines were drawn
# for, a fifth above their quads', which the detector was taught: so text is kept a fifth larger
# than it need be. Below 20 pixels strokes get lost, above 90 letters become a mosaic.
_HEIGHTS = np.log2([5.6, 8.0, 11.3, 16.0, 22.6, 32.0, 90.0, 128.0, 300.0])
_QUALITIES = np.array([0.0, 12.0, 24.0, 36.0, 48.0, 63.0])
_ACCURACIES = np.array(
    [
        [0.00, 0.00, 0.00, 0.00, 0.00, 0.00],
        [0.12, 0.24, 0.39, 0.49, 0.50, 0.50],
        [0.39, 0.65, 0.77, 0.83, 0.84, 0.86],
        [0.67, 0.87, 0.95, 0.98, 0.97, 0.98],
        [0.73, 0.93, 0.98, 0.99, 0.99, 0.99],
        [0.80, 0.95, 0.98, 0.98, 0.99, 0.99],
        [0.84, 0.95, 0.97, 0.98, 0.98, 0.98],
        [0.80, 0.90, 0.93, 0.94, 0.96, 0.98],
        [0.60, 0.70, 0.80, 0.85, 0.90, 0.95],
    ]
)


def legibility(heights: NDArray[np.float64], quality: int) -> NDArray[np.float64]:
    """Return the accuracy to be expected of text, 0..1.

    Args:
        heights: Any shape, pixels of a line as coded, from ascenders to descenders.
        quality: 0..63.

    Returns:
        The same shape: linear in quality and in the logarithm of the height between what was
        measured, as at the nearest height beyond.
    """
    of_height = [float(np.interp(quality, _QUALITIES, row)) for row in _ACCURACIES]
    return np.interp(np.log2(heights), _HEIGHTS, of_height)
