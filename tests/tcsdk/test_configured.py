"""Objects that are their arguments, and what closing them does."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest
from support.small_model import MODEL, smooth_picture

from checks import check_rejects
from tcsdk import Decoder, Encoder

PICTURE = smooth_picture(60, 80)


def test_with_closes_at_the_end_and_use_is_then_refused(decoder):
    with Encoder(MODEL, device="cpu", threads=1) as encoder:
        data = encoder.encode(PICTURE)
    with Decoder("cpu", threads=1, models=[MODEL]) as opened:
        np.testing.assert_array_equal(opened.decode(data), decoder.decode(data))
    words = "is closed: make another one"
    check_rejects(lambda: encoder.encode(PICTURE), ValueError, f"this Encoder {words}")
    check_rejects(lambda: list(encoder.encode_many([PICTURE])), ValueError, words)
    check_rejects(lambda: opened.decode(data), ValueError, f"this Decoder {words}")
    check_rejects(lambda: list(opened.decode_many([data])), ValueError, words)


def test_closing_lets_go_of_the_graphs_and_twice_is_once():
    encoder = Encoder(MODEL, device="cpu", threads=1, base_quality=9, base_model=MODEL)
    decoder = Decoder("cpu", threads=1, models=[MODEL])
    decoder.decode(encoder.encode(PICTURE))
    graphs = [
        weakref.ref(encoder._loaded.codec.analysis),
        weakref.ref(encoder._loaded.base.codec.analysis),
        *(weakref.ref(codec.synthesis) for codec in decoder._loaded.values()),
    ]
    assert len(graphs) == 3
    for _ in range(2):
        encoder.close()
        decoder.close()
    gc.collect()
    assert [graph() for graph in graphs] == [None] * 3


def test_a_closed_object_still_says_what_it_was_and_its_copy_is_open():
    encoder = Encoder(MODEL, device="cpu", threads=1, quality=33)
    encoder.close()
    assert (encoder.quality, encoder.engine.device) == (33, "cpu")
    assert "quality=33" in repr(encoder)
    expected = copy.copy(encoder).encode(PICTURE)
    assert pickle.loads(pickle.dumps(encoder)).encode(PICTURE) == expected


def test_an_error_inside_with_is_not_swallowed():
    with pytest.raises(KeyError), Encoder(MODEL, device="cpu", threads=1):
        raise KeyError
