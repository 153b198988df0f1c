"""What is installed, what runs where, and whether a picture survives it."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import util
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk import _kernels
from tcsdk.decoder import Decoder
from tcsdk.distribution import DISTRIBUTION, install_extra
from tcsdk.encoder import Encoder
from tcsdk.engines import ENGINES, Engine, EngineRow, available_threads, find_row
from tcsdk.engines.golden import FILE as GOLDEN
from tcsdk.engines.golden import golden_case
from tcsdk.engines.packages import hidden_build, version_of
from tcsdk.engines.threads import thread_limits
from tcsdk.errors import EngineError, MissingRuntimeError, TcsdkError
from tcsdk.model.find import list_models
from tcsdk.model.folder import CodecFolder, ModelFolder, bundle_name

_PACKAGES = (
    DISTRIBUTION, "numpy", "Pillow", "onnxruntime", "onnxruntime-gpu", "tensorrt", "cuda-bindings",
    "filelock", "rapidocr",
)  # fmt: skip
# A codec that loses no more than this keeps the pattern's stripes; noise would be near 8 dB.
_MIN_PSNR = 15.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        topic: Its kind, such as "self-test".
        about: Which one of its kind, such as "tfic-int8"; "" where there is one alone.
        text: What was found.
        failed: Whether something has to be done about it.
        brief: The same in a word or two; "" for what only those want who look closely.
        fields: The same for programs.
    """

    topic: str
    about: str
    text: str
    failed: bool = False
    brief: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


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
    yield from _installed()
    opened: list[Opened] = []
    why = ""
    for name, row, index in wanted:
        try:
            engine = row.open(index, threads or available_threads())
        except TcsdkError as error:
            absent = f"no {row.device}"
            why = str(error) if name in (device, "cpu") else why  # what a person can mend
            yield Finding("device", row.device, f"no: {error}", device != "auto", absent)
            continue
        info = engine.info
        yield Finding("device", row.device, str(info), brief=row.device, fields=asdict(info))
        opened.append(Opened(name, row, engine))
    models = list_models()
    if not models:
        yield Finding("models", "", "none is installed: install tcsdk again", failed=True)
    for model in models:
        yield _check_files(model)
        codec = isinstance(model, CodecFolder)
        if not codec and GOLDEN not in model.sha256:
            continue  # neither pictures nor vectors to try it with
        if codec and device == "auto" and not _runs(model, opened):
            text = f'nothing that device="auto" takes can run it here: {why}'
            yield Finding("device", model.family, text, failed=True)
        for place in opened:
            for precision in model.precisions:
                yield from _self_test(model, precision, place, threads)


def _runs(model: ModelFolder, opened: Sequence[Opened]) -> bool:
    """Say whether a device that "auto" takes runs the model in any precision."""
    for place in opened:
        for precision in model.precisions if place.row.automatic else ():
            with suppress(EngineError):
                place.engine.check(model, precision)
                return True
    return False


