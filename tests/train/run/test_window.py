"""A worker that dies is named at once, whatever it was doing."""

import multiprocessing
import os
import select
import signal
import struct

import numpy as np
import pytest

from tcsdk.train.run import window

pytestmark = pytest.mark.train


def fail(*arguments):
    raise ValueError("no fonts")


def be_killed(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def end_amid_a_sample(*arguments):
    """Half a message: 100 bytes announced, 3 sent."""
    os.write(arguments[-1].fileno(), struct.pack("!i", 100) + b"abc")
    os._exit(7)


def drawn(samples, step=0, count=4):
    return samples.draw(step, np.random.default_rng(1), count)


@pytest.fixture
def samples(request, monkeypatch):
    monkeypatch.setattr(window, "_work", request.param)
    source = window.Window(lambda: str, fresh=1, workers=2)
    yield source
    source.close()


@pytest.mark.parametrize(
    ("samples", "code"), [(fail, 1), (be_killed, -9), (end_amid_a_sample, 7)], indirect=["samples"]
)
def test_a_dead_worker_is_named(samples, code):
    with pytest.raises(RuntimeError, match=f"sample 0 .* exit code {code} "):
        drawn(samples)


@pytest.mark.parametrize("samples", [lambda *_: signal.pause()], indirect=True)
def test_a_worker_that_hangs_is_named(samples, monkeypatch):
    monkeypatch.setattr(window, "PATIENCE", 0.1)
    with pytest.raises(RuntimeError, match=r"sample 0 .* nothing for 0\.1 s"):
        drawn(samples)


@pytest.mark.parametrize("first", [0, 3, 2000])
def test_a_step_draws_alike_wherever_the_run_began(first):
    begun, resumed = (window.Window(lambda: str, 2, start, 2) for start in (0, first))
    try:
        assert drawn(begun, 2001, 50) == drawn(resumed, 2001, 50)
    finally:
        begun.close()
        resumed.close()


def test_a_window_holds_the_newest_samples_alone():
    samples = window.Window(lambda: int, 4)
    try:
        numbers = drawn(samples, 1000, 500)
    finally:
        samples.close()
    newest = window.FIRST + 4000
    assert newest - window.WINDOW <= min(numbers) < newest - window.WINDOW + 100
    assert newest - 100 < max(numbers) < newest


def be_killed_beside_workers():
    window.Window(lambda: str, fresh=1, workers=2)
    be_killed()


def test_workers_end_with_a_killed_trainer():
    alive, held = os.pipe()  # every process holds an end until it has ended
    trainer = multiprocessing.get_context("fork").Process(target=be_killed_beside_workers)
    trainer.start()
    os.close(held)
    trainer.join()
    assert trainer.exitcode == -9
    assert select.select([alive], [], [], 60)[0], "workers live on"
    assert os.read(alive, 1) == b""
    os.close(alive)
