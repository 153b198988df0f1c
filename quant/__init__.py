"""Post-training quantisation of tcsdk's nets: clip, allocate bits, correct, report."""

import os

# As tcsdk.engines.ort does: before ONNX Runtime is imported, or it reports sessions to its maker.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from tcsdk.quant.allocate.plan import Request
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.quant.judge.codec_objective import RateDistortion
from tcsdk.quant.judge.objectives import Objective, SuperResolution, WordAccuracy
from tcsdk.quant.options import Options
from tcsdk.quant.pipeline import Quantiser, Result, quantize
from tcsdk.quant.report.report import LayerReport, Report

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
