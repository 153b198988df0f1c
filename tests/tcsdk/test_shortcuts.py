"""One call: the same bytes as the objects, loaded once, with every keyword of theirs."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from support.small_model import DETECTOR, MODEL, file_of, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.errors import OutputError

PICTURE = smooth_picture(60, 80)
HERE = {"model": MODEL, "device": "cpu", "threads": 2}
THERE = {"device": "cpu", "threads": 2, "models": [MODEL]}


def test_one_call_makes_the_stream_that_an_encoder_makes(encoder):
    assert tcsdk.encode(PICTURE, quality=40, **HERE) == encoder.encode(PICTURE)
    assert tcsdk.encode(PICTURE, max_bytes=260, **HERE) == encoder.encode(PICTURE, max_bytes=260)
    image = Image.fromarray(PICTURE)
    assert tcsdk.encode(image, quality=40, user=b"7", **HERE) == encoder.encode(PICTURE, user=b"7")


def test_one_call_decodes_as_a_decoder_does(encoder, decoder):
    data = encoder.encode(PICTURE)
    np.testing.assert_array_equal(tcsdk.decode(data, **THERE), decoder.decode(data))
    part = tcsdk.decode(data, region=(3, 4, 10, 20), **THERE)
    np.testing.assert_array_equal(part, decoder.decode(data)[4:24, 3:13])


def test_what_is_asked_of_a_stream_needs_no_other_encoder(monkeypatch):
    tcsdk.encode(PICTURE, **HERE)

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a second encoder is loaded")

    monkeypatch.setattr(tcsdk.Encoder, "__init__", refused)
    assert len({tcsdk.encode(PICTURE, quality=q, keep=("icc",), **HERE) for q in (3, 60)}) == 2


def test_every_keyword_of_the_objects_is_taken():
    layers = {"quality": 40, "base_quality": 9, "base_model": DETECTOR}
    layered = tcsdk.encode(PICTURE, tile=64, **layers, **HERE)
    assert [layer.quality for layer in tcsdk.inspect(layered).layers] == [40, 9]
    models = {"device": "cpu", "models": [MODEL, DETECTOR]}
    shown = [tcsdk.decode(layered, layers=layers, **models) for layers in ("first", "base")]
    assert not np.array_equal(*shown)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tcsdk.encode("no file", max_byte=900), "'max_byte'; did you mean 'max_bytes'?"),
        (lambda: tcsdk.encode("no file", region=(0, 0, 9, 9)), "did you mean 'regions'?"),
        (lambda: tcsdk.encode("no file", max_bytes="900"), "expected max_bytes as a whole number"),
        (lambda: tcsdk.encode("no file", model=5), "expected model as a model's name or folder"),
        (lambda: tcsdk.decode("no file", quality=3), "expected keywords of tcsdk.Decoder"),
        (lambda: tcsdk.decode("no file", models="zoo"), "got 'zoo'; put it in a list"),
        (lambda: tcsdk.save("no file", "x.tcs", force=True), "got 'force'"),
        (lambda: tcsdk.save("no file", io.BytesIO()), "expected path as a path, got <_io.BytesIO"),
        (lambda: tcsdk.save("no file", b"x.tcs"), "expected path as a path, got b'x.tcs'"),
    ],
)
def test_misspelt_and_wrong_keywords_are_refused_before_a_file_is_read(call, words):
    check_rejects(call, TypeError, words)


def test_save_writes_the_stream_and_says_its_size(encoder, tmp_path):
    size = tcsdk.save(PICTURE, tmp_path / "a.tcs", quality=40, **HERE)
    data = (tmp_path / "a.tcs").read_bytes()
    assert data == encoder.encode(PICTURE)
    assert len(data) == size
    tcsdk.save(PICTURE, str(tmp_path / "a.tcs"), quality=9, **HERE)
    assert tcsdk.inspect(tmp_path / "a.tcs").quality == 9
    assert [path.name for path in tmp_path.iterdir()] == ["a.tcs"]


def test_save_leaves_what_it_must_not_replace(tmp_path):
    there = tmp_path / "there.tcs"
    there.write_bytes(b"mine")
    check_rejects(
        lambda: tcsdk.save(PICTURE, there, replace=False, **HERE), OutputError, "File exists"
    )
    assert there.read_bytes() == b"mine"


def test_save_never_writes_over_a_picture(tmp_path):
    photo, bare = tmp_path / "photo.PNG", tmp_path / "scan"
    for path in (photo, bare):
        path.write_bytes(file_of(PICTURE))
    (tmp_path / "link").symlink_to("scan")
    check_rejects(
        lambda: tcsdk.save(photo, photo, **HERE), ValueError, "name of a stream, such as photo.tcs"
    )
    for target in (bare, tmp_path / "link"):
        check_rejects(lambda to=target: tcsdk.save(bare, to, **HERE), OutputError, "picture itself")
    assert photo.read_bytes() == bare.read_bytes() == file_of(PICTURE)


def test_what_there_is_to_say_of_a_picture_is_logged(tmp_path, caplog):
    first, second = Image.fromarray(PICTURE), Image.fromarray(PICTURE[::-1].copy())
    first.save(tmp_path / "two.tif", save_all=True, append_images=[second])
    tcsdk.encode(tmp_path / "two.tif", model=MODEL, device="cpu")
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{tmp_path / 'two.tif'}: note: it has several pages")
    caplog.clear()
    tcsdk.encode(PICTURE, model=MODEL, device="cpu")
    assert not caplog.records
