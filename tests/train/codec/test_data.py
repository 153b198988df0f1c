"""A renderer that dies is named at once, whatever it was doing."""

import os
import signal
import struct

import pytest

from tcsdk.train.codec import data

pytestmark = pytest.mark.train


def fail(*arguments):
    raise ValueError("no fonts")


def be_killed(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def end_amid_a_sample(*arguments):
    """Half a message: 100 bytes announced, 3 sent."""
    os.write(arguments[-1].fileno(), struct.pack("!i", 100) + b"abc")
    os._exit(7)


@pytest.fixture
def batches(request, monkeypatch):
    monkeypatch.setattr(data, "_work", request.param)
    source = data.Batches(None, data.DataConfig(), seed=1, workers=2)
    yield source
    source.close()


@pytest.mark.parametrize(
    ("batches", "code"), [(fail, 1), (be_killed, -9), (end_amid_a_sample, 7)], indirect=["batches"]
)
def test_a_dead_renderer_is_named(batches, code):
    with pytest.raises(RuntimeError, match=f"sample 0 .* exit code {code} "):
        next(iter(batches))


@pytest.mark.parametrize("batches", [lambda *_: signal.pause()], indirect=True)
def test_a_renderer_that_hangs_is_named(batches, monkeypatch):
    monkeypatch.setattr(data, "PATIENCE", 0.1)
    with pytest.raises(RuntimeError, match=r"sample 0 .* nothing for 0\.1 s"):
        next(iter(batches))
