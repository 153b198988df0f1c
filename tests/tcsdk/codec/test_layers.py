"""Two layers: the first layer alone, the base layer alone, and both as one picture."""

from __future__ import annotations

import dataclasses
import logging
import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.small_model import DETECTOR, MODEL, levels_apart, psnr, striped_picture

import tcsdk
from checks import check_rejects
from tcsdk import Decoder, Encoder, _kernels
from tcsdk.codec.container import split_stream
from tcsdk.errors import CorruptStreamError, TruncatedStreamError, UnknownModelError

PICTURE = striped_picture(300, 200)
MODELS = [MODEL, DETECTOR]


@pytest.fixture(scope="module")
def first_encoder():
    """One layer, as the first of two would be."""
    return Encoder(MODEL, quality=8, device="cpu", threads=2, tile=128)


@pytest.fixture(scope="module")
def layered():
    """An encoder of two layers of different models and qualities, tiles of 128."""
    return Encoder(
        MODEL, quality=8, device="cpu", threads=2, tile=128, base_quality=50, base_model=DETECTOR
    )


@pytest.fixture(scope="module")
def decoders():
    return {
        (layers, on_error): Decoder(
            "cpu", threads=2, models=MODELS, layers=layers, on_error=on_error
        )
        for layers in ("first", "base", "blend")
        for on_error in ("raise", "conceal")
    }


@pytest.fixture(scope="module")
def stream(layered):
    return layered.encode(PICTURE)


@pytest.fixture(scope="module")
def shown(decoders, stream):
    """What each way of decoding shows of the whole stream."""
    return {name: decoders[name, "raise"].decode(stream) for name in ("first", "base", "blend")}


@pytest.fixture(scope="module")
def text_end(stream):
    """Where the text layer ends."""
    chunks = _kernels.parse(stream, first_layer=True)[1]
    return chunks[-1].offset + chunks[-1].length + 4


