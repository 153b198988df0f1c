"""Shape profiles: the sizes that a plan is tuned for, and the range it accepts.

Of codecs they are sizes of pictures, which the user names. Of models that take crops they follow
from how the runtime puts crops together (tcsdk/model/calls.py): a plan takes all that comes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tcsdk.model.calls import CALLS
from tcsdk.model.folder import CodecFolder
from tcsdk.model.graphs import GRAPHS, Size, input_shape
from tcsdk.model.grids import DEFAULT_TILE, Z_STRIDE

if TYPE_CHECKING:
    from tcsdk.model.folder import ModelFolder

Shape = tuple[int, ...]
_MOST_PIXELS, _MOST_BATCH = 16384, 256
# A label in one graph call, and any picture whatever its size, by tiles of the default side.
DEFAULT_SHAPES = ("512x256", "tile")
# Other sizes that people have names for.
NAMED = {"vga": "640x480", "hd": "1280x720", "fullhd": "1920x1080"}
# Widths of lines in pixels, smallest and best; the largest of the first is given, of the last it is
# the widest that the runtime sends. Most lines of meters, labels and documents are in the first.
_SHORT, _SHORT_END, _LONG = 256, 512, 1024


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


def profiles_of(model: ModelFolder, shapes: Sequence[str] | None = None) -> tuple[Profile, ...]:
    """Return the profiles of a model's plans, the narrow ones first.

    Args:
        model: The model folder.
        shapes: Sizes of pictures, of a codec, as `parse_profile` takes them; None for what the
            model's task wants.

    Raises:
        ValueError: One is no profile, or the model takes crops, whose sizes are not the user's.
    """
    if isinstance(model, CodecFolder):
        return parse_profiles(DEFAULT_SHAPES if shapes is None else shapes, model.halo)
    if shapes is not None:
        raise ValueError(
            f"--shapes is about pictures, and {model.family} takes crops: its plans take all that "
            "tcsdk sends; leave --shapes out, or build codecs by a command of their own"
        )
    return crop_profiles(model.contract(model.roles[0]))


def crop_profiles(contract: str) -> tuple[Profile, ...]:
    """Return profiles for all calls of a graph of crops: one crop alone, several, and long lines.

    Args:
        contract: What the graph takes, a key of `tcsdk.model.calls.CALLS`.

    Raises:
        ValueError: It takes no crops.
    """
    if contract not in CALLS:
        raise ValueError(f"expected a graph of {', '.join(CALLS)}, got {contract!r}")
    calls, pixels = CALLS[contract], next(iter(GRAPHS[contract].inputs.values()))
    rows, columns = pixels.rows or 1, pixels.columns
    if columns is None:
        low, best, high = calls.step, _SHORT, _SHORT_END
    else:
        low = best = high = columns

    def profile(batch: int, most: int, low: int, best: int, high: int) -> Profile:
        return Profile(Size(1, rows, low), Size(batch, rows, best), Size(most, rows, high))

    most = calls.together
    profiles = [profile(1, 1, low, best, high), profile(most, most, low, best, high)]
    if columns is None:
        profiles.append(profile(calls.sizes[1], most, low, _LONG, calls.widest))
    return tuple(profiles)
