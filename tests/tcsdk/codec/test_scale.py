"""A picture coded smaller than it is shown: `encode(scale=)`."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.offsets import offsets_of
from support.small_model import MODEL, levels_apart, psnr, smooth_picture

import tcsdk
from checks import check_rejects
from container_bytes import SIZE, former_stream, payloads
from tcsdk import Decoder, Encoder, _kernels
from tcsdk.codec.container import split_stream
from tcsdk.codec.resampling import Sizes, reduced
from tcsdk.codec.tiles import Box
from tcsdk.errors import CorruptStreamError, StreamLimitError

PICTURE = smooth_picture(300, 200)
SHOWN = slice(16, 20)  # of a header with tiles of 512
CHECK = slice(20, 22)


@pytest.fixture(scope="module")
def stream(encoder):
    return encoder.encode(PICTURE, scale=0.6)


def said_to_be(stream: bytes, width: int, height: int) -> bytes:
    """The stream with another shown size, its header's checksum right."""
    changed = bytearray(stream)
    changed[SHOWN] = struct.pack("<HH", width, height)
    changed[CHECK] = struct.pack("<H", _kernels.crc32c(bytes(changed[: CHECK.start])) & 0xFFFF)
    return bytes(changed)


def as_of_before(stream: bytes) -> bytes:
    """The stream as versions before 0.4 wrote it, its shown size in a chunk."""
    header, chunks = _kernels.parse(stream)
    size = (SIZE, struct.pack("<HH", *header.shown))
    return former_stream(header, [size, *payloads(stream, chunks)])


def test_it_is_coded_small_and_shown_large(encoder, decoder, stream):
    info = tcsdk.inspect(stream)
    assert (info.width, info.height) == (300, 200)
    assert (info.coded_width, info.coded_height) == (180, 120)
    assert info.bpp == 8 * len(stream) / 60_000
    assert [chunk.name for chunk in info.chunks] == ["tile"]
    assert len(stream) < len(encoder.encode(PICTURE))
    assert psnr(decoder.decode(stream), PICTURE) > 24
    assert decoder.timings.enlarge > 0


def test_the_picture_coded_is_the_one_reduced(encoder, stream):
    small = encoder.encode(reduced(PICTURE, 0.6))
    assert split_stream(stream).first.tiles == split_stream(small).first.tiles
    assert len(stream) == len(small) + 5


def test_scale_one_changes_nothing(encoder):
    assert encoder.encode(PICTURE, scale=1.0) == encoder.encode(PICTURE)


def test_a_picture_too_small_to_be_reduced_stays(encoder):
    dot = PICTURE[:1, :1]
    assert encoder.encode(dot, scale=0.01) == encoder.encode(dot)


@given(st.floats(0.2, 1.0), st.integers(1, 90), st.integers(1, 90))
def test_any_size_comes_back(encoder, decoder, scale, width, height):
    picture = PICTURE[:height, :width]
    data = encoder.encode(picture, scale=scale)
    assert decoder.decode(data).shape == picture.shape
    assert encoder.encode(picture, scale=scale) == data


@given(st.data())
def test_a_region_is_that_part_of_the_whole(decoder, stream, data):
    x, y = data.draw(st.integers(0, 299)), data.draw(st.integers(0, 199))
    width, height = data.draw(st.integers(1, 300 - x)), data.draw(st.integers(1, 200 - y))
    part = decoder.decode(stream, region=(x, y, width, height))
    assert levels_apart(part, decoder.decode(stream)[y : y + height, x : x + width]) <= 1


