"""How far apart two sets of feature vectors are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]


def frechet(one: Vectors, other: Vectors) -> float:
    """Squared Frechet distance of the Gaussians of two sets (Dowson and Landau 1982; Heusel 2017).

    |m - n|^2 + tr(C + D - 2 (C D)^1/2), with the roots of the eigenvalues of C^1/2 D C^1/2.

    Args:
        one, other: (N, D) and (M, D); more vectors than dimensions.

    Raises:
        ValueError: There are fewer, so covariances say more of the sample than of the set.
    """
    dimensions, fewest = one.shape[1], min(len(one), len(other))
    if fewest <= dimensions:
        raise ValueError(f"expected more than {dimensions} vectors, got {fewest}")
    c, d = (np.atleast_2d(np.cov(vectors.T)) for vectors in (one, other))
    values, axes = np.linalg.eigh(c)
    root = axes * np.sqrt(np.maximum(values, 0.0)) @ axes.T
    common = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ d @ root), 0.0)).sum()
    apart = one.mean(0) - other.mean(0)
    return max(0.0, float(apart @ apart + np.trace(c) + np.trace(d) - 2.0 * common))


def mean_discrepancy(one: Vectors, other: Vectors, width: float) -> float:
    """Squared maximum mean discrepancy under a Gaussian kernel (Gretton 2012, equation 4).

    The unbiased estimate of pairs: the mean over i != j of k(x_i, x_j) + k(y_i, y_j) - k(x_i, y_j)
    - k(x_j, y_i), which holds where x_i and y_i hang together, as a picture and its copy do. It is
    0 for a set and itself, and may lie below. CMMD (Jayasumana 2024) is this on CLIP's vectors.

    Args:
        one, other: (N, D) each, in pairs.
        width: The kernel's, exp(-|x - y|^2 / 2 width^2).
    """
    count = len(one)
    kernels = [_kernel(a, b, width) for a, b in ((one, one), (other, other), (one, other))]
    sums = [float(kernel.sum() - np.trace(kernel)) for kernel in kernels]
    return (sums[0] + sums[1] - 2.0 * sums[2]) / (count * (count - 1))


def median_distance(vectors: Vectors) -> float:
    """The median distance of two vectors of a set: a kernel's width that asks for no choice."""
    squares = _squares(vectors, vectors)[np.triu_indices(len(vectors), 1)]
    return float(np.sqrt(np.median(squares)))


def _squares(one: Vectors, other: Vectors) -> Vectors:
    lengths = np.square(one).sum(1)[:, None] + np.square(other).sum(1)
    squares: Vectors = np.maximum(lengths - 2.0 * one @ other.T, 0.0)
    return squares


def _kernel(one: Vectors, other: Vectors, width: float) -> Vectors:
    kernel: Vectors = np.exp(-_squares(one, other) / (2.0 * width**2))
    return kernel
