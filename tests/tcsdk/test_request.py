"""What may be asked of a stream: one object, checked in one style, however it is handed over."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pytest
from support.small_model import MODEL, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk import Decoder, Encoder, Request
from tcsdk.batch import BatchJob
from tcsdk.errors import RegionError

PICTURE = smooth_picture(60, 80)
FIELDS = {field.name: field.default for field in dataclasses.fields(Request)}


def test_encode_takes_the_fields_of_a_request_with_their_defaults():
    parameters = dict(inspect.signature(Encoder.encode).parameters)
    assert list(parameters) == ["self", "image", *FIELDS]
    for name, default in FIELDS.items():
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[name].default == default


def test_the_docstring_explains_every_field():
    explained = inspect.getdoc(Request)
    assert [name for name in FIELDS if f"    {name}: " not in explained] == []


OTHERS = {
    "max_bytes": 400,
    "quality": 50,
    "small": True,
    "max_packets": 1,
    "user": b"mine",
    "regions": [(0, 0, 16, 16, 9)],
    "qmap": np.full((5, 4), 7),
    "scale": 0.5,
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_keyword_and_a_request_ask_for_the_same(encoder, name):
    asked = {name: OTHERS[name]}
    picture = smooth_picture(64, 80)
    by_keyword = encoder.encode(picture, **asked)
    (by_request,) = encoder.encode_many([picture], Request(**asked))
    assert by_keyword == by_request.get() != encoder.encode(picture)


def test_a_request_is_immutable_and_copied_with_changes():
    request = Request(regions=iter([(0, 0, 16, 16, 9)]), max_bytes=600)
    assert request.regions == ((0, 0, 16, 16, 9),)
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.quality = 3
    changed = dataclasses.replace(request, quality=3)
    assert (changed.max_bytes, changed.quality, changed.regions) == (600, 3, request.regions)


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        ({}, None),
        ({"max_packets": 3}, 3 * 220 - 1),
        ({"max_packets": 9, "payload": 51}, 9 * 48 - 1),
        ({"max_packets": 1, "payload": 340, "step": 50}, 297),
        ({"max_packets": 3, "max_bytes": 500}, 500),
        ({"max_packets": 1, "max_bytes": 500}, 219),
    ],
)
def test_packets_and_bytes_bound_a_stream(asked, most):
    assert Request(**asked).most_bytes == most


def test_many_pictures_without_a_request_are_as_encode_makes_them(encoder):
    (outcome,) = encoder.encode_many([PICTURE])
    assert outcome.get() == encoder.encode(PICTURE)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (
            {"max_bytes": "1500"},
            TypeError,
            "expected max_bytes as a whole number above 0, got '1500'",
        ),
        ({"max_bytes": 0}, ValueError, "expected max_bytes as a whole number above 0, got 0"),
        ({"max_bytes": 1.5e3}, TypeError, "got 1500.0"),
        ({"quality": True}, TypeError, "expected quality as a whole number 0..63, got True"),
        ({"quality": 64}, ValueError, "expected quality as a whole number 0..63, got 64"),
        ({"keep": "icc"}, ValueError, "expected keep as a tuple of ('icc', 'exif'), got 'icc'"),
        ({"keep": ["icc", ["exif"]]}, ValueError, "got ['icc', ['exif']]"),
        ({"keep": None}, TypeError, "expected keep as a tuple of ('icc', 'exif'), got None"),
        ({"small": "no"}, TypeError, "expected small as True or False, got 'no'"),
        ({"max_packets": 0}, ValueError, "expected max_packets as a whole number 1..128, got 0"),
        ({"payload": 3}, ValueError, "expected payload as a whole number 4..4096, got 3"),
        ({"step": 300}, ValueError, "expected step as a whole number 1..222, got 300"),
        ({"adaptive": 0}, TypeError, "expected adaptive as True or False, got 0"),
        ({"user": "text"}, TypeError, "expected user as bytes, got 'text'"),
        ({"scale": "half"}, TypeError, "expected scale as a number above 0"),
        ({"scale": float("nan")}, ValueError, "expected scale as a number above 0"),
        (
            {"regions": [(0, 0, 10)]},
            ValueError,
            "expected a region as 5 whole numbers (x, y, width, height, boost), got (0, 0, 10)",
        ),
        ({"regions": [5]}, TypeError, "expected a region as 5 whole numbers"),
        ({"regions": None}, TypeError, "several of (x, y, width, height, boost), got None"),
        ({"regions": "0,0,9,9,3"}, TypeError, "got '0,0,9,9,3'; put it in a list"),
        ({"qmap": [[1, 2]]}, TypeError, "expected qmap as an integer array, got [[1, 2]]"),
        ({"regions": [(0, 0, 9, 9, 300)]}, ValueError, "-128..127 steps, got 300"),
        ({"qmap": np.zeros((4, 5), int), "regions": [(0, 0, 9, 9, 3)]}, ValueError, "got both"),
    ],
)
def test_wrong_arguments_are_refused_before_a_picture_is_read(encoder, asked, error, words):
    check_rejects(lambda: encoder.encode("no such file", **asked), error, words)
    check_rejects(lambda: Request(**asked), error, words)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"base_model": b"base"}, TypeError, "base_model as a model's name or folder, got b'base'"),
        ({"verify": "no"}, TypeError, "verify as True or False, or 'fast', got 'no'"),
        ({"background": "red"}, TypeError, "background as 3 whole numbers (red, green, blue), got"),
        ({"background": 5}, TypeError, "background as 3 whole numbers (red, green, blue), got 5"),
        ({"background": (1, 2)}, ValueError, "background as 3 whole numbers"),
        ({"background": (1, 2, 256)}, ValueError, "blue of background as a whole number 0..255"),
        ({"tile": "512"}, TypeError, "tile as a whole number 64..16320, a multiple of 64"),
        ({"threads": 0}, ValueError, "threads as a whole number above 0, got 0"),
        ({"threads": "2"}, TypeError, "threads as a whole number above 0, got '2'"),
        ({"batch": 1.0}, TypeError, "batch as a whole number above 0, got 1.0"),
        ({"verify_limit": -1}, ValueError, "verify_limit as a whole number 0..127, got -1"),
        ({"base_quality": 64}, ValueError, "base_quality as a whole number 0..63, got 64"),
    ],
)
def test_arguments_of_an_encoder_are_refused_in_the_same_style(given, error, words):
    check_rejects(lambda: Encoder(MODEL, device="cpu", **given), error, f"expected {words}")


@pytest.mark.parametrize(
    ("region", "error", "words"),
    [
        ((0, 0, 10), ValueError, "region as 4 whole numbers (x, y, width, height), got (0, 0, 10)"),
        (7, TypeError, "region as 4 whole numbers (x, y, width, height), got 7"),
        ((0, 0, 10, 2.5), TypeError, "got (0, 0, 10, 2.5)"),
        ((0, 0, 1000, 5), RegionError, "within 60x80"),
    ],
)
def test_a_region_to_decode_is_refused_in_the_same_style(encoder, decoder, region, error, words):
    data = encoder.encode(PICTURE)
    check_rejects(lambda: decoder.decode(data, region=region), error, words)
    check_rejects(lambda: Decoder(max_pixels="many"), TypeError, "max_pixels as a whole number")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda encoder: encoder.encode_many("a.png"), "images as several pictures, got 'a.png'"),
        (lambda encoder: encoder.encode_many(7), "images as several pictures, got 7"),
        (
            lambda encoder: encoder.encode_many(PICTURE),
            "images as several pictures, got an array of shape (80, 60, 3); put it in a list",
        ),
        (lambda encoder: encoder.encode_many(PICTURE[:, :, 0]), "images as several pictures"),
        (lambda _: tcsdk.read(PICTURE, decoder="cpu"), "decoder as a tcsdk.Decoder, got 'cpu'"),
        (lambda encoder: encoder.encode_many([], {"quality": 3}), "request as a tcsdk.Request"),
        (lambda encoder: encoder.encode_many([], workers="2"), "workers as a whole number above 0"),
        (lambda _: Decoder(models=MODEL), "models as several folders of models, got "),
        (lambda _: Decoder(models=[7]), "models as paths of folders, got 7"),
        (
            lambda _: Decoder("cpu").decode_many(b"stream"),
            "streams as several streams, got b'stream'",
        ),
        (lambda _: tcsdk.list_models("zoo/tfic"), "models as several folders of models, got"),
        (lambda _: BatchJob("pictures", "out"), "sources as several paths or URIs, got 'pictures'"),
    ],
)
def test_one_thing_where_several_are_expected_is_refused_in_the_same_style(encoder, call, words):
    check_rejects(lambda: call(encoder), TypeError, f"expected {words}")


@pytest.mark.parametrize(("device", "error"), [(None, TypeError), ("gpu", ValueError)])
def test_a_device_that_is_none_is_refused_in_the_same_style(device, error):
    for call in (lambda: Encoder(MODEL, device=device), lambda: Decoder(device)):
        check_rejects(call, error, 'expected device as "auto" or one of [', f"got {device!r}")


def test_layers_of_another_type_are_refused_as_an_unknown_one():
    check_rejects(lambda: Decoder("cpu", layers=["first"]), ValueError, "expected layers as one")


def test_a_request_is_a_public_name():
    assert tcsdk.Request is Request
    assert "Request" in tcsdk.__all__
