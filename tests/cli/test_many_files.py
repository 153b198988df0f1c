"""Many files in one command: reruns, odd names, closed streams, interrupts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tty
from functools import partial
from pathlib import Path

import pytest
from support.small_model import MODEL, file_of, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.errors import OutputError
from tcsdk.output import remove_leftovers, write_file

PICTURE = file_of(smooth_picture(64, 48))
ENCODE = (sys.executable, "-m", "tcsdk", "encode", "--model", str(MODEL))


@pytest.fixture
def pair(tmp_path) -> Path:
    """A folder with a.png and b.png, and nothing else."""
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(PICTURE)
    return tmp_path


def started(folder: Path, *arguments: str, redirect: str = "", **environment: str):
    """Run the command line in a process of its own, from a shell that redirects."""
    line = " ".join([*ENCODE, *arguments, redirect])
    return subprocess.run(
        ["bash", "-c", f"exec {line}"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
        errors="surrogateescape",
    )


def test_a_rerun_does_what_is_missing(run, pair):
    assert run("encode", "a.png").code == 0
    before = (pair / "a.tcs").stat().st_mtime_ns
    done = run("encode", "a.png", "b.png", "--skip-existing")
    assert done.code == 0
    assert "a.png: skipped, a.tcs exists" in done.out
    assert "1 of 2 done, 1 skipped" in done.out.splitlines()[-1]
    assert (pair / "a.tcs").stat().st_mtime_ns == before
    assert (pair / "b.tcs").is_file()


@pytest.mark.parametrize("name", ["out.tcs", "out.PNG", "there"])
def test_several_results_do_not_go_to_one_name_nor_into_a_folder_called_like_a_file(
    run, pair, name
):
    (pair / "there").write_bytes(b"mine")
    refused = run("encode", "a.png", "b.png", "-o", name, "-f")
    assert refused.code == 2
    assert f"expected a folder as output of 2 inputs, got {name}" in refused.err
    assert (pair / "there").read_bytes() == b"mine"
    assert not (pair / "out.tcs").exists()
    assert run("encode", "a.png", "b.png", "-o", "out.tcs/").code == 0  # said to be a folder
    assert sorted(path.name for path in (pair / "out.tcs").iterdir()) == ["a.tcs", "b.tcs"]


def test_what_exists_is_noticed_before_the_work(run, pair, monkeypatch):
    (pair / "a.tcs").write_bytes(b"mine")
    monkeypatch.setattr(tcsdk.Encoder, "encode", None)  # would fail if it were asked
    done = run("encode", "a.png")
    assert done.code == 1
    assert "--force" in done.err
    assert (pair / "a.tcs").read_bytes() == b"mine"


def test_quiet_says_failures_alone(run, pair):
    (pair / "c.png").write_bytes(b"no picture")
    done = run("encode", "a.png", "c.png", "--quiet")
    assert done.out == ""
    assert done.err.splitlines()[0].startswith("c.png: ImageError")


@pytest.mark.parametrize("encoding", ["ascii", "utf-8:strict"])
def test_names_that_the_output_cannot_show_end_nothing(tmp_path, encoding):
    for name in (b"a\xc3\xa9.png", b"caf\xe9.png", b"z.png"):
        Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).write_bytes(PICTURE)
    done = started(tmp_path, ".", "-o", "out", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").iterdir())) == 3


@pytest.mark.parametrize(
    ("closed", "arguments", "code", "made"),
    [
        ("2>&-", ("a.png", "b.png", "-o", "out/"), 0, 2),
        (">&-", ("a.png", "b.png", "-o", "out/"), 0, 2),
        ("<&- >&- 2>&-", ("a.png", "b.png", "-o", "out/"), 0, 2),
        ("<&-", ("-", "-o", "out.tcs"), 1, 0),
        (">&-", ("a.png", "-o", "-"), 1, 0),
    ],
)
def test_standard_streams_may_be_closed(pair, closed, arguments, code, made):
    done = started(pair, *arguments, redirect=closed)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert len(list(pair.rglob("*.tcs"))) == made
    if code:
        assert "is closed" in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_report_that_nobody_reads_does_not_stop_the_work(pair):
    for i in range(40):
        (pair / f"{i}.png").write_bytes(PICTURE)
    done = started(pair, ".", "-o", "out", redirect="| head -n 1 >/dev/null; exit ${PIPESTATUS[0]}")
    assert len(list((pair / "out").iterdir())) == 42
    assert done.returncode in (0, 1)  # 0 where all lines fitted into the pipe
    assert "Traceback" not in done.stderr


def test_a_binary_stream_never_goes_to_a_terminal(pair):
    reader, terminal = os.openpty()
    try:
        done = subprocess.run(
            [*ENCODE, "a.png", "-o", "-"], cwd=pair, stdout=terminal, stderr=-1, check=False
        )
    finally:
        os.close(terminal)
        os.close(reader)
    assert done.returncode == 1
    assert b"standard output is a terminal" in done.stderr


@pytest.mark.parametrize("name", ["/dev/stderr", "/proc/self/fd/2"])
def test_nor_does_it_by_another_name_of_the_terminal(pair, name):
    reader, terminal = os.openpty()
    try:
        done = subprocess.run(
            [*ENCODE, "a.png", "-o", name], cwd=pair, stdout=-1, stderr=terminal, check=False
        )
        said = os.read(reader, 1 << 16)
    finally:
        os.close(terminal)
        os.close(reader)
    assert done.returncode == 1
    assert f"OutputError: {name} is this terminal; name a file with -o".encode() in said
    assert b"\xf4TC" not in said


def test_a_terminal_line_that_is_not_ones_own_is_written_into(run, pair):
    """Such as the serial line of a modem."""
    reader, line = os.openpty()
    try:
        tty.setraw(line)
        assert run("encode", "a.png", "-o", os.ttyname(line)).code == 0
        assert tcsdk.inspect(os.read(reader, 1 << 16)).width == 64
    finally:
        os.close(line)
        os.close(reader)


def test_an_interrupt_says_how_far_it_came(tmp_path):
    for i in range(4000):
        (tmp_path / f"{i:04}.png").write_bytes(PICTURE)
    out = tmp_path / "out"
    process = subprocess.Popen(
        [*ENCODE, *map(str, sorted(tmp_path.glob("*.png"))), "-o", f"{out}/"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # What a shell starts in the background ignores interrupts, and so does what that starts.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    while not (out / "0020.tcs").exists() and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert b" of 4000 done" in err
    assert b"Traceback" not in err
    remove_leftovers([out])  # as the next run does
    assert all(file.suffix == ".tcs" for file in out.iterdir())


def test_a_file_that_appears_meanwhile_is_not_replaced_unasked(tmp_path):
    """As where two processes write into one folder."""
    (tmp_path / "a").write_bytes(b"theirs")
    check_rejects(lambda: write_file(tmp_path / "a", b"", replace=False), OutputError, "exists")
    assert (tmp_path / "a").read_bytes() == b"theirs"
    write_file(tmp_path / "b", b"mine", replace=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path, monkeypatch):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    def killed(*_: object, **__: object) -> None:
        raise SystemExit

    monkeypatch.setattr("os.fsync", killed)
    monkeypatch.setattr("pathlib.Path.unlink", killed)
    for process in (os.getpid(), ended.pid):
        monkeypatch.setattr("os.getpid", lambda process=process: process)
        with pytest.raises(SystemExit):
            write_file(tmp_path / "a", b"part")
    monkeypatch.undo()
    (tmp_path / ".tcsdk-notes.tmp").write_bytes(b"the user's own")
    assert len(list(tmp_path.iterdir())) == 3
    remove_leftovers([tmp_path, tmp_path / "none"])
    left = sorted(path.name for path in tmp_path.iterdir())
    assert len(left) == 2
    assert f"-{os.getpid()}-" in left[0]
    assert left[1] == ".tcsdk-notes.tmp"
