"""Post-training quantisation of tcsdk's nets: clip, allocate bits, correct, report."""

import os

# As tcsdk.engines.ort does: before ONNX Runtime is imported, or it reports sessions to its maker.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from .codec_objective import RateDistortion
from .objectives import Objective, SuperResolution, WordAccuracy
from .options import Options
from .pipeline import Quantiser, Result, quantize
from .plan import Request
from .quantised import Quantised
from .report import LayerReport, Report

__all__ = [
    "LayerReport",
    "Objective",
    "Options",
    "Quantised",
    "Quantiser",
    "RateDistortion",
    "Report",
    "Request",
    "Result",
    "SuperResolution",
    "WordAccuracy",
    "quantize",
]
