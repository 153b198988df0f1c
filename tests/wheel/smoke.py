"""Try an installed tcsdk: what a wheel must do in an empty environment, from any folder.

python tests/wheel/smoke.py                        # encodes and decodes with every shipped model
python tests/wheel/smoke.py base tfic tfic-tinylic # and expects these models, no others
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tcsdk
from tcsdk import _kernels
from tcsdk.engines import processor_device
from tcsdk.model.find import list_models
from tcsdk.model.folder import CodecFolder, ModelFolder
from tcsdk.model.graphs import RECOGNITION

CHECKOUT = Path(__file__).resolve().parents[2]
STAGES = ("models", "train", "quant", "export")
FAMILIES = ["base", "reader", "textboost", "tfic"]  # those that every installation has
WIDTH, HEIGHT = 200, 120
LEAST_PSNR = 20.0  # any working model is far above, a broken one far below


class SmokeError(Exception):
    """The installation does not do what it has to."""


def expect(holds: bool, what: str) -> None:
    """Raise SmokeError unless something holds."""
    if not holds:
        raise SmokeError(f"expected {what}")


def picture() -> NDArray[np.uint8]:
    """(HEIGHT, WIDTH, 3) uint8: slow waves."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / 40.0
    waves = [np.sin(x) + np.cos(y), np.cos(x + y), np.sin(y - x / 2) * np.cos(x)]
    pixels: NDArray[np.uint8] = np.clip(128 + 45 * np.stack(waves, axis=2), 0, 255).astype(np.uint8)
    return pixels


def check_places() -> None:
    """The package comes from the environment, and nothing generic lies beside it."""
    for module in (tcsdk, _kernels):
        place = Path(str(module.__file__)).resolve()
        inside = place.is_relative_to(Path(sys.prefix).resolve())
        expect(inside and not place.is_relative_to(CHECKOUT), f"tcsdk in {sys.prefix}, got {place}")
    for stage in STAGES:
        expect(importlib.util.find_spec(f"tcsdk.{stage}") is not None, f"tcsdk.{stage}")
        expect(importlib.util.find_spec(stage) is None, f"no top-level package {stage}")


def check_threading() -> None:
    """On a free-threaded Python the kernels leave the GIL off."""
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        expect(not sys._is_gil_enabled(), "the GIL to stay disabled")  # type: ignore[attr-defined]


def check_kernels(model: CodecFolder) -> None:
    """Whole numbers come back from the bytes that the kernel makes of them."""
    bundle = model.load_bundle()
    random = np.random.default_rng(1)
    z_hat = random.integers(-2, 3, (model.hyper, 2, 3), np.int8)
    d = random.normal(0, 20, (model.latent, 8, 12)).astype(np.float32)
    payload = _kernels.encode_tile(bundle, z_hat, d, 40)
    decoded, r = _kernels.decode_tile(bundle, payload, 40, 8, 12)
    expect(bool((decoded == z_hat).all()), "z_hat to come back")
    expect(bool(r.any()), "some of r to be coded")
    expect(_kernels.encode_tile(bundle, z_hat, r, 40) == payload, "r to make the same bytes")


def check_model(model: CodecFolder) -> None:
    """A picture comes back in every precision, not far from what it was."""
    pixels = picture().astype(np.float64)
    for precision in model.precisions:
        device = processor_device(model.precisions[precision])
        encoder = tcsdk.Encoder(model.path, precision=precision, device=device, quality=50)
        data = encoder.encode(picture(), text=None)
        decoded = tcsdk.Decoder(device, precision=precision).decode(data)
        power = float(np.mean((decoded - pixels) ** 2))
        psnr = 10 * np.log10(255**2 / max(power, 1e-9))
        expect(psnr >= LEAST_PSNR, f"{encoder.model} at {LEAST_PSNR} dB or more, got {psnr:.1f}")


def check_crops(model: ModelFolder) -> None:
    """A crop is read or enlarged in every precision."""
    crop = np.ascontiguousarray(picture()[:16, :64])
    for precision in model.precisions:
        if model.task == RECOGNITION:
            reader = tcsdk.Recognizer(model.path, precision=precision, device="cpu")
            expect(len(reader.recognize([crop])) == 1, f"{model.family} to read a crop")
        else:
            net = tcsdk.SuperResolver(model.path, precision=precision, device="cpu")
            shape = net.upscale(crop).shape
            expect(shape == (32, 128, 3), f"{model.family} to make 32x128, got {shape}")


def check_command_line(folder: Path) -> None:
    """`tcsdk` encodes, decodes and finds itself in order."""
    from PIL import Image

    def tcsdk_command(*arguments: str) -> str:
        # The script that the wheel's entry point made, of this environment.
        script = Path(sysconfig.get_path("scripts")) / "tcsdk"
        done = subprocess.run(
            [script, *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
        expect(done.returncode == 0, f"tcsdk {arguments[0]} to succeed: {done.stderr}")
        return done.stdout

    Image.fromarray(picture()).save(folder / "a.png")
    tcsdk_command("encode", "a.png", "--max-bytes", "1500")
    expect((folder / "a.tcs").stat().st_size <= 1500, "at most 1500 bytes")
    tcsdk_command("decode", "a.tcs", "-o", "b.png")
    with Image.open(folder / "b.png") as decoded:
        expect(decoded.size == (WIDTH, HEIGHT), f"{WIDTH}x{HEIGHT} pixels, got {decoded.size}")
    opened = tcsdk.open(folder / "a.tcs")
    expect(opened.size == (WIDTH, HEIGHT), f"a PIL image of that size, got {opened.size}")
    expect(tcsdk.decode(folder / "a.tcs").shape == (HEIGHT, WIDTH, 3), "its pixels by one call")
    verdict, *_ = map(json.loads, tcsdk_command("doctor", "--json").splitlines())
    expect(verdict["fields"]["checks"] > 10, f"more than 10 checks of tcsdk doctor, got {verdict}")


def main() -> None:
    """Run all checks and print one line."""
    try:
        check_places()
        check_threading()
        models = list_models()
        families = sorted(sys.argv[1:] or FAMILIES)
        came = sorted(model.family for model in models)
        expect(came == families, f"the models {families}, got {came}")
        for model in models:
            if isinstance(model, CodecFolder):
                check_kernels(model)
                check_model(model)
            else:
                check_crops(model)
        with tempfile.TemporaryDirectory() as folder:
            check_command_line(Path(folder))
    except SmokeError as error:
        sys.exit(f"smoke: {error}")
    python = sys.version.split()[0]
    print(f"smoke: tcsdk {tcsdk.__version__}, Python {python}: all models in order")


if __name__ == "__main__":
    main()
