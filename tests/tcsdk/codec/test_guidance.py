"""Sent text is painted where it reaches, and nowhere else is a pixel another one."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from support import manifests
from support.fake_reader import line
from support.small_model import levels_apart, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk import _kernels, errors
from tcsdk.codec.container import ChunkType
from tcsdk.model.folder import CodecFolder
from tcsdk.model.read import read_model_folder
from tcsdk.reading.orientation import Recognised
from tcsdk.reading.reader import PPOCRReader

ZOO = Path(__file__).parents[3] / "zoo"
PICTURE = smooth_picture(600, 330)


def words(x: int, y: int, text: str = "Nr 8041") -> tuple[list[tuple[int, int]], str]:
    """A line of letters 12 pixels high."""
    return [(x, y), (x + 64, y), (x + 64, y + 12), (x, y + 12)], text


LINES = [words(40, 60), words(480, 120, "Exit"), words(230, 250, "two words")]


@pytest.fixture(scope="module")
def encoder():
    return tcsdk.Encoder("textboost-int8", quality=8, device="cpu", threads=2)


@pytest.fixture(scope="module")
def backbone():
    return tcsdk.Encoder("tfic-int8", quality=8, device="cpu", threads=2)


@pytest.fixture(scope="module")
def decoder():
    return tcsdk.Decoder("cpu", threads=2)


@pytest.fixture(scope="module")
def plain(decoder, backbone):
    """What the codec alone shows."""
    return decoder.decode(backbone.encode(PICTURE, scale=1.0))


@pytest.fixture(scope="module")
def undrawn():
    return tcsdk.Decoder("cpu", threads=2, drawing=False)


@pytest.fixture(scope="module")
def stream(encoder):
    return encoder.encode(PICTURE, text=LINES, scale=1.0)


def reached(data: bytes) -> np.ndarray:
    """Where the lines of a stream reach, (H, W) bool."""
    _, chunks = _kernels.parse(data)
    (chunk,) = [c for c in chunks if c.type == ChunkType.NEEDED_TEXT]
    text = _kernels.decode_text(data[chunk.offset : chunk.offset + chunk.length])
    atlas = _kernels.GlyphAtlas((ZOO / "textboost" / "atlas.tcsg").read_bytes())
    height, width = PICTURE.shape[:2]
    planes = _kernels.draw_guidance(
        atlas, text.strings, text.places, width, height, (0, 0, width, height)
    )
    return planes[1] > 0


def test_without_text_pictures_are_the_codecs_bit_for_bit(encoder, decoder, plain):
    for text in (None, [], ["a line of no place"], [words(900, 900)][:0]):
        assert np.array_equal(decoder.decode(encoder.encode(PICTURE, text=text, scale=1.0)), plain)


def test_pixels_that_no_line_reaches_are_the_codecs(decoder, undrawn, stream):
    shown, bare, reach = decoder.decode(stream), undrawn.decode(stream), reached(stream)
    assert 0.005 < reach.mean() < 0.1
    assert np.array_equal(shown[~reach], bare[~reach])
    assert np.abs(shown[reach].astype(int) - bare[reach]).mean() > 2


def test_blocks_that_are_drawn_into_take_fewer_bytes(encoder, stream):
    rows = np.arange(PICTURE.shape[0])[:, None] % 4 < 2
    columns = np.arange(PICTURE.shape[1]) % 4 < 2
    pixels = PICTURE.copy()
    pixels[reached(stream)] = 0
    pixels[reached(stream) & rows & columns] = 255
    sizes = {}
    for name, text in (("drawn", LINES), ("told", None)):
        data = encoder.encode(pixels, text=text, scale=1.0, quality=30)
        sizes[name] = sum(c.bytes for c in tcsdk.inspect(data).chunks if c.name == "tile")
    assert sizes["drawn"] < 0.9 * sizes["told"]


def test_what_is_drawn_is_not_seen(stream, monkeypatch):
    pytest.importorskip("rapidocr", reason="reading needs the [ocr] extra")
    shown = []
    monkeypatch.setattr(PPOCRReader, "find", lambda self, pixels: shown.append(pixels) or [])
    monkeypatch.setattr(PPOCRReader, "read", lambda self, *asked: [Recognised("", 0.0, ())])
    lines = tcsdk.read(stream)
    assert np.array_equal(shown[0], tcsdk.Decoder(drawing=False).decode(stream))
    assert {(each.source, each.trust) for each in lines} == {("sent", "sent")}


def test_letters_that_are_large_are_not_drawn(encoder, decoder, plain):
    corners = [(100, 100), (500, 100), (500, 200), (100, 200)]
    data = encoder.encode(PICTURE, text=[(corners, "LARGE")], scale=1.0)
    assert np.array_equal(decoder.decode(data), plain)


def test_a_region_is_cut_from_the_whole_with_its_text(decoder, stream):
    whole = decoder.decode(stream)
    for x, y, width, height in [(30, 50, 90, 40), (470, 0, 130, 330), (512, 110, 40, 40)]:
        part = decoder.decode(stream, region=(x, y, width, height))
        assert levels_apart(part, whole[y : y + height, x : x + width]) <= 1


def test_text_crosses_tiles_without_a_seam(encoder, decoder, undrawn):
    across = [words(96, 60), words(224, 122)]  # over borders at 128 and 256
    tiles = tcsdk.Encoder("textboost-int8", quality=8, device="cpu", threads=2, tile=128)
    painted = []
    for each in (encoder, tiles):
        data = each.encode(PICTURE, text=across, scale=1.0)
        painted.append(decoder.decode(data).astype(int) - undrawn.decode(data))
    assert np.abs(painted[0]).max() > 10
    off = np.abs(painted[0] - painted[1])  # what lies under it differs a little
    assert off[reached(data)].mean() < 1
    assert off.max() <= 12


def test_text_is_drawn_at_the_size_that_is_coded(encoder, decoder, undrawn):
    data = encoder.encode(PICTURE, text=LINES, scale=0.5)
    shown, alone = decoder.decode(data), undrawn.decode(data)
    changed = (shown != alone).any(axis=2)
    assert shown.shape == PICTURE.shape
    assert changed[60:72, 40:104].mean() > 0.5
    assert not changed[:40].any()


def test_the_first_layer_alone_is_drawn_into(decoder):
    layered = tcsdk.Encoder("textboost-int8", quality=8, device="cpu", threads=2, base_quality=30)
    drawn, bare = (layered.encode(PICTURE, text=text) for text in (LINES, None))
    first, base = (tcsdk.Decoder("cpu", threads=2, layers=layers) for layers in ("first", "base"))
    without = tcsdk.Decoder("cpu", threads=2, layers="first", drawing=False)
    assert (first.decode(drawn) != without.decode(drawn)).any()
    assert np.array_equal(first.decode(bare), without.decode(bare))
    assert np.array_equal(base.decode(drawn), base.decode(bare))
    assert decoder.decode(drawn).shape == PICTURE.shape


def test_a_decoder_may_be_told_not_to_draw_and_says_so(stream, plain, undrawn, decoder, encoder):
    assert (undrawn.decode(stream) != decoder.decode(stream)).any()
    undrawn.decode(stream)
    assert [note.kind for note in undrawn.notes] == ["drawing"]
    undrawn.decode(encoder.encode(PICTURE, text=None))
    assert undrawn.notes == ()
    decoder.decode(stream)
    assert decoder.notes == ()


def test_the_text_is_a_chunk_that_no_decoder_may_pass_over(stream):
    info = tcsdk.inspect(stream)
    assert (info.wire_id, info.family) == (5, "textboost")
    assert [c.type for c in info.chunks if c.name == "text"] == [ChunkType.NEEDED_TEXT]
    assert [each.text for each in info.text.lines] == ["Nr 8041", "Exit", "two words"]


def test_what_does_not_fit_is_left_out_and_said(encoder):
    smallest = len(encoder.encode(PICTURE, text=None, quality=0, scale=1.0))
    data = encoder.encode(PICTURE, text=LINES, max_bytes=smallest + 8, scale=1.0)
    assert tcsdk.inspect(data).text is None
    assert "text" in {note.kind for note in encoder.notes}


def test_an_encoder_reads_by_itself_and_sends_what_is_small(encoder, monkeypatch):
    pytest.importorskip("rapidocr", reason="reading needs the [ocr] extra")
    large = line("LOW", 100, y=200, width=120)
    found = [line("small letters in a row", 40, y=40, width=200), large]
    monkeypatch.setattr(PPOCRReader, "find", lambda self, pixels: found)
    own = tcsdk.inspect(encoder.encode(PICTURE, scale=1.0)).text
    assert " ".join(each.text for each in own.lines) == "small letters in a row"
    everything = tcsdk.inspect(encoder.encode(PICTURE, scale=1.0, text="read")).text
    assert everything.lines[-1].text == "LOW"


def test_without_a_reader_the_text_has_to_be_given(encoder, monkeypatch):
    monkeypatch.setattr("tcsdk.reading.reader.find_spec", lambda name: None)
    check_rejects(lambda: encoder.encode(PICTURE), errors.MissingRuntimeError, "text=None", "ocr")
    assert tcsdk.inspect(encoder.encode(PICTURE, text=LINES)).text is not None


@pytest.fixture
def folder(tmp_path):
    """A copy of the model and of its codec."""
    for name in ("textboost", "tfic"):
        shutil.copytree(ZOO / name, tmp_path / name)
    return tmp_path / "textboost"


def test_a_folder_is_its_codec_with_what_draws(folder):
    model = read_model_folder(folder)
    assert isinstance(model, CodecFolder)
    assert (model.family, model.wire_id, model.drawing.codec.wire_id) == ("textboost", 5, 1)
    assert model.bundle_hash == model.drawing.codec.bundle_hash
    assert model.size > model.drawing.codec.size + 50_000


def test_a_codec_of_other_weights_is_refused(folder):
    manifests.edit(folder, backbone_bundle="0" * 64)
    check_rejects(lambda: read_model_folder(folder), errors.ModelFileError, "tfic", "SHA-256")


def test_a_codec_that_is_not_there_is_named(folder):
    shutil.rmtree(folder.parent / "tfic")
    check_rejects(lambda: read_model_folder(folder), errors.ModelFileError, "tfic")


def test_only_a_codec_may_stand_behind_it(folder):
    shutil.copytree(ZOO / "reader", folder.parent / "other")
    manifests.edit(folder, backbone="other")
    check_rejects(lambda: read_model_folder(folder), errors.ModelFileError, "recognition")


def test_a_missing_atlas_is_an_error_and_not_drawing_needs_none(folder, stream, undrawn):
    (folder / "atlas.tcsg").unlink()
    drawing = tcsdk.Decoder("cpu", threads=2, models=[folder])
    check_rejects(lambda: drawing.decode(stream), errors.ModelFileError, "atlas.tcsg")
    without = tcsdk.Decoder("cpu", threads=2, models=[folder], drawing=False)
    assert np.array_equal(without.decode(stream), undrawn.decode(stream))
