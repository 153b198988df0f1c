"""The page of precisions, from a run's JSON."""

import pytest

from benchmarks.pages.precisions import page

pytestmark = pytest.mark.train

FAST = {
    "model": "tfic",
    "precision": "w4",
    "bytes_on_disk": 1_451_000,
    "stream_bytes": 700,
    "encode_ms": 4.0,
    "decode_ms": 6.0,
    "encode_over_fp32": 0.5,
    "decode_over_fp32": 0.4,
    "threads": 2,
}
RECORD = {
    "machine_info": {"cpu": {"brand_raw": "a CPU"}, "machine": "x", "python_version": "3.11"},
    "datetime": "2026-11-21T00:00:00",
    "benchmarks": [{"extra_info": {"other": 1}}, {"extra_info": FAST}],
}


def test_a_row_per_precision_and_none_of_other_benchmarks():
    made = page(RECORD)
    assert "| w4 | 1451 | 700 | 4.0 | 0.50 | 6.0 | 0.40 |" in made
    assert made.count("\n| ") == 3
    assert "a CPU, 2 cores, Python 3.11" in made


def test_runs_without_precisions_are_refused():
    with pytest.raises(ValueError, match="bench_precisions"):
        page({**RECORD, "benchmarks": [{"extra_info": {}}]})
