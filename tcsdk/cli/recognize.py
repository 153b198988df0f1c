"""`tcsdk recognize`: the text of lines or words that are cut out."""

from __future__ import annotations

import argparse

from tcsdk.cli.arguments import add_device, add_files, add_json
from tcsdk.cli.files import PICTURES, find_inputs
from tcsdk.cli.report import Report
from tcsdk.cli.streams import binary_input
from tcsdk.cli.words import on_one_line
from tcsdk.errors import TcsdkError
from tcsdk.recognizer import Recognizer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `recognize`."""
    add_files(parser, "lines or words that are cut out")
    parser.add_argument("--model", default="reader", help="model id or folder (default: reader)")
    parser.add_argument(
        "--characters", metavar="TEXT", help="those that may be read (default: all it knows)"
    )
    add_device(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Read and return the exit code."""
    found = find_inputs(arguments.inputs, PICTURES)
    reader = Recognizer(arguments.model, device=arguments.device, threads=arguments.threads)
    report = Report(len(found.inputs) + len(found.unreadable), arguments.json)
    sources = (binary_input() if each.path is None else each.path for each in found.inputs)
    outcomes = reader.recognize_many(sources, characters=arguments.characters)
    report.found(found)
    for source, outcome in zip(found.inputs, outcomes, strict=True):
        try:
            said = outcome.get()
        except (TcsdkError, OSError) as error:
            report.failed(source, error)
            continue
        heading = f"{on_one_line(str(source))}: " if len(found.inputs) > 1 else ""
        record = {
            "input": str(source),
            "text": said.text,
            "confidence": round(said.confidence, 4),
            "confidences": [round(confidence, 4) for confidence in said.confidences],
            "model": reader.model,
        }
        report.done(heading + said.text, record)
    return report.exit_code()
