"""The grids that pictures and latents lie on."""

from __future__ import annotations

Z_STRIDE = 64  # pixels per position of z
Y_STRIDE = 16  # pixels per position of y and r
DEFAULT_TILE = 512  # side in pixels of the tiles that are coded by themselves
# Pixels of a line of text as recognisers take it: its height, and along it a step of what they say.
LINE_HEIGHT, LINE_STEP = 32, 4
# Height and width of a word as recognisers of words take it, of a small crop and of the large one
# that is made of it: TextZoom's.
WORD_SIZE = (32, 128)
CROP_SIZE, LARGE_CROP_SIZE = (16, 64), (32, 128)


def ceil_div(value: int, divisor: int) -> int:
    """Return value / divisor, rounded up."""
    return -(-value // divisor)
