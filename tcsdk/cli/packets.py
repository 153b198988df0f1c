"""`tcsdk packets split` and `join`: streams cut for links, and put together again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from tcsdk import text_forms
from tcsdk.cli.arguments import add_json, add_payload
from tcsdk.cli.files import PIPE, Input, Job
from tcsdk.cli.outputs import to_be_done, write
from tcsdk.cli.report import Report
from tcsdk.cli.streams import binary_input
from tcsdk.cli.words import on_one_line
from tcsdk.errors import BitstreamError, OutputError
from tcsdk.images import read_bytes
from tcsdk.packets import DEFAULT_PARITY, Joined, Joiner, split

_RAW = "raw"
_SUFFIX = ".pkt"
_DONE = ("whole", "late")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `packets`."""
    verbs = parser.add_subparsers(dest="packets_verb", metavar="split|join", required=True)
    cut = verbs.add_parser("split", help="a stream to packets", description="A stream to packets.")
    cut.add_argument("input", metavar="FILE", help='a stream, or "-"')
    cut.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="folder of the packets, NAME.000.pkt and so on (default: beside the stream); with "
        'another form than raw a file of lines, or "-" (default)',
    )
    add_payload(cut)
    cut.add_argument(
        "--parity",
        type=_parity,
        default=DEFAULT_PARITY,
        metavar="P",
        help="packets to add: a share such as 0.3 (default), or what is to arrive whole at a loss: "
        "'0.99 at 0.2'",
    )
    cut.add_argument("--preview", metavar="FILE", help="a small stream for the first packet")
    join = verbs.add_parser("join", help="packets to streams", description="Packets to streams.")
    join.add_argument(
        "inputs",
        nargs="+",
        metavar="FILE",
        help='packets, folders of them, files of lines, or "-"',
    )
    join.add_argument(
        "-o", "--output", default="joined.tcs", metavar="FILE", help="(default: joined.tcs)"
    )
    for verb in (cut, join):
        verb.add_argument(
            "--form",
            choices=(_RAW, *text_forms.FORMS),
            default=_RAW,
            help="raw, a file for each packet (default), or text, a line for each",
        )
        verb.add_argument("-f", "--force", action="store_true", help="replace outputs that exist")
        verb.add_argument("--quiet", action="store_true", help="print failures alone")
        add_json(verb)


def run(arguments: argparse.Namespace) -> int:
    """Split or join, and return the exit code."""
    return (_split if arguments.packets_verb == "split" else _join)(arguments)