def pattern() -> NDArray[np.uint8]:
    """Return the self-test's picture, (96, 160, 3) uint8: gradients, bars and blocks."""
    y, x = np.mgrid[0:96, 0:160]
    picture = np.stack([40 + x, 60 + y, 200 - x // 2], axis=2)
    picture[20:44, 16:144][:, np.arange(128) // 8 % 2 == 0] = 20
    picture[60:84, 40:120] = (230, 230, 210)
    return picture.astype(np.uint8)


def _installed() -> Iterator[Finding]:
    """What is there before anything runs."""
    version, system = platform.python_version(), platform.platform()
    fields: dict[str, Any] = {"version": version, "platform": system}
    yield Finding("python", "", f"{version} on {system}", brief=version, fields=fields)
    for package in _PACKAGES:
        found = version_of(package)
        brief = f"{package} {found}" if found else ""
        fields = {"version": found}
        yield Finding("package", package, found or "not installed", brief=brief, fields=fields)
    if (advice := hidden_build()) is not None:
        yield Finding("package", "onnxruntime", advice, failed=True)
    yield Finding("providers", "", _providers())
    simd, targets = _kernels.simd(), list(_kernels.simd_targets())
    text, fields = f"{simd} of {', '.join(targets)}", {"simd": simd, "targets": targets}
    yield Finding("kernels", "", text, brief=simd, fields=fields)
    yield _threads()
    there = util.find_spec("rapidocr") is not None
    text = "there" if there else f"not installed: {install_extra('ocr')}"
    brief = "PP-OCRv6" if there else "none, extra [ocr]"
    yield Finding("reader", "", text, brief=brief, fields={"installed": there})


def _providers() -> str:
    from tcsdk.engines.ort import import_onnxruntime

    try:
        return ", ".join(import_onnxruntime("cpu").get_available_providers())
    except MissingRuntimeError as error:
        return f"none: {error}"


def _threads() -> Finding:
    limits = thread_limits()
    quota = "none" if limits.quota is None else f"{limits.quota:g} CPUs"
    brief = f"{limits.usable} of {limits.cpus}"
    text = f"{brief}: affinity mask {limits.affinity}, cgroup quota {quota}"
    fields = {**asdict(limits), "usable": limits.usable}
    return Finding("threads", "", text, brief=brief, fields=fields)


def _check_files(model: ModelFolder) -> Finding:
    try:
        for name in model.sha256:
            model.read_checked(name)
    except TcsdkError as error:
        return Finding("model", model.family, str(error), failed=True)
    fields: dict[str, Any] = {"task": model.task, "bytes": model.size}
    text = model.task
    if isinstance(model, CodecFolder):
        bundle = bundle_name(model.bundle_hash)
        fields |= {"wire_id": model.wire_id, "bundle": bundle}
        text += f", wire id {model.wire_id:#06x}, bundle {bundle}"
    text += f", files sound, {model.size} bytes"
    return Finding("model", model.family, text, brief=model.family, fields=fields)


def _self_test(
    model: ModelFolder, precision: str, place: Opened, threads: int | None
) -> Iterator[Finding]:
    """Try a codec with the pattern, and any model with golden vectors; count nodes by what ran."""
    name = f"{model.family}-{precision}"
    try:
        place.engine.check(model, precision)
    except EngineError as error:
        yield Finding("self-test", name, f"not on {place.name}: {error}")
        return
    try:
        if isinstance(model, CodecFolder):
            yield _round_trip(name, model, precision, place, threads)
        yield from _golden(name, model, precision, place)
        counts = {
            role: place.engine.placement(model.graph_file(precision, role)) for role in model.roles
        }
    except TcsdkError as error:
        text = f"on {place.name}: {type(error).__name__}: {error}"
        yield Finding("self-test", name, text, failed=True)
        return
    ran = [f"{role} {n} {what}" for role in counts for what, n in counts[role].items()]
    fields = {"device": place.name, "counts": counts}
    yield Finding("nodes", name, f"on {place.name}: {', '.join(ran)}", fields=fields)


def _round_trip(
    name: str, model: CodecFolder, precision: str, place: Opened, threads: int | None
) -> Finding:
    before = pattern()
    encoder = Encoder(model.path, device=place.name, threads=threads, precision=precision)
    data = encoder.encode(before, quality=63, text=None)
    decoder = Decoder(place.name, threads=threads, precision=precision)
    after = decoder.decode(data)
    if after.shape != before.shape:
        text = f"expected {before.shape}, got {after.shape}"
        return Finding("self-test", name, text, failed=True)
    error_power = float(np.mean((after.astype(np.float64) - before) ** 2))
    psnr = 10 * math.log10(255**2 / max(error_power, 1e-9))
    text = f"{len(data)} bytes, {psnr:.1f} dB on {encoder.engine}"
    fields = {"device": place.name, "bytes": len(data), "psnr": round(psnr, 2)}
    brief = name if place.name == "cpu" else f"{name} on {place.name}"
    return Finding("self-test", name, text, psnr < _MIN_PSNR, brief, fields)


def _golden(name: str, model: ModelFolder, precision: str, place: Opened) -> Iterator[Finding]:
    for role in model.roles:
        case = golden_case(model, precision, role)
        if case is not None:
            ratio = case.check(place.engine.load(model.graph_file(precision, role)))
            text = f"on {place.name}: {role} at {ratio:.2f} of its limit"
            fields = {"device": place.name, "role": role, "ratio": round(ratio, 4)}
            yield Finding("golden", name, text, fields=fields)
