"""The best quality whose whole stream fits into so many bytes."""

from __future__ import annotations

import pytest
from support.small_model import MODEL, smooth_picture

import tcsdk
from tcsdk import Encoder

PICTURE = smooth_picture(300, 200)


@pytest.mark.parametrize("target", [250, 400, 900, 100_000])
def test_max_bytes_takes_the_best_quality_that_fits(encoder, target):
    data = encoder.encode(PICTURE, max_bytes=target)
    assert len(data) <= target
    quality = tcsdk.inspect(data).quality
    assert data == encoder.encode(PICTURE, quality=quality)
    for finer in range(quality + 1, min(quality + 3, 64)):
        assert len(encoder.encode(PICTURE, quality=finer)) > target


def test_max_bytes_counts_metadata_and_tiles(decoder):
    encoder = Encoder(MODEL, tile=64)
    data = encoder.encode(PICTURE, max_bytes=1800, user=b"u" * 500)
    assert len(data) <= 1800
    assert tcsdk.inspect(data).user_bytes == 500
    assert decoder.decode(data).shape == PICTURE.shape


def test_quality_bounds_max_bytes_from_above(encoder):
    data = encoder.encode(PICTURE, max_bytes=100_000, quality=17)
    assert tcsdk.inspect(data).quality == 17


def test_a_target_too_small_names_the_smallest_size(encoder):
    with pytest.raises(tcsdk.TargetTooSmallError) as caught:
        encoder.encode(PICTURE, max_bytes=30, scale=1.0)
    assert caught.value.smallest == len(encoder.encode(PICTURE, quality=0))


def test_the_graph_runs_once_per_z_level_when_searching(monkeypatch):
    encoder = Encoder(MODEL, threads=1)
    runs = []
    analyse = type(encoder._loaded.codec).analyse

    def counted(self, pixels, tile, z_level, **options):
        runs.append((pixels.shape, z_level))
        return analyse(self, pixels, tile, z_level, **options)

    monkeypatch.setattr(type(encoder._loaded.codec), "analyse", counted)
    encoder.encode(PICTURE, max_bytes=600)
    assert len(runs) == len(set(runs))
    runs.clear()
    encoder.encode(PICTURE, max_bytes=600, scale=1.0)
    assert 1 <= len(runs) == len(set(runs)) <= 4
