import numpy as np
import pytest
from support.small_model import smooth_picture

from benchmarks.codecs import points
from benchmarks.pages import crops
from benchmarks.sets import KnownLine, Picture

pytestmark = pytest.mark.train

QUAD = np.array([(20, 30), (80, 30), (80, 50), (20, 50)], np.float32)


def test_the_finest_file_within_the_budget_is_taken():
    webp, image = points("webp"), smooth_picture(128, 96)
    sizes = sorted(len(point.encode(image)) for point in webp)
    assert crops.finest(webp, image, sizes[2]).bytes == sizes[2]
    assert crops.finest(webp, image, sizes[2] - 1).bytes == sizes[1]
    assert crops.finest(webp, image, 1).bytes == sizes[0]


def test_a_window_stays_inside_the_picture():
    assert crops.window(QUAD, (96, 128)) == (8, 18, 92, 62)
    assert crops.window(QUAD, (55, 85)) == (8, 18, 85, 55)


def test_a_sheet_has_a_row_per_picture_and_a_column_per_codec():
    image = smooth_picture(128, 96)
    blank = np.zeros(image.shape[:2], bool)
    picture = Picture("p", image, (KnownLine("a1", QUAD), KnownLine("-", QUAD)), blank)
    row = crops.row_of(picture, {"webp": points("webp")}, 600.0, [])
    assert len(row) == 2
    sheet = crops.sheet([row, row])
    assert sheet.width == 2 * crops.WIDTH + 3 * crops.GAP
    assert sheet.height == 2 * row[0].height + 3 * crops.GAP


def test_a_picture_without_lines_is_refused():
    image = smooth_picture(64, 64)
    with pytest.raises(ValueError, match="lines of known place, got p"):
        crops.longest_line(Picture("p", image, (), np.zeros((64, 64), bool)))
