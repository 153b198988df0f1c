"""Write tests/golden/pictures, which C and C++ programs are held to.

python tests/makers/golden_pictures.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from kernels.golden_pictures import GOLDEN, golden_files

GOLDEN.mkdir(exist_ok=True)
for name, data in golden_files().items():
    (GOLDEN / name).write_bytes(data)
