from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading

import pytest
from support.small_model import MODEL, file_of, smooth_picture

import tcsdk
from container_bytes import bare_stream
from tcsdk.errors import ImageError, OutputError
from tcsdk.output import write_file
from tcsdk.pipeline import Task, encode_tasks, is_sound

PICTURES = [smooth_picture(50 + 9 * i, 80 - 5 * i) for i in range(12)]


def tasks_in(folder, pictures=PICTURES):
    for i, picture in enumerate(pictures):
        file = folder / f"{i}.png"
        file.write_bytes(file_of(picture))
        yield Task(f"picture {i}", str(folder / f"{i}.tcs"), file.read_bytes)


@pytest.mark.parametrize("batch", [1, 4])
def test_streams_are_written_in_order_and_equal_those_of_one_thread(tmp_path, batch):
    encoder = tcsdk.Encoder(MODEL, device="cpu", threads=2, batch=batch)
    alone = tcsdk.Encoder(MODEL, device="cpu", threads=1)
    outcomes = list(encode_tasks(encoder, tasks_in(tmp_path), write_file))
    assert [str(o.source) for o in outcomes] == [f"picture {i}" for i in range(12)]
    for outcome, picture in zip(outcomes, PICTURES, strict=True):
        written = (tmp_path / outcome.source.target).read_bytes()
        assert written == outcome.get() == alone.encode(picture)
        assert is_sound(written)


def test_a_picture_that_fails_is_named_and_the_others_are_written(encoder, tmp_path):
    tasks = list(tasks_in(tmp_path, PICTURES[:4]))
    (tmp_path / "1.png").write_bytes(b"not a picture")
    (tmp_path / "2.png").unlink()
    tasks[3] = Task("picture 3", str(tmp_path / "none" / "3.tcs"), tasks[3].load)
    outcomes = list(encode_tasks(encoder, tasks, write_file))
    assert [type(o.error) for o in outcomes] == [
        type(None),
        ImageError,
        FileNotFoundError,
        OutputError,
    ]
    assert [o.source.name for o in outcomes] == [f"picture {i}" for i in range(4)]
    assert {path.name for path in tmp_path.glob("*.tcs")} == {"0.tcs"}


def test_an_endless_source_is_read_only_a_little_ahead_of_a_slow_disk(encoder):
    taken, written = itertools.count(), []
    gate = threading.Event()

    def write(target: str, stream: bytes) -> None:
        assert gate.wait(60)
        written.append(target)

    endless = (
        Task(str(i), str(i), lambda: file_of(PICTURES[0])) for i in iter(lambda: next(taken), -1)
    )
    outcomes = encode_tasks(encoder, endless, write, workers=2)
    threading.Timer(0.2, gate.set).start()
    assert [next(outcomes).source.name for _ in range(3)] == ["0", "1", "2"]
    outcomes.close()
    assert next(taken) <= 3 + 2 * 2 + 2 * 4
    assert len(written) <= 3 + 2 * 4


def test_options_of_the_encoder_hold_for_all(encoder, tmp_path):
    request = tcsdk.Request(max_bytes=300, user=b"x")
    for outcome in encode_tasks(encoder, tasks_in(tmp_path, PICTURES[:3]), write_file, request):
        assert len(outcome.get()) <= 300
        assert tcsdk.metadata(outcome.get()).user == b"x"


def test_wrong_use_ends_it(encoder, tmp_path):
    with pytest.raises(ValueError, match="small"):
        list(
            encode_tasks(
                encoder, tasks_in(tmp_path), write_file, tcsdk.Request(small=True, user=b"x")
            )
        )
    assert not list(tmp_path.glob("*.tcs"))


INTERRUPTED = f"""
import faulthandler, sys, signal, time, pathlib
import tcsdk
from tcsdk.output import write_file
from tcsdk.pipeline import Task, encode_tasks
faulthandler.dump_traceback_later(600, exit=True)  # the test reads until this process ends
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job begins without it
folder = pathlib.Path(sys.argv[1])
encoder = tcsdk.Encoder({str(MODEL)!r}, device="cpu", threads=2)
tasks = (Task(str(i), str(folder / f"{{i}}.tcs"), (folder / "in.png").read_bytes)
         for i in range(10**6))
try:
    for outcome in encode_tasks(encoder, tasks, write_file):
        print(outcome.source, flush=True)
except KeyboardInterrupt:
    while len(sys._current_frames()) > 1:  # a thread that has ended is still a moment on its way
        time.sleep(0.001)
    print("\\ninterrupted, no threads left", flush=True)  # it may come amid a line
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is another thing there")
def test_an_interrupt_leaves_whole_files_and_no_threads(tmp_path):
    (tmp_path / "in.png").write_bytes(file_of(PICTURES[0]))
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        lines = [process.stdout.readline() for _ in range(20)]
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().splitlines()
        assert process.wait(60) == 0
    assert [int(line) for line in lines] == list(range(20))
    assert rest[-1] == "interrupted, no threads left"
    streams = list(tmp_path.glob("*.tcs"))
    assert len(streams) >= 20
    assert all(is_sound(path.read_bytes()) for path in streams)
    assert {path.suffix for path in tmp_path.iterdir()} == {".tcs", ".png"}


def test_only_whole_streams_with_checksums_are_sound(encoder):
    data = encoder.encode(PICTURES[0])
    assert is_sound(data)
    assert not is_sound(data[:-1])
    assert not is_sound(data[:-1] + bytes([data[-1] ^ 1]))
    assert not is_sound(b"")
    assert not is_sound(bare_stream(data))
    assert not is_sound(encoder.encode(PICTURES[0], small=True))  # its model is not installed
