"""Encoders that are told what a picture shows, and decoders that know nothing of it."""

from __future__ import annotations

import pickle
import shutil

import numpy as np
import pytest
from support import manifests
from support.small_model import ADAPTIVE, CAPTIONED, MODEL, psnr, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.codec.caption import CAPTION_PIECES, piece_tokens
from tcsdk.errors import (
    CaptionError,
    EngineError,
    ModelFileError,
    NoCaptionError,
)
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.find import find_model, list_codecs, list_models
from tcsdk.model.read import read_model_folder
from tcsdk.request import Request

PICTURE = smooth_picture(200, 150)
SHORT = "a red sign"


@pytest.fixture(scope="module")
def told() -> tcsdk.Encoder:
    return tcsdk.Encoder(CAPTIONED, quality=40, device="cpu", threads=1)


@pytest.fixture(scope="module")
def plain() -> tcsdk.Encoder:
    return tcsdk.Encoder(MODEL, quality=40, device="cpu", threads=1)


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """Both shipped, the captioned encoder first by name."""
    shutil.copytree(MODEL, tmp_path / "small-model")
    shutil.copytree(CAPTIONED, tmp_path / "a-captioned")
    monkeypatch.setattr("tcsdk.model.find._ZOO", (tmp_path,))
    return tmp_path


def test_a_caption_changes_what_is_sent(told):
    one, other, none = (told.encode(PICTURE, caption=c) for c in (SHORT, "a blue wall", None))
    assert len({one, other, none}) == 3
    assert told.encode(PICTURE, caption=SHORT) == one


@pytest.mark.parametrize("caption", [None, "", " \n\t "])
def test_without_a_caption_it_is_the_codecs_own_encoder(told, plain, caption):
    assert told.encode(PICTURE, caption=caption) == plain.encode(PICTURE)


def test_streams_are_the_codecs_and_decode_without_the_encoder(told, decoder):
    data = told.encode(PICTURE, caption=SHORT)
    assert tcsdk.inspect(data).wire_id == 0xF0F0
    assert psnr(decoder.decode(data), PICTURE) > 20


def test_no_decoder_takes_the_captioned_folder(zoo):
    assert [m.family for m in list_models()] == ["small-captioned", "small"]
    assert [m.path for m in list_codecs()] == [zoo / "small-model"]
    data = tcsdk.Encoder("small-captioned", device="cpu").encode(PICTURE, caption=SHORT)
    shutil.rmtree(zoo / "a-captioned")
    alone = tcsdk.Decoder("cpu").decode(data)
    shutil.copytree(CAPTIONED, zoo / "a-captioned")
    (zoo / "a-captioned" / "analysis.onnx").write_bytes(b"damaged")
    assert np.array_equal(tcsdk.Decoder("cpu").decode(data), alone)
    assert tcsdk.inspect(data).family == "small"


def test_a_decoder_that_is_given_it_takes_the_codec_beside_it(told):
    (model,) = list_codecs([CAPTIONED])[:1]
    assert (model.path.name, model.family) == ("small-model", "small")
    data = told.encode(PICTURE, caption=SHORT)
    assert tcsdk.Decoder("cpu", models=[CAPTIONED]).decode(data).shape == PICTURE.shape


def test_the_folder_is_an_encoder_over_its_codec():
    model, _ = find_model(CAPTIONED)
    assert isinstance(model, CaptionedCodec)
    assert model.roles == ("caption", "analysis", "synthesis")
    files = [model.graph_file("fp32", role).parent.name for role in model.roles]
    assert files == ["small-captioned", "small-captioned", "small-model"]
    assert model.size == model.told.size + model.decodes.size


def test_a_model_that_is_told_nothing_refuses_a_caption_by_name(plain):
    check_rejects(
        lambda: plain.encode(PICTURE, caption=SHORT), NoCaptionError, "small-fp32", "'a red sign'"
    )
    (outcome,) = plain.encode_many([PICTURE], Request(caption=SHORT))
    assert isinstance(outcome.error, NoCaptionError)


def test_what_is_no_caption_is_refused(told):
    for wrong in (7, b"a sign", ["a sign"]):
        check_rejects(lambda w=wrong: told.encode(PICTURE, caption=w), TypeError, "caption")
    for wrong in ("a\0b", "\x1b[31mred", "\ud800"):
        check_rejects(lambda w=wrong: told.encode(PICTURE, caption=w), CaptionError, "place")


@pytest.mark.parametrize(
    "caption", ["Schild: Öffnung 4", "标志", "line one\nline two", "👩‍🚒 at work"]
)
def test_any_language_and_several_lines_are_captions(told, caption):
    assert told.encode(PICTURE, caption=caption) != told.encode(PICTURE)


def test_of_a_long_caption_the_first_tokens_are_taken_and_a_note_says_so(told):
    four = "one two three four"
    assert told.encode(PICTURE, caption=four)
    assert told.notes == ()
    data = told.encode(PICTURE, caption=four + " and more" * 5000)
    assert data == told.encode(PICTURE, caption=four + " other things")
    (note,) = told.notes
    assert (note.kind, "4 tokens" in str(note), "last 2 " in str(note)) == ("caption", True, True)


