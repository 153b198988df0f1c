"""The package of browsers and Node.js makes the streams and pixels that Python makes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from structure.syntax import ROOT
from web.package import NODE, PACKAGE, needs_package

import tcsdk

pytestmark = needs_package

PICTURE = ROOT / "examples" / "pictures" / "typical.png"
# Options of Python, and the same in the package.
ENCODINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "quality": ({"quality": 20}, {"quality": 20}),
    "plain": ({"quality": 20, "adaptive": False}, {"quality": 20, "adaptive": False}),
    "default": ({}, {}),
    "fits": ({"max_bytes": 700}, {"maxBytes": 700}),
    "fits without maps": ({"max_bytes": 560}, {"maxBytes": 560}),
    "capped": ({"max_bytes": 4000, "quality": 30}, {"maxBytes": 4000, "quality": 30}),
    "half": ({"scale": 0.5, "quality": 30}, {"scale": 0.5, "quality": 30}),
    "odd": ({"scale": 0.37, "quality": 30}, {"scale": 0.37, "quality": 30}),
    "auto": ({"scale": "auto"}, {"scale": "auto"}),
    "auto fits": ({"scale": "auto", "max_bytes": 420}, {"scale": "auto", "maxBytes": 420}),
    "auto few": ({"scale": "auto", "max_bytes": 90}, {"scale": "auto", "maxBytes": 90}),
    "auto small": (
        {"scale": "auto", "max_bytes": 250, "small": True},
        {"scale": "auto", "maxBytes": 250, "small": True},
    ),
    "small": (
        {"small": True, "scale": 0.6, "max_bytes": 500},
        {"small": True, "scale": 0.6, "maxBytes": 500},
    ),
}


def run(jobs: list[dict[str, Any]], folder: Path) -> None:
    """Let Node.js do jobs of test/pixels.js."""
    listed = folder / "jobs.json"
    listed.write_text(json.dumps(jobs))
    subprocess.run([str(NODE), str(PACKAGE / "test" / "pixels.js"), str(listed)], check=True)


def given(folder: Path, pixels: np.ndarray) -> dict[str, Any]:
    file = folder / "picture.rgba"
    file.write_bytes(np.asarray(Image.fromarray(pixels).convert("RGBA")).tobytes())
    return {"rgba": str(file), "width": pixels.shape[1], "height": pixels.shape[0]}


@pytest.mark.parametrize("family", ["tfic", "base"])
def test_streams_and_pixels_equal_those_of_the_native_engine(family, tmp_path):
    model = {"model": str(ROOT / "zoo" / family)}
    pixels = np.asarray(Image.open(PICTURE).convert("RGB"))[:201, :313]
    picture = given(tmp_path, pixels)
    jobs, outs = [], {name: tmp_path / f"{name}.tcs" for name in ENCODINGS}
    for name, (_, options) in ENCODINGS.items():
        jobs.append(model | picture | {"options": {"scale": 1} | options, "out": str(outs[name])})
        jobs.append(model | {"stream": str(outs[name]), "out": str(outs[name].with_suffix(".px"))})
    run(jobs, tmp_path)
    encoder = tcsdk.Encoder(family, precision="packed", device="libtcs")
    decoder = tcsdk.Decoder(device="libtcs")
    for name, (options, _) in ENCODINGS.items():
        stream = outs[name].read_bytes()
        assert stream == encoder.encode(pixels, **{"scale": 1.0} | options), name
        came = np.frombuffer(outs[name].with_suffix(".px").read_bytes(), np.uint8)
        came = came.reshape(*pixels.shape[:2], 4)
        np.testing.assert_array_equal(came[..., :3], decoder.decode(stream), name)
        assert (came[..., 3] == 255).all()


@pytest.mark.parametrize("name", ["label.png", "typical.png"])
@pytest.mark.parametrize("most", [300, 700, 2500])
def test_the_size_is_chosen_as_by_python(name, most, tmp_path):
    pixels = np.asarray(Image.open(PICTURE.with_name(name)).convert("RGB"))
    out = tmp_path / "out.tcs"
    wanted = {"options": {"maxBytes": most}, "out": str(out), "model": str(ROOT / "zoo" / "tfic")}
    run([given(tmp_path, pixels) | wanted], tmp_path)
    encoder = tcsdk.Encoder("tfic", precision="packed", device="libtcs")
    assert out.read_bytes() == encoder.encode(pixels, max_bytes=most)


def test_transparent_pictures_are_flattened_as_by_python(tmp_path):
    pixels = np.asarray(Image.open(PICTURE).convert("RGB"))[:64, :100]
    alpha = np.arange(pixels.shape[0] * pixels.shape[1]).reshape(pixels.shape[:2]) % 256
    clear = np.dstack([pixels, alpha.astype(np.uint8)])
    file, out = tmp_path / "clear.rgba", tmp_path / "clear.tcs"
    file.write_bytes(clear.tobytes())
    size = {"width": 100, "height": 64, "model": str(ROOT / "zoo" / "tfic")}
    options = {"quality": 40, "background": [10, 200, 30], "scale": 1}
    run([size | {"rgba": str(file), "options": options, "out": str(out)}], tmp_path)
    encoder = tcsdk.Encoder(
        "tfic", precision="packed", device="libtcs", background=(10, 200, 30), quality=40
    )
    assert out.read_bytes() == encoder.encode(clear, scale=1.0)
