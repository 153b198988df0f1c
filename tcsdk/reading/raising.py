"""How much finer each part of a line has to be coded for the reader to agree, all at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

# Steps by which parts of lines are raised, in the order in which they are tried: the first that
# agrees is the smallest. Doubling and going back by bisection takes as many rounds up to 8 steps,
# where most lines agree, and a line may agree at 6 steps and not at 8.
LADDER = (0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 32)


@dataclass(frozen=True)
class Raised:
    """What came of raising lines.

    Attributes:
        steps: By which each part is coded finer; 0 for those of lines that agree at none.
        rounds: How often the lines were read.
    """

    steps: tuple[int, ...]
    rounds: int


def raise_parts(
    agreed_at: Callable[[Sequence[int]], Sequence[bool]],
    confirmed_at: Callable[[Sequence[int]], Sequence[bool]],
    owners: Sequence[int],
    most: int,
) -> Raised:
    """Raise each part of a line to the first steps at which it agrees.

    Parts are raised together, one rung each where they differ, and those beside one in its line are
    at most a rung below it: what is read wrong need not lie where it seems to. What agreed and
    differs again, because blocks beside it changed, is raised on. So every part only goes up,
    and ends at `most` at the latest. A line of which one differs even there begins anew, all its
    parts alike, and is put back to 0 and left alone if that helps no more: its bytes would buy
    nothing.

    Args:
        agreed_at: Steps of each part -> whether each is read as it should be.
        confirmed_at: The same, looked at more closely; asked where nothing is left to raise.
        owners: The line of each part; the parts of a line lie side by side.
        most: Steps of a part at most.
    """
    rungs = [*(rung for rung in LADDER if rung < most), most]
    at, whole, lost = [0] * len(owners), set[int](), set[int]()
    steps, rounds = [0] * len(owners), 0

    def raised(agreed: Sequence[bool]) -> list[int]:
        differing = [k for k, line in enumerate(owners) if not agreed[k] and line not in lost]
        spent = {owners[k] for k in differing if at[k] + 1 == len(rungs)}
        lost.update(line for line in spent if line in whole or len(rungs) == 1)
        for k, line in enumerate(owners):
            if line in spent and line not in lost:
                at[k] = 1
            elif k in differing and line not in spent:
                at[k] += 1
        whole.update(spent)
        wide = _spread(at, owners, whole)
        return [0 if line in lost else rungs[rung] for rung, line in zip(wide, owners, strict=True)]

    while True:
        rounds += 1
        now = raised(agreed_at(steps))
        if now == steps:
            now = raised(confirmed_at(steps))
        if now == steps:
            return Raised(tuple(steps), rounds)
        steps = now


def _spread(rungs: Sequence[int], owners: Sequence[int], whole: Collection[int]) -> list[int]:
    """Return rungs of which two beside each other in a line are at most one apart, or equal."""
    wide = list(rungs)
    for order in (range(1, len(wide)), range(len(wide) - 2, -1, -1)):
        for k in order:
            beside = k - order.step
            if owners[beside] == owners[k]:
                wide[k] = max(wide[k], wide[beside] - (owners[k] not in whole))
    return wide
