"""The page of super-resolution, from the rows of `python -m benchmarks.super_resolution`.

python -m benchmarks.pages.super_resolution
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.paths import PAGES, RESULTS
from benchmarks.rate_accuracy.rows import replace_file
from benchmarks.rate_accuracy.tables import markdown, prose
from benchmarks.super_resolution import bits, forms, speed
from benchmarks.super_resolution.scores import FILE
from benchmarks.super_resolution.words import WORDS

PAGE = "super-resolution.md"
HEAD = """# Super-resolution of words
Made by `python -m benchmarks.pages.super_resolution`; do not edit. Rows:
`benchmarks/results/super_resolution.csv`, measured by `python -m benchmarks.super_resolution`.

A word of 16x64 pixels is enlarged to 32x128 and read. A word is right when its letters and digits
are, without case. *Invented* are characters, per 1,000 true ones, that are wrong though the reader
was sure of them (0.9 or more). Names of enlargers and readers are those of the trainings in
`train/super_resolution/recipes.py`; `ppocr`, `tesseract` and `english_g2` are other people's.

![words, small and enlarged, with what is read in them](images/words.png)

Two words of each bin, by `python -m benchmarks.pages.word_crops`; green is right.
"""
BITS = """## Fewer bits
Weights alone on grids of some bits, all layers, a step for each tensor; activations stay float.
Words right in % and PSNR in dB, by `python -m benchmarks.super_resolution.bits`. Megabits are those
of all parameters of both nets, which the seed paper calls MB.
"""
TITLES = {
    "rendered": "Rendered words, of fonts that training never saw",
    "taken down": "Real words, taken down by the camera of the pairs",
    "small": "Real words of at most 16 pixels, as they are",
}


SPEED = """## Time
From a small word to its text by the shipped `edsr-s` and `cdistnet-s`, and by PP-OCRv6's recogniser
behind a bicubic filter, in one process and in turn; medians, by
`python -m benchmarks.super_resolution.speed`. No GPU has run it yet (`--device tensorrt`).
"""
FORMS = """## Forms for GPUs
Each form of the shipped models on ONNX Runtime's CPU, `fp16` and `s8s8` as
`python -m tcsdk.export FOLDER --target tensorrt` adds them; bytes of graph and weights. What stays
float32 in either of the two lies in one file, which is counted in both. `edsr-s` enlarges small
words, which `cdistnet-s-fp32` reads; the readers read the good shots. By
`python -m benchmarks.super_resolution.forms`.
"""


def read(file: Path) -> list[dict[str, str]]:
    """Return the rows of a table of results."""
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def table(rows: Sequence[dict[str, str]]) -> str:
    """A line per reader and enlarger, columns of the bins."""
    bins = list(dict.fromkeys(row["bin"] for row in rows))
    last = bins[-1]
    header = ["reader", "enlarger", *(f"{name}, %" for name in bins), "invented", "PSNR, dB"]
    lines = []
    for reader in sorted({row["reader"] for row in rows}):
        for way in dict.fromkeys(row["enlarger"] for row in rows):
            found = {r["bin"]: r for r in rows if (r["reader"], r["enlarger"]) == (reader, way)}
            if not found:
                continue
            right = [f"{100 * float(found[name]['right']):.1f}" for name in bins]
            fidelity = found[last]["psnr"]
            shown = "-" if fidelity in ("nan", "99.00") else fidelity
            lines.append([reader, way, *right, found[last]["invented per 1000"], shown])
    return markdown(header, lines)


def sections(rows: Sequence[dict[str, str]]) -> Iterator[str]:
    """Yield a heading, how many words there are, and the table of each set."""
    for name in WORDS:
        own = [row for row in rows if row["set"] == name]
        if own:
            count = max(int(row["words"]) for row in own)
            yield f"## {TITLES[name]}\n{prose(f'{count} words.')}\n\n{table(own)}"


def bits_table(rows: Sequence[dict[str, str]]) -> str:
    """A line per width and part, columns of both ways of clipping."""
    header = ["quantised", "bits", "megabits"]
    header += [f"{what}, {clip}" for clip in bits.CLIPS for what in ("right", "PSNR")]
    lines = []
    for part in ("none", *bits.PARTS):
        for width in sorted({int(row["bits"]) for row in rows if row["quantised"] == part}):
            found = {
                row["clip"]: row
                for row in rows
                if (row["quantised"], row["bits"]) == (part, str(width))
            }
            each = [found.get("none") or found.get(clip) for clip in bits.CLIPS]
            cells = [
                cell
                for row in each
                for cell in ((f"{100 * float(row['right']):.1f}", row["psnr"]) if row else "--")
            ]
            lines.append([part, str(width), next(iter(found.values()))["megabits"], *cells])
    return markdown(header, lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--output", type=Path, default=PAGES / PAGE)
    args = parser.parse_args(arguments)
    parts = [HEAD, *sections(read(args.results / FILE))]
    if (args.results / bits.FILE).exists():
        rows = read(args.results / bits.FILE)
        named = f"{rows[0]['words']} {rows[0]['set']} words, {rows[0]['enlarger']} with "
        parts += [f"{BITS}{prose(named + rows[0]['reader'] + '.')}\n\n{bits_table(rows)}"]
    if (args.results / speed.FILE).exists():
        rows = read(args.results / speed.FILE)
        parts.append(f"{SPEED}\n{markdown(list(rows[0]), [list(row.values()) for row in rows])}")
    if (args.results / forms.FILE).exists():
        rows = read(args.results / forms.FILE)
        parts.append(f"{FORMS}\n{markdown(list(rows[0]), [list(row.values()) for row in rows])}")
    replace_file(args.output, "\n".join(parts))
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
