"""The package of browsers and Node.js says of streams what Python says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from structure.syntax import ROOT
from web.package import NODE, PACKAGE, needs_package

import tcsdk
from tcsdk import packets

STREAMS = sorted((ROOT / "tests" / "golden").glob("v*/*/stream.tcs"))
REFUSED = sorted((ROOT / "tests" / "golden" / "refused").glob("*.tcs"))

pytestmark = needs_package


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Streams of a shipped model, small and full, with sent text and without."""
    pytest.importorskip("onnxruntime", reason="needs the [cpu] extra")
    folder = tmp_path_factory.mktemp("streams")
    picture = ROOT / "examples" / "pictures" / "label.png"
    options = {
        "full": {"user": b"meter 7"},
        "small": {"small": True, "text": ["00482176"]},
    }
    made = []
    for name, chosen in options.items():
        file = folder / f"{name}.tcs"
        file.write_bytes(tcsdk.encode(picture, quality=20, **chosen))
        made.append(file)
    return made


def answers(files: list[Path]) -> list[dict]:
    """What the package says, a dict for each file."""
    command = [str(NODE), str(PACKAGE / "test" / "answers.js"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def layer(info) -> dict:
    names = {"wireId": info.wire_id}
    return names | {k: getattr(info, k) for k in ("quality", "family", "bundle", "bytes")}


def text(said) -> dict | None:
    if said is None:
        return None
    lines = [
        {
            "text": line.text,
            "polygon": None if line.polygon is None else line.polygon.tolist(),
            "state": line.state,
            "confidence": line.confidence,
        }
        for line in said.lines
    ]
    return {"verified": said.verified, "lines": lines}


def described(data: bytes) -> dict:
    """A stream by Python, in the words of the package."""
    info, kept = tcsdk.inspect(data), tcsdk.metadata(data)
    same = "width height bytes bpp quality family bundle tiles small bare".split()
    return {k: getattr(info, k) for k in same} | {
        "codedWidth": info.coded_width,
        "codedHeight": info.coded_height,
        "wireId": info.wire_id,
        "tileSize": info.tile_size,
        "version": list(info.version),
        "layers": [layer(each) for each in info.layers],
        "chunks": [{"type": c.type, "name": c.name, "bytes": c.bytes} for c in info.chunks],
        "text": text(info.text),
        "metadata": {
            k: None if (v := getattr(kept, k)) is None else v.hex() for k in ("icc", "exif", "user")
        },
    }


def rounded(said: dict) -> dict:
    """Corners to a thousandth of a pixel: Python keeps them as float32."""
    for line in (said["text"] or {"lines": []})["lines"]:
        if line["polygon"] is not None:
            line["polygon"] = [[round(x, 3), round(y, 3)] for x, y in line["polygon"]]
    return said


def check(files: list[Path]) -> None:
    for file, said in zip(files, answers(files), strict=True):
        data = file.read_bytes()
        assert rounded(said["info"]) == rounded(described(data)), file
        assert said["packets"] == [p.hex() for p in packets.split(data, 222, 0.3)], file


def test_golden_streams_are_described_as_by_python():
    assert len(STREAMS) > 25
    check(STREAMS)


def test_streams_of_a_shipped_model_are_described_as_by_python(real):
    check(real)


def refusal(file: Path) -> str | None:
    """The error by which Python refuses a stream, or None."""
    try:
        tcsdk.inspect(file)
    except tcsdk.BitstreamError as error:
        return type(error).__name__
    return None


def test_refused_streams_are_refused_as_by_python():
    said = {
        file: each["info"].get("error")
        for file, each in zip(REFUSED, answers(REFUSED), strict=True)
    }
    assert said == {file: refusal(file) for file in REFUSED}
    assert sum(name is not None for name in said.values()) > 90
