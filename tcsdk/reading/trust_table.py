"""How sure readers have to be of lines; by python -m benchmarks.studies.trust_calibration table."""

from __future__ import annotations

from typing import Final

from tcsdk.reading.trust import Calibrated

# Of all lines that a reader finds, the share that may be wrong and not doubted.
ALPHA: Final = 0.01
CALIBRATED: Final = (Calibrated("ppocr", 1, 0, 0, 0.9),)
