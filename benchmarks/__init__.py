"""Measurements: latency, size and rate-accuracy against what a user would pick instead."""

import os

# As tcsdk.engines.ort does: before ONNX Runtime is imported, or it reports sessions to its maker.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
