from __future__ import annotations

import logging

import numpy as np
import pytest
from support.small_model import MODEL, levels_apart, smooth_picture

import tcsdk
from checks import check_rejects
from container_bytes import bare_stream
from tcsdk import DamagedChunk, DamagedTile, Decoder, Encoder, _kernels
from tcsdk.errors import (
    BitstreamError,
    BundleMismatchError,
    CorruptStreamError,
    NewerVersionError,
    NotATcsStreamError,
    StreamLimitError,
    TrailingDataError,
    TruncatedStreamError,
    UnknownModelError,
)

SMALL = smooth_picture(40, 30)
LARGE = smooth_picture(300, 200)


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.fixture(scope="module")
def small(encoder):
    return encoder.encode(SMALL, quality=24, user=b"us")


@pytest.fixture(scope="module")
def tiled():
    """A stream of 5 x 4 tiles, with its tile chunks."""
    data = Encoder(MODEL, tile=64, quality=30).encode(LARGE)
    return data, _kernels.parse(data)[1]


def test_a_stream_cut_anywhere_is_truncated(decoder, small):
    for size in range(len(small)):
        expected = TruncatedStreamError if size else (TruncatedStreamError, NotATcsStreamError)
        with pytest.raises(expected):
            decoder.decode(small[:size])


def test_a_tiled_stream_cut_anywhere_is_truncated(decoder, tiled):
    data, _ = tiled
    for size in range(1, len(data), 7):
        with pytest.raises(TruncatedStreamError):
            decoder.decode(data[:size])


def test_any_flipped_bit_is_noticed(decoder, small):
    for bit in range(8 * len(small)):
        with pytest.raises(BitstreamError):
            decoder.decode(flipped(small, bit))


def test_any_flipped_bit_of_a_tiled_stream_is_noticed(decoder, tiled):
    data, _ = tiled
    for bit in range(0, 8 * len(data), 11):
        with pytest.raises(BitstreamError):
            decoder.decode(flipped(data, bit))


def test_any_flipped_bit_of_a_small_stream_is_noticed(encoder, decoder):
    concealing = Decoder("cpu", threads=1, models=[MODEL], on_error="conceal")
    data = encoder.encode(SMALL, quality=24, small=True, text=["A 1"])
    assert decoder.decode(data).shape == SMALL.shape
    for bit in range(8 * len(data)):
        for reader in (decoder, concealing):
            with pytest.raises((BitstreamError, UnknownModelError)):
                reader.decode(flipped(data, bit))


def test_a_small_stream_cut_anywhere_is_refused(encoder, decoder):
    data = encoder.encode(SMALL, quality=24, small=True)
    for size in range(len(data)):
        with pytest.raises(BitstreamError):
            decoder.decode(data[:size])


def test_a_bare_stream_with_a_flipped_bit_decodes_or_raises(encoder, decoder):
    """No checksum: damage may go unnoticed, but memory and time stay bounded."""
    data = bare_stream(encoder.encode(SMALL, quality=24))
    noticed = 0
    decoder = Decoder("cpu", threads=1, models=[MODEL], max_pixels=1 << 20)
    for bit in range(8 * len(data)):
        try:
            decoder.decode(flipped(data, bit))
        except (BitstreamError, UnknownModelError):
            noticed += 1
    assert noticed > 4 * len(data)


def test_each_cause_has_its_error(decoder, small):
    assert small[:3] == b"\xf4\x54\x43"
    check_rejects(lambda: decoder.decode(b"\x89PNG\r\n\x1a\n" + small), NotATcsStreamError)
    newer = bytearray(small)
    newer[3] = 0x20
    check_rejects(lambda: decoder.decode(bytes(newer)), NewerVersionError)
    check_rejects(lambda: decoder.decode(small + b"\0"), TrailingDataError)
    check_rejects(lambda: decoder.decode(b""), TruncatedStreamError)


def with_header(data: bytes, **fields: int) -> bytes:
    """The chunks of a stream behind another, sound, header."""
    header, chunks = _kernels.parse(data)
    values = {
        name: getattr(header, name)
        for name in ("width", "height", "quality", "wire_id", "bundle_hash", "tile")
    }
    parts = [(c.type, data[c.offset : c.offset + c.length]) for c in chunks]
    return _kernels.write(_kernels.Header(**{**values, **fields}), parts)


def test_a_stream_of_another_model_names_it(decoder, small):
    check_rejects(
        lambda: decoder.decode(with_header(small, wire_id=0xFFFF)), UnknownModelError, "0xffff"
    )
    check_rejects(
        lambda: decoder.decode(with_header(small, bundle_hash=0x04030201)),
        BundleMismatchError,
        "01020304",
        "small",
    )


def test_a_payload_of_another_size_is_corrupt(decoder, small):
    for fields in ({"width": 41}, {"width": 400, "height": 300}, {"quality": 60}):
        try:
            decoder.decode(with_header(small, **fields))
        except CorruptStreamError:
            continue
        assert fields == {"width": 41}  # 40 and 41 pixels have the same latents


def test_huge_sizes_are_refused_before_anything_is_made(decoder, small):
    known = _kernels.parse(small)[0].bundle_hash
    header = _kernels.Header(
        width=65535, height=65535, quality=0, wire_id=0xF0F0, bundle_hash=known, tile=16320
    )
    data = _kernels.write(header, [(1, b"\0")] * 25)
    check_rejects(lambda: decoder.decode(data), StreamLimitError, "65535x65535", "max_pixels")
    with pytest.raises(CorruptStreamError):
        decoder.decode(data, region=(0, 0, 8, 8))


