"""The quality below which figures must not be trusted."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.rate_accuracy.rows import PER, Row

# With no event in n trials, the 95 % interval of the rate ends at 3 / n (Hanley and Lippman-Hand
# 1983), where the bootstrap, which has nothing to draw, says 0.
RULE_OF_THREE = 3.0


def bound(original: Row) -> float:
    """What confident substitutions on digits and codes may reach, per 1,000 characters.

    It is the upper end of the 95 % interval of their rate in the uncompressed pictures.
    """
    if original.figures_confident == 0.0:
        return PER * RULE_OF_THREE / original.figures_characters
    return original.figures_confident_high


def least_trusted(rows: Sequence[Row], original: Row) -> int | None:
    """The lowest quality from which on figures read are as safe as in the picture itself.

    Args:
        rows: A model's points as one reader sees them.
        original: The uncompressed pictures, the same reader.

    Returns:
        The lowest quality measured whose rate of confident substitutions, and that of every higher
        one, is not above `bound`; None where not even the highest is.
    """
    allowed, trusted = bound(original), None
    for row in sorted(rows, key=lambda r: r.quality, reverse=True):
        if not row.figures_confident <= allowed:
            break
        trusted = row.quality
    return trusted
