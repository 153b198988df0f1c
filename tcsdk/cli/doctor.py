"""`tcsdk doctor`: what is installed, what runs, and whether a picture survives the round trip."""

from __future__ import annotations

import argparse
import json
import math
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata, util

import numpy as np
from numpy.typing import NDArray

from tcsdk import _kernels
from tcsdk.cli.arguments import add_device, add_json
from tcsdk.decoder import Decoder
from tcsdk.encoder import Encoder
from tcsdk.engines import ENGINES, EngineRow, available_threads
from tcsdk.engines.ort import both_builds_installed
from tcsdk.errors import TcsdkError
from tcsdk.model import ModelFolder, bundle_name, list_models

_PACKAGES = ("tcsdk", "numpy", "Pillow", "onnxruntime", "onnxruntime-gpu", "rapidocr")
# A codec that loses no more than this keeps the pattern's stripes; noise would be near 8 dB.
_MIN_PSNR = 15.0


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        topic: What was looked at.
        text: What was found.
        failed: Whether something has to be done about it.
    """

    topic: str
    text: str
    failed: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `doctor`."""
    add_device(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print all findings and return 1 if one of them is a failure."""
    failed = False
    for finding in examine(arguments.device, arguments.threads):
        failed = failed or finding.failed
        if arguments.json:
            print(json.dumps(asdict(finding)), flush=True)
        else:
            mark = "FAIL" if finding.failed else "    "
            print(f"{mark} {finding.topic:<20} {finding.text}", flush=True)
    if not arguments.json:
        print("something is wrong, see FAIL above" if failed else "all is well")
    return 1 if failed else 0


def examine(device: str, threads: int | None) -> Iterator[Finding]:
    """Yield what there is to say about this installation.

    Args:
        device: What the self-test runs on.
        threads: CPU threads for it; None for all.
    """
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    for package in _PACKAGES:
        yield Finding(package, _version(package))
    if both_builds_installed():
        text = "and onnxruntime-gpu are both installed, and the CPU one hides the other: remove one"
        yield Finding("onnxruntime", text, failed=True)
    yield Finding("kernels", f"{_kernels.simd()} of {', '.join(_kernels.simd_targets())}")
    yield Finding("threads", str(available_threads()))
    for row in ENGINES:
        yield Finding(f"device {row.device}", _device(row))
    ocr = "there" if util.find_spec("rapidocr") else 'not installed: pip install "tcsdk[ocr]"'
    yield Finding("reader", ocr)
    models = list_models()
    if not models:
        yield Finding("models", "none is installed: install tcsdk again", failed=True)
    for model in models:
        yield _check_files(model)
        for precision in model.precisions:
            yield _self_test(model, precision, device, threads)


def pattern() -> NDArray[np.uint8]:
    """Return the self-test's picture, (96, 160, 3) uint8: gradients, bars and blocks."""
    y, x = np.mgrid[0:96, 0:160]
    picture = np.stack([40 + x, 60 + y, 200 - x // 2], axis=2)
    picture[20:44, 16:144][:, np.arange(128) // 8 % 2 == 0] = 20
    picture[60:84, 40:120] = (230, 230, 210)
    return picture.astype(np.uint8)


def _check_files(model: ModelFolder) -> Finding:
    topic = f"model {model.family}"
    try:
        for name in model.sha256:
            model.read_checked(name)
    except TcsdkError as error:
        return Finding(topic, str(error), failed=True)
    text = f"wire id {model.wire_id:#06x}, bundle {bundle_name(model.bundle_hash)}, files sound"
    return Finding(topic, f"{text}, {model.size} bytes")


def _self_test(model: ModelFolder, precision: str, device: str, threads: int | None) -> Finding:
    """Encode and decode the pattern."""
    topic = f"self-test {model.family}-{precision}"
    before = pattern()
    try:
        encoder = Encoder(model.path, device=device, threads=threads, precision=precision)
        data = encoder.encode(before, quality=63)
        decoder = Decoder(device, threads=threads, precision=precision)
        after = decoder.decode(data)
    except TcsdkError as error:
        return Finding(topic, f"{type(error).__name__}: {error}", failed=True)
    if after.shape != before.shape:
        return Finding(topic, f"expected {before.shape}, got {after.shape}", failed=True)
    error_power = float(np.mean((after.astype(np.float64) - before) ** 2))
    psnr = 10 * math.log10(255**2 / max(error_power, 1e-9))
    text = f"{len(data)} bytes, {psnr:.1f} dB on {encoder.engine}"
    return Finding(topic, text, failed=psnr < _MIN_PSNR)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _device(row: EngineRow) -> str:
    try:
        return str(row.open(0, 1).info)
    except TcsdkError as error:
        return f"no: {error}"
