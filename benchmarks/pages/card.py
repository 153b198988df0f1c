"""The measured part of a model's card.

    python -m benchmarks.pages.card zoo/tfic    # after python -m benchmarks.rate_accuracy

Replaces what stands between two comments in `card.md`, and leaves the rest as it is written.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.codecs.ours import model_version
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.rows import Row, read_rows, replace_file
from benchmarks.rate_accuracy.summary import ORIGINAL
from benchmarks.rate_accuracy.tables import HEADLINES, headline, markdown, number, prose
from benchmarks.rate_accuracy.trust import bound, least_trusted
from benchmarks.sets import SETS
from tcsdk.model.folder import ModelFolder
from tcsdk.model.read import read_model_folder

BEGIN = "<!-- measured: begin; written by python -m benchmarks.pages.card -->"
END = "<!-- measured: end -->"
FIGURES_SET = "rendered"  # the set whose lines of digits and codes decide on trust
SHOWN = (8, 24, 40, 63)  # qualities


class OtherWeightsError(ValueError):
    """The results were measured on other weights than the folder holds."""


def rows_of_model(rows: Sequence[Row], folder: ModelFolder, precision: str) -> list[Row]:
    """A set's rows of the model in a folder, at one precision.

    Raises:
        OtherWeightsError: The set has rows of a model of this name with other weights only.
    """
    version = model_version(folder, precision)
    own = [row for row in rows if row.version == version]
    versions = {model_version(folder, p) for p in folder.precisions}
    names = {folder.family, *(f"{folder.family}-{p}" for p in folder.precisions)}
    others = sorted({row.version for row in rows if row.codec in names} - versions)
    if others and not own:
        raise OtherWeightsError(
            f"set {rows[0].set!r}: expected rows of {folder.path} (version {version}), got version "
            f"{', '.join(others)}; measure these weights: "
            f"python -m benchmarks.rate_accuracy --sets {rows[0].set}"
        )
    return [row for row in own if row.codec == own[0].codec]  # "tfic", "tfic-int8": the same


def measured_part(folder: ModelFolder, results: Path) -> str:
    """Everything between the comments: a table of the shipped precision, and the rule of trust.

    Raises:
        FileNotFoundError: No set has been measured.
        OtherWeightsError: As for `rows_of_model`.
    """
    precision = folder.default_precision["cpu"]
    lines: list[list[str]] = []
    trust = ""
    for name in SETS:
        path = results / f"rate_accuracy_{name}.csv"
        if not path.exists():
            continue
        rows = read_rows(path)
        own = rows_of_model(rows, folder, precision)
        if not own:
            continue
        lines += _lines(own, rows)
        trust = _trust(own, rows) if name == FIGURES_SET else trust
    if not lines:
        raise FileNotFoundError(
            f"expected rate_accuracy_SET.csv with rows of {folder.path} in {results}, found none; "
            "python -m benchmarks.rate_accuracy makes it"
        )
    head = prose(
        f"`{folder.family}-{precision}`. A cell is the mean size of whole files in bytes, and what "
        "was measured of them. Intervals, other precisions and other codecs: "
        "[the results](../../docs/results/README.md)."
    )
    columns = [f"quality {quality}" for quality in SHOWN]
    table = markdown(["set", "pictures", "reader", "measure", "uncompressed", *columns], lines)
    return f"{head}\n\n{table}{trust}"


def _lines(own: Sequence[Row], rows: Sequence[Row]) -> list[list[str]]:
    """A model's lines of one set, one a reader."""
    measure = headline(own)
    form = ".1f" if measure == "psnr" else ".3f"
    lines = []
    for reader in dict.fromkeys(row.reader for row in own):
        points = {row.quality: row for row in own if row.reader == reader}
        cells = [
            f"{points[q].bytes:.0f}: {number(getattr(points[q], measure), form)}"
            if q in points
            else "-"
            for q in SHOWN
        ]
        (original,) = (r for r in rows if r.codec == ORIGINAL and r.reader == reader)
        whole = "-" if measure == "psnr" else number(getattr(original, measure), form)
        first = own[0]
        lines.append(
            [first.set, str(first.pictures), reader or "-", HEADLINES[measure], whole, *cells]
        )
    return lines


def _trust(own: Sequence[Row], rows: Sequence[Row]) -> str:
    """The quality from which on figures may be trusted as in the picture itself, per reader."""
    intro = (
        "From the quality named here on, that and every higher one has no more wrong digits that a "
        "reader is sure of than the upper 95 % bound of the uncompressed pictures "
        f"(set {FIGURES_SET}). Below it, do not trust figures."
    )
    sentences = []
    for reader in dict.fromkeys(row.reader for row in own):
        read = [row for row in own if row.reader == reader]
        (original,) = (r for r in rows if r.codec == ORIGINAL and r.reader == reader)
        trusted = least_trusted(read, original)
        if trusted is None:
            what = "no quality measured is safe for figures"
        elif trusted == min(row.quality for row in read):
            what = "sure of no more wrong figures than in the pictures themselves, at any quality"
        else:
            what = f"do not trust figures below quality {trusted}"
        sentences.append(
            f"- **{reader}: {what}** (uncompressed: {original.figures_confident:.1f} confident "
            f"substitutions per 1,000 characters, bound {bound(original):.1f})."
        )
    return f"\n{prose(intro)}\n\n" + "\n".join(map(prose, sentences)) + "\n"


def with_part(card: str, part: str) -> str:
    """A card with its measured part replaced, or appended where it has none.

    Raises:
        ValueError: Only one of the comments is there, or they are in the wrong order.
    """
    found = (card.count(BEGIN), card.count(END))
    if found == (0, 0):
        return f"{card.rstrip()}\n\n## Measured by the harness\n{BEGIN}\n{part}{END}\n"
    before, _, rest = card.partition(BEGIN)
    if found != (1, 1) or END not in rest:
        raise ValueError(
            f"expected one {BEGIN!r} and after it one {END!r}, got {found[0]} and {found[1]}"
        )
    return f"{before}{BEGIN}\n{part}{END}{rest.partition(END)[2]}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the cards."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, help="model folders, such as zoo/tfic")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the CSV files")
    args = parser.parse_args(arguments)
    for path in args.folders:
        folder, card = read_model_folder(path), path / "card.md"
        written = card.read_text(encoding="utf-8") if card.exists() else f"# {folder.family}\n"
        replace_file(card, with_part(written, measured_part(folder, args.results)))
        print(f"wrote {card}")


if __name__ == "__main__":
    main()
