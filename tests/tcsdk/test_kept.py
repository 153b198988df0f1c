"""Objects behind calls: one for the same arguments, few of them, one set per process."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from support.small_model import MODEL

from checks import check_rejects
from tcsdk import Encoder
from tcsdk.kept import MOST, kept


class Made:
    """Counts its objects, and takes a moment to be made."""

    count = 0

    def __init__(self, **options: object) -> None:
        if options.get("device") == "none":
            raise ValueError("no such device")
        threading.Event().wait(0.01)
        type(self).count += 1
        self.options = options


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    monkeypatch.setattr(Made, "count", 0)


def test_the_same_arguments_in_any_order_and_spelling_make_one_object():
    made = kept(Made, models=["a", Path("b")], background=(1, 2, 3), device="x")
    assert kept(Made, device="x", background=[1, 2, 3], models=(m for m in "ab")) is made
    assert Made.count == 1
    assert made.options == {"models": ("a", "b"), "background": (1, 2, 3), "device": "x"}


@pytest.mark.parametrize("other", [{"batch": True}, {"batch": 1.0}, {"batch": 2}, {}])
def test_other_arguments_make_another_one_though_python_calls_them_equal(other):
    assert kept(Made, batch=1) is not kept(Made, **other)


def test_a_relative_path_means_another_model_in_another_folder(tmp_path, monkeypatch):
    here = kept(Made, model="here")
    monkeypatch.chdir(tmp_path)
    there = kept(Made, model="here")
    assert there is not here
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert kept(Made, model="here") not in (here, there)


def test_no_more_than_so_many_are_kept_and_those_used_last_are():
    first = kept(Made, threads=0)
    for threads in range(1, MOST):
        kept(Made, threads=threads)
    assert kept(Made, threads=0) is first
    kept(Made, threads=MOST)  # one too many: 1 has not been used for the longest time
    assert kept(Made, threads=0) is first
    before = Made.count
    kept(Made, threads=1)
    assert Made.count == before + 1


def test_threads_that_ask_at_the_same_time_get_one_object():
    found: list[Made] = []
    threads = [
        threading.Thread(target=lambda: found.append(kept(Made, device="at once")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert {id(made) for made in found} == {id(found[0])}


def test_what_cannot_be_made_is_tried_again():
    for _ in range(2):
        check_rejects(lambda: kept(Made, device="none"), ValueError, "no such device")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_forked_while_another_thread_makes_one_makes_its_own():
    """A lock that a thread of the parent holds would never be given back in the child."""
    making, go_on = threading.Event(), threading.Event()

    class Slow(Made):
        def __init__(self, **options: object) -> None:
            making.set()
            go_on.wait(30)

    thread = threading.Thread(target=lambda: kept(Slow))
    thread.start()
    making.wait(30)
    child = os.fork()
    if child == 0:
        os._exit(7 if isinstance(kept(Made, device="in a child"), Made) else 1)
    go_on.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_kept_encoder_encodes(encoder):
    import numpy as np

    picture = np.zeros((20, 30, 3), np.uint8)
    options = {"model": MODEL, "device": "cpu", "threads": 2}
    assert kept(Encoder, **options).encode(picture, quality=40) == encoder.encode(picture)
