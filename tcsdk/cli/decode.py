"""`tcsdk decode`: streams to pictures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tcsdk.cli.arguments import (
    add_decoding,
    add_device,
    add_files,
    add_json,
    add_output,
    decoder_of,
)
from tcsdk.cli.files import PIPE, STREAMS, Job, find_inputs, plan
from tcsdk.cli.outputs import check_pictures, picture_suffix, to_be_done, write
from tcsdk.cli.report import Report
from tcsdk.cli.streams import binary_input
from tcsdk.cli.words import on_one_line
from tcsdk.codec.conceal import DamagedChunk, DamagedTile
from tcsdk.codec.container import split_stream
from tcsdk.decoder import Decoder
from tcsdk.errors import BitstreamError, TcsdkError
from tcsdk.images import read_bytes
from tcsdk.inspection import Metadata, family_of, metadata
from tcsdk.many.outcome import Outcome
from tcsdk.notes import Note
from tcsdk.output import holds_metadata, picture_bytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `decode`."""
    add_files(parser, "streams")
    add_output(parser, "beside the stream, as .png")
    add_decoding(parser)
    add_device(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Decode and return the exit code."""
    found = find_inputs(arguments.inputs, STREAMS)
    jobs = plan(found.inputs, arguments.output, ".png", arguments.force)
    check_pictures(jobs)
    decoder = decoder_of(arguments)
    to_stderr = any(job.target is None for job in jobs)
    total = len(jobs) + len(found.unreadable)
    with Report(total, arguments.json, to_stderr, arguments.quiet) as report:
        report.found(found)
        _decode(decoder, to_be_done(jobs, arguments.skip_existing, report), arguments, report)
        return report.exit_code()


def _decode(
    decoder: Decoder, jobs: Sequence[Job], arguments: argparse.Namespace, report: Report
) -> None:
    outcomes = decoder.decode_many(
        (binary_input().read() if job.source.path is None else job.source.path for job in jobs),
        region=arguments.region,
        workers=1 if len(jobs) == 1 else None,
    )
    for job, outcome in zip(jobs, outcomes, strict=True):
        try:
            pixels = outcome.get()
            stream = read_bytes(outcome.source, "stream")
            kept, notes = _metadata(stream, picture_suffix(job))
            write(job, picture_bytes(pixels, picture_suffix(job), icc=kept.icc, exif=kept.exif))
            text, record = _result(job, outcome, stream)
        except (TcsdkError, OSError) as error:
            report.failed(job.source, error)
        else:
            report.done(text, record, notes)


def _metadata(stream: bytes, suffix: str) -> tuple[Metadata, Sequence[Note]]:
    """Return what the stream kept for the picture file, and what of it goes no further."""
    try:
        kept = metadata(stream)
    except BitstreamError:  # the pixels were concealed
        lost = Note("metadata", "a damaged stream: the metadata that it may have is left out")
        return Metadata(None, None, None), [lost]
    if holds_metadata(suffix) or not (kept.icc or kept.exif):
        return kept, ()
    text = f"{suffix} cannot hold the colour profile or EXIF that the stream kept: write .png"
    return kept, [Note("metadata", text)]


def _result(
    job: Job, outcome: Outcome[NDArray[np.uint8]], stream: bytes
) -> tuple[str, dict[str, object]]:
    parts = split_stream(stream, lenient=True, first_layer=True)
    first, shown = parts.first, parts.sizes.shown
    tiles = [item for item in outcome.damage if isinstance(item, DamagedTile)]
    chunks = [item.reason for item in outcome.damage if isinstance(item, DamagedChunk)]
    record = {
        "input": str(job.source),
        "output": str(job.target or PIPE),
        "bytes": len(stream),
        "bpp": round(8 * len(stream) / (shown.width * shown.height), 5),
        "width": shown.width,
        "height": shown.height,
        "model": family_of(first.wire_id, first.bundle),
        "quality": first.quality,
        "ms": round(outcome.timings.total, 2),
        "concealed": [tile.index for tile in tiles if tile.layer == 0],
        "concealed_base": [tile.index for tile in tiles if tile.layer == 1],
        "damaged_chunks": chunks,
    }
    line = on_one_line("{input} -> {output}  {width}x{height}, {ms:.1f} ms".format(**record))
    if tiles:
        line += f", {len(tiles)} damaged tiles concealed"
    if chunks:
        line += f", {len(chunks)} other damaged chunks"
    return line, record
