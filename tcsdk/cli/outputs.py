"""Where results of a command go: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tcsdk.cli.files import Input, Job
from tcsdk.cli.report import Report
from tcsdk.cli.streams import binary_output, is_own_terminal
from tcsdk.errors import OutputError
from tcsdk.output import check_picture_suffix, is_device, remove_leftovers, write_file


def to_be_done(jobs: Sequence[Job], skip_existing: bool, report: Report) -> list[Job]:
    """Return the jobs whose outputs may be written, before any work is done for them.

    Others are reported as failed: a target that is an input or the output of another input, or one
    that exists and may not be replaced (skipped instead, if that is asked for: the first of those
    that share it, as the others were never made). What killed runs left in the targets' folders is
    removed.
    """
    inputs = {job.source.path.resolve() for job in jobs if job.source.path}
    taken: dict[Path, Input] = {}
    ready = []
    for job in jobs:
        if job.target is None:
            ready.append(job)
            continue
        target = job.target.resolve()
        # False where it cannot be looked at: writing says why, and leaves other jobs alone.
        exists = os.path.exists(target) and not is_device(target)  # noqa: PTH110
        if job.source.path and target == job.source.path.resolve():
            problem = (
                f"{job.target} would be its own output: pictures are for tcsdk encode, streams for "
                "tcsdk decode; name another output with -o"
            )
        elif target in inputs:
            problem = f"{job.target} is an input; name another output with -o"
        elif target in taken:
            problem = (
                f"{job.target} is the output of {taken[target]} too; give one of the two another "
                "name, or encode it alone with -o"
            )
        elif exists and skip_existing:
            taken[target] = job.source
            report.skipped(job.source, job.target)
            continue
        elif exists and not job.may_replace:
            problem = f"{job.target} exists; name another output with -o, or use --force"
        else:
            taken[target] = job.source
            ready.append(job)
            continue
        report.failed(job.source, OutputError(problem))
    remove_leftovers({target.parent for target in taken})
    return ready


def picture_suffix(job: Job) -> str:
    """What kind of picture a job writes: by its target's name, PNG into pipes and devices."""
    return ".png" if job.target is None or is_device(job.target) else job.target.suffix


def check_pictures(jobs: Sequence[Job]) -> None:
    """Refuse names of results that are no pictures'.

    Raises:
        ValueError: One is not: it is a mistake of the arguments, not of one picture.
    """
    for suffix in {picture_suffix(job) for job in jobs}:
        try:
            check_picture_suffix(suffix)
        except OutputError as error:
            raise ValueError(str(error)) from error


def write(job: Job, data: bytes) -> None:
    """Write a job's result to its file, whose folder is made if need be, or to standard output.

    Raises:
        OutputError: It cannot be written, or would go to the terminal that the command runs in.
    """
    if job.target is not None and is_device(job.target) and is_own_terminal(job.target):
        raise OutputError(f"{job.target} is this terminal; name a file with -o, or use a pipe")
    if job.target is None:
        if sys.stdout is not None and sys.stdout.isatty():
            raise OutputError("standard output is a terminal; name a file with -o, or use a pipe")
        output = binary_output()
        output.write(data)
        output.flush()
        return
    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make folder {job.target.parent}: {error.strerror}") from error
    write_file(job.target, data, replace=job.may_replace)
