"""A part of a picture alone, in a few dozen bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tcsdk.arguments import wholes
from tcsdk.codec.tiles import Box
from tcsdk.encoder import Encoder
from tcsdk.errors import RegionError
from tcsdk.images import WHITE, load_picture
from tcsdk.keywords import taking
from tcsdk.request import Request
from tcsdk.shortcuts import encode

if TYPE_CHECKING:
    from tcsdk.images import ImageSource

EVIDENCE = 120  # bytes: beside a reading


@taking(Request, Encoder)
def crop(
    image: ImageSource,
    box: tuple[int, int, int, int],
    *,
    max_bytes: int | None = EVIDENCE,
    small: bool = True,
    **options: Any,
) -> bytes:
    """Encode a part of a picture alone: a plate, or a meter's register, as evidence of a reading.

    The stream is that of the part; where it lay is not in it.

    Args:
        image: What `encode` takes.
        box: (x, y, width, height) in pixels of the upright picture.
        max_bytes: Take the best quality whose stream is no larger; None for that of `quality`.
        small: As for `Request`.
        options: Other keywords of `Request` and `Encoder`. Those that name places (`regions`,
            `text`) are about the part.

    Returns:
        The stream.

    Raises:
        RegionError: The box leaves the picture.
        TargetTooSmallError: Nothing fits `max_bytes`; its `.smallest` says what would.
        TcsdkError, OSError, ValueError, TypeError: As for `encode`.

    Examples:
        >>> len(crop("car.png", (412, 300, 160, 48)))  # doctest: +SKIP
        117
    """
    background = options.get("background", WHITE)
    picture = load_picture(
        image,
        background=background,
        keep=options.get("keep", ()),
        page=options.pop("page", None),
    )
    height, width = picture.pixels.shape[:2]
    part, whole = Box(*wholes("box", box, ("x", "y", "width", "height"))), Box(0, 0, width, height)
    inside = part.x >= 0 and part.y >= 0 and part.width >= 1 and part.height >= 1
    if not inside or part.overlap(whole) != part:
        raise RegionError(
            f"expected box (x, y, width, height) within {width}x{height} pixels, got {tuple(box)}"
        )
    pixels = picture.pixels[part.y : part.bottom, part.x : part.right]
    return encode(pixels.copy(), max_bytes=max_bytes, small=small, **options)
