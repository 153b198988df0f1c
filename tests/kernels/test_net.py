"""Packed nets: what is refused, and the arithmetic of single layers against numpy."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from kernels.golden_pictures import GOLDEN, golden_files
from kernels.reference_net import (
    C_Z,
    GOLDEN_NETS,
    NETS,
    analysis_by_numpy,
    analysis_form,
    by_numpy,
    inputs,
    synthesis_form,
)

from tcsdk._kernels import Net, crc32c
from tcsdk.errors import NewerVersionError, PackedNetError

ZOO = Path(__file__).parents[2] / "zoo" / "tfic"


@pytest.mark.parametrize("replicate", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_synthesis_is_numpys(seed, replicate):
    form = synthesis_form(seed, replicate=replicate)
    given = inputs(seed)
    came = Net(form.to_bytes()).synthesise(*given)
    expected = by_numpy(form, *given)
    np.testing.assert_array_equal(came, expected)
    assert len(np.unique(came)) > 50


@pytest.mark.parametrize("seed", range(4))
def test_analysis_is_numpys(seed):
    form, rng = analysis_form(seed), np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (128, 192, 3)).astype(np.uint8)
    gains = [rng.uniform(0.1, 4, C_Z).astype(np.float32) for _ in range(2)]
    came = Net(form.to_bytes()).analyse(pixels, *gains)
    for one, expected in zip(came, analysis_by_numpy(form, pixels, *gains), strict=True):
        np.testing.assert_array_equal(one, expected)
        assert len(np.unique(one)) > 8


@pytest.mark.parametrize("name", NETS)
def test_nets_are_written_as_they_were(name):
    assert NETS[name].to_bytes() == (GOLDEN_NETS / f"{name}.tcsn").read_bytes()


def test_whole_pictures_are_coded_as_they_were():
    for name, data in golden_files().items():
        assert (GOLDEN / name).read_bytes() == data, name


def test_a_map_of_gains_equals_one_gain_where_it_is_constant():
    net, (z, r, gain, z_gain) = Net(synthesis_form().to_bytes()), inputs(5)
    mapped = np.ascontiguousarray(np.broadcast_to(gain, r.shape))
    same = net.synthesise(z, r, mapped, z_gain)
    np.testing.assert_array_equal(same, net.synthesise(z, r, gain, z_gain))


def test_a_smaller_picture_after_a_larger_one_is_as_alone():
    net = Net(synthesis_form().to_bytes())
    net.synthesise(*inputs(1, 4, 4))
    small = inputs(2, 1, 1)
    fresh = Net(synthesis_form().to_bytes()).synthesise(*small)
    np.testing.assert_array_equal(net.synthesise(*small), fresh)


@pytest.mark.parametrize("threads", [2, 3, 64])
def test_any_number_of_threads_gives_the_same(threads):
    net, given = Net(synthesis_form(seed=3, replicate=True).to_bytes()), inputs(6, 3, 5)
    np.testing.assert_array_equal(net.synthesise(*given, threads=threads), net.synthesise(*given))
    analysis = Net((ZOO / "analysis.tcsn").read_bytes())
    rng = np.random.default_rng(threads)
    pixels, gains = rng.integers(0, 256, (128, 192, 3)).astype(np.uint8), np.ones(32, np.float32)
    for shared, alone in zip(
        analysis.analyse(pixels, gains, gains, threads=threads),
        analysis.analyse(pixels, gains, gains),
        strict=True,
    ):
        np.testing.assert_array_equal(shared, alone)


@pytest.fixture(scope="module")
def shown() -> tuple[np.ndarray, list[np.ndarray]]:
    """A picture of 11 x 3 units, the last of them cut, and gains of z."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (700, 150, 3)).astype(np.uint8)
    pixels[100:400] //= 2
    return pixels, [rng.uniform(0.5, 4, 32).astype(np.float32) for _ in range(2)]


@pytest.mark.parametrize("family", ["tfic", "base"])
@pytest.mark.parametrize("steps", [(1,) * 11, (3, 1, 2, 5), (11,)])
def test_steps_of_any_height_give_what_one_run_gives(family, steps, shown):
    pixels, gains = shown
    analysis, synthesis = (
        Net((ZOO.parent / family / f"{role}.tcsn").read_bytes())
        for role in ("analysis", "synthesis")
    )
    padded = np.pad(pixels, ((0, 4), (0, 42), (0, 0)), "edge")
    z_hat, d, text = analysis.analyse(padded, *gains)
    run = analysis.analysis(pixels, *gains, threads=2)
    parts = [run.next(count) for count in steps]
    np.testing.assert_array_equal(np.concatenate([part[0] for part in parts], 1), d)
    np.testing.assert_array_equal(np.concatenate([part[1] for part in parts], 1), text)
    np.testing.assert_array_equal(run.z_hat, z_hat)
    r, gain = np.rint(d * 2).astype(np.int16), np.full((192, 1, 1), 0.5, np.float32)
    down, made = synthesis.synthesis(700, 150, threads=2), []
    for count in steps:
        first, last = down.wanted(count)
        z_rows, r_rows = z_hat[:, first:last], r[:, 4 * first : 4 * last]
        latents = np.ascontiguousarray(z_rows), np.ascontiguousarray(r_rows)
        made.append(down.next(count, *latents, gain, gains[1]))
    whole = synthesis.synthesise(z_hat, r, gain, gains[1])
    np.testing.assert_array_equal(np.concatenate(made), whole)