def test_a_region_is_refused_by_the_tiles_behind_it(tiled):
    data, _ = tiled
    decoder = Decoder("cpu", threads=1, models=[MODEL], max_pixels=2 * 64 * 64)
    assert decoder.decode(data, region=(60, 0, 8, 64)).shape == (64, 8, 3)
    check_rejects(
        lambda: decoder.decode(data, region=(60, 60, 8, 8)),
        StreamLimitError,
        "region takes 128x128",
        "max_pixels=8192",
    )
    assert decoder.decode(data, region=(290, 190, 10, 10)).shape == (10, 10, 3)  # 44 x 8 pixels


def test_a_declared_size_without_tiles_is_truncated(decoder, small):
    header = bytearray(small[:17])
    header[11:15] = b"\xff\xff\xff\xff"
    header[15:17] = (_kernels.crc32c(bytes(header[:15])) & 0xFFFF).to_bytes(2, "little")
    check_rejects(lambda: decoder.decode(bytes(header)), TruncatedStreamError)


def test_a_damaged_tile_is_filled_and_reported(concealing, decoder, tiled, caplog):
    data, chunks = tiled
    sound = decoder.decode(data)
    damaged = flipped(data, 8 * chunks[7].offset + 3)
    check_rejects(lambda: decoder.decode(damaged), CorruptStreamError, "tile 7")
    with caplog.at_level(logging.WARNING, "tcsdk"):
        after = concealing.decode(damaged)
    assert "tile 7" in caplog.text
    (tile,) = concealing.damage
    assert (tile.index, tile.box) == (7, (128, 64, 64, 64))
    assert "checksum" in tile.reason
    far = np.ones(after.shape, bool)
    far[:, 64:256] = False
    np.testing.assert_array_equal(after[far], sound[far])
    inside = after[64:128, 128:192].astype(int)
    assert np.abs(inside - sound[64:128, 128:192]).mean() < 60  # continued, not black or noise
    concealing.decode(data)
    assert concealing.damage == ()


def test_a_region_of_lost_tiles_is_filled_from_a_sound_one_elsewhere(concealing, tiled):
    data, chunks = tiled
    cut = data[: chunks[1].offset]  # tile 0 alone is whole
    part = concealing.decode(cut, region=(250, 150, 20, 10))
    assert part.shape == (10, 20, 3)
    assert {tile.index for tile in concealing.damage} == {7, 8, 9, 12, 13, 14, 17, 18, 19}


def test_missing_tiles_are_filled(concealing, decoder, tiled):
    data, chunks = tiled
    after = concealing.decode(data[: chunks[12].offset + 1])
    assert [tile.index for tile in concealing.damage] == list(range(12, 20))
    assert all("missing" in tile.reason for tile in concealing.damage)
    assert levels_apart(after[:64], decoder.decode(data)[:64]) == 0


@pytest.mark.parametrize("byte", [-2, -1])
def test_a_damaged_type_or_length_shifts_no_tile(concealing, decoder, tiled, byte):
    """A tile is shown in its own place or not at all."""
    data, chunks = tiled
    sound = decoder.decode(data)
    for bit in range(8):
        damaged = flipped(data, 8 * (chunks[7].offset + byte) + bit)
        after = concealing.decode(damaged)
        lost = {tile.index for tile in concealing.damage if isinstance(tile, DamagedTile)}
        assert 7 in lost
        assert not lost & set(range(7))
        assert levels_apart(after[:64, :64], sound[:64, :64]) == 0  # no neighbour is lost


def test_any_damage_to_tiles_is_concealed_or_raised(concealing, tiled):
    data, _ = tiled
    for bit in range(8 * 23, 8 * len(data), 41):
        concealing.decode(flipped(data, bit))
        assert concealing.damage


def test_a_picture_without_a_sound_tile_is_not_invented(concealing, small):
    check_rejects(
        lambda: concealing.decode(flipped(small, 8 * len(small) - 50)), CorruptStreamError
    )


def test_the_header_is_never_concealed(concealing, small):
    for bit in range(8 * 19):
        with pytest.raises(BitstreamError):
            concealing.decode(flipped(small, bit))


def test_damaged_metadata_raises_or_is_concealed(decoder, concealing, small):
    at = small.index(b"us")
    check_rejects(lambda: decoder.decode(flipped(small, 8 * at)), CorruptStreamError, "0x83")
    np.testing.assert_array_equal(concealing.decode(flipped(small, 8 * at)), decoder.decode(small))
    (damage,) = concealing.damage
    assert isinstance(damage, DamagedChunk)
    assert "chunk 0x83: wrong checksum" in damage.reason


def test_a_damaged_quality_map_loses_its_tile(concealing):
    roi = np.zeros((13, 19), int)
    roi[0, 0] = 5
    data = Encoder(MODEL, tile=64, quality=30).encode(LARGE, qmap=roi)
    at = _kernels.parse(data)[1][0].offset
    concealing.decode(flipped(data, 8 * at))
    assert [tile.index for tile in concealing.damage] == [0]
    assert "quality map" in concealing.damage[0].reason


def test_unknown_error_modes_are_wrong_use():
    check_rejects(lambda: Decoder(on_error="ignore"), ValueError, "'raise', 'conceal'")


def test_inspect_refuses_what_decode_refuses(small):
    with pytest.raises(TruncatedStreamError):
        tcsdk.inspect(small[:-1])
    for bit in range(8 * len(small)):
        with pytest.raises(BitstreamError):
            tcsdk.inspect(flipped(small, bit))
