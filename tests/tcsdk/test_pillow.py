"""Streams as PIL images: known by their header, decoded when looked at, and where Pillow asks."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError
from support.small_model import DETECTOR, MODEL, file_of, smooth_picture

import tcsdk
from checks import check_rejects

PICTURE = smooth_picture(60, 80)
THERE = {"device": "cpu", "threads": 2, "models": [MODEL]}
ICC = b"\0" * 16 + b"RGB " + b"\0" * 108


@pytest.fixture
def stream(encoder, tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    source = file_of(PICTURE, icc_profile=ICC, exif=exif)
    (tmp_path / "x.tcs").write_bytes(encoder.encode(source, keep=("icc", "exif"), user=b"site 7"))
    return tmp_path / "x.tcs"


@pytest.fixture
def registered():
    """Pillow with our format, and without it afterwards."""
    Image.init()  # once in a process: what is put back has all of Pillow's own formats
    before = [(table, table.copy()) for table in (Image.OPEN, Image.SAVE, Image.EXTENSION)]
    ids = Image.ID.copy()
    tcsdk.register_pillow(**THERE)
    yield
    Image.ID[:] = ids
    for table, entries in before:
        table.clear()
        table.update(entries)
    Image.MIME.pop("TCS", None)


def test_an_opened_stream_is_the_decoded_picture(stream, decoder):
    image = tcsdk.open(stream, **THERE)
    np.testing.assert_array_equal(np.asarray(image), decoder.decode(stream))
    assert (image.format, image.mode, image.size) == ("TCS", "RGB", (60, 80))
    assert image.filename == str(stream)
    part = image.crop((3, 4, 13, 24))
    np.testing.assert_array_equal(np.asarray(part), decoder.decode(stream)[4:24, 3:13])


@pytest.mark.parametrize(
    "form", [str, lambda p: p.read_bytes(), lambda p: io.BytesIO(p.read_bytes())]
)
def test_paths_bytes_and_file_objects_are_opened(stream, form):
    assert tcsdk.open(form(stream), **THERE).getpixel((0, 0)) is not None


def test_what_was_kept_is_in_info_and_nothing_where_there_is_nothing(encoder, stream):
    image = tcsdk.open(stream)
    assert (image.info["icc_profile"], image.info["user"]) == (ICC, b"site 7")
    assert image.getexif()[0x010F] == "a camera"
    assert image.info["tcs"] == tcsdk.inspect(stream)
    assert set(tcsdk.open(encoder.encode(PICTURE)).info) == {"tcs"}


def test_size_and_info_need_no_model():
    unknown = tcsdk.encode(PICTURE, model=DETECTOR, device="cpu", user=b"7")
    image = tcsdk.open(unknown, device="cpu")
    assert (image.size, image.info["user"]) == ((60, 80), b"7")
    check_rejects(image.load, tcsdk.UnknownModelError, "needs the model of wire id 0xf0f1")


def test_a_picture_coded_smaller_opens_as_large_as_it_was(encoder):
    image = tcsdk.open(encoder.encode(PICTURE, scale=0.5), **THERE)
    assert image.size == (60, 80)
    assert np.asarray(image).shape == (80, 60, 3)


def test_a_small_stream_opens(encoder):
    assert tcsdk.open(encoder.encode(PICTURE, small=True), **THERE).load() is not None


def test_damage_is_an_error_or_concealed_when_asked(decoder):
    data = bytearray(tcsdk.encode(PICTURE, model=MODEL, device="cpu", tile=64))
    data[-1] ^= 1
    check_rejects(tcsdk.open(bytes(data), **THERE).load, tcsdk.CorruptStreamError, "tile 1")
    cut = bytes(data[:-5])
    check_rejects(lambda: tcsdk.open(cut, **THERE), tcsdk.TruncatedStreamError)
    image = tcsdk.open(cut, on_error="conceal", **THERE)
    concealing = tcsdk.Decoder("cpu", models=[MODEL], on_error="conceal")
    np.testing.assert_array_equal(np.asarray(image), concealing.decode(cut))
    assert image.info == {}


def test_copies_and_pickles_are_of_the_picture(stream, decoder):
    expected = decoder.decode(stream)
    for other in (
        tcsdk.open(stream, **THERE).copy(),
        pickle.loads(pickle.dumps(tcsdk.open(stream, **THERE))),
    ):
        np.testing.assert_array_equal(np.asarray(other), expected)
        assert other.info["user"] == b"site 7"


def test_a_misspelt_keyword_is_refused(stream):
    check_rejects(lambda: tcsdk.open(stream, layer="first"), TypeError, "did you mean 'layers'?")
    check_rejects(lambda: tcsdk.register_pillow(devise=1), TypeError, "did you mean 'device'?")
    check_rejects(lambda: tcsdk.open(b"junk"), tcsdk.NotATcsStreamError)


def test_pillow_opens_streams_once_it_is_told_to(stream, decoder, registered):
    with Image.open(stream) as image:
        assert (image.format, image.size) == ("TCS", (60, 80))
        assert image.get_format_mimetype() == "image/x-tcs"
        np.testing.assert_array_equal(np.asarray(image), decoder.decode(stream))
    with Image.open(io.BytesIO(stream.read_bytes())) as image:
        image.verify()


def test_without_being_told_pillow_is_left_alone():
    code = (
        "import io, tcsdk\nfrom PIL import Image\ntcsdk.open\n"
        "try: Image.open(io.BytesIO(b'\\xf4TC' + bytes(40)))\n"
        "except Image.UnidentifiedImageError: print('.tcs' in Image.registered_extensions())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_pillow_saves_streams_with_the_keywords_of_encode(encoder, tmp_path, registered):
    image = Image.fromarray(PICTURE)
    asked = {"quality": 40, "user": b"7"}
    image.save(tmp_path / "y.tcs", model=MODEL, device="cpu", **asked)
    assert (tmp_path / "y.tcs").read_bytes() == encoder.encode(PICTURE, **asked)
    into = io.BytesIO()
    image.save(into, "TCS", model=MODEL, max_bytes=260)
    assert len(into.getvalue()) <= 260
    check_rejects(
        lambda: image.save(tmp_path / "z.tcs", model=MODEL, max_byte=9), TypeError, "'max_bytes'?"
    )
    assert not (tmp_path / "z.tcs").exists()


def test_pillow_says_what_is_wrong_with_a_stream(stream, tmp_path, registered):
    stream.write_bytes(stream.read_bytes()[:-9])
    check_rejects(lambda: Image.open(stream), tcsdk.TruncatedStreamError)
    (tmp_path / "other").write_bytes(b"\xe1" + bytes(40))
    with pytest.raises(UnidentifiedImageError):
        Image.open(tmp_path / "other")


def test_pictures_to_encode_are_still_those_of_the_list(stream, registered):
    check_rejects(
        lambda: tcsdk.encode(stream, model=MODEL), tcsdk.ImageError, "a tcsdk stream: decode it"
    )
