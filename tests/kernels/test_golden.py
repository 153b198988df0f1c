"""Golden vectors: the bytes of the format, under every variant of the hot loops."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import golden_cases
from checks import check_rejects
from tcsdk import errors
from tcsdk._kernels import simd_targets

# A case that is missing is a failure, so the names stand here as well.
TILES = {
    "all_zero",
    "escapes",
    "escapes_lanes_32",
    "from_d",
    "from_d_quality_map",
    "lanes_1",
    "lanes_32",
    "lanes_8",
    "odd_channels",
    "odd_channels_lanes_32",
    "odd_channels_lanes_8",
    "quality_map",
    "skip_all",
    "skip_none",
    "smallest",
    "wide",
}
STREAMS = {
    "bare",
    "bare_tiles",
    "stream",
    "stream_chunks",
    "stream_largest",
    "stream_small_tiles",
    "stream_tiles",
    "stream_size",
}
LAYERS = {"layers", "layers_tiles"}
BOUND = {
    "bound_chunks",
    "bound_largest",
    "bound_layers",
    "bound_layers_tiles",
    "bound_needed_text",
    "bound_options",
    "bound_shown",
    "bound_small_tiles",
    "bound_stream",
    "bound_text",
    "bound_tiles",
}
SMALL = {
    "small_all",
    "small_large",
    "small_largest",
    "small_map",
    "small_maps",
    "small_shown",
    "small_shown_odd",
    "small_stream",
    "small_text",
}
WEIGHTS = {"coded", "mixed", "raw"}
TEXTS = {"empty", "meter", "nothing", "places", "receipt", "scene", "states", "unicode"}
FOLDERS = [
    ("v0", TILES | STREAMS),
    ("v0.2", LAYERS),
    ("v0.4", BOUND),
    ("v0.4-small", SMALL),
    ("v0.1-weights", WEIGHTS),
    ("v0.4-text", TEXTS),
]
ROWS = golden_cases.refused_rows() if golden_cases.REFUSED.exists() else []


@pytest.mark.parametrize(("folder", "names"), FOLDERS)
def test_every_case_is_there(folder, names):
    assert {case.name for case in golden_cases.CASES if case.parent.name == folder} == names


@pytest.mark.parametrize("case", golden_cases.CASES, ids=lambda case: case.name)
def test_encodes_and_decodes(case):
    golden_cases.check_case(case)


@pytest.mark.parametrize("target", simd_targets())
def test_every_variant_gives_the_same_bytes(target):
    program = [sys.executable, golden_cases.__file__]
    environment = {**os.environ, "TCSDK_SIMD": target}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [target, str(sum(len(names) for _, names in FOLDERS))], (
        done.stderr
    )


def test_every_refused_file_is_listed():
    files = {path.name for path in golden_cases.REFUSED.iterdir()} - {"index.csv"}
    assert files == {name for name, _, _ in ROWS}
    assert len(files) >= 180


@pytest.mark.parametrize("name", [n for n, how, _ in ROWS if how == "conceal"])
def test_what_a_concealing_reader_refuses_a_strict_one_refuses(name):
    assert golden_cases.error_of(name, "stream") == golden_cases.error_of(name, "conceal")


@pytest.mark.parametrize(("name", "how", "error"), ROWS, ids=[name for name, _, _ in ROWS])
def test_refuses(name, how, error):
    check_rejects(lambda: golden_cases.read_refused(name, how), getattr(errors, error))


def test_the_maker_refuses_to_overwrite():
    maker = Path(golden_cases.__file__).parent / "makers" / "make_golden.py"
    pytest.importorskip("tcsdk.export.entropy.bundle")
    done = subprocess.run([sys.executable, maker], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "never overwritten" in done.stdout, done.stderr
