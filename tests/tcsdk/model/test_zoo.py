"""What every shipped model keeps: precisions, thread counts and tiles agree."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from support.small_model import levels_apart, psnr

import tcsdk
from checks import check_rejects
from tcsdk.engines import processor_device
from tcsdk.model.find import list_codecs, list_models

MODELS = list_codecs()
SEVERAL = [model for model in MODELS if len(model.precisions) > 1]


@pytest.fixture(params=MODELS, ids=[model.family for model in MODELS])
def model(request):
    return request.param


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """700 x 600, four tiles, with detail of every size as photographs have it, and stripes."""
    random = np.random.default_rng(3)
    pixels = np.full((600, 700, 3), 128.0)
    for size in (2, 5, 12, 30, 75):
        noise = random.normal(0, 9, (600 // size + 2, 700 // size + 2, 3)).clip(-30, 30)
        small = Image.fromarray((noise * 4 + 128).astype(np.uint8))
        wide = small.resize((small.width * size, small.height * size), Image.Resampling.BICUBIC)
        pixels += (np.asarray(wide)[:600, :700].astype(float) - 128) / 2
    pixels[100:300:9, 50:650] -= 60
    return np.clip(pixels, 0, 255).astype(np.uint8)


def devices(model) -> dict[str, str]:
    """Device of each precision."""
    rows = model.precisions.items()
    return {p: processor_device(row) for p, row in rows}


def decoders(model) -> dict[str, tcsdk.Decoder]:
    return {p: tcsdk.Decoder(kind, precision=p) for p, kind in devices(model).items()}


def test_a_zoo_is_shipped():
    assert {model.family for model in MODELS} >= {"tfic", "base"}


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.family)
def test_every_file_is_as_the_manifest_says(model):
    folders = [model, model.drawing.folder] if getattr(model, "drawing", None) else [model]
    for folder in folders:
        for name in folder.sha256:
            folder.read_checked(name)


@pytest.mark.parametrize("model", SEVERAL, ids=[model.family for model in SEVERAL])
def test_one_stream_looks_alike_in_all_precisions(model, picture):
    data = tcsdk.Encoder(model.family, device="cpu").encode(picture, text=None)
    first, *others = (decoder.decode(data) for decoder in decoders(model).values())
    for other in others:
        assert psnr(first, other) >= 38  # 8-bit layers: docs/extend/quantise.md


def test_thread_counts_give_the_same_stream_and_pixels(model, picture):
    part = picture[:200, :300]
    streams = {
        tcsdk.Encoder(model.family, device="cpu", threads=n).encode(part, text=None)
        for n in (1, 2, 3)
    }
    assert len(streams) == 1
    (data,) = streams
    one, two = (tcsdk.Decoder("cpu", threads=n).decode(data) for n in (1, 2))
    assert levels_apart(one, two) <= 1


def test_tiles_leave_no_seam(model, picture):
    """Along the borders of tiles a picture is as near to the original as in one tile."""
    decoder = tcsdk.Decoder("cpu")
    off = []
    for tile in (512, 704):
        data = tcsdk.Encoder(model.family, device="cpu", tile=tile).encode(picture, text=None)
        pixels = decoder.decode(data).astype(int)
        bands = [np.s_[:, 508:516], np.s_[508:516]]
        off.append(np.mean([np.abs(pixels[band] - picture[band]).mean() for band in bands]))
    assert off[0] < 1.04 * off[1]


def test_a_region_is_what_the_whole_picture_shows_there(model, picture):
    decoder = tcsdk.Decoder("cpu")
    data = tcsdk.Encoder(model.family, device="cpu").encode(picture, text=None)
    part = decoder.decode(data, region=(450, 480, 120, 90))
    assert levels_apart(part, decoder.decode(data)[480:570, 450:570]) <= 1


def test_quality_spans_a_range_of_sizes(model, picture):
    encoder = tcsdk.Encoder(model.family, device="cpu")
    small, large = (
        len(encoder.encode(picture[:256, :512], quality=q, scale=1.0, text=None)) for q in (0, 63)
    )
    assert large > 4 * small
    assert tcsdk.inspect(encoder.encode(picture, max_bytes=4 * small, text=None)).bytes <= 4 * small


def test_each_id_names_its_precision(model):
    for precision, device in devices(model).items():
        encoder = tcsdk.Encoder(f"{model.family}-{precision}", device=device)
        assert encoder.engine.precision == precision
    check_rejects(lambda: tcsdk.Encoder(f"{model.family}-w0"), tcsdk.UnknownModelError, "w0")
