"""The process's standard streams, which may be closed or unable to show a name."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path
from typing import BinaryIO, TextIO


def prepare() -> None:
    """Make standard streams safe to use, whatever the process was started with.

    Names and texts that a stream's encoding lacks are written as escapes. A closed standard error
    swallows what is written to it: a service may have none. Descriptors 0 to 2 that are closed are
    taken, or the next file to be opened would become one of them.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free: this one
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - stays open


def binary_input() -> BinaryIO:
    """Return standard input.

    Raises:
        OSError: It is closed.
    """
    return _open_stream(sys.stdin, "input").buffer


def binary_output() -> BinaryIO:
    """Return standard output, for bytes.

    Raises:
        OSError: It is closed.
    """
    return _open_stream(sys.stdout, "output").buffer


def is_own_terminal(path: Path) -> bool:
    """Whether a device is the terminal that people see the command in; a serial line is not."""
    try:
        device = path.stat().st_rdev
        ours = [os.fstat(k).st_rdev for k in range(3) if os.isatty(k)]
        return device in ours or device == Path("/dev/tty").stat().st_rdev
    except OSError:
        return False


def silence_output() -> None:
    """Let standard output swallow what is left in its buffer, which would fail again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _open_stream(stream: TextIO | None, name: str) -> TextIO:
    if stream is None:
        raise OSError(errno.EBADF, f"standard {name} is closed")
    return stream