def test_a_run_ends_with_its_picture_and_with_what_fails(shown):
    net = Net((ZOO / "analysis.tcsn").read_bytes())
    pixels, gains = shown
    run = net.analysis(pixels, *gains)
    for units in (0, 12):
        with pytest.raises(ValueError, match="units"):
            run.next(units)
    run.next(11)
    with pytest.raises(ValueError, match="units"):
        run.next(1)
    bad = net.analysis(pixels, np.full(32, np.nan, np.float32), gains[1])
    with pytest.raises(ValueError, match="z_gain"):
        bad.next(1)
    with pytest.raises(ValueError, match="units"):
        bad.next(1)
    with pytest.raises(ValueError, match="role"):
        net.synthesis(64, 64).next(
            1, np.zeros((32, 1, 1), np.int8), np.zeros((192, 4, 4), np.int16),
            np.ones((192, 1, 1), np.float32), gains[1],
        )  # fmt: skip
    with pytest.raises(ValueError, match="multiples of 64"):
        net.synthesis(0, 64)


def test_what_a_thread_refuses_is_raised():
    net, (z, r, gain, z_gain) = Net(synthesis_form().to_bytes()), inputs(5)
    gain[-1] = np.nan  # of a channel that is not the first thread's
    with pytest.raises(ValueError, match="inverse_gain"):
        net.synthesise(z, r, gain, z_gain, threads=4)


def test_planes_are_pixels_in_0_to_1():
    net, given = Net(synthesis_form().to_bytes()), inputs(5)
    pixels = net.synthesise(*given)
    planes = net.synthesise(*given, planes=True)
    np.testing.assert_array_equal(planes, np.moveaxis(pixels, 2, 0) * np.float32(1 / 255))
    analysis = Net((ZOO / "analysis.tcsn").read_bytes())
    gains = np.ones(32, np.float32)
    bent = np.moveaxis(pixels, 2, 0) + np.float32(0.4) * (-1) ** np.arange(pixels.shape[1])
    as_planes = np.ascontiguousarray(bent / np.float32(255), np.float32)
    for one, other in zip(
        analysis.analyse(as_planes, gains, gains),
        analysis.analyse(pixels, gains, gains),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def sealed(body: bytes) -> bytes:
    """Bytes with the check that fits them."""
    return body + struct.pack("<I", crc32c(body))


def test_every_cut_and_every_changed_byte_is_refused():
    data = synthesis_form().to_bytes()
    for size in range(0, len(data), 97):
        with pytest.raises(PackedNetError):
            Net(data[:size])
    for at in range(6, len(data), 61):
        with pytest.raises(PackedNetError, match="checksum"):
            Net(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_a_cut_body_under_a_fitting_check_is_refused():
    body = synthesis_form().to_bytes()[:-4]
    for size in range(20, len(body), 41):
        with pytest.raises(PackedNetError):
            Net(sealed(body[:size]))


def test_any_header_byte_may_be_any_other():
    """Under a fitting check: refused by name, or a net that runs; never a crash."""
    body = synthesis_form().to_bytes()[:-4]
    for at in range(6, 60):
        for value in (0, 1, 2, 7, 8, 127, 255):
            changed = sealed(body[:at] + bytes([value]) + body[at + 1 :])
            try:
                net = Net(changed)
            except PackedNetError:
                continue
            assert net.role in ("analysis", "synthesis")


def test_a_later_version_is_refused():
    body = synthesis_form().to_bytes()[:-4]
    with pytest.raises(NewerVersionError, match=r"0\.2"):
        Net(sealed(body[:5] + b"\x02" + body[6:]))


def test_a_sum_that_could_leave_int32_is_refused():
    form = synthesis_form(weight=127)
    form.layers[0].high = 32767  # 36 * 127 * 32767 fits still
    Net(form.to_bytes())
    form.layers[1].bias[:] = 2**31 - 1
    with pytest.raises(PackedNetError, match="below 2"):
        Net(form.to_bytes())


def test_gains_that_are_no_numbers_are_refused():
    net, (z, r, gain, z_gain) = Net(synthesis_form().to_bytes()), inputs(5)
    for bad in (np.nan, np.inf, -1.0, 1e9):
        with pytest.raises(ValueError, match="inverse_gain"):
            net.synthesise(z, r, np.full_like(gain, bad), z_gain)


def test_a_net_of_the_other_role_is_refused():
    net = Net(synthesis_form().to_bytes())
    gains = np.ones(C_Z, np.float32)
    with pytest.raises(ValueError, match="role analysis"):
        net.analyse(np.zeros((64, 64, 3), np.uint8), gains, gains)
