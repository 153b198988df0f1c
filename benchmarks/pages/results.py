"""The page of results, `docs/results/README.md`, from the CSV files and pictures that are there.

python -m benchmarks.pages.results --crops docs/images/crops.png
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks.paths import RESULTS, ROOT
from benchmarks.rate_accuracy.plots import LABELS, plot
from benchmarks.rate_accuracy.rows import read_rows, replace_file
from benchmarks.rate_accuracy.tables import report
from benchmarks.sets import SETS

INTRODUCTION = """# Results
Made by `python -m benchmarks.pages.results` from `benchmarks/results/`; do not edit. Every number
is of real files, headers included, and of pictures that no model has learnt from. `ppocr` is
PP-OCRv6, which is in the training loss; `tesseract` is Tesseract 5, which never is. Accuracy is
TFIC's: 1 - edit distance over the longer length, alphanumerics alone. A word counts as found and
read where the boxes overlap by half (intersection over union) and its alphanumerics are equal,
whatever their case.
"""
CROPS = """
## What is left of the text
At equal bytes, the finest file of each codec within the budget; below each crop what the readers
make of it, with their confidence.
"""


def page(results: Path, output: Path, crops: Path | None) -> str:
    """The whole page; plots are drawn into `images` beside it.

    Raises:
        FileNotFoundError: Nothing has been measured.
    """
    parts = [INTRODUCTION]
    if crops is not None:
        parts.append(f"{CROPS}\n![crops at equal bytes]({_link(crops, output)})\n")
    tables = {name: results / f"rate_accuracy_{name}.csv" for name in SETS}
    measured = {name: path for name, path in tables.items() if path.exists()}
    if not measured:
        raise FileNotFoundError(
            f"expected one of {', '.join(p.name for p in tables.values())} in {results}, found "
            "none; python -m benchmarks.rate_accuracy makes them"
        )
    for name, path in measured.items():
        rows = read_rows(path)
        parts.append(f"\n## {name}\n`{path.name}`\n\n{report(rows)}")
        for measure, label in LABELS.items():
            drawn = output.parent / "images" / f"{name}_{measure}.png"
            if plot(rows, measure, drawn):
                parts.append(f"\n![{label} over rate, {name}]({_link(drawn, output)})\n")
    timed = results / "table_one.md"
    if timed.exists():
        parts.append(f"\n## Time (the paper's Table I)\n{timed.read_text(encoding='utf-8')}")
    return "".join(parts)


def _link(target: Path, page: Path) -> str:
    """How the page names a file."""
    return Path(os.path.relpath(target.resolve(), page.parent.resolve())).as_posix()


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--crops", type=Path, help="sheet made by python -m benchmarks.pages.crops")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "results.md")
    args = parser.parse_args(arguments)
    replace_file(args.output, page(args.results, args.output, args.crops))
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
