"""Streams put together from chunks of several streams, or from those of one in another order.

Every way in which a stream of before 0.4 decoded silently, and how often it did then.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from support.small_model import DETECTOR, MODEL, levels_apart, smooth_picture, striped_picture

from checks import check_rejects
from container_bytes import cut_out, former_stream, payloads
from tcsdk import DamagedChunk, DamagedTile, Decoder, Encoder, _kernels
from tcsdk.codec.container import Stream, split_stream
from tcsdk.errors import BitstreamError, CorruptStreamError, TrailingDataError

PICTURE = smooth_picture(300, 200)
LATER = np.roll(PICTURE, 5, axis=1)  # from the same camera
TILES = 20


@pytest.fixture(scope="module")
def tiling():
    return Encoder(MODEL, quality=30, device="cpu", threads=2, tile=64)


@pytest.fixture(scope="module")
def whole(tiling):
    """A stream of 5 x 4 tiles of 64."""
    return tiling.encode(PICTURE)


@pytest.fixture(scope="module")
def parts(whole):
    """Its header, and its 20 chunks."""
    return cut_out(whole, _kernels.parse(whole)[1])


@pytest.fixture(scope="module")
def later_parts(tiling):
    data = tiling.encode(LATER)
    return cut_out(data, _kernels.parse(data)[1])


def check_tiles_in_their_places(data: bytes, whole: bytes) -> Stream:
    """A concealing reader has each tile as it was, or says what is wrong with it."""
    stream = split_stream(data, lenient=True)
    for found, true in zip(stream.first.tiles, split_stream(whole).first.tiles, strict=True):
        assert found.damage or found == true
    assert stream.chunk_damage or any(tile.damage for tile in stream.first.tiles)
    return stream


def test_exchanged_tiles_of_one_shape_are_refused_and_put_right(decoder, whole, parts):
    """32 of 225 pairs decoded silently before."""
    head, chunks = parts
    for a, b in itertools.combinations(range(TILES), 2):
        mixed = list(chunks)
        mixed[a], mixed[b] = mixed[b], mixed[a]
        data = head + b"".join(mixed)
        check_rejects(lambda data=data: decoder.decode(data), CorruptStreamError, f"tile {a}")
        stream = check_tiles_in_their_places(data, whole)
        assert not any(tile.damage for tile in stream.first.tiles)


def test_chunks_out_of_order_show_the_whole_picture_and_are_said(concealing, decoder, whole, parts):
    head, chunks = parts
    after = concealing.decode(head + b"".join(reversed(chunks)))
    np.testing.assert_array_equal(after, decoder.decode(whole))
    assert {type(item) for item in concealing.damage} == {DamagedChunk}
    assert "out of its order" in concealing.damage[0].reason


def test_a_tile_sent_twice_is_refused_or_said(concealing, decoder, whole, parts):
    """A concealing reader showed all tiles behind it in their neighbours' places before."""
    head, chunks = parts
    for i in range(TILES - 1):
        data = head + b"".join([*chunks[: i + 1], *chunks[i:]])
        check_rejects(lambda data=data: decoder.decode(data), CorruptStreamError)
        check_tiles_in_their_places(data, whole)
    np.testing.assert_array_equal(concealing.decode(data), decoder.decode(whole))
    (said,) = concealing.damage
    assert "place is taken" in said.reason
    data = head + b"".join([*chunks, chunks[-1]])
    for reader in (decoder, concealing):
        check_rejects(lambda reader=reader: reader.decode(data), TrailingDataError)


@pytest.mark.parametrize("lost", [0, 7, 19])
def test_a_lost_tile_leaves_the_others_where_they_are(concealing, decoder, whole, parts, lost):
    head, chunks = parts
    data = head + b"".join([*chunks[:lost], *chunks[lost + 1 :]])
    with pytest.raises(BitstreamError):
        decoder.decode(data)
    after = concealing.decode(data)
    assert [item.index for item in concealing.damage] == [lost]
    assert "missing" in concealing.damage[0].reason
    far = 18 if lost < 9 else 1  # neither it nor a neighbour
    y, x = far // 5 * 64 + 2, far % 5 * 64 + 16
    sound = decoder.decode(whole)
    assert levels_apart(after[y : y + 4, x : x + 4], sound[y : y + 4, x : x + 4]) == 0


def test_a_tile_of_another_picture_from_the_same_camera_is_found(
    concealing, decoder, whole, parts, later_parts
):
    """It always decoded silently before."""
    (head, chunks), (_, later) = parts, later_parts
    for i in range(TILES):
        data = head + b"".join([*chunks[:i], later[i], *chunks[i + 1 :]])
        check_rejects(
            lambda data=data: decoder.decode(data), CorruptStreamError, f"tile {i}", "checksum"
        )
        check_tiles_in_their_places(data, whole)
    concealing.decode(data)
    (lost,) = concealing.damage
    assert isinstance(lost, DamagedTile)
    assert lost.index == TILES - 1


def test_a_tile_of_another_picture_put_in_between_is_said(
    concealing, decoder, whole, parts, later_parts
):
    (head, chunks), (_, later) = parts, later_parts
    data = head + b"".join([*chunks[:3], later[3], *chunks[3:]])
    np.testing.assert_array_equal(concealing.decode(data), decoder.decode(whole))
    (said,) = concealing.damage
    assert "checksum" in said.reason


def test_the_header_of_another_picture_makes_no_stream(concealing, decoder, parts, later_parts):
    (_, chunks), (later, _) = parts, later_parts
    for reader in (decoder, concealing):
        check_rejects(
            lambda reader=reader: reader.decode(later + b"".join(chunks)), CorruptStreamError
        )


def test_a_layer_chunk_of_another_stream_is_found():
    """15 of 44 decoded silently before."""
    models = [MODEL, DETECTOR]
    strict, concealing = (
        Decoder("cpu", threads=2, models=models, on_error=how) for how in ("raise", "conceal")
    )
    picture, streams = striped_picture(300, 200), []
    for quality in (20, 50):
        encoder = Encoder(
            MODEL, quality=8, device="cpu", threads=2, base_quality=quality, base_model=DETECTOR
        )
        streams.append(encoder.encode(picture))
    (head, own), (_, other) = (cut_out(data, _kernels.parse(data)[1]) for data in streams)
    mixed = head + own[0] + other[1] + own[2]
    check_rejects(lambda: strict.decode(mixed), CorruptStreamError, "0x04")
    first = Decoder("cpu", threads=2, models=models, layers="first")
    np.testing.assert_array_equal(concealing.decode(mixed), first.decode(streams[0]))
    assert [item.layer for item in concealing.damage] == [1]


def test_bytes_behind_a_stream_are_refused_by_all(decoder, concealing, whole):
    header, chunks = _kernels.parse(whole)
    former = former_stream(header, payloads(whole, chunks))
    for data in (whole, former):
        for reader in (decoder, concealing):
            check_rejects(
                lambda data=data, reader=reader: reader.decode(data + b"x"), TrailingDataError
            )
