"""JPEG files without their end marker, as cut-off transfers and some cameras leave them.

Pillow refuses all of them, or takes any with `LOAD_TRUNCATED_IMAGES`, which holds for the process.
Viewers show them; here those are taken that lack nothing of any pixel.
"""

from __future__ import annotations

import io
from contextlib import suppress

_START, _SCAN, _END = b"\xff\xd8\xff", b"\xff\xda", b"\xff\xd9"
# Entropy-coded bits that say different things: what a decoder still waits for, they would be.
_PROBES = (b"", b"\xaa" * 64, b"\x55" * 64)


def with_end(data: bytes, most_pixels: int | None) -> bytes:
    """Return a picture file with the end marker that it lacks, where it lacks nothing else.

    A decoder that has all pixels skips what follows them, so the file is decoded with several
    continuations: if these do not show, nothing is missing.

    Args:
        data: A picture file of any format.
        most_pixels: Larger pictures are left as they are; None for no bound.

    Returns:
        `data` and a marker, or `data` as it is: no JPEG file, with an end, or with a gap before it.
    """
    scan = data.rfind(_SCAN)
    if not data.startswith(_START) or scan < 0 or data.find(_END, scan) >= 0:
        return data
    from PIL import Image

    came, shown = data.rstrip(_END[:1]), set()
    with suppress(Exception):  # of a parser: whoever opens the file hears it
        for probe in _PROBES:
            with Image.open(io.BytesIO(came + probe + _END), formats=("JPEG",)) as image:
                if most_pixels is not None and image.width * image.height > most_pixels:
                    return data
                shown.add(image.tobytes())
        return came + _END if len(shown) == 1 else data
    return data
