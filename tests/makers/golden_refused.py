"""Streams, bundles, maps, payloads and packed weights that every reader must refuse.

`index.csv` has one row per file: file, how it is read (`stream`; `conceal`, by a concealing reader
too; `inspect`, as one of its chunks is damaged or of another stream; `bundle`, `map <h> <w>`,
`layer`, `weights`, `tile <quality> <h> <w>` with the bundle of v0/lanes_1), class of tcsdk.errors.
Streams here are spelled as before format 0.4, but for those of golden_refused_bound.py.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from golden_refused_bound import bound_rows
from golden_refused_small import small_rows
from golden_text import text_rows

from tcsdk._kernels import crc32c

TILE, LAYER, MAP, USER, ICC, SIZE = 0x01, 0x04, 0x05, 0x83, 0x81, 0x84

# (file, how, error, bytes)
Row = tuple[str, str, str, bytes]


def header(
    version: int = 0x01, flags: int = 20, width: int = 512, height: int = 256, tile: bytes = b""
) -> bytes:
    """A full header with a right check, whatever the fields say."""
    body = b"\xf4TC" + struct.pack("<BBHIHH", version, flags, 0xFFF0, 1, width, height) + tile
    return body + struct.pack("<H", crc32c(body) & 0xFFFF)


def chunk(kind: int, payload: bytes, length: bytes | None = None) -> bytes:
    """A chunk with a right check, whatever the length bytes say."""
    body = bytes([kind]) + (bytes([len(payload)]) if length is None else length) + payload
    return body + struct.pack("<I", crc32c(body))


def flipped(data: bytes, position: int) -> bytes:
    """The same bytes with the lowest bit of one of them flipped."""
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def bits(*parts: str) -> bytes:
    """Bits in the order in which they come, spaces for the eye."""
    row = "".join(parts).replace(" ", "")
    row += "0" * (-len(row) % 8)
    return bytes(int(row[i : i + 8][::-1], 2) for i in range(0, len(row), 8))


def sealed(body: bytes) -> bytes:
    """A bundle's body with a right check."""
    return body + struct.pack("<I", crc32c(body))


def headers() -> Iterator[Row]:
    """Streams whose header is refused."""
    tile = chunk(TILE, b"abc")
    yield "empty.tcs", "stream", "TruncatedStreamError", b""
    yield "png.tcs", "stream", "NotATcsStreamError", b"\x89PNG\r\n\x1a\n" + bytes(40)
    yield "header_cut.tcs", "stream", "TruncatedStreamError", header()[:16]
    yield "header_check.tcs", "stream", "CorruptStreamError", flipped(header(), 11) + tile
    yield "newer_minor.tcs", "stream", "NewerVersionError", header(version=0x05) + tile
    yield "newer_major.tcs", "stream", "NewerVersionError", header(version=0x10) + tile
    yield "version_zero.tcs", "stream", "CorruptStreamError", header(version=0x00) + tile
    yield "reserved_bit.tcs", "stream", "CorruptStreamError", header(flags=0x94) + tile
    layered = header(version=0x02, flags=0x94)
    yield "version_without_layers.tcs", "stream", "CorruptStreamError", header(version=0x02) + tile
    yield "layered_header_only.tcs", "stream", "TruncatedStreamError", layered
    yield "width_zero.tcs", "stream", "StreamLimitError", header(width=0) + tile
    yield "height_zero.tcs", "stream", "StreamLimitError", header(height=0) + tile
    small = {"flags": 0x54, "width": 65535, "height": 65535, "tile": b"\x01"}
    yield "million_tiles.tcs", "stream", "StreamLimitError", header(**small)  # type: ignore[arg-type]
    zero = header(flags=0x54, tile=b"\x00")
    yield "tile_side_zero.tcs", "stream", "StreamLimitError", zero + tile
    spelled = header(flags=0x54, tile=b"\x08")
    yield "tile_side_default.tcs", "stream", "CorruptStreamError", spelled + tile


