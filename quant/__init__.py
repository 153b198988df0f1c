"""Post-training quantisation of tcsdk's graphs."""

import os

# As tcsdk.engines.ort does: before ONNX Runtime is imported, or it reports sessions to its maker.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
