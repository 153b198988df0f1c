import numpy as np
import pytest

from tcsdk.quant.clip.clipping import METHODS, clipper
from tcsdk.quant.clip.samples import Samples
from tcsdk.quant.grid import Grid
from tcsdk.quant.integers.activations import range_of
from tcsdk.quant.integers.weights import limits_of, quantise_weight

pytestmark = pytest.mark.train


def heavy_rows(rows=6, n=3000):
    """Laplacian rows of different spreads."""
    rng = np.random.default_rng(7)
    return rng.laplace(0, 1, (rows, n)) * np.geomspace(0.1, 10, rows)[:, None]


def error_of(method, samples, grid):
    step, zero = grid.place(*clipper(method)(samples, grid))
    return np.mean((grid.snap(samples.values, step, zero) - samples.values) ** 2, 1)


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize("method", METHODS)
def test_ranges_hold_zero_and_stay_within_the_values(method, signed):
    samples = Samples.of_rows(heavy_rows())
    low, high = clipper(method)(samples, Grid(4, signed))
    assert low.shape == high.shape == (6,)
    assert (low <= 0).all()
    assert (high >= 0).all()
    assert (low >= samples.low).all()
    assert (high <= samples.high).all()


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_at_few_bits_clipping_has_less_error_than_none_and_search_the_least(bits):
    samples, grid = Samples.of_rows(heavy_rows()), Grid(bits, signed=True)
    none, closed, searched = (error_of(m, samples, grid) for m in ("minmax", "aciq", "mse"))
    assert (closed < 0.8 * none).all()
    assert (searched <= 1.001 * closed).all()
    assert (closed < 1.1 * searched).all()


def test_the_wrong_distribution_costs():
    samples, grid = Samples.of_rows(heavy_rows()), Grid(4, signed=True)
    assert (error_of("laplace", samples, grid) < error_of("gauss", samples, grid)).all()
    assert np.array_equal(error_of("aciq", samples, grid), error_of("laplace", samples, grid))


def test_after_a_relu_the_clip_comes_from_before_it():
    """[0, a] with a = b W0(12 * 4^M): statistics of the ReLU's input, not of its output."""
    x = np.random.default_rng(5).laplace(0, 2.0, (1, 200_000))
    plain, fused = Samples.of_rows(x), Samples.of_rows(np.maximum(x, 0))
    fused = Samples(fused.values, fused.counts, fused.low, fused.high, plain)
    low, high = clipper("aciq")(fused, Grid(4, signed=False))
    assert low[0] == 0
    assert high[0] == pytest.approx(2.0 * 6.2048, rel=0.02)


def test_histograms_and_values_clip_alike():
    x = heavy_rows(1)
    counts, edges = np.histogram(x, 4096)
    centres = (edges[:-1] + edges[1:])[None] / 2
    binned = Samples(centres, counts[None].astype(float), x.min(1), x.max(1))
    for method in METHODS:
        grid = Grid(8, signed=False)
        exact, close = (clipper(method)(s, grid) for s in (Samples.of_rows(x), binned))
        assert np.allclose(exact, close, atol=0.05 * x.max()), method


def test_unknown_methods_are_refused():
    with pytest.raises(ValueError, match=r"minmax, percentile.*got 'median'"):
        clipper("median")


def test_constant_inputs_fall_back_to_their_value():
    for value in (0.0, 3.0, -2.0):
        samples = Samples.of_rows(np.full((1, 10), value))
        found = range_of(samples, "uint8", "aciq")
        assert found.clip == "constant"
        assert found.low <= value <= found.high + 1e-9
        assert found.step > 0


def test_integers_stay_on_symmetric_grids_and_near_their_weights():
    import torch

    torch.manual_seed(0)
    weight = torch.randn(8, 4, 3, 3)
    weight[2] = 0.0
    for bits in range(2, 9):
        quantised = quantise_weight(weight, 0, bits, "minmax")
        assert (np.abs(quantised.integers) <= limits_of(quantised.bits)).all()
        error = (quantised.dequantise() - weight).abs().flatten(1).amax(1).numpy()
        assert (error <= 0.5001 * quantised.step).all()


def test_channels_of_transposed_convolutions_lie_on_their_second_axis():
    import torch

    weight = torch.randn(5, 3, 2, 2)
    quantised = quantise_weight(weight, 1, 8, "minmax")
    assert quantised.step.shape == (3,)
    assert torch.allclose(quantised.dequantise(), weight, atol=0.05)


def test_weights_that_are_not_finite_are_refused():
    import torch

    with pytest.raises(ValueError, match="expected finite weights, got 1 others"):
        quantise_weight(torch.tensor([[1.0, float("nan")]]), 0, 4)
