"""`tcsdk batch`: many pictures to streams, on the processes and machines of a Ray cluster."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict

from tcsdk.batch import BatchJob, Encoded, encode_dataset
from tcsdk.cli.arguments import (
    add_caption,
    add_encoding,
    add_json,
    add_refinement,
    add_verification,
    encoder_of,
    request_of,
)
from tcsdk.cli.report import NOT_VERIFIED
from tcsdk.cli.values import bounded
from tcsdk.cli.words import on_one_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `batch`."""
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="files and folders, or URIs of them (s3://, gs://, abfs://, hdfs://): pictures, or "
        "Parquet with --column",
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="FOLDER", help="folder or URI of the streams"
    )
    parser.add_argument(
        "-f", "--force", action="store_true", help="encode again what is already there"
    )
    parser.add_argument("--column", help="column of Parquet with pictures: bytes, paths or URIs")
    parser.add_argument("--names", metavar="COLUMN", help="column with the streams' names")
    add_encoding(parser)
    add_verification(parser)
    add_refinement(parser)
    add_caption(parser, "a column of the Parquet; without --column a CSV with file and caption")
    parser.add_argument("--device", default="auto", help="of every worker (default: auto)")
    parser.add_argument(
        "--batch",
        type=bounded(1, 1024),
        default=1,
        metavar="N",
        help="most windows in one call of a graph (default: 1)",
    )
    parser.add_argument(
        "--workers",
        type=bounded(1, 2**16),
        metavar="N",
        help="worker processes (default: as many as fit)",
    )
    parser.add_argument(
        "--cpus", type=bounded(1, 1024), default=1, metavar="N", help="of a worker (default: 1)"
    )
    parser.add_argument(
        "--gpus", type=float, default=0.0, metavar="X", help="of a worker, such as 0.5 (default: 0)"
    )
    parser.add_argument(
        "--rows",
        type=bounded(1, 2**16),
        default=32,
        metavar="N",
        help="pictures that a worker is handed at a time (default: 32)",
    )
    parser.add_argument(
        "--address", help="of a Ray cluster (default: RAY_ADDRESS, else one on this machine)"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Encode and return the exit code."""
    job = BatchJob(
        sources=arguments.sources,
        output=arguments.output,
        column=arguments.column,
        names=arguments.names,
        captions=arguments.captions,
        force=arguments.force,
        encoder=encoder_of(arguments),
        request=request_of(arguments),
        workers=arguments.workers,
        cpus=arguments.cpus,
        gpus=arguments.gpus,
        rows=arguments.rows,
    )
    states: Counter[str] = Counter()
    differing = 0
    for encoded in encode_dataset(job, arguments.address):
        states[encoded.state] += 1
        if encoded.error:
            print(on_one_line(f"{encoded.name}: {encoded.error}"), file=sys.stderr, flush=True)
        else:
            print(json.dumps(asdict(encoded)) if arguments.json else _line(encoded), flush=True)
        differing += bool(encoded.not_verified)
        for label, said in (("note", encoded.notes), ("not verified", encoded.not_verified)):
            if said and not arguments.json:
                print(on_one_line(f"{encoded.name}: {label}: {said}"), file=sys.stderr, flush=True)
    if not arguments.json:
        print(", ".join(f"{count} {state}" for state, count in sorted(states.items())))
    if states["failed"]:
        return 1
    return NOT_VERIFIED if differing else 0


def _line(encoded: Encoded) -> str:
    line = f"{encoded.name} -> {encoded.target}  {encoded.bytes} bytes, {encoded.state}"
    return on_one_line(line)