@given(st.data())
def test_a_part_of_noise_is_enlarged_as_in_the_whole(data):
    noise = np.random.default_rng(1).integers(0, 256, (60, 90, 3), np.uint8)
    sizes = Sizes.of((90, 60), (150, 100))
    x, y = data.draw(st.integers(0, 149)), data.draw(st.integers(0, 99))
    area = Box(x, y, data.draw(st.integers(1, 150 - x)), data.draw(st.integers(1, 100 - y)))
    at = sizes.needed(area)
    part = sizes.enlarged(noise[at.y : at.bottom, at.x : at.right], area)
    whole = sizes.enlarged(noise, sizes.shown)[area.y : area.bottom, area.x : area.right]
    assert levels_apart(part, whole) <= 1


def test_a_region_beyond_the_shown_picture_is_refused(decoder, stream):
    with pytest.raises(ValueError, match="within 300x200"):
        decoder.decode(stream, region=(0, 0, 301, 10))


def test_regions_are_given_on_the_picture_as_shown(encoder):
    offsets = offsets_of(encoder.encode(PICTURE, scale=0.5, regions=[(100, 64, 100, 64, 5)]))
    expected = np.zeros((7, 10), int)
    expected[2:4, 3:7] = 5  # coded: columns 50 to 100, rows 32 to 64
    np.testing.assert_array_equal(offsets, expected)
    with pytest.raises(ValueError, match="within 300x200"):
        encoder.encode(PICTURE, scale=0.5, regions=[(250, 0, 51, 10, 5)])


def test_a_map_is_of_the_picture_as_coded(encoder):
    qmap = np.full((7, 10), -3)
    np.testing.assert_array_equal(offsets_of(encoder.encode(PICTURE, scale=0.5, qmap=qmap)), qmap)
    with pytest.raises(ValueError, match=r"\(7, 10\)"):
        encoder.encode(PICTURE, scale=0.5, qmap=np.full((13, 19), -3))


def test_both_layers_are_coded_small():
    encoder = Encoder(MODEL, base_quality=5, base_model=MODEL, device="cpu", threads=2)
    data = encoder.encode(PICTURE, scale=0.5)
    assert tcsdk.inspect(data).coded_width == 150
    for layers in ("first", "base", "blend"):
        shown = Decoder("cpu", threads=2, models=[MODEL], layers=layers).decode(data)
        assert psnr(shown, PICTURE) > 15


def test_tiles_of_a_small_side_work_too(decoder):
    data = Encoder(MODEL, quality=40, device="cpu", threads=2, tile=64).encode(PICTURE, scale=0.7)
    assert tcsdk.inspect(data).tiles == 4 * 3  # of 210x140
    assert psnr(decoder.decode(data), PICTURE) > 24


def test_metadata_stays(encoder):
    data = encoder.encode(PICTURE, scale=0.5, user=b"mine")
    assert tcsdk.metadata(data).user == b"mine"
    assert tcsdk.inspect(data).coded_width == 150


def test_the_best_quality_that_fits_counts_the_size(encoder):
    whole = encoder.encode(PICTURE, scale=0.5)
    assert encoder.encode(PICTURE, scale=0.5, max_bytes=len(whole), quality=40) == whole
    less = encoder.encode(PICTURE, scale=0.5, max_bytes=len(whole) - 1, quality=40)
    assert tcsdk.inspect(less).quality < 40


def test_many_pictures_at_once(encoder, decoder):
    streams = [
        outcome.get() for outcome in encoder.encode_many([PICTURE] * 3, tcsdk.Request(scale=0.5))
    ]
    assert streams == [encoder.encode(PICTURE, scale=0.5)] * 3
    shown = [outcome.get().shape for outcome in decoder.decode_many(streams)]
    assert shown == [PICTURE.shape] * 3


@pytest.mark.parametrize("scale", [0.0, -0.5, 1.5, float("nan"), float("inf")])
def test_scales_out_of_range_are_refused(encoder, scale):
    check_rejects(lambda: encoder.encode(PICTURE, scale=scale), ValueError, "scale", "at most 1")


