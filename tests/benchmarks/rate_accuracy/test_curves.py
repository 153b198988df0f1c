import numpy as np
import pytest

from benchmarks.rate_accuracy import curves
from benchmarks.rate_accuracy.rows import Row

pytestmark = pytest.mark.train


def rows_of(codec, *points):
    """One row per (bytes, accuracy)."""
    return [Row("set", 1, "d", codec, "v", "q", "ppocr", b, 1.0, accuracy=a) for b, a in points]


CURVE = ((400, 0.5), (800, 0.7), (1600, 0.9), (3200, 0.95))


def test_bytes_are_interpolated_in_their_logarithm():
    rows = rows_of("avif", (400, 0.5), (1600, 0.9))
    assert curves.bytes_at(rows, "accuracy", 0.7) == pytest.approx(800)
    assert curves.bytes_at(rows, "accuracy", 0.95) != curves.bytes_at(rows, "accuracy", 0.95)


def test_accuracy_point_stays_below_what_the_reader_reaches_at_all():
    avif = rows_of("avif", *CURVE)
    assert curves.accuracy_point(avif) == 0.95
    assert curves.accuracy_point([*avif, *rows_of("original", (9e4, 0.82))]) == pytest.approx(0.80)
    assert curves.accuracy_point([*avif, *rows_of("original", (9e4, 0.99))]) == 0.95


def test_half_the_bytes_everywhere_is_minus_fifty_per_cent():
    half = rows_of("tfic", *((b / 2, a) for b, a in CURVE))
    avif = rows_of("avif", *CURVE)
    assert curves.bd_bytes(half, avif, "accuracy") == pytest.approx(-50)
    assert curves.bd_bytes(avif, half, "accuracy") == pytest.approx(100)
    assert curves.bd_bytes(avif, avif, "accuracy") == 0


def test_only_the_common_range_counts():
    """Both curves are straight in log bytes: the ratio is 1/2 wherever both have points."""
    ours = rows_of("tfic", (100, 0.3), (200, 0.5), (400, 0.7))
    peer = rows_of("avif", (400, 0.5), (800, 0.7), (1600, 0.9))
    assert curves.bd_bytes(ours, peer, "accuracy") == pytest.approx(-50)


def test_points_that_cost_more_and_read_less_do_not_count():
    bent = rows_of("tfic", (400, 0.5), (700, 0.45), (800, 0.7), (1600, 0.9), (3200, 0.95))
    assert curves.bd_bytes(bent, rows_of("avif", *CURVE), "accuracy") == pytest.approx(0)


def test_psnr_of_known_curves_costs_what_it_should():
    reference = [(float(np.exp(log)), 36.0 + 3 * log) for log in (-2, -1, 0, 1)]
    tenth = [(1.1 * size, value) for size, value in reference]
    assert curves.bjontegaard(tenth, reference) == pytest.approx(10)
    worse = [(size, value - 1) for size, value in reference]
    assert curves.bjontegaard(worse, reference) == pytest.approx(100 * np.expm1(1 / 3))


@pytest.mark.parametrize("points", [((400, 0.5),), ((10, 0.1), (20, 0.2))])
def test_without_a_common_range_there_is_no_figure(points):
    difference = curves.bd_bytes(rows_of("tfic", *points), rows_of("avif", *CURVE), "accuracy")
    assert difference != difference


def test_another_measure_is_read_where_the_curve_first_passes_a_level():
    rows = [
        Row("s", 1, "d", "c", "v", "q", "r", b, 1.0, figures_accuracy=a, figures_confident=c)
        for b, a, c in ((100, 0.5, 8.0), (200, 0.7, 4.0), (300, 0.9, 0.0))
    ]
    assert curves.value_at(rows, "figures_confident", 0.6, "figures_accuracy") == pytest.approx(6)
    above = curves.value_at(rows, "figures_confident", 0.95, "figures_accuracy")
    assert above != above
