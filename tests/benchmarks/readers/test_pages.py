import numpy as np
import pytest

import tcsdk
from benchmarks.readers.pages import page_lines


@pytest.fixture
def asked(monkeypatch):
    """Pictures that `tcsdk.read` is asked for."""
    pictures = []

    def read(pixels):
        pictures.append(pixels.copy())
        return [len(pictures)]

    monkeypatch.setattr(tcsdk, "read", read)
    return pictures


def test_a_page_is_read_once_for_readers_that_ask_in_turn_and_anew_when_it_changes(asked):
    page = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    assert page_lines(page) == page_lines(page.copy()) == (1,)
    np.testing.assert_array_equal(asked[0], page)
    page[0, 0, 0] += 1
    assert page_lines(page) == (2,)
    assert page_lines(page.reshape(6, 4, 3)) == (3,)
    assert len(asked) == 3
