"""The paper's Table I: milliseconds to encode, to decode, and to read, per picture.

    python -m benchmarks.speed.table_one --models tfic-int8 base-int8 --count 48

One process, the calls of a picture taken in turn, on the cores that the process may use. What OCR
on the device costs, whose text alone could be sent instead, is the last line.
"""

from __future__ import annotations

import argparse
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import tcsdk
from benchmarks.codecs.text import packed
from benchmarks.paths import PAGES
from benchmarks.rate_accuracy.rows import replace_file
from benchmarks.rate_accuracy.tables import markdown, prose
from benchmarks.sets import SETS, Folders, Picture
from benchmarks.sets.folders import add_folder_options
from benchmarks.speed.timing import in_turn
from tcsdk.engines import available_threads

TURNS = 3  # per picture; its median counts


@dataclass(frozen=True)
class Timed:
    """One stage over a set.

    Attributes:
        what: Model and stage.
        milliseconds: Per picture, the median over turns.
    """

    what: str
    milliseconds: tuple[float, ...]

    def cells(self, ocr: Timed) -> list[str]:
        """A line of the table: mean, deviation, median, and the median ratio to OCR's time."""
        ratios = [a / b for a, b in zip(self.milliseconds, ocr.milliseconds, strict=True)]
        deviation = statistics.stdev(self.milliseconds) if len(self.milliseconds) > 1 else 0.0
        return [
            self.what,
            f"{statistics.mean(self.milliseconds):.1f}",
            f"{deviation:.1f}",
            f"{statistics.median(self.milliseconds):.1f}",
            f"{statistics.median(ratios):.3f}",
        ]


def time_model(
    model: str, pictures: Sequence[Picture], device: str, quality: int | None
) -> list[Timed]:
    """Encode, decode and OCR of every picture, in that order."""
    encoder = tcsdk.Encoder(model, device=device, quality=quality)
    decoder = tcsdk.Decoder(device)
    medians: list[list[float]] = []
    for picture in pictures:
        data = encoder.encode(picture.image)
        if (shape := decoder.decode(data).shape) != picture.image.shape:
            raise ValueError(f"{picture.name}: expected {picture.image.shape}, got {shape}")
        durations = in_turn(
            TURNS,
            partial(encoder.encode, picture.image),
            partial(decoder.decode, data),
            partial(tcsdk.read, picture.image),
        )
        medians.append([statistics.median(turns) for turns in durations])
    name = f"{encoder.model}, quality {encoder.quality}, {encoder.engine}"
    stages = (f"{name}: encode", f"{name}: decode", "OCR (detector and lines), beside it")
    return [
        Timed(stage, times) for stage, times in zip(stages, zip(*medians, strict=True), strict=True)
    ]


def text_bytes(pictures: Sequence[Picture]) -> float:
    """Mean bytes of the text that OCR on the device finds, sent alone."""
    texts = ("\n".join(line.text for line in tcsdk.read(p.image)) for p in pictures)
    return statistics.mean(len(packed(text)) for text in texts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Time, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["tfic-int8"])
    parser.add_argument("--set", choices=list(SETS), default="rendered")
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--device", default="cpu", help="of the codec; OCR runs on the CPU")
    parser.add_argument("--quality", type=int, help="default: the model's own")
    parser.add_argument("--output", type=Path, default=PAGES / "table_one.md")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    pictures = list(SETS[args.set].make(args.count, Folders.from_options(args)))
    lines = []
    for model in args.models:
        *stages, ocr = time_model(model, pictures, args.device, args.quality)
        lines += [timed.cells(ocr) for timed in (*stages, ocr)]
    height, width = pictures[0].image.shape[:2]
    text = (
        "# Table I: time beside OCR's\n"
        + prose(
            f"Milliseconds per picture: {len(pictures)} of set {args.set}, the first "
            f"{width}x{height}; {available_threads()} cores of {_processor()}, Python "
            f"{platform.python_version()}, onnxruntime {version('onnxruntime')}; device "
            f"{args.device}. Made by `python -m benchmarks.speed.table_one`."
        )
        + "\n\n"
        + markdown(["what", "mean", "deviation", "median", "median ratio to OCR"], lines)
        + "\nOCR on the device with its text sent alone costs the time of OCR and "
        f"{text_bytes(pictures):.0f} bytes.\n"
    )
    print(text, end="")
    replace_file(args.output, text)


def _processor() -> str:
    """The CPU's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
