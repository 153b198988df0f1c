"""What part of a picture a decoder shows: where it lies, and whether it may be synthesised."""

from __future__ import annotations

from tcsdk.arguments import wholes
from tcsdk.codec.container import Stream
from tcsdk.codec.tiles import Box
from tcsdk.errors import CorruptStreamError, RegionError, StreamLimitError


def asked_region(stream: Stream, region: tuple[int, int, int, int] | None, max_pixels: int) -> Box:
    """Return the part of a picture that is to be shown.

    Args:
        stream: Of the picture.
        region: (x, y, width, height) in pixels of the picture as shown; None for all of it.
        max_pixels: Most pixels to synthesise or to show.

    Raises:
        CorruptStreamError: Where the region lies is not known.
        RegionError: It is not within the picture.
        StreamLimitError: It takes more pixels.
        TypeError: It is none.
    """
    if region is not None and stream.size_is_doubtful:
        raise CorruptStreamError(
            f"{stream.chunk_damage[0]}: it may have said how large the picture is shown, so where "
            f"region={tuple(region)} lies is not known; decode the whole picture"
        )
    shown = _within(region, stream.sizes.shown)
    # Tiles are synthesised whole: a region of one pixel may cost 16320 x 16320.
    tiles = stream.grid.covering(stream.sizes.needed(shown))
    made = max(tiles, shown, key=lambda box: box.width * box.height)
    if made.width * made.height > max_pixels:
        what = "picture has" if region is None else "region takes"
        raise StreamLimitError(
            f"the {what} {made.width}x{made.height} pixels, more than max_pixels={max_pixels}; "
            "decode a smaller region, or raise max_pixels"
        )
    return shown


def _within(region: tuple[int, int, int, int] | None, picture: Box) -> Box:
    if region is None:
        return picture
    box = Box(*wholes("region", region, ("x", "y", "width", "height")))
    inside = box.x >= 0 and box.y >= 0 and box.width >= 1 and box.height >= 1
    if not inside or box.overlap(picture) != box:
        raise RegionError(
            f"expected region (x, y, width, height) within {picture.width}x{picture.height} "
            f"pixels, got {tuple(region)}"
        )
    return box
