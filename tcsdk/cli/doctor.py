"""`tcsdk doctor`: what is installed, what runs where, and whether a picture survives it."""

from __future__ import annotations

import argparse
import json
import math
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import util

import numpy as np
from numpy.typing import NDArray

from tcsdk import _kernels
from tcsdk.cli.arguments import add_device, add_json
from tcsdk.decoder import Decoder
from tcsdk.distribution import install_extra
from tcsdk.encoder import Encoder
from tcsdk.engines import ENGINES, Engine, EngineRow, available_threads, find_row
from tcsdk.engines.golden import golden_case
from tcsdk.engines.packages import hidden_build, version_of
from tcsdk.engines.threads import thread_limits
from tcsdk.errors import EngineError, MissingRuntimeError, TcsdkError
from tcsdk.model.find import list_models
from tcsdk.model.folder import CodecFolder, ModelFolder, bundle_name

_PACKAGES = (
    "tcsdk", "numpy", "Pillow", "onnxruntime", "onnxruntime-gpu", "tensorrt", "cuda-bindings",
    "filelock", "rapidocr",
)  # fmt: skip
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


@dataclass(frozen=True)
class Opened:
    """A device that runs here.

    Attributes:
        name: As `device=` takes it.
        row: Its row of the table.
        engine: The engine.
    """

    name: str
    row: EngineRow
    engine: Engine


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
        device: What the self-tests run on; "auto" for every device that runs here.
        threads: CPU threads for them; None for all.

    Raises:
        ValueError: There is no such device name.
    """
    wanted = [(row.device, row, 0) for row in ENGINES]
    if device != "auto":
        wanted = [(device, *find_row(device))]
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    for package in _PACKAGES:
        yield Finding(package, version_of(package) or "not installed")
    if (advice := hidden_build()) is not None:
        yield Finding("onnxruntime", advice, failed=True)
    yield Finding("providers", _providers())
    yield Finding("kernels", f"{_kernels.simd()} of {', '.join(_kernels.simd_targets())}")
    yield Finding("threads", _threads())
    opened: list[Opened] = []
    for name, row, index in wanted:
        try:
            engine = row.open(index, threads or available_threads())
        except TcsdkError as error:
            yield Finding(f"device {row.device}", f"no: {error}", failed=device != "auto")
            continue
        yield Finding(f"device {row.device}", str(engine.info))
        opened.append(Opened(name, row, engine))
    ocr = "there" if util.find_spec("rapidocr") else f"not installed: {install_extra('ocr')}"
    yield Finding("reader", ocr)
    models = list_models()
    if not models:
        yield Finding("models", "none is installed: install tcsdk again", failed=True)
    if not opened:
        yield Finding("devices", "nothing can run models here, see above", failed=True)
    for model in models:
        yield _check_files(model)
        if not isinstance(model, CodecFolder):
            continue  # pictures cannot try it
        for place in opened:
            for precision in model.precisions:
                yield from _self_test(model, precision, place, threads)


def pattern() -> NDArray[np.uint8]:
    """Return the self-test's picture, (96, 160, 3) uint8: gradients, bars and blocks."""
    y, x = np.mgrid[0:96, 0:160]
    picture = np.stack([40 + x, 60 + y, 200 - x // 2], axis=2)
    picture[20:44, 16:144][:, np.arange(128) // 8 % 2 == 0] = 20
    picture[60:84, 40:120] = (230, 230, 210)
    return picture.astype(np.uint8)


def _providers() -> str:
    from tcsdk.engines.ort import import_onnxruntime

    try:
        return ", ".join(import_onnxruntime("cpu").get_available_providers())
    except MissingRuntimeError as error:
        return f"none: {error}"


def _threads() -> str:
    limits = thread_limits()
    quota = "none" if limits.quota is None else f"{limits.quota:g} CPUs"
    return (
        f"{limits.usable} of {limits.cpus}: affinity mask {limits.affinity}, cgroup quota {quota}"
    )


def _check_files(model: ModelFolder) -> Finding:
    topic = f"model {model.family}"
    try:
        for name in model.sha256:
            model.read_checked(name)
    except TcsdkError as error:
        return Finding(topic, str(error), failed=True)
    text = model.task
    if isinstance(model, CodecFolder):
        text += f", wire id {model.wire_id:#06x}, bundle {bundle_name(model.bundle_hash)}"
    return Finding(topic, f"{text}, files sound, {model.size} bytes")


def _self_test(
    model: CodecFolder, precision: str, place: Opened, threads: int | None
) -> Iterator[Finding]:
    """Encode and decode the pattern, compare golden vectors, count nodes by what ran them."""
    name = f"{model.family}-{precision}"
    topic = f"self-test {name}"
    try:
        place.engine.check(model, precision)
    except EngineError as error:
        yield Finding(topic, f"not on {place.name}: {error}")
        return
    try:
        yield _round_trip(topic, model, precision, place, threads)
        yield from _golden(f"golden {name}", model, precision, place)
        counts = {
            role: place.engine.placement(model.graph_file(precision, role)) for role in model.roles
        }
    except TcsdkError as error:
        yield Finding(topic, f"on {place.name}: {type(error).__name__}: {error}", failed=True)
        return
    ran = [f"{role} {n} {what}" for role in counts for what, n in counts[role].items()]
    yield Finding(f"nodes {name}", f"on {place.name}: {', '.join(ran)}")


def _round_trip(
    topic: str, model: CodecFolder, precision: str, place: Opened, threads: int | None
) -> Finding:
    before = pattern()
    encoder = Encoder(model.path, device=place.name, threads=threads, precision=precision)
    data = encoder.encode(before, quality=63)
    decoder = Decoder(place.name, threads=threads, precision=precision)
    after = decoder.decode(data)
    if after.shape != before.shape:
        return Finding(topic, f"expected {before.shape}, got {after.shape}", failed=True)
    error_power = float(np.mean((after.astype(np.float64) - before) ** 2))
    psnr = 10 * math.log10(255**2 / max(error_power, 1e-9))
    text = f"{len(data)} bytes, {psnr:.1f} dB on {encoder.engine}"
    return Finding(topic, text, failed=psnr < _MIN_PSNR)


def _golden(topic: str, model: ModelFolder, precision: str, place: Opened) -> Iterator[Finding]:
    for role in model.roles:
        case = golden_case(model, precision, role)
        if case is not None:
            ratio = case.check(place.engine.load(model.graph_file(precision, role)))
            yield Finding(topic, f"on {place.name}: {role} at {ratio:.2f} of its limit")
