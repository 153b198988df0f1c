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
from benchmarks.rate_accuracy.tables import bd_table, bytes_table, markdown, number, with_bounds
from benchmarks.rate_accuracy.trust import bound, least_trusted
from benchmarks.sets import SETS
from tcsdk.model.folder import ModelFolder, read_model_folder

BEGIN = "<!-- measured: begin; written by python -m benchmarks.pages.card -->"
END = "<!-- measured: end -->"
FIGURES_SET = "rendered"  # the set whose lines of digits and codes decide on trust


class OtherWeightsError(ValueError):
    """The results were measured on other weights than the folder holds."""


def rows_of_model(rows: Sequence[Row], folder: ModelFolder) -> dict[str, list[Row]]:
    """A set's rows of the model in a folder, per precision.

    Raises:
        OtherWeightsError: The set has rows of a model of this name with other weights only.
    """
    versions = {model_version(folder, p): p for p in folder.precisions}
    kept: dict[str, list[Row]] = {}
    for row in rows:
        if row.version in versions:
            kept.setdefault(versions[row.version], []).append(row)
    names = {folder.family, *(f"{folder.family}-{p}" for p in folder.precisions)}
    others = sorted({row.version for row in rows if row.codec in names} - versions.keys())
    if others and not kept:
        raise OtherWeightsError(
            f"set {rows[0].set!r}: expected rows of {folder.path} (version "
            f"{' or '.join(versions)}), got version {', '.join(others)}; measure these weights: "
            f"python -m benchmarks.rate_accuracy --sets {rows[0].set}"
        )
    return kept


def measured_part(folder: ModelFolder, results: Path) -> str:
    """Everything between the comments.

    Raises:
        FileNotFoundError: No set has been measured.
        OtherWeightsError: As for `rows_of_model`.
    """
    parts = []
    for name in SETS:
        path = results / f"rate_accuracy_{name}.csv"
        if not path.exists():
            continue
        rows = read_rows(path)
        for precision, own in rows_of_model(rows, folder).items():
            parts.append(_section(f"{folder.family}-{precision}", own, rows))
    if not parts:
        raise FileNotFoundError(
            f"expected rate_accuracy_SET.csv with rows of {folder.path} in {results}, found none; "
            "python -m benchmarks.rate_accuracy makes it"
        )
    return "\n".join(parts)


def _section(name: str, own: Sequence[Row], rows: Sequence[Row]) -> str:
    """One precision on one set."""
    first = own[0]
    own = [row for row in own if row.codec == first.codec]  # "tfic" and "tfic-int8" may be the same
    parts = [
        f"### `{name}` on {first.set}\n\n{first.pictures} pictures (digest {first.digest}), "
        f"version {first.version}; intervals are 95 %.\n",
        _curve(own),
    ]
    for measure in ("accuracy", "f1", "page_accuracy"):
        parts += [_caption(measure, table) for table in [bytes_table(rows, measure)] if table]
    for measure in ("accuracy", "psnr"):
        table = bd_table(rows, measure)
        title = f"Mean difference of bytes at equal {measure}, per cent:"
        parts += [f"{title}\n\n{table}"] if table else []
    if first.set == FIGURES_SET:
        parts += [_trust(own, rows)]
    return "\n".join(parts)


def _caption(measure: str, table: str) -> str:
    titles = {
        "accuracy": "Known lines",
        "f1": "Words found and read (F1)",
        "page_accuracy": "Whole text",
    }
    return f"{titles[measure]}, bytes of whole files:\n\n{table}"


def _readers(rows: Sequence[Row]) -> list[str]:
    return [reader for reader in dict.fromkeys(row.reader for row in rows) if reader]


def _curve(own: Sequence[Row]) -> str:
    """Every quality: bytes, what each reader reads, fidelity."""
    readers = _readers(own)
    header = ["quality", "bytes", *(f"{r} {m}" for r in readers for m in ("accuracy", "F1"))]
    lines = []
    for quality in sorted({row.quality for row in own}):
        points = {row.reader: row for row in own if row.quality == quality}
        one = next(iter(points.values()))
        cells = [with_bounds(points[r], measure) for r in readers for measure in ("accuracy", "f1")]
        fidelity = [number(one.psnr, ".1f"), number(one.ms_ssim, ".4f")]
        lines.append([str(quality), f"{one.bytes:.0f}", *cells, *fidelity])
    return markdown([*header, "PSNR, dB", "MS-SSIM"], lines)


def _trust(own: Sequence[Row], rows: Sequence[Row]) -> str:
    """What is known of wrong digits that look right, and the quality from which to trust them."""
    header = ["quality"]
    qualities = sorted({row.quality for row in own})
    lines, sentences = [[str(quality)] for quality in qualities], []
    whole = ["original"]
    for reader in _readers(own):
        read = [row for row in own if row.reader == reader]
        (original,) = (r for r in rows if r.codec == ORIGINAL and r.reader == reader)
        header += [f"{reader} erased", "substituted", "confidently", "of them new"]
        header += ["certain", "wrong of 1,000"]
        for line, quality in zip(lines, qualities, strict=True):
            (row,) = (row for row in read if row.quality == quality)
            line += _wrong(row)
        whole += _wrong(original)
        trusted = least_trusted(read, original)
        what = (
            "no quality measured is safe for figures"
            if trusted is None
            else f"do not trust figures below quality {trusted}"
        )
        sentences.append(
            f"**{reader}: {what}** (uncompressed: {original.figures_confident:.1f} confident "
            f"substitutions, bound {bound(original):.1f})."
        )
    share = 100 * own[0].figures_share
    return (
        f"Digits and codes, {share:.0f} % of the lines; per 1,000 of their "
        f"{own[0].figures_characters:.0f} characters. A substitution counts as confident in a line "
        "of confidence 0.9 or more, as new where the original line was read without a mistake; a "
        "character read is certain if its own confidence is 0.9 or more, wrong if it is another or "
        "too many. The rule: from the lowest quality on, that and every higher one must have no "
        "more confident substitutions than the upper 95 % bound of the uncompressed pictures.\n\n"
        f"{markdown(header, [whole, *lines])}\n" + "\n".join(sentences) + "\n"
    )


def _wrong(row: Row) -> list[str]:
    rates = (
        row.figures_erasures,
        row.figures_substitutions,
        row.figures_confident,
        row.figures_misleading,
        row.figures_certain,
        row.figures_mistaken,
    )
    return [number(rate, ".1f") for rate in rates]


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
