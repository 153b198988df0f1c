"""Streams of the small profile that every reader must refuse.

Their check is not among what is wrong with them: it takes a bundle to look at it.
"""

from __future__ import annotations

from collections.abc import Iterator

# (file, how, error, bytes)
Row = tuple[str, str, str, bytes]
CORRUPT, CUT = "CorruptStreamError", "TruncatedStreamError"
LARGE, SHOWN, MAPS, TEXT = 1, 2, 4, 8


def small(flags: int = 0, width: int = 100, height: int = 37, rest: bytes = b"") -> bytes:
    """A small header of quality 20 without factor and check, and what follows it."""
    bits = 13 if flags & LARGE else 9
    word = 20 | (width - 1) << 6 | (height - 1) << (6 + bits)
    return bytes([0xD0 | flags, 0xF3]) + word.to_bytes(4 if flags & LARGE else 3, "little") + rest


def small_rows() -> Iterator[Row]:
    """All of them."""
    check, two = b"\x12\x34", {"width": 513, "height": 9}
    yield "small_cut.tcs", "stream", CUT, small()[:3]
    yield "small_check_cut.tcs", "stream", CUT, small(rest=check[:1])
    yield "small_factor_cut.tcs", "stream", CUT, small(SHOWN, rest=check)
    yield "small_damaged_magic.tcs", "conceal", CORRUPT, b"\xd4TC" + bytes(range(20))
    yield "small_no_tile.tcs", "stream", CUT, small(rest=check)
    yield "small_large_form.tcs", "conceal", CORRUPT, small(LARGE, 512, 512, check + b"abc")
    for name, factor, width in (("zero", 0, 100), ("same", 1, 1), ("second", 3, 10)):
        data = small(SHOWN, width, width, bytes([factor]) + check + b"abc")
        yield f"small_factor_{name}.tcs", "conceal", CORRUPT, data
    beyond = small(SHOWN | LARGE, 8192, 9, b"\xff" + check + b"\x01a" * 16)
    yield "small_shown_beyond.tcs", "conceal", CORRUPT, beyond
    yield "small_no_map.tcs", "conceal", CORRUPT, small(MAPS, rest=check + b"\x00abc")
    yield "small_map_cut.tcs", "stream", CUT, small(MAPS, rest=check + b"\x05abc")
    yield "small_map_alone.tcs", "stream", CUT, small(MAPS, rest=check + b"\x03abc")
    yield "small_text_cut.tcs", "stream", CUT, small(TEXT, rest=check + b"\x05abc")
    yield "small_text_alone.tcs", "stream", CUT, small(TEXT, rest=check + b"\x03abc")
    yield "small_tile_empty.tcs", "stream", CORRUPT, small(LARGE, **two, rest=check + b"\x00abc")
    yield "small_tile_cut.tcs", "stream", CUT, small(LARGE, **two, rest=check + b"\x05abc")
    yield "small_second_missing.tcs", "stream", CUT, small(LARGE, **two, rest=check + b"\x03abc")
    yield "small_length_long.tcs", "stream", CORRUPT, small(TEXT, rest=check + b"\x83\x00abcd")
