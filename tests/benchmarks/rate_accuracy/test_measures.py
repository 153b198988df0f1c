import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rate_accuracy import measures

pytestmark = pytest.mark.train


def pair(height, width):
    """A picture of edges and slopes, and the same with deterministic noise of 20 levels."""
    y, x = np.mgrid[0:height, 0:width]
    a = np.stack([(x * 7 + y * 3) % 256, (x * y // 5) % 256, (x // 9 + y // 4) * 11 % 256], -1)
    b = np.clip(a + ((x * 13 + y * 29) % 41 - 20)[..., None], 0, 255)
    return a.astype(np.uint8), b.astype(np.uint8)


@pytest.mark.parametrize(
    ("truth", "read", "counts"),
    [
        ("A-1 2", "A12", (3, 0, 0, 0)),
        ("4071", "4O71", (4, 0, 0, 1)),
        ("4071", "407", (4, 1, 0, 0)),
        ("4071", "40711", (4, 0, 1, 0)),
        ("", "x", (0, 0, 1, 0)),
    ],
)
def test_edits_are_told_apart(truth, read, counts):
    edits = measures.compare(truth, read)
    assert (edits.characters, edits.erasures, edits.insertions, edits.substitutions) == counts
    longer = max(len(measures.alphanumerics(text)) for text in (truth, read))
    assert edits.accuracy == pytest.approx(1 - sum(counts[1:]) / longer)


@pytest.mark.parametrize(
    ("truth", "read", "wrong"),
    [
        ("40-71", "4 O-71", (1,)),
        ("4071", "x4O71", (0, 2)),
        ("4071", "A0B1", (0, 2)),
        ("4071", "471", ()),
        ("4071", "", ()),
    ],
)
def test_wrong_characters_are_placed_among_those_that_count(truth, read, wrong):
    assert measures.compare(truth, read).wrong == wrong


def test_values_of_what_counts_follow_the_characters():
    assert measures.of_alphanumerics("4 O-", (0.1, 0.2, 0.3, 0.4)) == (0.1, 0.3)
    folded = measures.alphanumerics("aß", caseless=True)  # ß becomes ss
    assert measures.of_alphanumerics("aß", (0.1, 0.2), caseless=True) == (0.1, 0.2, 0.2)
    assert len(folded) == 3
    with pytest.raises(ValueError, match="zip"):
        measures.of_alphanumerics("abc", (0.1,))


def test_case_counts_unless_told_otherwise():
    assert measures.compare("Total", "TOTAL").substitutions == 4
    assert measures.compare("Total", "TOTAL", caseless=True).accuracy == 1.0


@given(st.text("ab1 -", max_size=12), st.text("ab1 -", max_size=12))
def test_edits_lead_from_one_length_to_the_other(truth, read):
    edits = measures.compare(truth, read)
    assert edits.characters - edits.erasures + edits.insertions == len(measures.alphanumerics(read))
    assert 0.0 <= edits.accuracy <= 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00482176", True),
        ("TX-4071-8", True),
        ("ZZ 12 AB", False),
        ("12 March 2024", True),
        ("Serial no. 4071", False),
        ("word", False),
        ("---", False),
    ],
)
def test_lines_of_digits_and_codes_are_known(text, expected):
    assert measures.is_figures(text) is expected


def test_psnr_of_one_level_is_48_decibels():
    a = np.full((4, 4, 3), 100, np.uint8)
    assert measures.psnr(a, a + 1) == pytest.approx(20 * np.log10(255))
    assert measures.psnr(a, a) == 99.0


# pytorch-msssim 1.0.0 on the same pictures, data_range=255, float64.
@pytest.mark.parametrize(("size", "known"), [((192, 256), 0.9775284), ((177, 201), 0.9771168)])
def test_ms_ssim_has_the_known_value(size, known):
    assert measures.ms_ssim(*pair(*size)) == pytest.approx(known, abs=1e-6)


def test_ms_ssim_is_one_for_equal_pictures_and_falls_with_noise():
    a, b = pair(176, 180)
    stronger = np.clip(a + 2.0 * (b.astype(float) - a), 0, 255).astype(np.uint8)
    assert measures.ms_ssim(a, a) == 1.0
    assert measures.ms_ssim(a, stronger) < measures.ms_ssim(a, b) < 1.0


def test_ms_ssim_of_a_small_picture_is_not_a_number():
    assert np.isnan(measures.ms_ssim(*pair(160, 300)))


def test_interval_holds_the_ratio_and_narrows_with_more_pictures():
    rng = np.random.default_rng(4)
    values = rng.uniform(0, 1, 400)
    narrow = measures.interval(values, np.ones(400))
    wide = measures.interval(values[:20], np.ones(20))
    assert narrow[0] < values.mean() < narrow[1]
    # Four standard errors of the mean: 4 * 0.289 / sqrt(400).
    assert narrow[1] - narrow[0] == pytest.approx(4 * 0.289 / 20, rel=0.2)
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_interval_is_the_same_each_time_and_empty_without_pictures():
    values = np.array([0.0, 1.0, 1.0])
    assert measures.interval(values, np.ones(3)) == measures.interval(values, np.ones(3))
    assert np.isnan(measures.interval(np.zeros(2), np.zeros(2))).all()
