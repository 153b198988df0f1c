"""A picture coded smaller than it is shown: `encode(scale=)`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.offsets import offsets_of
from support.small_model import MODEL, levels_apart, psnr, smooth_picture

import tcsdk
from checks import check_rejects
from container_bytes import ICC, SIZE, chunk_bytes
from tcsdk import Decoder, Encoder
from tcsdk.codec.container import split_stream
from tcsdk.codec.resampling import Sizes, reduced
from tcsdk.codec.tiles import Box
from tcsdk.errors import CorruptStreamError, StreamLimitError

PICTURE = smooth_picture(300, 200)
HEADER = 17  # bytes of a stream with tiles of 512
SIZE_CHUNK = 10


@pytest.fixture(scope="module")
def stream(encoder):
    return encoder.encode(PICTURE, scale=0.6)


def with_chunk(stream: bytes, payload: bytes) -> bytes:
    """The stream with another size chunk, its checksum right."""
    return stream[:HEADER] + chunk_bytes(SIZE, payload) + stream[HEADER + SIZE_CHUNK :]


def test_it_is_coded_small_and_shown_large(encoder, decoder, stream):
    info = tcsdk.inspect(stream)
    assert (info.width, info.height) == (300, 200)
    assert (info.coded_width, info.coded_height) == (180, 120)
    assert info.bpp == 8 * len(stream) / 60_000
    assert [chunk.name for chunk in info.chunks] == ["size", "tile"]
    assert len(stream) < len(encoder.encode(PICTURE))
    assert psnr(decoder.decode(stream), PICTURE) > 24
    assert decoder.timings.enlarge > 0


def test_the_picture_coded_is_the_one_reduced(encoder, stream):
    small = encoder.encode(reduced(PICTURE, 0.6))
    assert stream[HEADER + SIZE_CHUNK :] == small[HEADER:]


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


def test_a_bare_stream_has_no_room_for_a_size(encoder):
    check_rejects(lambda: encoder.encode(PICTURE, scale=0.5, bare=True), ValueError, "scale=")


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", ("expected 4 bytes", "got 0")),
        (bytes(5), ("expected 4 bytes", "got 5")),
        (b"\xb3\x00\xc8\x00", ("beyond the coded 180x120", "got 179x200")),
        (b"\x2c\x01\x77\x00", ("beyond the coded 180x120", "got 300x119")),
        (b"\xb4\x00\x78\x00", ("beyond the coded 180x120", "got 180x120")),
    ],
)
def test_sizes_that_make_no_sense_are_refused(decoder, concealing, stream, payload, words):
    broken = with_chunk(stream, payload)
    for read in (decoder.decode, concealing.decode, tcsdk.inspect):
        check_rejects(lambda read=read: read(broken), CorruptStreamError, *words)


def test_a_huge_size_is_refused_before_it_is_made(decoder, stream):
    huge = with_chunk(stream, b"\xff\xff\xff\xff")
    check_rejects(lambda: decoder.decode(huge), StreamLimitError, "65535x65535")
    part = decoder.decode(huge, region=(30_000, 40_000, 20, 10))
    assert part.shape == (10, 20, 3)


def test_a_damaged_size_is_refused_or_the_coded_one_shown(decoder, concealing, stream):
    damaged = bytearray(stream)
    damaged[HEADER + 3] ^= 1
    check_rejects(lambda: decoder.decode(bytes(damaged)), CorruptStreamError, "0x84")
    assert concealing.decode(bytes(damaged)).shape == (120, 180, 3)
    part = {"region": (0, 0, 9, 9)}  # of which size, nobody knows
    check_rejects(
        lambda: concealing.decode(bytes(damaged), **part), CorruptStreamError, "0x84", "region"
    )


def test_readers_of_before_skip_the_size(decoder, stream):
    """To them it is an ancillary chunk as any other."""
    unknown = stream[:HEADER] + chunk_bytes(ICC + 0x20, stream[HEADER + 2 : HEADER + 6])
    unknown += stream[HEADER + SIZE_CHUNK :]
    assert decoder.decode(unknown).shape == (120, 180, 3)


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
