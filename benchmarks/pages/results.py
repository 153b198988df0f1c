"""The pages of results, `docs/results/`, from the CSV files that are there.

    python -m benchmarks.pages.results

README.md has a line per set and reader, and names the other pages of the folder; each CSV file has
a page of its own, with all tables and plots.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.paths import PAGES, RESULTS
from benchmarks.rate_accuracy.curves import bd_bytes
from benchmarks.rate_accuracy.plots import LABELS, plot
from benchmarks.rate_accuracy.rows import Row, read_rows, replace_file
from benchmarks.rate_accuracy.summary import ORIGINAL
from benchmarks.rate_accuracy.tables import (
    TITLES,
    WIDTH,
    by_codec,
    markdown,
    measured,
    number,
    report,
)
from benchmarks.sets import SETS
from benchmarks.sets.registry import KNOWN, PAGE

PREFIX = "rate_accuracy_"
PEER = "avif"  # what all others are set against
MADE = "Made by `python -m benchmarks.pages.results`; do not edit."
INTRODUCTION = f"""# Results
{MADE}
The rows are CSV files in `benchmarks/results/`. Each has a page here with all its tables and the
command that measures it; `--data`, `--photos` and `--fonts` name folders of your own.

Every number is of real files, headers included, and of pictures that no model has learnt from.
`ppocr` is PP-OCRv6, which is in the training loss. `tesseract` is Tesseract 5 and `english_g2` is
EasyOCR's recogniser, which never are; `english_g2` finds no lines and on pages reads those that
PP-OCRv6 finds.
Accuracy is TFIC's: 1 - edit distance over the longer length, alphanumerics alone. F1 counts words:
one is found and read where the boxes overlap by half (intersection over union) and its
alphanumerics are equal, whatever their case.

## Bytes against AVIF's
Mean difference of bytes where both read alike (photographs: where both have the same PSNR), per
cent. Less than zero is better than AVIF; a dash was not measured, or has no range in common.

"""
CROPS = """
## What is left of the text
At equal bytes, the finest file of each codec within the budget. Below each crop is what the readers
make of it, with their confidence.

![crops at equal bytes](images/crops.jpg)
"""
OTHERS = """
## Other pages
"""


def all_rows(results: Path) -> dict[str, list[Row]]:
    """Name of a CSV file without its prefix -> its rows, in the order of SETS.

    Raises:
        FileNotFoundError: Nothing has been measured.
    """
    found = {path.stem.removeprefix(PREFIX): path for path in sorted(results.glob(f"{PREFIX}*"))}
    if not found:
        raise FileNotFoundError(
            f"expected {PREFIX}SET.csv in {results}, found none; "
            "python -m benchmarks.rate_accuracy makes them"
        )
    order = {name: place for place, name in enumerate(SETS)}
    rows = {name: read_rows(path) for name, path in found.items()}
    return dict(sorted(rows.items(), key=lambda item: (order[item[1][0].set], item[0])))


def against_peer(sets: Mapping[str, Sequence[Row]]) -> str:
    """A line per set, measure and reader, a column per codec: bytes against PEER's when equal."""
    codecs = dict.fromkeys(row.codec for rows in sets.values() for row in rows)
    columns = [codec for codec in codecs if codec not in (ORIGINAL, PEER)]
    lines = []
    for name, rows in sets.items():
        reading = [m for m in TITLES if m != "psnr" and measured(rows, m)]
        for measure in reading or ["psnr"]:
            for reader in dict.fromkeys(row.reader for row in measured(rows, measure)):
                read = by_codec([row for row in rows if row.reader == reader])
                peer = read.get(PEER, [])
                differences = [bd_bytes(read.get(c, []), peer, measure) for c in columns]
                cells = [number(d, "+.0f") for d in differences]
                link, equal = f"[{name}]({name}.md)", TITLES[measure]
                lines.append([link, str(rows[0].pictures), equal, reader or "-", *cells])
    return markdown(["set", "pictures", "equal", "reader", *columns], lines)


def arguments_of(rows: Sequence[Row]) -> list[str]:
    """What measures these rows, for Python; folders outside the repository are the caller's."""
    ways = [way for way, measure in ((KNOWN, "accuracy"), (PAGE, "f1")) if measured(rows, measure)]
    options = {
        "--sets": [rows[0].set],
        "--count": [str(rows[0].pictures)],
        "--ways": ways,
        "--readers": [r for r in dict.fromkeys(row.reader for row in rows) if r],
        "--codecs": [c for c in dict.fromkeys(row.codec for row in rows) if c != ORIGINAL],
    }
    words = [word for option, values in options.items() for word in (option, *values)]
    return ["-m", "benchmarks.rate_accuracy", *words]


def command(rows: Sequence[Row]) -> str:
    """The same as a line of a shell, folded."""
    return textwrap.fill(
        " ".join(["python", *arguments_of(rows)]),
        WIDTH - 2,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    ).replace("\n", " \\\n")


def set_page(name: str, rows: Sequence[Row], folder: Path) -> str:
    """The page of one CSV file; its plots are drawn into `images` beside it."""
    source = f"Rows: `benchmarks/results/{PREFIX}{name}.csv`, measured by"
    parts = [f"# {name}\n{MADE}\n{source}\n```\n{command(rows)}\n```\n{report(rows)}"]
    for measure, label in LABELS.items():
        drawn = folder / "images" / f"{name}_{measure}.png"
        if plot(rows, measure, drawn):
            parts.append(f"\n![{label} over rate, {name}](images/{drawn.name})\n")
    return "".join(parts)


def other_pages(folder: Path, made: Sequence[str]) -> str:
    """A link to every page of a folder that is not made here, by its first heading."""
    names = {f"{name}.md" for name in made} | {"README.md"}
    pages = [path for path in sorted(folder.glob("*.md")) if path.name not in names]
    heads = [path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ") for path in pages]
    links = [f"- [{head}]({p.name})\n" for p, head in zip(pages, heads, strict=True)]
    return OTHERS + "".join(links) if links else ""


def write_pages(results: Path, folder: Path) -> None:
    """Write the page of each set, and README.md over them.

    Raises:
        FileNotFoundError: Nothing has been measured.
    """
    sets = all_rows(results)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in sets.items():
        replace_file(folder / f"{name}.md", set_page(name, rows, folder))
    crops = CROPS if (folder / "images" / "crops.jpg").exists() else ""
    text = INTRODUCTION + against_peer(sets) + crops + other_pages(folder, list(sets))
    replace_file(folder / "README.md", text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the CSV files")
    parser.add_argument("--output", type=Path, default=PAGES, help="folder of the pages")
    args = parser.parse_args(arguments)
    write_pages(args.results, args.output)
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
