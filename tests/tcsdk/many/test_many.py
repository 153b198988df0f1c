from __future__ import annotations

import itertools

import numpy as np
import pytest
from support.small_model import MODEL, file_of, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.errors import ImageError, NotATcsStreamError

PICTURES = [smooth_picture(50 + 9 * i, 80 - 5 * i) for i in range(12)]


@pytest.mark.parametrize("workers", [1, 3, None])
def test_many_pictures_come_back_in_order(encoder, decoder, workers):
    coded = list(encoder.encode_many(PICTURES, workers=workers))
    assert [o.get() for o in coded] == [encoder.encode(p) for p in PICTURES]
    assert all(o.source is p for o, p in zip(coded, PICTURES, strict=True))
    decoded = decoder.decode_many((o.value for o in coded), workers=workers)
    for outcome, picture in zip(decoded, PICTURES, strict=True):
        assert outcome.get().shape == picture.shape
        assert outcome.timings.total > 0


def test_an_error_of_one_leaves_the_others_alone(encoder, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"expected a picture")
    (tmp_path / "good.png").write_bytes(file_of(PICTURES[0]))
    names = ["good.png", "bad.png", "none.png", "good.png"]
    outcomes = list(encoder.encode_many(tmp_path / name for name in names))
    assert [type(o.error) for o in outcomes] == [
        type(None),
        ImageError,
        FileNotFoundError,
        type(None),
    ]
    assert outcomes[1].value is None
    check_rejects(outcomes[1].get, ImageError, "expected a picture")
    assert outcomes[0].value == outcomes[3].value == encoder.encode(PICTURES[0])


def test_damaged_streams_are_outcomes_too(decoder, encoder):
    outcomes = list(decoder.decode_many([b"junk", encoder.encode(PICTURES[0])]))
    assert isinstance(outcomes[0].error, NotATcsStreamError)
    assert outcomes[1].error is None


def test_an_endless_source_is_read_only_a_little_ahead(encoder):
    taken = itertools.count()
    endless = (PICTURES[next(taken) % 12] for _ in itertools.repeat(0))
    stream = encoder.encode_many(endless, workers=2)
    for _ in range(5):
        next(stream).get()
    stream.close()
    assert next(taken) <= 10


def test_wrong_use_ends_the_iteration(encoder):
    with pytest.raises(ValueError, match=r"0\.\.63"):
        list(encoder.encode_many(PICTURES, tcsdk.Request(quality=99)))


def test_options_hold_for_all(encoder):
    for outcome in encoder.encode_many(PICTURES[:3], tcsdk.Request(max_bytes=300, user=b"x")):
        assert len(outcome.get()) <= 300
        assert tcsdk.metadata(outcome.get()).user == b"x"


def test_a_region_holds_for_all(encoder, decoder):
    data = encoder.encode(PICTURES[0])
    (outcome,) = decoder.decode_many([data], region=(3, 4, 10, 20))
    np.testing.assert_array_equal(outcome.get(), decoder.decode(data)[4:24, 3:13])


def test_concealed_tiles_are_part_of_the_outcome(concealing):
    data = bytearray(tcsdk.Encoder(MODEL, tile=64).encode(PICTURES[11]))
    data[-1] ^= 1
    (outcome,) = concealing.decode_many([bytes(data)])
    assert len(outcome.damage) == 1
