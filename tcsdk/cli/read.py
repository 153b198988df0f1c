"""`tcsdk read`: the text in pictures or streams."""

from __future__ import annotations

import argparse

from tcsdk.cli.arguments import add_device, add_files, add_json, add_page
from tcsdk.cli.files import BOTH, find_inputs
from tcsdk.cli.report import Report
from tcsdk.cli.streams import binary_input
from tcsdk.cli.words import on_one_line, quoted
from tcsdk.codec.sent_text import SENT
from tcsdk.decoder import Decoder
from tcsdk.errors import MissingRuntimeError, TcsdkError
from tcsdk.reading.lines import SEEN, UNVERIFIED, TextLine
from tcsdk.reading.ocr import read
from tcsdk.reading.records import record_of
from tcsdk.super_resolver import SuperResolver


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `read`."""
    add_files(parser, "pictures or streams")
    parser.add_argument(
        "--model", action="append", default=[], metavar="FOLDER", help="a private model to know"
    )
    add_page(parser)
    parser.add_argument(
        "--upscale",
        action="store_const",
        const="edsr-s",
        help="enlarge small lines by a net before they are read; letters that it invents are read "
        "too",
    )
    parser.add_argument(
        "--upscale-with", dest="upscale", metavar="MODEL", help="the same with another net"
    )
    add_device(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Read and return the exit code."""
    found = find_inputs(arguments.inputs, BOTH)
    decoder = Decoder(arguments.device, threads=arguments.threads, models=arguments.model)
    upscale = False if arguments.upscale is None else _enlarger(arguments)
    report = Report(len(found.inputs) + len(found.unreadable), arguments.json)
    report.found(found)
    for source in found.inputs:
        try:
            image = binary_input() if source.path is None else source.path
            lines = read(image, decoder=decoder, page=arguments.page, upscale=upscale)
        except MissingRuntimeError:
            raise
        except (TcsdkError, OSError) as error:
            report.failed(source, error)
        else:
            heading = [f"{on_one_line(str(source))}:"] if len(found.inputs) > 1 else []
            text = "\n".join([*heading, *map(_text, lines)])
            report.done(text, {"input": str(source), "lines": list(map(record_of, lines))})
    return report.exit_code()


def _enlarger(arguments: argparse.Namespace) -> SuperResolver:
    return SuperResolver(arguments.upscale, device=arguments.device, threads=arguments.threads)


def _text(line: TextLine) -> str:
    """Return a line, and what is to be known of it where a sender says something."""
    if (line.source, line.trust) == (SEEN, UNVERIFIED):
        return line.text  # of a reader, which gives no control characters
    said = [line.source, *([line.trust] if line.trust != line.source else [])]
    other = "seen" if line.source == SENT else "sent"
    against = f"; {other} is {quoted(line.against)}" if line.against else ""
    return f"{quoted(line.text)}  [{', '.join(said)}{against}]"
