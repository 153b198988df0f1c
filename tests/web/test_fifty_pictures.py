"""Streams and pixels of fifty pictures: Node.js, Chromium and Firefox beside the native engine."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from structure.syntax import ROOT
from web.package import NODE, PACKAGE, needs_package

import tcsdk

pytestmark = [pytest.mark.slow, *needs_package]

COUNT = 50
# Of Python, and of the package.
OPTIONS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"quality": 8}, {"quality": 8}),
    ({"quality": 32, "adaptive": False}, {"quality": 32, "adaptive": False}),
    ({"quality": 63}, {"quality": 63}),
    ({"quality": 20, "scale": 0.5}, {"quality": 20, "scale": 0.5}),
    ({"quality": 30, "small": True}, {"quality": 30, "small": True}),
    ({"max_bytes": 400, "scale": "auto"}, {"maxBytes": 400, "scale": "auto"}),
]


def pictures() -> list[NDArray[np.uint8]]:
    """Parts of the repository's pictures, of all sizes up to theirs, turned and mirrored."""
    sources = [
        np.asarray(Image.open(path).convert("RGB"))
        for path in sorted((ROOT / "examples" / "pictures").glob("*.png"))
    ]
    random = np.random.default_rng(26)
    made = []
    for n in range(COUNT):
        source = np.rot90(sources[n % len(sources)], n % 4)
        height, width = (int(random.integers(20, side + 1)) for side in source.shape[:2])
        y, x = (
            int(random.integers(0, side - part + 1))
            for side, part in zip(source.shape[:2], (height, width), strict=True)
        )
        made.append(np.ascontiguousarray(source[y : y + height, x : x + width]))
    made[0] = sources[0]
    return made


def rgba(pixels: NDArray[np.uint8]) -> bytes:
    return np.asarray(Image.fromarray(pixels).convert("RGBA")).tobytes()


def test_fifty_pictures_are_the_same_everywhere(tmp_path):
    encoder = tcsdk.Encoder("tfic", precision="packed", device="libtcs")
    decoder = tcsdk.Decoder(device="libtcs")
    jobs, native = [], []
    for n, pixels in enumerate(pictures()):
        python, package = OPTIONS[n % len(OPTIONS)]
        if pixels.shape[0] > pixels.shape[1]:  # Pillow 13 may reduce columns first, others never
            python, package = python | {"scale": 1.0}, package | {"scale": 1}
        stream = encoder.encode(pixels, **({"scale": 1.0} | python))
        made = stream, rgba(decoder.decode(stream))
        native.append([hashlib.sha256(each).hexdigest() for each in made])
        data = base64.b64encode(rgba(pixels)).decode()
        size = {"width": pixels.shape[1], "height": pixels.shape[0]}
        jobs.append(size | {"rgba": data, "options": {"scale": 1} | package})
    listed = tmp_path / "jobs.json"
    listed.write_text(json.dumps(jobs))
    command = [str(NODE), str(PACKAGE / "test" / "everywhere.js"), str(listed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    places = json.loads(done.stdout)
    print({place: len(hashes) for place, hashes in places.items()})
    for place, hashes in places.items():
        assert hashes == native, place
