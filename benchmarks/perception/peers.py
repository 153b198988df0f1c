"""Measures of perception that others wrote, whose packages are installed apart.

    pip install --no-deps ssimulacra2==0.3.0 cvvdp==0.5.7 torchvision==0.28.0 \\
        ffmpeg-python future imageio einops huggingface-hub tqdm

Without their own dependencies, of which none that these calls run is left out: cvvdp asks for a
torchvision with CUDA's torch, and for programs that read films.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from benchmarks.codecs.point import MissingToolError

Pixels = NDArray[np.uint8]
Measure = Callable[[Pixels, Pixels], float]  # of the picture and of what became of it
DISPLAY = "standard_fhd"  # of cvvdp: 24 inches, 200 cd/m2, in an office
_OPERATORS: list[torch.library.Library] = []  # they live as long as what defines them


def ssimulacra2() -> Measure:
    """Return SSIMULACRA2 (Sneyers 2022): 100 is alike, 30 low quality; it may lie below 0.

    Raises:
        MissingToolError: Its package is not installed.
    """
    compute = _module("ssimulacra2").compute_ssimulacra2

    def file(pixels: Pixels) -> io.BytesIO:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG", compress_level=0)
        buffer.seek(0)
        return buffer

    return lambda one, other: float(compute(file(one), file(other)))


def cvvdp() -> Measure:
    """Return ColorVideoVDP (Mantiuk 2024) on DISPLAY, in JOD: 10 is alike, 1 less is seen by most.

    Raises:
        MissingToolError: Its package, or one that it imports, is not installed.
    """
    _define_operators()
    metric = _module("pycvvdp").cvvdp(display_name=DISPLAY, device=torch.device("cpu"))
    return lambda one, other: float(metric.predict(other, one, dim_order="HWC")[0])


PEERS: dict[str, Callable[[], Measure]] = {"ssimulacra2": ssimulacra2, "cvvdp": cvvdp}


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingToolError(
            f"expected the package of {name} ({error}): benchmarks/perception/peers.py says how it "
            "is installed"
        ) from error


def _define_operators() -> None:
    """Declare the operators that a torchvision looks for when its own library does not load.

    It is built for CUDA's torch; of it only a blur is used, which is plain torch.
    """
    for form in ("nms", "qnms"):
        library = torch.library.Library("torchvision", "FRAGMENT")
        with suppress(RuntimeError):  # they are there
            library.define(f"{form}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _OPERATORS.append(library)
