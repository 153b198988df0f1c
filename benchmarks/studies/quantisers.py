"""Our quantisation against ONNX Runtime's own, on the same net, pictures and kernels.

    python -m benchmarks.studies.quantisers --model zoo/base --count 8

Every form is written as a precision of one model folder and runs in the same encoder and decoder.
The loss is the BD-rate on bytes of whole files at equal PSNR, against the FP32 graphs: negative is
better than FP32. ONNX Runtime's `quantize_static` calibrates with as many pictures as ours.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

import tcsdk
from benchmarks.paths import PAGES, RESULTS
from benchmarks.rate_accuracy.curves import bjontegaard
from benchmarks.rate_accuracy.measures import psnr
from benchmarks.rate_accuracy.rows import replace_file
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from benchmarks.studies.static import METHODS, StaticQuantiser
from tcsdk.export.folder import Checkpoint, load_checkpoint
from tcsdk.export.graphs.roles import ROLES
from tcsdk.model.manifest import of_packed_nets, read_manifest, write_manifest
from tcsdk.quant.nets.graphs import calibration_pictures

QUALITIES = (8, 24, 40, 56)
# Methods of ONNX Runtime with 8-bit weights, and the best known one with 4.
PEERS = (*((method, 8) for method in METHODS), ("percentile", 4))
Pixels = NDArray[np.uint8]
Points = list[tuple[float, float]]  # bytes, dB


@dataclass(frozen=True)
class Row:
    """One form of the net.

    Attributes:
        form: precision, or ONNX Runtime's method and bits of its weights.
        bd_rate: percent of bytes at equal PSNR against FP32; "" where it does not run.
        kilobytes: of all files that the form needs.
        note: why it does not run.
    """

    form: str
    bd_rate: str
    kilobytes: str
    note: str


def add_peer(folder: Path, checkpoint: Checkpoint, quantise: StaticQuantiser, name: str) -> None:
    """Add graphs of ONNX Runtime's making to a model folder, as a precision of this name."""
    manifest = read_manifest(folder)
    row: dict[str, str | list[str]] = {}
    for role in ROLES:
        graph = quantise(role, ROLES[role].export(checkpoint.codec))
        row[role] = f"{role}.{name}.onnx"
        onnx.save(graph, str(folder / str(row[role])))
    row["files"] = [*map(str, row.values()), manifest["bundle"]]
    manifest["precisions"][name] = row
    write_manifest(folder, manifest, dict.fromkeys([*manifest["sha256"], *row["files"]]))


def curve(folder: Path, precision: str, pictures: Sequence[Pixels]) -> Points:
    """Bytes and PSNR at each quality, means over the pictures."""
    decoder = tcsdk.Decoder("cpu", models=[folder], precision=precision)
    points = []
    for quality in QUALITIES:
        encoder = tcsdk.Encoder(folder, device="cpu", precision=precision, quality=quality)
        streams = [encoder.encode(picture) for picture in pictures]
        errors = [psnr(p, decoder.decode(s)) for p, s in zip(pictures, streams, strict=True)]
        points.append((statistics.mean(map(len, streams)), statistics.mean(errors)))
    return points


def measure(
    model: Path, pictures: Sequence[Pixels], photos: Path | None, calibrating: int
) -> Iterator[Row]:
    """Rows of every integer precision of a model folder, then of ONNX Runtime's."""
    checkpoint = load_checkpoint(model)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / model.name
        shutil.copytree(model, folder)
        reference = curve(folder, "fp32", pictures)
        rows = read_manifest(model)["precisions"].items()
        own = [name for name, row in rows if name != "fp32" and not of_packed_nets(row)]
        for name in own:
            yield _row(folder, name, reference, pictures)
        samples = calibration_pictures(photos, calibrating)
        for method, bits in PEERS:
            name = f"ort-{method}-w{bits}"
            try:
                quantise = StaticQuantiser(checkpoint.codec, samples, method, bits)
                add_peer(folder, checkpoint, quantise, name)
                yield _row(folder, name, reference, pictures)
            except Exception as error:  # ONNX Runtime's have no common class
                yield Row(name, "", "", str(error).splitlines()[0][:100])


def _row(folder: Path, name: str, reference: Points, pictures: Sequence[Pixels]) -> Row:
    rate = bjontegaard(curve(folder, name, pictures), reference)
    files = read_manifest(folder)["precisions"][name]["files"]
    size = sum((folder / file).stat().st_size for file in files)
    note = "no overlap with the FP32 curve" if math.isnan(rate) else ""
    return Row(name, "" if note else f"{rate:+.2f}", f"{size / 1000:.0f}", note)


def to_csv(rows: Sequence[Row]) -> str:
    """The rows with a heading."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Row)])
    writer.writerows(astuple(row) for row in rows)
    return text.getvalue()


def to_markdown(rows: Sequence[Row], command: str) -> str:
    """The rows as a table under their command."""
    lines = [f"| {row.form} | {row.bd_rate} | {row.kilobytes} | {row.note} |" for row in rows]
    head = ["| form | BD-rate, % of bytes | all files, kB | note |", "| --- | ---: | ---: | --- |"]
    return "\n".join(["# Quantisers compared", f"Made by `{command}`.", "", *head, *lines, ""])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write `quantisers.csv` and `quantisers.md`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("zoo/base"))
    parser.add_argument("--count", type=int, default=8, help="rendered test pictures of 256x512")
    parser.add_argument("--calibrating", type=int, default=48, help="ONNX Runtime's pictures")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the CSV file")
    parser.add_argument("--pages", type=Path, default=PAGES, help="folder of the page")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    folders = Folders.from_options(args)
    pictures = [picture.image for picture in SETS["rendered"].make(args.count, folders)]
    rows = []
    for row in measure(args.model, pictures, folders.photos, args.calibrating):
        print(*astuple(row), sep="  ", flush=True)
        rows.append(row)
    command = f"python -m benchmarks.studies.quantisers --model {args.model} --count {args.count}"
    replace_file(args.output / "quantisers.csv", to_csv(rows))
    replace_file(args.pages / "quantisers.md", to_markdown(rows, command))


if __name__ == "__main__":
    main()