def chunks() -> Iterator[Row]:
    """Streams whose chunks are refused."""
    start, tile, user = header(), chunk(TILE, b"abc"), chunk(USER, b"")
    quality_map = chunk(MAP, b"m")
    yield "no_tile.tcs", "stream", "TruncatedStreamError", start + user
    yield "tile_cut.tcs", "stream", "TruncatedStreamError", start + tile[:-1]
    yield "tile_missing.tcs", "stream", "TruncatedStreamError", header(width=513) + tile
    huge = start + b"\x01\xff\xff\xff\x7f" + bytes(40)
    yield "length_huge.tcs", "stream", "TruncatedStreamError", huge
    long_form = start + chunk(TILE, b"abc", b"\x83\x00")
    yield "length_long_form.tcs", "stream", "CorruptStreamError", long_form
    five = start + chunk(TILE, b"abc", b"\x83\x80\x80\x80\x00")
    yield "length_five_bytes.tcs", "stream", "CorruptStreamError", five
    yield "tile_empty.tcs", "stream", "CorruptStreamError", start + chunk(TILE, b"")
    yield "critical_text.tcs", "stream", "UnsupportedChunkError", start + chunk(3, b"") + tile
    yield "layer_unannounced.tcs", "stream", "CorruptStreamError", start + chunk(4, b"") + tile
    yield "critical_retired.tcs", "stream", "UnsupportedChunkError", start + chunk(2, b"m") + tile
    yield "critical_unknown.tcs", "stream", "UnsupportedChunkError", start + chunk(0x7F, b"") + tile
    yield "two_maps.tcs", "stream", "CorruptStreamError", start + quality_map * 2 + tile
    between = start + quality_map + user + tile
    yield "ancillary_late.tcs", "stream", "CorruptStreamError", between
    yield "two_profiles.tcs", "stream", "CorruptStreamError", start + chunk(ICC, b"") * 2 + tile
    yield "two_sizes.tcs", "stream", "CorruptStreamError", start + chunk(SIZE, bytes(4)) * 2 + tile
    yield "ancillary_flood.tcs", "stream", "StreamLimitError", start + user * 1025 + tile
    yield "trailing_byte.tcs", "stream", "TrailingDataError", start + tile + b"\x00"
    yield "trailing_tile.tcs", "stream", "TrailingDataError", start + tile * 2
    yield "trailing_user.tcs", "stream", "TrailingDataError", start + tile + user
    # Its check and then the structure behind it are wrong.
    damaged = header(width=513) + flipped(tile, 1) + tile
    yield "length_damaged.tcs", "stream", "CorruptStreamError", damaged


def layers() -> Iterator[Row]:
    """Layered streams whose chunks are refused, and payloads of layer chunks."""
    start, tile, user = header(version=0x02, flags=0x94), chunk(TILE, b"abc"), chunk(USER, b"")
    quality_map, layer = chunk(MAP, b"m"), chunk(LAYER, b"\x14\x11\xf1\xff\x01\x02\x03\x04")
    wrong, cut = "CorruptStreamError", "TruncatedStreamError"
    whole = start + tile + layer + tile
    yield "layer_missing.tcs", "stream", cut, start + tile
    yield "layer_cut.tcs", "stream", cut, start + tile + layer[:-1]
    yield "layer_without_tile.tcs", "stream", cut, start + tile + layer
    yield "layer_tile_cut.tcs", "stream", cut, whole[:-1]
    yield "layer_first.tcs", "stream", wrong, start + layer + tile + layer + tile
    yield "layer_skipped.tcs", "stream", wrong, start + tile * 2
    yield "layer_twice.tcs", "stream", wrong, start + tile + layer * 2 + tile
    yield "layer_behind_map.tcs", "stream", wrong, start + tile + quality_map + layer + tile
    yield "layer_two_maps.tcs", "stream", wrong, start + tile + layer + quality_map * 2 + tile
    yield "layer_ancillary.tcs", "stream", wrong, start + tile + layer + user + tile
    yield "layer_between_ancillary.tcs", "stream", wrong, start + tile + user + layer + tile
    yield "layer_trailing.tcs", "stream", "TrailingDataError", whole + b"\x00"
    yield "layer_third.tcs", "stream", "TrailingDataError", whole + layer + tile
    yield "layer_short.bin", "layer", cut, b"\x14\x11\xf1\xff\x01\x02\x03"
    yield "layer_long.bin", "layer", "TrailingDataError", b"\x14\x11\xf1\xff\x01\x02\x03\x04\x05"
    yield "layer_quality.bin", "layer", wrong, b"\x40\x11\xf1\xff\x01\x02\x03\x04"


