"""`tcsdk encode`: pictures to streams."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tcsdk.captions_file import Captions, read_captions
from tcsdk.cli.arguments import (
    add_caption,
    add_device,
    add_encoding,
    add_files,
    add_json,
    add_link,
    add_output,
    add_refinement,
    add_verification,
    encoder_of,
    request_of,
)
from tcsdk.cli.files import PICTURES, Job, find_inputs, plan
from tcsdk.cli.outputs import to_be_done, write
from tcsdk.cli.report import Report
from tcsdk.cli.streams import binary_input
from tcsdk.cli.values import boosted_region, bounded
from tcsdk.cli.words import on_one_line
from tcsdk.encoder import Encoder
from tcsdk.errors import TcsdkError
from tcsdk.inspection import inspect
from tcsdk.many.outcome import Outcome
from tcsdk.request import QUALITIES
from tcsdk.shortcuts import check_stream_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `encode`."""
    add_files(parser, "pictures")
    add_output(parser, "beside the picture, as .tcs")
    add_encoding(parser)
    parser.add_argument(
        "--roi",
        dest="regions",
        action="append",
        type=boosted_region,
        default=[],
        metavar="X,Y,W,H,N",
        help="N steps finer (coarser if negative) in this part, in pixels; may be repeated",
    )
    parser.add_argument(
        "--base-quality",
        type=bounded(0, QUALITIES - 1),
        metavar="Q",
        help="add a layer of this quality that shows what the first leaves out",
    )
    parser.add_argument("--base-model", default="base", help="model of that layer (default: base)")
    add_verification(parser)
    add_refinement(parser)
    parser.add_argument(
        "--small",
        action="store_true",
        help="7 to 9 bytes of header: for pictures that fit a packet or a few",
    )
    add_caption(parser, "a CSV with the columns file and caption")
    add_link(parser)
    add_device(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Encode and return the exit code."""
    found = find_inputs(arguments.inputs, PICTURES)
    jobs = plan(found.inputs, arguments.output, ".tcs", arguments.force)
    if isinstance(arguments.text, tuple) and len(jobs) > 1:
        raise ValueError(f"expected one picture that --text @FILE is about, got {len(jobs)}")
    captions = _captions_of(arguments.captions, jobs)
    encoder = Encoder(**encoder_of(arguments))
    to_stderr = any(job.target is None for job in jobs)
    total = len(jobs) + len(found.unreadable)
    with Report(total, arguments.json, to_stderr, arguments.quiet) as report:
        report.found(found)
        ready = to_be_done(jobs, arguments.skip_existing, report)
        for job in ready:
            if job.target is not None:
                check_stream_name(job.target)
        _encode(encoder, ready, arguments, captions, report)
        return report.exit_code()


def _captions_of(file: str | None, jobs: Sequence[Job]) -> Captions | None:
    """Read the captions of pictures; those that have none are encoded without."""
    if file is None:
        return None
    captions = read_captions(file)
    if not any(captions.of(str(job.source)) for job in jobs):
        raise ValueError(f"expected captions of some of the pictures in {file}, got of none")
    return captions


def _encode(
    encoder: Encoder,
    jobs: Sequence[Job],
    arguments: argparse.Namespace,
    captions: Captions | None,
    report: Report,
) -> None:
    outcomes = encoder.encode_many(
        (binary_input().read() if job.source.path is None else job.source.path for job in jobs),
        request_of(arguments),
        captions=None if captions is None else [captions.of(str(job.source)) for job in jobs],
        workers=1 if len(jobs) == 1 else None,
    )
    for job, outcome in zip(jobs, outcomes, strict=True):
        try:
            data = outcome.get()
            write(job, data)
        except (TcsdkError, OSError) as error:
            report.failed(job.source, error)
        else:
            text, record = _result(job, outcome, data, encoder.model)
            complaints = outcome.verification.complaints if outcome.verification else ()
            report.done(text, record, outcome.notes, complaints)


def _result(
    job: Job, outcome: Outcome[bytes], data: bytes, model: str
) -> tuple[str, dict[str, object]]:
    info = inspect(data)
    input_bytes = _input_bytes(outcome.source)
    record = {
        "input": str(job.source),
        "output": str(job.target or "-"),
        "input_bytes": input_bytes,
        "bytes": info.bytes,
        "ratio": input_bytes and round(input_bytes / info.bytes, 2),
        "bpp": round(info.bpp, 5),
        "width": info.width,
        "height": info.height,
        "coded_width": info.coded_width,
        "coded_height": info.coded_height,
        "model": model,
        "quality": info.quality,
        "ms": round(outcome.timings.total, 2),
    }
    times = "" if input_bytes is None else " ({ratio:.1f}:1)"
    text = f"{{input}} -> {{output}}  {{bytes}} bytes{times}, {{bpp:.4f}} bpp"
    smaller = (info.coded_width, info.coded_height) != (info.width, info.height)
    size = ", coded at {coded_width}x{coded_height}" if smaller else ""
    line = on_one_line(f"{text}, quality {{quality}}{size}, {{ms:.1f}} ms".format(**record))
    if outcome.verification is not None:
        verification, spent = outcome.verification, outcome.timings.verify
        record["verification"] = {
            **asdict(verification),
            "agreed": verification.agreed,
            "ms": round(spent, 2),
        }
        same = verification.lines - len(verification.differences)
        line += f", of which {spent:.1f} ms to verify: {same} of {verification.lines} lines agree"
    return line, record


def _input_bytes(source: Path | bytes) -> int | None:
    """Size of a picture file; None where a path has none, such as a pipe's, or no longer."""
    if isinstance(source, bytes):
        return len(source)
    try:
        return source.stat().st_size or None
    except OSError:
        return None
