"""How sure a reader has to be so that few of its lines are wrong and not doubted.

Conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster 2022, Theorem 1) with a line as
its unit. A line's loss is 1 where it is wrong and its sureness reaches the threshold, else 0, which
only falls as the threshold rises. If the lines that are still to come are exchangeable with those
of the calibration, the expected loss of the next one is at most alpha.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

NONE_ENOUGH = 2.0  # a threshold that no sureness reaches


def allowed_mistakes(lines: int, alpha: float) -> int:
    """Return how many lines may be wrong and not doubted; -1 where there are too few lines.

    These are the most k with (k + 1) / (lines + 1) <= alpha: a line to come counts as wrong.

    >>> allowed_mistakes(999, 0.01), allowed_mistakes(99, 0.01), allowed_mistakes(98, 0.01)
    (9, 0, -1)
    """
    return int(Fraction(str(alpha)) * (lines + 1)) - 1


def least_sureness(
    sureness: Sequence[float], right: Sequence[bool], alpha: float, step: float = 1e-3
) -> float:
    """Return the sureness from which a line need not be doubted.

    Args:
        sureness: Of each line, 0..1, a multiple of `step`, rounded down.
        right: Whether each says what is there.
        alpha: The share of all lines that may be wrong and not doubted, above 0 and below 1.
        step: In which sureness was recorded.

    Returns:
        The lowest multiple of `step` that does; NONE_ENOUGH where there are too few lines.

    Raises:
        ValueError: There are no lines, or `alpha` is out of its range.

    >>> least_sureness([0.9, 0.8, 0.7, 0.6], [True, False, True, False], 0.4)
    0.601
    """
    if not sureness or len(sureness) != len(right):
        raise ValueError(
            f"expected as many values of sureness as of right, at least one, got {len(sureness)} "
            f"and {len(right)}"
        )
    if not 0 < alpha < 1:
        raise ValueError(f"expected alpha between 0 and 1, got {alpha}")
    allowed = allowed_mistakes(len(sureness), alpha)
    wrong = sorted((s for s, ok in zip(sureness, right, strict=True) if not ok), reverse=True)
    if allowed < 0:
        return NONE_ENOUGH
    if len(wrong) <= allowed:
        return 0.0
    steps = round(wrong[allowed] / step) + 1
    return round(steps * step, 9)
