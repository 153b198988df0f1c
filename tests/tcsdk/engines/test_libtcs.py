"""device="libtcs": streams of either engine are decoded by the other, without ONNX Runtime."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tcsdk
from tcsdk._kernels import Bundle, Net, decode_tile, inverse_gain, parse

QUALITY = 32
TILE_CHUNK = 0x01
BASE = Path(__file__).parents[3] / "zoo" / "base"


@pytest.fixture(scope="module")
def picture():
    """Waves, bars and a frame, (200, 300, 3) uint8."""
    y, x = np.mgrid[0:200, 0:300]
    planes = [128 + 90 * np.sin(x / 11), 128 + 90 * np.cos(y / 9), 255 * x / 300]
    made = np.stack(planes, 2).astype(np.uint8)
    made[60:120][:, np.arange(300) // 4 % 2 == 0] = 20
    return made


def psnr(a, b):
    """Between two uint8 pictures, dB."""
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2))


@pytest.mark.parametrize("family", ["tfic", "base"])
def test_streams_decode_in_every_pairing(picture, family):
    pytest.importorskip("onnxruntime")
    devices = ("cpu", "libtcs")
    streams = {
        d: tcsdk.Encoder(f"{family}-int8", device=d).encode(picture, quality=QUALITY)
        for d in devices
    }
    sizes = [len(stream) for stream in streams.values()]
    assert max(sizes) <= 1.03 * min(sizes)
    for stream in streams.values():
        shown = [np.asarray(tcsdk.Decoder(device=d).decode(stream)) for d in devices]
        assert psnr(*shown) > 38
        assert psnr(shown[1], picture) > psnr(shown[0], picture) - 0.3


def test_an_encode_is_the_same_bytes_again(picture):
    encoder = tcsdk.Encoder("tfic-int8", device="libtcs")
    assert encoder.encode(picture) == encoder.encode(picture)


def test_a_model_without_packed_nets_says_how_to_make_them(picture):
    with pytest.raises(tcsdk.TcsdkError, match="--target libtcs"):
        tcsdk.Encoder("tfic-fp32", device="libtcs").encode(picture)


def test_no_other_runtime_is_imported():
    code = (
        "import sys, numpy as np, tcsdk\n"
        "x = np.zeros((64, 64, 3), np.uint8)\n"
        "data = tcsdk.Encoder('tfic', device='libtcs').encode(x)\n"
        "tcsdk.Decoder(device='libtcs').decode(data)\n"
        "print([m for m in ('onnxruntime', 'torch') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_an_installation_of_numpy_alone_encodes_and_decodes():
    code = (
        "import importlib.abc, sys\n"
        "class Absent(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name.partition('.')[0] in ('onnxruntime', 'torch', 'PIL', 'cuda'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "import numpy as np, tcsdk\n"
        "y, x = np.mgrid[0:100, 0:150]\n"
        "picture = np.stack([x, 2 * y, 200 - x // 2], 2).astype(np.uint8)\n"
        "encoder = tcsdk.Encoder('tfic')\n"
        "decoder = tcsdk.Decoder()\n"
        "shown = decoder.decode(encoder.encode(picture, quality=50, scale=1.0))\n"
        "error = np.mean((np.asarray(shown).astype(float) - picture) ** 2)\n"
        "print(encoder.engine.device, encoder.engine.precision, error < 250)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["libtcs", "packed", "True"], ran.stderr


def test_tiles_show_what_one_run_over_the_whole_picture_does():
    y, x = np.mgrid[0:300, 0:1100]
    picture = np.stack([x % 251, 2 * y % 241, (x + y) % 256], 2).astype(np.uint8)
    codec = {"device": "libtcs", "precision": "packed"}
    stream = tcsdk.Encoder("base", **codec).encode(picture, quality=30, scale=1.0)
    header, chunks = parse(stream)
    assert (header.tiles, {chunk.type for chunk in chunks}) == (3, {TILE_CHUNK})
    bundle = Bundle((BASE / "entropy.tcsb").read_bytes())
    z_hat, r = np.zeros((32, 5, 18), np.int8), np.zeros((192, 20, 72), np.int16)
    for n, chunk in enumerate(chunks):
        payload = stream[chunk.offset : chunk.offset + chunk.length]
        width = min(32, 69 - 32 * n)
        z, residual = decode_tile(bundle, payload, 30, 19, width)
        z_hat[:, :, 8 * n : 8 * n + z.shape[2]] = z
        r[:, :19, 32 * n : 32 * n + width] = residual
    level = int(bundle.z_level_of_quality[30])
    net = Net((BASE / "synthesis.tcsn").read_bytes())
    whole = net.synthesise(z_hat, r, inverse_gain(bundle, 30), bundle.z_inverse_gain[level])
    shown = np.asarray(tcsdk.Decoder(**codec).decode(stream))
    np.testing.assert_array_equal(shown, whole[:300, :1100])
    inside = tcsdk.Decoder(**codec).decode(stream, region=(600, 100, 200, 150))
    apart = np.abs(np.asarray(inside).astype(int) - shown[100:250, 600:800])
    assert apart.max() <= 8  # a region sees 128 pixels around its tiles, not the whole picture
