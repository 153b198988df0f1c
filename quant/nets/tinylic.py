"""What quantisation has to be told of TinyLIC: it ships in floats (docs/decisions/tinylic.md)."""

from __future__ import annotations

from tcsdk.quant.nets.rules import NetRules

# g_a ends and g_s begins with a residual attention block, whose sum is y or takes y_hat.
TINYLIC = NetRules(float_layers=("means.", "g_a.7.", "h_a.layers.4.", "g_s.0."))
