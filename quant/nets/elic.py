"""What quantisation has to be told of ELIC: it ships in floats, to be compared with."""

from __future__ import annotations

from tcsdk.quant.nets.rules import NetRules

# g_a ends and g_s begins with an attention whose sum is y or takes y_hat. All of the context
# predicts y, whose units FP16 cannot tell apart beyond 2048.
ELIC = NetRules(
    float_layers=("means.", "grouped.", "g_a.13.", "g_a.14.", "h_a.layers.4.", "g_s.0.")
)