def damaged(stream, number):
    """The stream with a bit of a chunk's payload flipped."""
    chunk = _kernels.parse(stream)[1][number]
    changed = bytearray(stream)
    changed[chunk.offset + chunk.length // 2] ^= 4
    return bytes(changed)


def test_the_first_layer_has_the_tiles_of_a_stream_of_one_layer(first_encoder, stream):
    alone = split_stream(first_encoder.encode(PICTURE))
    assert split_stream(stream).first.tiles == alone.first.tiles


def test_each_layer_shows_its_own_model_and_quality(first_encoder, decoders, shown):
    alone = decoders["blend", "raise"].decode(first_encoder.encode(PICTURE))
    np.testing.assert_array_equal(shown["first"], alone)
    base = Encoder(DETECTOR, quality=50, device="cpu", threads=2, tile=128).encode(PICTURE)
    np.testing.assert_array_equal(shown["base"], decoders["blend", "raise"].decode(base))
    assert psnr(shown["base"], PICTURE) > psnr(shown["first"], PICTURE) + 1


def blocks_by_the_book(stream):
    """The share of the text layer in each block, as docs/reference/format.md 2.5 has it."""
    parts, bundle = split_stream(stream), _kernels.Bundle((MODEL / "entropy.tcsb").read_bytes())
    whole = parts.grid.picture.on_grid(16)
    activity = np.zeros((whole.height, whole.width), int)
    for index, tile in enumerate(parts.first.tiles):
        at = parts.grid[index].on_grid(16)
        _, r = _kernels.decode_tile(bundle, tile.payload, parts.first.quality, at.height, at.width)
        activity[at.y : at.bottom, at.x : at.right] = (r != 0).sum(axis=0)
    share = np.zeros(activity.shape)
    for y, x in np.ndindex(share.shape):
        rows = [min(max(y + dy, 0), whole.height - 1) for dy in (-1, 0, 1)]
        columns = [min(max(x + dx, 0), whole.width - 1) for dx in (-1, 0, 1)]
        total = sum(activity[row, column] for row in rows for column in columns)
        share[y, x] = min(max(total / (4 * parts.base.threshold) - 0.5, 0), 1)
    return share


def test_a_blend_is_as_the_format_says(stream, shown):
    blocks = blocks_by_the_book(stream)
    assert blocks.min() < 0.3
    assert blocks.max() > 0.7
    height, width = PICTURE.shape[:2]
    lines = np.stack(
        [np.interp((np.arange(width) + 0.5) / 16 - 0.5, np.arange(19), row) for row in blocks]
    )
    share = np.stack(
        [np.interp((np.arange(height) + 0.5) / 16 - 0.5, np.arange(13), row) for row in lines.T]
    ).T[:, :, None]
    expected = shown["base"] + (shown["first"].astype(float) - shown["base"]) * share
    assert np.abs(shown["blend"] - expected).max() < 0.51
    assert levels_apart(shown["first"], shown["base"]) > 10


def test_inspect_lists_the_layers(stream):
    info = tcsdk.inspect(stream)
    assert [(layer.quality, layer.wire_id) for layer in info.layers] == [(8, 0xF0F0), (50, 0xF0F1)]
    assert info.quality == 8
    assert info.tiles == 6
    assert sum(layer.bytes for layer in info.layers) < info.bytes
    assert [chunk.name for chunk in info.chunks].count("layer") == 1


def test_a_stream_cut_in_the_base_layer_still_shows_the_text_layer(
    decoders, stream, shown, text_end
):
    for end in [*range(text_end, len(stream), 97), len(stream) - 1]:
        cut = stream[:end]
        np.testing.assert_array_equal(decoders["first", "raise"].decode(cut), shown["first"])
        for layers in ("base", "blend"):
            check_rejects(
                lambda cut=cut, layers=layers: decoders[layers, "raise"].decode(cut),
                TruncatedStreamError,
            )


@pytest.mark.parametrize("layers", ["base", "blend"])
def test_concealing_shows_the_text_layer_where_the_base_is_cut_off(
    decoders, stream, shown, text_end, layers, caplog
):
    decoder = decoders[layers, "conceal"]
    with caplog.at_level(logging.WARNING, "tcsdk"):
        np.testing.assert_array_equal(decoder.decode(stream[:text_end]), shown["first"])
    assert [(tile.layer, tile.index) for tile in decoder.damage] == [(1, i) for i in range(6)]
    assert "base layer is missing" in caplog.text
    after = decoder.decode(stream[:-1])  # the last tile is lost, at (256, 128)
    assert [(tile.layer, tile.index) for tile in decoder.damage] == [(1, 5)]
    np.testing.assert_array_equal(after[128:, 256:], shown["first"][128:, 256:])
    np.testing.assert_array_equal(after[:64, :96], shown[layers][:64, :96])


def test_a_text_layer_that_is_cut_is_truncated_for_all(decoders, stream, text_end):
    for layers in ("first", "base", "blend"):
        check_rejects(
            lambda layers=layers: decoders[layers, "raise"].decode(stream[: text_end - 1]),
            TruncatedStreamError,
        )


def test_a_lost_first_tile_shows_the_base_layer(decoders, stream, shown):
    decoder = decoders["blend", "conceal"]
    after = decoder.decode(damaged(stream, 0))
    assert [(tile.layer, tile.index) for tile in decoder.damage] == [(0, 0)]
    np.testing.assert_array_equal(after[:128, :128], shown["base"][:128, :128])
    base = decoders["base", "raise"].decode(damaged(stream, 0))
    np.testing.assert_array_equal(base, shown["base"])


def test_a_damaged_layer_chunk_is_named_or_concealed(decoders, stream, shown):
    hurt = damaged(stream, 6)
    for layers in ("base", "blend"):
        check_rejects(
            lambda layers=layers: decoders[layers, "raise"].decode(hurt),
            CorruptStreamError,
            "0x04",
        )
        np.testing.assert_array_equal(decoders[layers, "conceal"].decode(hurt), shown["first"])
    np.testing.assert_array_equal(decoders["first", "raise"].decode(hurt), shown["first"])
    check_rejects(lambda: tcsdk.inspect(hurt), CorruptStreamError, "0x04")


def test_damage_in_the_base_layer_names_the_layer(decoders, stream):
    check_rejects(
        lambda: decoders["base", "raise"].decode(damaged(stream, 9)),
        CorruptStreamError,
        "base layer, tile 2",
    )


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_region_is_what_the_whole_blend_shows_there(decoders, stream, shown, data):
    height, width = PICTURE.shape[:2]
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    w, h = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    part = decoders["blend", "raise"].decode(stream, region=(x, y, w, h))
    assert levels_apart(part, shown["blend"][y : y + h, x : x + w]) <= 1


def test_a_decoder_of_the_text_needs_no_model_of_the_base(stream, shown):
    only_text = Decoder("cpu", threads=1, models=[MODEL], layers="first")
    np.testing.assert_array_equal(only_text.decode(stream), shown["first"])
    blending = Decoder("cpu", threads=1, models=[MODEL])
    check_rejects(lambda: blending.decode(stream), UnknownModelError, "0xf0f1")


def test_a_decoder_of_the_base_needs_no_model_of_the_text(stream, shown):
    only_base = Decoder("cpu", threads=1, models=[DETECTOR], layers="base")
    np.testing.assert_array_equal(only_base.decode(stream), shown["base"])


def test_max_bytes_keeps_the_quality_of_the_base(layered, decoders, stream):
    data = layered.encode(PICTURE, max_bytes=len(stream) + 200)
    assert len(data) <= len(stream) + 200
    first, base = tcsdk.inspect(data).layers
    assert first.quality >= 8
    assert base.quality == 50
    with pytest.raises(tcsdk.TargetTooSmallError):
        layered.encode(PICTURE, max_bytes=500)


def test_many_pictures_have_layers_too(layered, decoders, stream):
    (outcome,) = layered.encode_many([PICTURE])
    assert outcome.get() == stream


def test_metadata_lies_in_front_of_both_layers(layered, decoders, shown):
    data = layered.encode(PICTURE, user=b"us")
    assert tcsdk.metadata(data).user == b"us"
    assert tcsdk.metadata(data[:-1]).user == b"us"
    np.testing.assert_array_equal(decoders["blend", "raise"].decode(data), shown["blend"])


def test_a_small_stream_has_one_layer():
    encoder = Encoder(MODEL, base_quality=3, base_model=DETECTOR)
    check_rejects(lambda: encoder.encode(PICTURE, small=True), ValueError, "base_quality=")


def test_wrong_layers_are_refused():
    check_rejects(lambda: Decoder("cpu", layers="both"), ValueError, "'both'")
    check_rejects(
        lambda: Encoder(MODEL, base_quality=64, base_model=DETECTOR),
        ValueError,
        "base_quality as a whole number 0..63",
    )


def test_layers_travel_with_the_encoder(layered):
    again = layered.__reduce__()
    call, (kind, arguments) = again
    assert call(kind, arguments).encode(PICTURE) == layered.encode(PICTURE)
    assert dataclasses.is_dataclass(tcsdk.LayerInfo)


def test_the_first_layers_former_name_is_taken_with_a_warning(stream, shown):
    with pytest.warns(DeprecationWarning, match=r"called 'first' now; .* until 0\.3"):
        former = Decoder("cpu", threads=1, models=[MODEL], layers="text")
    np.testing.assert_array_equal(former.decode(stream), shown["first"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the new name travels
        copy = pickle.loads(pickle.dumps(former))
    assert "layers='first'" in repr(copy)
