"""How sure readers have to be; by python -m benchmarks.pages.trust_table."""

from __future__ import annotations

from typing import Final

from tcsdk.reading.trust import Calibrated

# Of all lines that a reader finds, the share that may be wrong and not doubted; calibrated on
# 10399 lines of the set `crowded`, coded by tfic-int8.
ALPHA: Final = 0.01
CALIBRATED: Final = (
    Calibrated("ppocr", 1, 0x0A85D0C3, 0, 0.979),
    Calibrated("ppocr", 1, 0x0A85D0C3, 8, 0.993),
    Calibrated("ppocr", 1, 0x0A85D0C3, 16, 0.988),
    Calibrated("ppocr", 1, 0x0A85D0C3, 32, 0.997),
)