def bare() -> Iterator[Row]:
    """Bare streams that are refused."""
    start = b"\xe1\x14\xf0\xff"
    yield "bare_cut.tcs", "stream", "TruncatedStreamError", start + b"\x20"
    yield "bare_no_tile.tcs", "stream", "TruncatedStreamError", start + b"\x20\x20"
    yield "bare_quality.tcs", "stream", "CorruptStreamError", b"\xe1\x54\xf0\xff\x20\x20abc"
    yield "bare_width_zero.tcs", "stream", "StreamLimitError", start + b"\x00\x20abc"
    yield "bare_width_65536.tcs", "stream", "StreamLimitError", start + b"\x80\x80\x04\x20abc"
    yield "bare_width_long_form.tcs", "stream", "CorruptStreamError", start + b"\xa0\x00\x20abc"
    yield "bare_tile_cut.tcs", "stream", "TruncatedStreamError", start + b"\x81\x04\x20\x01a\x02b"
    yield "bare_trailing.tcs", "stream", "TrailingDataError", start + b"\x81\x04\x20\x01a\x01bx"


def maps() -> Iterator[Row]:
    """Quality maps that are refused."""
    how, wrong, cut = "map 2 3", "CorruptStreamError", "TruncatedStreamError"
    yield "map_empty.bin", how, cut, b""
    yield "map_cut.bin", how, cut, bits("11", "100000", "1")  # a value without its run
    yield "map_zeros_long.bin", how, wrong, bits("11", "101100", "1", "10")  # 6 of 6
    yield "map_run_long.bin", how, wrong, bits("11", "100000", "1", "00 1 000")  # 7 of 6
    yield "map_run_split.bin", how, wrong, bits("11", "100000", "1", "10", "1", "1", "10")
    yield "map_number_huge.bin", how, wrong, bits("00", 30 * "0", "1")
    yield "map_value_large.bin", how, wrong, bits("11", "100000", "0000 1 1111", "10")  # 16 * 8
    yield "map_unit_small.bin", how, wrong, bits("10", "100000", "0 1 1", "10")  # 2 * 2 alone
    yield "map_zeros_unit.bin", how, wrong, b"\x00"
    yield "map_bits_behind.bin", how, wrong, bits("11", "100000", "1", "0 1 11", "1")
    yield "map_trailing.bin", how, "TrailingDataError", b"\x03\x00"


