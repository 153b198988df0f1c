"""`tcsdk batch`: what it prints of rows; tests/batch has a real cluster."""

from __future__ import annotations

import json

import pytest

from tcsdk.batch import Encoded


@pytest.fixture
def rows(monkeypatch):
    """Rows that stand for those of a cluster; the jobs that it was given go first."""
    rows = [
        Encoded("in/a.png", "a.tcs", "encoded", 90, "", "host:1", "", ""),
        Encoded(
            "in/b.tif", "b.tcs", "encoded", 80, "", "host:1", "several pages", '"A" is not read'
        ),
    ]
    jobs = []

    def encode_dataset(job, address):
        jobs.append(job)
        yield from rows

    monkeypatch.setattr("tcsdk.cli.batch.encode_dataset", encode_dataset)
    return rows, jobs


def test_notes_and_differences_are_printed_and_make_exit_code_3(run, rows):
    done = run("batch", "in", "-o", "out", "--verify", "--verify-lines", "A", "--page", 2)
    assert done.code == 3
    assert done.out.splitlines() == [
        "in/a.png -> a.tcs  90 bytes, encoded",
        "in/b.tif -> b.tcs  80 bytes, encoded",
        "2 encoded",
    ]
    assert done.err.splitlines() == [
        "in/b.tif: note: several pages",
        'in/b.tif: not verified: "A" is not read',
    ]
    (job,) = rows[1]
    assert job.encoder["verify"]
    assert job.encoder["verify_lines"] == "A"
    assert job.request.page == 2


def test_objects_carry_them_too(run, rows):
    done = run("batch", "in", "-o", "out", "--json")
    assert done.code == 3
    assert done.err == ""
    assert json.loads(done.out.splitlines()[1])["notes"] == "several pages"


def test_a_failure_weighs_more_than_a_difference(run, rows):
    rows[0].append(Encoded("in/c.png", "", "failed", 0, "ImageError: no", "host:1", "", ""))
    assert run("batch", "in", "-o", "out").code == 1
