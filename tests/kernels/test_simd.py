"""All SIMD variants compute the same bits; TCSDK_SIMD forces one when the module loads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tcsdk._kernels import simd, simd_targets

SCRIPT = Path(__file__).with_name("variants.py")


def run(command, value):
    """A Python process with TCSDK_SIMD set to `value`."""
    environment = {**os.environ, "TCSDK_SIMD": value}
    paths = [str(SCRIPT.parents[1]), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(p for p in paths if p)
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
    )


def test_generic_is_first_and_the_best_is_the_default():
    targets = simd_targets()
    assert targets[0] == "generic"
    assert simd() == (os.environ.get("TCSDK_SIMD") or targets[-1])


def test_variants_agree_bit_for_bit():
    digests = {}
    for target in simd_targets():
        result = run([str(SCRIPT)], target)
        assert result.returncode == 0, result.stderr
        name, digests[target] = result.stdout.split()
        assert name == target
    assert set(digests.values()) == {digests["generic"]}


@pytest.mark.parametrize("value", ["sse9", "AVX2", "neon" if "avx2" in simd_targets() else "avx2"])
def test_an_impossible_variant_fails_at_import_and_names_the_possible_ones(value):
    result = run(["-c", "import tcsdk._kernels"], value)
    assert result.returncode != 0
    for word in ("TCSDK_SIMD", value, *simd_targets()):
        assert word in result.stderr


def test_an_empty_value_is_no_value():
    result = run(["-c", "from tcsdk._kernels import simd; print(simd())"], "")
    assert result.stdout.strip() == simd_targets()[-1]