@pytest.mark.parametrize("shape", [(200, 300), (201, 301), (97, 131), (480, 640)])
@pytest.mark.parametrize("scale", [0.75, 0.5, 0.25])
def test_a_small_stream_is_shown_at_the_size_of_its_picture(encoder, decoder, shape, scale):
    data = encoder.encode(smooth_picture(shape[1], shape[0]), scale=scale, small=True)
    assert decoder.decode(data).shape == (*shape, 3)
    info = tcsdk.inspect(data)
    assert abs(info.coded_width / info.width - scale) < 0.12


@pytest.mark.parametrize("size", [(179, 200), (300, 119), (180, 120)])
def test_sizes_that_make_no_sense_are_refused(decoder, concealing, stream, size):
    broken = said_to_be(stream, *size)
    for read in (decoder.decode, concealing.decode, tcsdk.inspect):
        check_rejects(lambda read=read: read(broken), CorruptStreamError, "shown size")


def test_a_huge_size_is_refused_before_it_is_made(decoder, stream):
    header, chunks = _kernels.parse(stream)
    fields = ("width", "height", "quality", "wire_id", "bundle_hash")
    values = {name: getattr(header, name) for name in fields}
    head = _kernels.Header(**values, shown=(65535, 65535))
    huge = _kernels.write(head, payloads(stream, chunks))
    check_rejects(lambda: decoder.decode(huge), StreamLimitError, "65535x65535")
    part = decoder.decode(huge, region=(30_000, 40_000, 20, 10))
    assert part.shape == (10, 20, 3)


def test_a_damaged_or_exchanged_size_is_refused_by_all(decoder, concealing, stream):
    damaged = bytearray(stream)
    damaged[SHOWN.start] ^= 1
    other = said_to_be(stream, 301, 200)
    for data in (bytes(damaged), other):
        for read in (decoder.decode, concealing.decode, tcsdk.inspect):
            check_rejects(lambda data=data, read=read: read(data), CorruptStreamError)


def test_streams_of_before_are_shown_by_their_size_chunk(decoder, stream):
    former = as_of_before(stream)
    np.testing.assert_array_equal(decoder.decode(former), decoder.decode(stream))
    info = tcsdk.inspect(former)
    assert (info.version, info.width, info.coded_width) == ((0, 1), 300, 180)
    assert [chunk.name for chunk in info.chunks] == ["size", "tile"]


def test_a_damaged_size_chunk_of_before_is_refused_or_said(decoder, concealing, stream):
    damaged = bytearray(as_of_before(stream))
    damaged[20] ^= 1
    check_rejects(lambda: decoder.decode(bytes(damaged)), CorruptStreamError, "0x84")
    assert concealing.decode(bytes(damaged)).shape == (120, 180, 3)
    (said,) = concealing.damage
    assert "0x84" in said.reason
    part = {"region": (0, 0, 9, 9)}  # of which size, nobody knows
    check_rejects(
        lambda: concealing.decode(bytes(damaged), **part), CorruptStreamError, "0x84", "region"
    )


def test_damage_is_reported_on_the_picture_as_shown(concealing):
    data = Encoder(MODEL, quality=40, device="cpu", threads=2, tile=64).encode(PICTURE, scale=0.5)
    tile = split_stream(data).first.tiles[1].payload
    at = data.index(bytes(tile))
    broken = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    assert concealing.decode(broken).shape == PICTURE.shape
    (damage,) = concealing.damage
    assert damage.box == (128, 0, 128, 128)


@given(st.integers(1, 500), st.integers(1, 500), st.floats(0.1, 1.0), st.data())
def test_a_part_and_its_coded_pixels_cover_each_other(width, height, scale, data):
    coded = tuple(max(1, round(side * scale)) for side in (width, height))
    sizes = Sizes.of(coded, (width, height))
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    area = Box(x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y)))
    back = sizes.to_shown(sizes.to_coded(area))
    assert back.overlap(area) == area
    assert sizes.needed(area).overlap(sizes.coded) == sizes.needed(area)
