"""`tcsdk view`: streams in a viewer of pictures, as temporary PNGs."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tcsdk.cli.arguments import add_decoding, add_device, add_files, decoder_of
from tcsdk.cli.files import STREAMS, Input, find_inputs
from tcsdk.cli.report import Report
from tcsdk.cli.streams import binary_input
from tcsdk.cli.words import on_one_line
from tcsdk.decoder import Decoder
from tcsdk.errors import BitstreamError, OutputError, TcsdkError
from tcsdk.images import read_bytes
from tcsdk.inspection import metadata
from tcsdk.output import picture_bytes, write_file

# What opens a file with the program that the user has chosen for its kind, by sys.platform.
_OPENERS = {"darwin": ("open",), "win32": ("cmd", "/c", "start", "")}
_OPENER = ("xdg-open",)  # of all others, where one of these variables says that there is a screen
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")
# Openers hand the file on and end, or stay as long as the viewer: failures come before this.
_SECONDS = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `view`."""
    add_files(parser, "streams")
    add_decoding(parser)
    parser.add_argument(
        "--viewer",
        type=shlex.split,
        metavar="PROGRAM",
        help="what shows a PNG, instead of the system's own; waited for, so that one for terminals "
        "will do",
    )
    add_device(parser)


def run(arguments: argparse.Namespace) -> int:
    """Decode, show and return the exit code."""
    found = find_inputs(arguments.inputs, STREAMS)
    command = arguments.viewer or _OPENERS.get(sys.platform, _OPENER)
    _check_shows(command, found.inputs[0])
    decoder = decoder_of(arguments)
    report = Report(len(found.inputs) + len(found.unreadable), as_json=False)
    report.found(found)
    for source in found.inputs:
        try:
            picture = _decoded(decoder, source, arguments.region)
            _show(command, picture, f"{source.below.stem}.png", waits=bool(arguments.viewer))
        except (TcsdkError, OSError) as error:
            report.failed(source, error)
        else:
            report.done(on_one_line(f"{source} shown"), {})
    return report.exit_code()


def _check_shows(command: Sequence[str], source: Input) -> None:
    """Refuse before anything is decoded where nothing can be shown.

    Raises:
        OutputError: The program or a screen is missing.
    """
    instead = f"take --viewer PROGRAM, or write a file: tcsdk decode {source} -o picture.png"
    if shutil.which(command[0]) is None:
        raise OutputError(f"{command[0]}, which is to show the picture, is not found; {instead}")
    if command == _OPENER and not any(map(os.environ.get, _SCREENS)):
        raise OutputError(
            f"there is no screen here ({' and '.join(_SCREENS)} are not set); {instead}"
        )


def _decoded(decoder: Decoder, source: Input, region: tuple[int, int, int, int] | None) -> bytes:
    """Return a stream's picture as a PNG, with its colour profile."""
    stream = read_bytes(binary_input() if source.path is None else source.path, "stream")
    pixels = decoder.decode(stream, region=region)
    icc = None
    with suppress(BitstreamError):  # the pixels were concealed
        icc = metadata(stream).icc
    return picture_bytes(pixels, ".png", icc=icc)


def _show(command: Sequence[str], picture: bytes, name: str, *, waits: bool) -> None:
    """Write a picture under a name in a folder of its own, and start what shows it.

    Args:
        command: What takes a path.
        picture: A PNG.
        name: Of the file: viewers show it.
        waits: Whether to wait until the program ends, and remove the file. Otherwise the viewer
            may read it at any time, and the system removes it some day.

    Raises:
        OutputError: The program failed, or could not be started.
    """
    folder = Path(tempfile.mkdtemp(prefix="tcsdk-view-"))
    shown = False
    try:
        write_file(folder / name, picture)
        code = _ran(command, folder / name, None if waits else _SECONDS)
        if code:
            raise OutputError(f"{shlex.join(command)} cannot show {name}: exit code {code}")
        shown = True
    finally:
        if waits or not shown:
            shutil.rmtree(folder, ignore_errors=True)


def _ran(command: Sequence[str], path: Path, seconds: float | None) -> int:
    """Return the exit code of a program, 0 where it still runs after so many seconds."""
    try:
        running = subprocess.Popen([*command, str(path)])
    except OSError as error:
        raise OutputError(f"cannot start {command[0]}: {error.strerror}") from error
    try:
        return running.wait(seconds)
    except subprocess.TimeoutExpired:
        return 0
