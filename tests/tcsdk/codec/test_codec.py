from __future__ import annotations

import dataclasses
import io
import pickle
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.small_model import MODEL, file_of, psnr, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk import Decoder, Encoder
from tcsdk.codec.tiles import Box
from tcsdk.errors import RegionError

PICTURE = smooth_picture(300, 200)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 63), st.booleans())
def test_every_size_and_quality_round_trips(encoder, decoder, width, height, quality, small):
    picture = smooth_picture(width, height)
    data = encoder.encode(picture, quality=quality, small=small)
    after = decoder.decode(data)
    assert after.shape == picture.shape
    assert after.dtype == np.uint8
    info = tcsdk.inspect(data)
    assert (info.width, info.height, info.quality) == (width, height, quality)
    if quality >= 30:
        assert psnr(after, picture) > 24


@pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (2000, 1), (64, 64), (65, 63), (513, 17)])
def test_odd_shapes_round_trip(encoder, decoder, shape):
    picture = smooth_picture(shape[1], shape[0])
    assert psnr(decoder.decode(encoder.encode(picture)), picture) > 24


def test_finer_quality_costs_more_and_shows_more(encoder, decoder):
    streams = [encoder.encode(PICTURE, quality=quality) for quality in (0, 20, 40, 63)]
    sizes = [len(data) for data in streams]
    fidelity = [psnr(decoder.decode(data), PICTURE) for data in streams]
    assert sizes == sorted(set(sizes))
    assert fidelity == sorted(fidelity)


def test_a_one_tile_stream_costs_at_most_24_bytes_more_than_its_payload(encoder):
    data = encoder.encode(PICTURE)
    (tile,) = tcsdk.inspect(data).chunks
    assert len(data) - tile.bytes <= 24
    small = encoder.encode(PICTURE, small=True)
    assert len(small) - tile.bytes == 7


def test_encoding_is_repeatable(encoder):
    assert encoder.encode(PICTURE) == encoder.encode(PICTURE)


@pytest.mark.parametrize("small", [False, True])
def test_tiles_leave_no_seam(decoder, small):
    """Along the borders of tiles a picture is as near to the original as in one tile."""
    picture = smooth_picture(1100, 600)
    whole = decoder.decode(Encoder(MODEL, quality=40, tile=1152).encode(picture))
    data = Encoder(MODEL, quality=40).encode(picture, small=small)
    assert tcsdk.inspect(data).tiles == 6
    tiled = decoder.decode(data)
    assert psnr(tiled, picture) > psnr(whole, picture) - 0.1
    for near_border in (np.s_[:, 508:516], np.s_[:, 1020:1028], np.s_[508:516]):
        off_tiled, off_whole = (
            np.abs(after[near_border].astype(int) - picture[near_border]).mean()
            for after in (tiled, whole)
        )
        assert off_tiled < 1.2 * off_whole


def test_without_context_there_would_be_a_seam(encoder, decoder):
    """The seam test can fail: a decoder that ignores the neighbours shows it."""
    picture = smooth_picture(1100, 600)
    data = encoder.encode(picture)
    with_context = np.abs(decoder.decode(data)[:, 508:516].astype(int) - picture[:, 508:516])
    blind = Decoder("cpu", models=[MODEL])
    blind.decode(data)
    (key,) = blind._loaded
    blind._loaded[key] = dataclasses.replace(blind._loaded[key], halo=0)
    without = np.abs(blind.decode(data)[:, 508:516].astype(int) - picture[:, 508:516])
    assert without.mean() > 1.2 * with_context.mean()


def test_a_quality_map_makes_its_part_finer_and_larger(encoder, decoder):
    roi = np.zeros((13, 19), int)
    roi[:, :9] = 12
    plain, mapped = (encoder.encode(PICTURE, quality=8, qmap=r) for r in (None, roi))
    assert len(mapped) > len(plain)
    left = np.s_[:, :140]
    before, after = decoder.decode(plain), decoder.decode(mapped)
    assert psnr(after[left], PICTURE[left]) > psnr(before[left], PICTURE[left]) + 0.5


def test_a_quality_map_goes_to_the_tiles_that_need_it(decoder):
    encoder = Encoder(MODEL, tile=64, quality=20)
    roi = np.zeros((13, 19), np.int8)
    roi[0, 0] = 9
    data = encoder.encode(PICTURE, qmap=roi)
    names = [chunk.name for chunk in tcsdk.inspect(data).chunks]
    assert names == ["quality map"] + ["tile"] * 20
    decoder.decode(data)
    assert encoder.encode(PICTURE, qmap=np.zeros((13, 19), int)) == encoder.encode(PICTURE)


@pytest.mark.parametrize(
    ("qmap", "error"),
    [
        (np.zeros((13, 18), int), RegionError),
        (np.full((13, 19), 128), ValueError),
        (np.zeros((13, 19)), TypeError),
    ],
)
def test_wrong_quality_maps_are_refused(encoder, qmap, error):
    check_rejects(lambda: encoder.encode(PICTURE, qmap=qmap), error, "expected qmap")


