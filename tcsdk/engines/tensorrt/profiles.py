"""Shape profiles: the picture sizes that a plan is tuned for, and the range it accepts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tcsdk.model.graphs import Size, input_shape
from tcsdk.model.grids import DEFAULT_TILE, Z_STRIDE

Shape = tuple[int, ...]
_MOST_PIXELS, _MOST_BATCH = 16384, 256
# A label in one graph call, and any picture whatever its size, by tiles of the default side.
DEFAULT_SHAPES = ("512x256", "tile")
# Other sizes that people have names for.
NAMED = {"vga": "640x480", "hd": "1280x720", "fullhd": "1920x1080"}


@dataclass(frozen=True)
class Profile:
    """One range of sizes.

    Attributes:
        low: Smallest size.
        best: The size that kernels are tuned for.
        high: Largest size.
    """

    low: Size
    best: Size
    high: Size

    def shapes(self, name: str, channels: int) -> tuple[Shape, Shape, Shape]:
        """Return the smallest, best and largest shape of a graph's input."""
        return (
            input_shape(name, channels, self.low, smallest=True),
            input_shape(name, channels, self.best, smallest=True),
            input_shape(name, channels, self.high),
        )

    def __str__(self) -> str:
        if self.low == self.high:
            return str(self.best)
        return f"{self.low}..{self.high}"


def parse_profile(text: str, halo: int) -> Profile:
    """Read a profile from the command line.

    Args:
        text: "tile", a name such as "fullhd", "WIDTHxHEIGHT", or "BATCH@WIDTHxHEIGHT".
        halo: Pixels of context that the model takes around a tile.

    Raises:
        ValueError: It is none of these, or out of range.
    """
    if text == "tile":
        side = DEFAULT_TILE + 2 * halo
        high = Size(1, side, side)
        return Profile(Size(1, Z_STRIDE, Z_STRIDE), high, high)
    match = re.fullmatch(r"(?:(\d{1,4})@)?(\d{1,6})x(\d{1,6})", NAMED.get(text, text))
    batch, width, height = (int(part or 1) for part in match.groups()) if match else (0, 0, 0)
    if not (
        1 <= batch <= _MOST_BATCH and 1 <= width <= _MOST_PIXELS and 1 <= height <= _MOST_PIXELS
    ):
        raise ValueError(
            f'expected a shape "tile", {", ".join(map(repr, NAMED))}, WIDTHxHEIGHT (sides up to '
            f"{_MOST_PIXELS}) or BATCH@WIDTHxHEIGHT (up to {_MOST_BATCH}), got {text!r}"
        )
    size = Size(batch, height, width).padded()
    return Profile(size, size, size)


def parse_profiles(shapes: Sequence[str], halo: int) -> tuple[Profile, ...]:
    """Read profiles and put the narrow ones first: the first that takes a shape runs it.

    Raises:
        ValueError: None, or one is not a profile.
    """
    if not shapes:
        raise ValueError("expected at least one shape, got none")
    profiles = dict.fromkeys(parse_profile(text, halo) for text in shapes)
    return tuple(sorted(profiles, key=lambda profile: profile.low != profile.high))