def _parity(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _split(arguments: argparse.Namespace) -> int:
    source = _input(arguments.input)
    stream = _read(source)
    preview = b"" if arguments.preview is None else _read(_input(arguments.preview))
    packets = split(stream, arguments.payload, arguments.parity, preview=preview)
    results = _results(arguments, source, packets)
    with Report(1, arguments.json, results[0][0] is None, arguments.quiet) as report:
        _write_all(source, results, arguments.force, report)
        record = {
            "input": str(source),
            "input_bytes": len(stream),
            "bytes": sum(map(len, packets)),
            "packets": len(packets),
            "largest": max(map(len, packets)),
        }
        line = "{input} -> {packets} packets of at most {largest} bytes".format(**record)
        if report.exit_code() == 0:
            report.done(on_one_line(line), record)
        return report.exit_code()


def _results(
    arguments: argparse.Namespace, source: Input, packets: Sequence[bytes]
) -> Sequence[tuple[Path | None, bytes]]:
    """Return what is to be written where: a file for each packet, or one of lines."""
    if arguments.form != _RAW:
        lines = "".join(text_forms.encode(packet, arguments.form) + "\n" for packet in packets)
        target = None if arguments.output in (None, PIPE) else Path(arguments.output)
        return [(target, lines.encode())]
    beside = source.below if source.path is None else source.path
    folder = Path(arguments.output) if arguments.output else beside.parent
    stem = source.below.stem
    return [(folder / f"{stem}.{n:03d}{_SUFFIX}", packet) for n, packet in enumerate(packets)]


def _write_all(
    source: Input, results: Sequence[tuple[Path | None, bytes]], force: bool, report: Report
) -> None:
    jobs = [Job(source, target, force) for target, _ in results]
    ready = to_be_done(jobs, False, report)
    if len(ready) < len(jobs):
        return
    for job, (_, data) in zip(jobs, results, strict=True):
        try:
            write(job, data)
        except OutputError as error:
            report.failed(source, error)
            return


def _join(arguments: argparse.Namespace) -> int:
    joiner = Joiner()
    latest: dict[int, Joined] = {}
    streams: list[bytes] = []
    sources = [source for name in arguments.inputs for source in _inputs(name)]
    to_stderr = arguments.output == PIPE
    with Report(1, arguments.json, to_stderr, arguments.quiet) as report:
        for source, packet in _packets(sources, arguments.form, report):
            try:
                joined = joiner.add(packet)
            except BitstreamError as error:
                report.failed(source, error)
                continue
            if joined.fate != "late":
                latest[joined.number] = joined
            if joined.stream is not None:
                streams.append(joined.stream)
        for joined in latest.values():
            if joined.fate not in _DONE:
                more = joined.needed - joined.held
                any_of = "" if more == len(joined.missing) else f"{more} more, such as "
                missing = any_of + ", ".join(map(str, joined.missing))
                text = f"{joined.held} of {joined.needed} packets are here, missing: {missing}"
                report.failed(f"stream {joined.number}", OutputError(text))
        _write_streams(sources[0], streams, arguments, report)
        return report.exit_code()


def _write_streams(
    source: Input, streams: list[bytes], arguments: argparse.Namespace, report: Report
) -> None:
    """Write the streams: the second and later ones under numbered names."""
    first = None if arguments.output == PIPE else Path(arguments.output)
    if first is None and len(streams) > 1:
        report.failed(source, OutputError(f"{len(streams)} streams for one output; name a file"))
        return
    for index, stream in enumerate(streams):
        target = first
        if first is not None and index:
            target = first.with_suffix(f".{index}{first.suffix}")
        results: Sequence[tuple[Path | None, bytes]] = [(target, stream)]
        before = report.exit_code()
        _write_all(source, results, arguments.force, report)
        if report.exit_code() == before:
            record = {"output": str(target or PIPE), "bytes": len(stream)}
            report.done(on_one_line("{output}  {bytes} bytes".format(**record)), record)


def _packets(sources: list[Input], form: str, report: Report) -> Iterator[tuple[Input, bytes]]:
    """Read the packets, each a file or a line; what cannot be read is reported."""
    for source in sources:
        try:
            data = binary_input().read() if source.path is None else source.path.read_bytes()
        except IsADirectoryError:
            expected = f"expected packets NAME{_SUFFIX} in the folder, found none"
            report.failed(source, FileNotFoundError(expected))
            continue
        except OSError as error:
            report.failed(source, error)
            continue
        if form == _RAW:
            yield source, data
            continue
        for line in filter(None, data.decode("ascii", "replace").splitlines()):
            try:
                yield source, text_forms.decode(line, form)
            except ValueError as error:
                report.failed(source, error)


def _input(name: str) -> Input:
    path = Path(name)
    return Input(None, Path("stdin")) if name == PIPE else Input(path, Path(path.name))


def _inputs(name: str) -> list[Input]:
    """Return a file, or the packets of a folder in the order of their names."""
    path = Path(name)
    packets = sorted(path.glob(f"*{_SUFFIX}")) if name != PIPE and path.is_dir() else []
    return [Input(packet, Path(packet.name)) for packet in packets] or [_input(name)]


def _read(source: Input) -> bytes:
    return read_bytes(binary_input() if source.path is None else source.path, "stream")
