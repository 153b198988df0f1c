"""What quantisation has to be told of LIC-TCM: it ships in floats, to be compared with."""

from __future__ import annotations

from tcsdk.quant.nets.rules import NetRules

# g_a ends and g_s begins with a convolution, and all of the context predicts y, whose units FP16
# cannot tell apart beyond 2048.
TCM = NetRules(
    float_layers=("means.", "grouped.", "g_a.9.", "h_a.layers.4.", "g_s.0.layers.0.", "g_s.0.skip.")
)
