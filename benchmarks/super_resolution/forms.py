"""What each form of the shipped models of crops weighs and does, FP16 and S8S8 for GPUs among them.

    python -m benchmarks.super_resolution.forms [--count 60] [--models edsr-s reader cdistnet-s]

All of them on the CPU, where the forms for GPUs are slow and right; graphs that a model lacks are
made in a copy. An enlarger's words are read by `cdistnet-s-fp32`, readers read the good shots. Rows
go to benchmarks/results/super_resolution_forms.csv; docs/results/super-resolution.md shows them.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.readers.reading import Reading
from benchmarks.record import record
from benchmarks.sets.folders import Folders, add_folder_options
from benchmarks.super_resolution.enlargers import Pixels
from benchmarks.super_resolution.scores import scored
from benchmarks.super_resolution.words import WORDS, Word
from tcsdk.export.tensorrt.target import add_tensorrt_graphs
from tcsdk.model.find import named_model
from tcsdk.model.folder import ModelFolder
from tcsdk.model.graphs import SUPER_RESOLUTION
from tcsdk.model.read import read_model_folder

FILE = "super_resolution_forms.csv"
KEY = ("model", "precision")
READER = "cdistnet-s"


def prepared(model: ModelFolder, scratch: Path) -> ModelFolder:
    """Return a model with its graphs for GPUs: itself, or a copy that has them."""
    if "fp16" in model.precisions:
        return model
    shutil.copytree(model.path, scratch / model.family)
    add_tensorrt_graphs(scratch / model.family)
    return read_model_folder(scratch / model.family)


def weight(model: ModelFolder, precision: str) -> int:
    """Bytes of what a device needs for a precision."""
    return sum((model.path / file).stat().st_size for file in model.precisions[precision]["files"])


def read(crops: Sequence[Pixels], model: str | Path, precision: str, threads: int) -> list[Reading]:
    """Read crops by a form of a recogniser."""
    told = {"device": "cpu", "threads": threads, "precision": precision}
    with tcsdk.Recognizer(model, **told) as reader:
        return [Reading(r.text, r.confidence, r.confidences) for r in reader.recognize(crops)]


def rows(model: ModelFolder, words: Sequence[Word], threads: int) -> Iterator[dict[str, str]]:
    """Yield a row for each precision."""
    for precision in model.precisions:
        made = [word.high for word in words]
        if model.task == SUPER_RESOLUTION:
            told = {"device": "cpu", "threads": threads, "precision": precision}
            with tcsdk.SuperResolver(model.path, **told) as net:
                made = net.enlarged([word.low for word in words])
            said = read(made, READER, "fp32", threads)
        else:
            said = read(made, model.path, precision, threads)
        score = scored(words, made, said)
        yield {
            "model": model.family,
            "precision": precision,
            "bytes": str(weight(model, precision)),
            "words": str(score.words),
            "right, %": f"{100 * score.right:.1f}",
            "PSNR, dB": f"{score.psnr:.2f}" if model.task == SUPER_RESOLUTION else "-",
        }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rows and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["edsr-s", "reader", "cdistnet-s"])
    parser.add_argument("--count", type=int, default=60, help="words of a bin")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the record")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    words = list(WORDS["rendered"](args.count, Folders.from_options(args)))
    with tempfile.TemporaryDirectory() as scratch:
        for name in args.models:
            model, _ = named_model(name)
            for row in rows(prepared(model, Path(scratch)), words, args.threads):
                print(row, flush=True)
                record(args.results / FILE, [row], KEY)


if __name__ == "__main__":
    main()
