"""tcs_plain: whole pictures by libtcs alone, as a device without a runtime makes them."""

from __future__ import annotations

import pytest
from kernels.golden_pictures import CASES, GOLDEN, picture

from .conftest import BUILD, ROOT, build, runner

pytestmark = pytest.mark.cpp


@pytest.fixture(scope="module")
def plain():
    """Built without JSON and without an engine."""
    folder = build(BUILD / "plain", "-DTCS_ORT=OFF", "-DTCS_CHECKS=OFF")
    return runner(folder, folder / "tcs_plain")


@pytest.mark.parametrize("name", CASES)
def test_streams_and_pictures_are_the_golden_ones(plain, name, tmp_path):
    width, height, quality = CASES[name]
    header = f"P6\n{width} {height}\n255\n".encode()
    (tmp_path / "in.ppm").write_bytes(header + picture(width, height).tobytes())
    done = plain("encode", tmp_path / "in.ppm", tmp_path / "made.tcs", GOLDEN, quality)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "made.tcs").read_bytes() == (GOLDEN / f"{name}.tcs").read_bytes()
    done = plain("decode", tmp_path / "made.tcs", tmp_path / "out.ppm", GOLDEN)
    assert done.returncode == 0, done.stderr
    shown = (tmp_path / "out.ppm").read_bytes()
    assert shown == header + (GOLDEN / f"{name}.rgb").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "expected: encode"),
        (("encode", "a.ppm", "b.tcs", GOLDEN, "64"), 2, "0..63"),
        (("decode", "absent.tcs", "b.ppm", GOLDEN), 1, "absent.tcs"),
        (("decode", GOLDEN / "one_tile.rgb", "b.ppm", GOLDEN), 1, "TCS_ERROR"),
        (("decode", GOLDEN / "one_tile.tcs", "b.ppm", ROOT / "zoo" / "tfic"), 1, "bundle"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(plain, arguments, code, words):
    done = plain(*arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