def test_many_pictures_have_a_caption_each(told):
    captions = [SHORT, None, "\0", "a blue wall"]
    pictures = [PICTURE] * 4
    came = list(told.encode_many(pictures, Request(quality=40), captions=captions, workers=2))
    assert [o.source is PICTURE for o in came] == [True] * 4
    assert isinstance(came[2].error, CaptionError)
    for outcome, caption in ((came[k], captions[k]) for k in (0, 1, 3)):
        assert outcome.get() == told.encode(PICTURE, caption=caption)


def test_one_caption_is_for_all_where_the_request_has_it(told):
    came = [o.get() for o in told.encode_many([PICTURE] * 2, Request(caption=SHORT))]
    assert came == [told.encode(PICTURE, caption=SHORT)] * 2


def test_captions_are_as_many_as_pictures(told):
    for captions in ([SHORT], [SHORT] * 3):
        check_rejects(
            lambda c=captions: list(told.encode_many([PICTURE] * 2, captions=c)), ValueError
        )
    check_rejects(lambda: told.encode_many([PICTURE], captions=SHORT), TypeError, "in a list")


def test_its_own_time_is_stated(told):
    told.encode(PICTURE)
    assert told.timings.caption == 0
    told.encode(PICTURE, caption=SHORT)
    assert told.timings.caption > 0


def test_small_tiles_targets_and_two_layers_take_it(told, decoder):
    small = told.encode(PICTURE, caption=SHORT, small=True)
    fitted = told.encode(PICTURE, caption=SHORT, max_bytes=len(small))
    assert len(fitted) <= len(small)
    tiled = tcsdk.Encoder(CAPTIONED, quality=40, device="cpu", tile=64)
    layered = tcsdk.Encoder(
        CAPTIONED, quality=40, device="cpu", base_quality=10, base_model=CAPTIONED
    )
    for encoder in (tiled, layered):
        data = encoder.encode(PICTURE, caption=SHORT)
        assert data != encoder.encode(PICTURE)
        assert psnr(decoder.decode(data), PICTURE) > 20


def test_the_second_layer_is_told_nothing():
    """Its picture is the same whatever the caption: it shows what the first layer leaves out."""

    def base(caption: str | None) -> np.ndarray:
        encoder = tcsdk.Encoder(
            CAPTIONED, quality=40, device="cpu", base_quality=10, base_model=CAPTIONED
        )
        data = encoder.encode(PICTURE, caption=caption)
        return tcsdk.Decoder("cpu", models=[MODEL], layers="base").decode(data)

    assert np.array_equal(base(SHORT), base(None))


def test_an_encoder_is_pickled_and_batches(told):
    again = pickle.loads(pickle.dumps(told))
    assert again.encode(PICTURE, caption=SHORT) == told.encode(PICTURE, caption=SHORT)
    batching = tcsdk.Encoder(CAPTIONED, quality=40, device="cpu", batch=4)
    came = batching.encode_many([PICTURE] * 6, captions=[SHORT, None] * 3)
    expected = [told.encode(PICTURE, caption=c) for c in (SHORT, None)] * 3
    assert [len(o.get()) for o in came] == [len(data) for data in expected]


def test_one_call_takes_a_caption(told):
    data = tcsdk.encode(PICTURE, model=CAPTIONED, quality=40, device="cpu", caption=SHORT)
    assert data == told.encode(PICTURE, caption=SHORT)


def test_another_codec_beside_it_is_refused(tmp_path):
    shutil.copytree(CAPTIONED, tmp_path / "captioned")
    check_rejects(lambda: read_model_folder(tmp_path / "captioned"), ModelFileError, "small-model")
    shutil.copytree(ADAPTIVE, tmp_path / "small-model")
    check_rejects(lambda: read_model_folder(tmp_path / "captioned"), ModelFileError, "SHA-256")
    manifests.edit(tmp_path / "captioned", backbone="captioned")  # which would have no end
    check_rejects(lambda: read_model_folder(tmp_path / "captioned"), ModelFileError, "'captioned'")


def test_a_codec_without_its_precisions_is_refused(tmp_path):
    shutil.copytree(CAPTIONED, tmp_path / "captioned")
    shutil.copytree(MODEL, tmp_path / "small-model")
    row = read_model_folder(MODEL).precisions["fp32"]
    manifests.edit(
        tmp_path / "small-model", precisions={"w4": row}, default_precision={"cpu": "w4"}
    )
    check_rejects(lambda: read_model_folder(tmp_path / "captioned"), ModelFileError, "w4")


def test_states_that_are_no_numbers_are_refused(told):
    captioner = tcsdk.Encoder(CAPTIONED, device="cpu")._loaded.codec.captioner

    class Broken:
        def run(self, inputs, *, concurrent=False):
            return {"caption_states": np.full((1, 8, 1, 1), np.nan, np.float32)}

    broken = type(captioner)(captioner.tokenise, Broken(), 4, 2)
    check_rejects(lambda: broken.states(SHORT, concurrent=False), EngineError, "NaN")


def test_tokens_are_counted_beyond_what_is_taken():
    tokens = piece_tokens(" ".join(["sign"] * 50))
    assert (tokens.count, int((tokens.numbers > 0).sum())) == (50, CAPTION_PIECES)
