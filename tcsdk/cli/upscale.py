"""`tcsdk upscale`: small crops of text, enlarged."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tcsdk.cli.arguments import add_device, add_files, add_json, add_output
from tcsdk.cli.files import PICTURES, PIPE, Job, find_inputs, plan
from tcsdk.cli.outputs import check_pictures, picture_suffix, to_be_done, write
from tcsdk.cli.report import Report
from tcsdk.cli.streams import binary_input
from tcsdk.cli.values import bounded
from tcsdk.cli.words import on_one_line
from tcsdk.errors import TcsdkError
from tcsdk.output import picture_bytes
from tcsdk.reading.crops import LARGEST
from tcsdk.super_resolver import SuperResolver

_SUFFIX = ".x2.png"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `upscale`."""
    add_files(parser, "words or lines that are cut out")
    add_output(parser, f"beside the crop, as {_SUFFIX}")
    parser.add_argument("--model", default="edsr-s", help="model id or folder (default: edsr-s)")
    parser.add_argument(
        "--height",
        type=bounded(8, LARGEST),
        metavar="PIXELS",
        help="of the results (default: twice a crop's)",
    )
    add_device(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Enlarge and return the exit code."""
    found = find_inputs(arguments.inputs, PICTURES)
    jobs = plan(found.inputs, arguments.output, _SUFFIX, arguments.force)
    check_pictures(jobs)
    net = SuperResolver(arguments.model, device=arguments.device, threads=arguments.threads)
    to_stderr = any(job.target is None for job in jobs)
    total = len(jobs) + len(found.unreadable)
    with Report(total, arguments.json, to_stderr, arguments.quiet) as report:
        report.found(found)
        _upscale(net, to_be_done(jobs, arguments.skip_existing, report), arguments.height, report)
        return report.exit_code()


def _upscale(net: SuperResolver, jobs: Sequence[Job], height: int | None, report: Report) -> None:
    sources = (binary_input() if job.source.path is None else job.source.path for job in jobs)
    for job, outcome in zip(jobs, net.upscale_many(sources, height=height), strict=True):
        try:
            pixels = outcome.get()
            data = picture_bytes(pixels, picture_suffix(job))
            write(job, data)
        except (TcsdkError, OSError) as error:
            report.failed(job.source, error)
        else:
            tall, wide = pixels.shape[:2]
            record = {
                "input": str(job.source),
                "output": str(job.target or PIPE),
                "bytes": len(data),
                "width": wide,
                "height": tall,
                "model": net.model,
            }
            report.done(
                on_one_line("{input} -> {output}  {width}x{height}".format(**record)), record
            )
