"""What the processor's int8 instructions are like."""

from __future__ import annotations

from functools import cache
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
VNNI = frozenset({"avx512_vnni", "avx_vnni"})


@cache
def saturates_int8() -> bool:
    """Say whether ONNX Runtime's U8S8 kernels may saturate on this processor.

    Those for AVX2 add pairs of products in saturating int16; VNNI and Arm do not. Where the
    flags cannot be read (not Linux) the answer is True: exact, and slower.
    """
    try:
        lines = CPUINFO.read_text().splitlines()
    except OSError:
        return True
    flags = {flag for line in lines if line.startswith("flags") for flag in line.split()}
    return bool(flags) and not flags & VNNI