def tiles(payload: bytes) -> Iterator[Row]:
    """Payloads that are refused; `payload` is that of v0/lanes_1 (quality 20, 16 x 32)."""
    how = "tile 20 16 32"
    yield "tile_lane_code.bin", how, "CorruptStreamError", bytes([payload[0] | 3]) + payload[1:]
    yield "tile_only_byte.bin", how, "CorruptStreamError", payload[:1]
    yield "tile_last_word_gone.bin", how, "CorruptStreamError", payload[:-2]
    yield "tile_word_more.bin", how, "CorruptStreamError", payload + b"\x00\x01"
    yield "tile_bit.bin", how, "CorruptStreamError", flipped(payload, len(payload) // 2)
    other_skip = bytes([payload[0] ^ 0x20]) + payload[1:]
    yield "tile_other_skip.bin", how, "CorruptStreamError", other_skip
    yield "tile_other_grid.bin", "tile 20 16 31", "CorruptStreamError", payload
    yield "tile_other_quality.bin", "tile 50 16 32", "CorruptStreamError", payload
    # A state of 2^16 - 1 in the four-byte form, and all words zero: escapes without end.
    yield "tile_small_state.bin", how, "CorruptStreamError", payload[:1] + b"\xff\xff\x00\x00"
    yield "tile_zeros.bin", how, "CorruptStreamError", payload[:4] + b"\x01" + bytes(200)


def bundles(bundle: bytes) -> Iterator[Row]:
    """Entropy bundles that are refused; `bundle` is that of v0/lanes_1.

    M 8, C_z 4, 2 levels, 5 contexts.
    """
    how, error = "bundle", "BundleError"
    body = bundle[:-4]
    steps = 49 + 64  # fixed fields, z_level_of_quality
    gains = steps + 64 * 8
    z_centre = gains + 2 * 1024 + 2 * 2 * 4 * 4
    z_start = z_centre + 2 * 4
    z_shift = z_start + 2 * 5 * 4 * 64 + 64 + 64 * 64 + 2 * 4 * 4

    def patched(position: int, data: bytes) -> bytes:
        return sealed(body[:position] + data + body[position + len(data) :])

    yield "bundle_empty.tcsb", how, error, b""
    yield "bundle_magic.tcsb", how, error, patched(0, b"TCSX")
    yield "bundle_newer.tcsb", how, "NewerVersionError", patched(4, b"\x01\x00")
    yield "bundle_version_zero.tcsb", how, error, patched(4, b"\x00\x00")
    yield "bundle_check.tcsb", how, error, flipped(bundle, 200)
    yield "bundle_cut.tcsb", how, error, sealed(body[:-1])
    yield "bundle_longer.tcsb", how, error, sealed(body + b"\x00")
    yield "bundle_latent_zero.tcsb", how, error, patched(40, b"\x00\x00")
    yield "bundle_latent_huge.tcsb", how, error, patched(40, b"\xff\xff")
    yield "bundle_precision.tcsb", how, error, patched(46, b"\x10")
    yield "bundle_skip.tcsb", how, error, patched(47, b"\x40")
    yield "bundle_contexts_even.tcsb", how, error, patched(48, b"\x04")
    yield "bundle_contexts_many.tcsb", how, error, patched(48, b"\x41")
    yield "bundle_level.tcsb", how, error, patched(49, b"\x02")
    yield "bundle_gain_nan.tcsb", how, error, patched(gains, b"\x00\x00\xc0\x7f")
    yield "bundle_gain_negative.tcsb", how, error, patched(gains, b"\x00\x00\x80\xbf")
    yield "bundle_starts.tcsb", how, error, patched(z_start + 4, b"\x00\x00")
    yield "bundle_z_shift.tcsb", how, error, patched(z_shift, b"\x00")
    yield "bundle_layers.tcsb", how, error, patched(z_shift + 1, b"\x09")
    yield "bundle_cin.tcsb", how, error, patched(z_shift + 2, b"\x05")
    yield "bundle_kernel.tcsb", how, error, patched(z_shift + 6, b"\x02")
    # Bias of the first channel: with the weights the bound of the accumulator is broken.
    bias = z_shift + 9 + 16 * 4 * 9
    yield "bundle_accumulator.tcsb", how, error, patched(bias, b"\xff\xff\xff\x7f")


def run(payload: bytes, shape: bytes = b"\x01\x04", bits: bytes = b"\x04") -> bytes:
    """The entry of a tensor `a`, by default of four weights of four bits, with a right size."""
    return b"\x01a" + shape + bits + bytes([len(payload)]) + payload


def weights() -> Iterator[Row]:
    """Packed weights that are refused."""
    how, error = "weights", "PackedWeightsError"
    sound = run(b"\x00\x21\x43")

    def file(*entries: bytes, count: int | None = None, version: bytes = b"\x00\x01") -> bytes:
        number = struct.pack("<H", len(entries) if count is None else count)
        return sealed(b"TCSW" + version + number + b"".join(entries))

    yield "weights_empty.tcsw", how, error, b""
    yield "weights_magic.tcsw", how, error, sealed(b"TCSX" + file(sound)[4:-4])
    yield "weights_newer.tcsw", how, "NewerVersionError", file(sound, version=b"\x01\x00")
    yield "weights_version_zero.tcsw", how, error, file(sound, version=b"\x00\x00")
    yield "weights_check.tcsw", how, error, flipped(file(sound), 12)
    yield "weights_cut.tcsw", how, error, sealed(file(sound)[:-5])
    yield "weights_longer.tcsw", how, error, file(sound, b"\x00", count=1)
    yield "weights_none.tcsw", how, error, file()
    yield "weights_missing.tcsw", how, error, file(sound, count=2)
    yield "weights_twice.tcsw", how, error, file(sound, sound)
    yield "weights_name_empty.tcsw", how, error, file(b"\x00" + sound[2:])
    yield "weights_name_blank.tcsw", how, error, file(b"\x01 " + sound[2:])
    yield "weights_scalar.tcsw", how, error, file(run(b"\x00\x21\x43", b"\x00"))
    yield "weights_nine_sides.tcsw", how, error, file(run(b"\x00\x21\x43", b"\x09" + b"\x01" * 9))
    yield "weights_side_zero.tcsw", how, error, file(run(b"\x00\x21\x43", b"\x02\x04\x00"))
    most = b"\xff\xff\xff\x7f"
    yield "weights_sides_huge.tcsw", how, error, file(run(b"\x00\x21\x43", b"\x02" + most * 2))
    yield "weights_one_bit.tcsw", how, error, file(run(b"\x00\x21\x43", bits=b"\x01"))
    yield "weights_nine_bits.tcsw", how, error, file(run(b"\x00\x21\x43", bits=b"\x09"))
    alike = run(b"\x00\x21\x43", bits=b"\x00\x92\x04")  # 2 four times
    yield "weights_bits_spelled.tcsw", how, error, file(alike)
    unlike = run(b"\x00\x01\x00\x21\x03", bits=b"\x00\x90\x14")  # 0 2 2 2, then a bit too many
    yield "weights_bits_behind.tcsw", how, error, file(unlike)
    nine = run(b"\x00\x01\x00\x21\x03", bits=b"\x00\x97\x04")  # 7 2 2 2
    yield "weights_channel_nine_bits.tcsw", how, error, file(nine)
    yield "weights_payload_short.tcsw", how, error, file(run(b"\x00\x21"))
    yield "weights_payload_long.tcsw", how, error, file(run(b"\x00\x21\x43\x00"))
    long_form = b"\x01a\x01\x04\x04\x83\x00\x00\x21\x43"
    yield "weights_size_long_form.tcsw", how, error, file(long_form)
    yield "weights_dense.tcsw", how, error, file(run(b"\x01" + bytes(3), b"\x02\x41\x04"))
    yield "weights_coding.tcsw", how, error, file(run(b"\x02\x21\x43"))
    yield "weights_padding.tcsw", how, error, file(run(b"\x00\x21\x13", b"\x01\x03"))
    yield "weights_frequencies.tcsw", how, error, file(run(b"\x01" + b"\xff\x1f" + bytes(20)))
    table = b"\x01" + b"\x7f" * 15  # 128 fifteen times, the rest for the sixteenth
    yield "weights_coded_cut.tcsw", how, error, file(run(table + b"\x04\x00\x01"))
    yield "weights_coded_state.tcsw", how, error, file(run(table + b"\x02\x00\x00"))
    beyond = run(b"\x01\x00\x00\x00\x02\xff\x0f", b"\x01\x01", b"\x02")  # the last of 32 entries
    yield "weights_beyond_width.tcsw", how, error, file(beyond)


def write_refused(folder: Path, case: Path) -> None:
    """Write all refused files and index.csv into a new `folder`; `case` is v0/lanes_1."""
    payload = (case / "payload.bin").read_bytes()
    bundle = (case / "bundle.tcsb").read_bytes()
    rows = [*headers(), *chunks(), *layers(), *bare(), *maps(), *tiles(payload), *bundles(bundle)]
    rows += [*weights(), *bound_rows(), *text_rows(), *small_rows()]
    folder.mkdir(parents=True)
    for name, _, _, data in rows:
        (folder / name).write_bytes(data)
    lines = ["file,how,error\n"] + [f"{name},{how},{error}\n" for name, how, error, _ in rows]
    (folder / "index.csv").write_text("".join(lines), encoding="ascii", newline="\n")
