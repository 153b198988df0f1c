from __future__ import annotations

import dataclasses
import hashlib
import sys

import pytest
from support.small_model import MODEL, smooth_picture

import tcsdk
from checks import check_rejects
from container_bytes import bare_stream
from tcsdk.errors import CorruptStreamError

PICTURE = smooth_picture(300, 200)


def test_a_stream_says_what_it_is(encoder):
    data = encoder.encode(PICTURE, quality=33, user=b"abc")
    info = tcsdk.inspect(data)
    bundle = hashlib.sha256((MODEL / "entropy.tcsb").read_bytes()).hexdigest()
    assert dataclasses.asdict(info) == {
        "width": 300,
        "height": 200,
        "coded_width": 300,
        "coded_height": 200,
        "bytes": len(data),
        "bpp": 8 * len(data) / 60000,
        "quality": 33,
        "wire_id": 0xF0F0,
        "family": None,
        "bundle": bundle[:8],
        "tiles": 1,
        "tile_size": 512,
        "bare": False,
        "small": False,
        "version": (0, 4),
        "icc_bytes": 0,
        "exif_bytes": 0,
        "user_bytes": 3,
        "text": None,
        "layers": (
            {
                "quality": 33,
                "wire_id": 0xF0F0,
                "family": None,
                "bundle": bundle[:8],
                "bytes": info.chunks[1].bytes,
            },
        ),
        "chunks": (
            {"type": 0x83, "name": "user", "bytes": 3},
            {"type": 1, "name": "tile", "bytes": info.chunks[1].bytes},
        ),
    }


def test_a_bare_stream_names_no_bundle(encoder):
    info = tcsdk.inspect(bare_stream(encoder.encode(PICTURE)))
    assert info.bare
    assert info.bundle is None
    assert info.wire_id == 0xF0F0


def test_the_family_is_named_where_it_is_installed(encoder, monkeypatch, tmp_path):
    (tmp_path / "small").symlink_to(MODEL)
    monkeypatch.setattr("tcsdk.model.find._ZOO", (tmp_path,))
    assert tcsdk.inspect(encoder.encode(PICTURE)).family == "small"
    small = encoder.encode(PICTURE, small=True)
    assert tcsdk.inspect(small).family == "small"
    damaged = small[:-1] + bytes([small[-1] ^ 1])
    check_rejects(lambda: tcsdk.inspect(damaged), CorruptStreamError, "small", "another release")


def test_a_small_stream_of_a_model_that_is_not_here_is_described_all_the_same(encoder):
    info = tcsdk.inspect(encoder.encode(PICTURE, small=True, text=["A 12"]))
    assert (info.small, info.family, info.bundle, info.bare) == (True, None, None, False)
    assert [line.text for line in info.text.lines] == ["A 12"]
    assert (info.width, info.height, info.wire_id, info.version) == (300, 200, 0xF0F0, (0, 4))


def test_inspection_runs_no_engine(encoder, monkeypatch, tmp_path):
    data = encoder.encode(PICTURE)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    (tmp_path / "a.tcs").write_bytes(data)
    assert tcsdk.inspect(tmp_path / "a.tcs") == tcsdk.inspect(data)


def test_results_cannot_be_changed(encoder):
    info = tcsdk.inspect(encoder.encode(PICTURE))
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.width = 5


def test_the_public_names_are_these():
    assert all(hasattr(tcsdk, name) for name in tcsdk.__all__)
    assert sorted(tcsdk.__all__) == tcsdk.__all__
    with pytest.raises(AttributeError, match="nothing"):
        _ = tcsdk.nothing
