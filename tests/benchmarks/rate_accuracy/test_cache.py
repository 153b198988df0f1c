import logging

import pytest

from benchmarks.rate_accuracy import cache

pytestmark = pytest.mark.train

KEY = cache.Key("p", "00ff", "avif", "libavif 1, aom", "q0", "ppocr-known", "rapidocr 3")
VALUE = cache.Measured(123, [["a,\"b'\n", 0.5], ["ü", 1.0]])


def test_measurements_are_there_again_in_the_next_run(tmp_path):
    path = tmp_path / "deeper" / "set.csv"
    first = cache.Cache(path)
    assert KEY not in first
    first.add(KEY, VALUE)
    again = cache.Cache(path)
    assert again[KEY] == VALUE
    assert len(again) == 1


@pytest.mark.parametrize("field", cache.Key._fields)
def test_a_change_of_anything_makes_a_row_stale(tmp_path, field):
    kept = cache.Cache(tmp_path / "set.csv")
    kept.add(KEY, VALUE)
    assert KEY._replace(**{field: "other"}) not in kept


def test_a_row_cut_short_is_removed_and_the_others_kept(tmp_path, caplog):
    path = tmp_path / "set.csv"
    kept = cache.Cache(path)
    other = KEY._replace(setting="q3")
    kept.add(KEY, VALUE)
    kept.add(other, VALUE)
    path.write_bytes(path.read_bytes()[:-5])
    with caplog.at_level(logging.WARNING):
        again = cache.Cache(path)
    assert "cut short" in caplog.text
    assert KEY in again
    assert other not in again
    again.add(other, VALUE)
    assert len(cache.Cache(path)) == 2


def test_another_table_is_refused(tmp_path):
    path = tmp_path / "set.csv"
    path.write_text("set,pictures,codec\n")
    with pytest.raises(ValueError, match=r"expected the columns picture, .*got set, pictures"):
        cache.Cache(path)
