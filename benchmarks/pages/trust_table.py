"""How sure readers have to be of lines: calibrated, tested, and written down.

    python -m benchmarks.pages.trust_table    # after python -m benchmarks.studies.trust_calibration

Reads benchmarks/results/trust_lines.csv, prints what the study's page shows, and writes
tcsdk/reading/trust_table.py, which `tcsdk.read` goes by. Nothing is coded or read again.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.paths import ROOT
from benchmarks.rate_accuracy.rows import replace_file
from benchmarks.rate_accuracy.tables import markdown
from benchmarks.studies.trust_calibration import FILE, MODEL, is_test
from benchmarks.studies.trust_lines import LEAST, MEAN, PER_MILLE, SHIPPED, ReadLine, believed
from tcsdk.model.find import find_model
from tcsdk.reading.trust_calibration import NONE_ENOUGH, least_sureness

TABLE = ROOT / "tcsdk" / "reading" / "trust_table.py"
ALPHA = 0.01  # set before anything was measured
SPLITS, SEED = 100, 21
OTHERS = (0.005, 0.02)  # that are printed beside it


@dataclass(frozen=True)
class Cell:
    """One reader's lines at one quality.

    Attributes:
        reader, quality: Of the lines.
        pictures: The lines of each picture.
    """

    reader: str
    quality: int
    pictures: dict[int, list[ReadLine]]

    @property
    def calibration(self) -> list[ReadLine]:
        """Lines that calibrate."""
        return self.lines(k for k in self.pictures if not is_test(k))

    @property
    def test(self) -> list[ReadLine]:
        """Lines that test."""
        return self.lines(k for k in self.pictures if is_test(k))

    def lines(self, pictures: Iterable[int]) -> list[ReadLine]:
        """Lines of some pictures."""
        return [line for picture in pictures for line in self.pictures[picture]]

    def least(self, alpha: float, by: str = LEAST) -> float:
        """The sureness from which a line need not be doubted, by what is taken for sureness."""
        return least_of(self.calibration, alpha, by)

    def split_again(self, alpha: float) -> list[float]:
        """The share of lines wrong and believed, for each of SPLITS other splits of pictures."""
        rng, shares = np.random.default_rng(SEED), []
        for _ in range(SPLITS):
            order = rng.permutation(list(self.pictures)).tolist()
            some = 2 * len(order) // 3
            test = self.lines(order[some:])
            kept = believed(test, least_of(self.lines(order[:some]), alpha))
            shares.append(sum(not line.right for line in kept) / max(1, len(test)))
        return shares


def least_of(lines: Sequence[ReadLine], alpha: float, by: str = LEAST) -> float:
    """`least_sureness` of lines, by what is taken for sureness."""
    sure = [getattr(line, by) / PER_MILLE for line in lines]
    return least_sureness(sure, [line.right for line in lines], alpha)


def cells(file: Path) -> list[Cell]:
    """The lines of a file, by reader and quality."""
    made: dict[tuple[str, int], Cell] = {}
    with file.open(newline="") as opened:
        for row in csv.DictReader(opened):
            key = row["reader"], int(row["quality"])
            lines = list(map(ReadLine.parse, row["lines"].split()))
            made.setdefault(key, Cell(*key, {})).pictures[int(row["picture"])] = lines
    return [made[key] for key in sorted(made)]


def _per_mille(part: int, whole: int) -> str:
    return f"{PER_MILLE * part / whole:.1f} ({part})" if whole else "-"


def _test_row(cell: Cell, alpha: float, by: str) -> list[str]:
    least = cell.least(alpha, by)
    kept = believed(cell.test, least, by)
    figures = [line for line in kept if line.figures]
    characters = sum(line.characters for line in figures)
    shown = "none" if least == NONE_ENOUGH else f"{least:.3f}"
    return [
        f"{cell.reader}, {cell.quality}",
        str(len(cell.calibration)),
        shown,
        str(len(cell.test)),
        _per_mille(sum(not line.right for line in kept), len(cell.test)),
        f"{len(kept) / max(1, len(cell.test)):.3f}",
        _per_mille(sum(not line.right for line in kept), len(kept)),
        str(characters),
        _per_mille(sum(line.wrong for line in figures), characters),
        _per_mille(
            sum(line.wrong for line in cell.test if line.figures),
            sum(line.characters for line in cell.test if line.figures),
        ),
    ]


COLUMNS = (
    "reader, quality",
    "lines, calibration",
    "least sureness",
    "lines, test",
    "wrong and believed, per 1,000 lines",
    "believed",
    "wrong, per 1,000 believed",
    "figures believed",
    "wrong, per 1,000 of these",
    "of all figures",
)


def report(made: Sequence[Cell], alpha: float, by: str = LEAST) -> str:
    """A table in Markdown, a row for each reader and quality."""
    rows = [_test_row(cell, alpha, by) for cell in made]
    return f"alpha {alpha}, by the {by} confidence\n\n{markdown(COLUMNS, rows)}"


def spread(made: Sequence[Cell], alpha: float) -> str:
    """A table of what other splits of the pictures give."""
    rows = []
    for cell in made:
        shares = 100 * np.array(cell.split_again(alpha))
        low, high = np.percentile(shares, [5, 95])
        name = f"{cell.reader}, {cell.quality}"
        rows.append([name, f"{shares.mean():.2f}", f"{low:.2f} to {high:.2f}"])
    head = ["reader, quality", "wrong and believed, %: mean", "nine in ten"]
    return f"alpha {alpha}, {SPLITS} other splits of the pictures\n\n{markdown(head, rows)}"


def module(made: Sequence[Cell], alpha: float) -> str:
    """The text of `TABLE`."""
    folder, _ = find_model(MODEL)
    rows = "".join(
        f'    Calibrated("{cell.reader}", {folder.wire_id}, 0x{folder.bundle_hash:08X}, '
        f"{cell.quality}, {cell.least(alpha)}),\n"
        for cell in made
        if cell.reader == SHIPPED
    )
    lines: dict[str, int] = defaultdict(int)
    for cell in made:
        lines[cell.reader] += len(cell.calibration)
    return f'''"""How sure readers have to be; by python -m benchmarks.pages.trust_table."""

from __future__ import annotations

from typing import Final

from tcsdk.reading.trust import Calibrated

# Of all lines that a reader finds, the share that may be wrong and not doubted; calibrated on
# {lines[SHIPPED]} lines of the set `crowded`, coded by {MODEL}.
ALPHA: Final = {alpha}
CALIBRATED: Final = (
{rows})
'''


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables and write the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=Path, default=FILE)
    parser.add_argument("--table", type=Path, default=TABLE)
    args = parser.parse_args(arguments)
    made = cells(args.rows)
    for alpha in (ALPHA, *OTHERS):
        print(report(made, alpha))
    print(report(made, ALPHA, MEAN))
    print(spread(made, ALPHA))
    replace_file(args.table, module(made, ALPHA))


if __name__ == "__main__":
    main()
