"""Write the small packed nets of tests/golden/nets, which fuzzing starts from.

python tests/makers/golden_nets.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from kernels.reference_net import GOLDEN_NETS, NETS

for name, form in NETS.items():
    GOLDEN_NETS.mkdir(exist_ok=True)
    (GOLDEN_NETS / f"{name}.tcsn").write_bytes(form.to_bytes())