def test_metadata_is_kept_when_asked(encoder):
    profile = b"\0" * 16 + b"RGB " + b"\0" * 108
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    source = file_of(PICTURE, icc_profile=profile, exif=exif)
    assert tcsdk.metadata(encoder.encode(source)) == tcsdk.Metadata(None, None, None)
    kept = tcsdk.metadata(encoder.encode(source, keep=("icc", "exif"), user=b"site 7"))
    assert kept.icc == profile
    assert kept.user == b"site 7"
    read = Image.Exif()
    read.load(kept.exif)
    assert read[0x010F] == "a camera"


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"keep": ("icc",)}, "keep="),
        ({"user": b"x"}, "user="),
    ],
)
def test_a_small_stream_refuses_what_it_cannot_carry(encoder, options, word):
    check_rejects(lambda: encoder.encode(PICTURE, small=True, **options), ValueError, word)
    tiled = Encoder(MODEL, tile=64)
    check_rejects(lambda: tiled.encode(PICTURE, small=True), ValueError, "tiles of 512")
    wide = np.zeros((16, 8193, 3), np.uint8)
    check_rejects(lambda: encoder.encode(wide, small=True), ValueError, "8192 pixels a side")


@pytest.mark.parametrize("keep", ["icc", ("gps",)])
def test_unknown_metadata_is_wrong_use(encoder, keep):
    check_rejects(lambda: encoder.encode(PICTURE, keep=keep), ValueError, "expected keep")


@pytest.mark.parametrize("quality", [-1, 64])
def test_qualities_out_of_range_are_wrong_use(encoder, quality):
    check_rejects(lambda: encoder.encode(PICTURE, quality=quality), ValueError, "0..63")
    check_rejects(lambda: Encoder(MODEL, quality=quality), ValueError, "0..63")


@pytest.mark.parametrize("tile", [0, 63, 100, 16384])
def test_tile_sides_off_the_grid_are_wrong_use(tile):
    check_rejects(lambda: Encoder(MODEL, tile=tile), ValueError, "multiple of 64")


def test_streams_are_taken_as_bytes_path_or_file(encoder, decoder, tmp_path):
    data = encoder.encode(PICTURE)
    (tmp_path / "a.tcs").write_bytes(data)
    expected = decoder.decode(data)
    for source in (bytearray(data), memoryview(data), tmp_path / "a.tcs", io.BytesIO(data)):
        np.testing.assert_array_equal(decoder.decode(source), expected)
    check_rejects(lambda: decoder.decode(5), TypeError, "expected a stream")


@pytest.mark.parametrize("kind", [Encoder, Decoder])
def test_the_repr_evaluates_back(kind):
    first = (
        Encoder(str(MODEL), quality=3, threads=1, tile=128)
        if kind is Encoder
        else Decoder("cpu", models=[MODEL], on_error="conceal")
    )
    second = eval(repr(first))
    assert repr(second) == repr(first)
    assert type(second) is kind


def test_objects_travel_by_pickle(encoder, decoder):
    data = pickle.loads(pickle.dumps(encoder)).encode(PICTURE)
    assert data == encoder.encode(PICTURE)
    after = pickle.loads(pickle.dumps(decoder)).decode(data)
    np.testing.assert_array_equal(after, decoder.decode(data))


def test_timings_belong_to_the_thread_that_called(encoder, decoder):
    data = encoder.encode(PICTURE)
    decoder.decode(data)
    for timings in (encoder.timings, decoder.timings):
        stages = dataclasses.asdict(timings)
        total = stages.pop("total")
        assert all(milliseconds >= 0 for milliseconds in stages.values())
        assert 0 < sum(stages.values()) <= total * 2  # two threads
    seen = []
    other = threading.Thread(target=lambda: seen.append((encoder.timings, decoder.timings)))
    other.start()
    other.join()
    assert seen == [(None, None)]


def test_one_object_serves_many_threads(encoder, decoder):
    pictures = [smooth_picture(40 + 13 * i, 90 - 7 * i) for i in range(8)]
    expected = [decoder.decode(encoder.encode(picture)) for picture in pictures]
    results: list[np.ndarray | None] = [None] * 8

    def work(index: int) -> None:
        for _ in range(5):
            results[index] = decoder.decode(encoder.encode(pictures[index]))

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for got, want in zip(results, expected, strict=True):
        np.testing.assert_array_equal(got, want)


def test_thread_counts_give_the_same_stream():
    streams = {Encoder(MODEL, threads=n, tile=64).encode(PICTURE) for n in (1, 2, 5)}
    assert len(streams) == 1


def test_the_precision_of_the_decoder_is_a_choice(encoder):
    data = encoder.encode(PICTURE)
    one, two = (Decoder("cpu", models=[MODEL], precision=p).decode(data) for p in ("fp32", "int8"))
    np.testing.assert_array_equal(one, two)


def test_engine_says_what_runs(encoder, decoder):
    assert encoder.engine.precision == "fp32"
    assert encoder.engine.device == decoder.engine.device == "cpu"
    assert decoder.engine.threads == 2


class Broken:
    """An analysis graph whose outputs something changes."""

    def __init__(self, graph, change):
        self.graph, self.change = graph, change

    def run(self, inputs, *, concurrent):
        return self.change(self.graph.run(inputs, concurrent=concurrent))


def with_nan(outputs):
    outputs["d"][0, 0, 0, 0] = np.nan
    return outputs


@pytest.mark.parametrize(
    ("change", "words"),
    [(with_nan, ["NaN"]), (lambda outputs: {"z_hat": outputs["z_hat"]}, ["outputs d", "z_hat"])],
)
def test_a_graph_that_gives_nan_or_lacks_an_output_is_an_engine_error(encoder, change, words):
    codec = dataclasses.replace(
        encoder._loaded.codec, analysis=Broken(encoder._loaded.codec.analysis, change)
    )
    box = Box(0, 0, 300, 200)
    check_rejects(
        lambda: codec.analyse(PICTURE, box, 0, concurrent=False), tcsdk.EngineError, *words
    )
