"""The page of sent text that guides pictures, from the rows of `python -m benchmarks.guidance`.

    python -m benchmarks.pages.guidance

It has the paper's Figures 5 and 7 to 9 of every set that was measured; its Figure 6 is
`python -m benchmarks.pages.guidance_crops`. Kodak is of benchmarks.studies.guidance_controls.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.guidance.curves import Rows
from benchmarks.guidance.files import PREFIX, TRUST
from benchmarks.guidance.plots import FIGURES, plot
from benchmarks.guidance.tables import (
    RATE,
    RATES,
    ablation_table,
    points_table,
    rates_table,
    regions_table,
    strings_table,
    trust_table,
)
from benchmarks.paths import PAGES, RESULTS
from benchmarks.rate_accuracy.rows import replace_file
from benchmarks.rate_accuracy.tables import markdown, prose
from benchmarks.record import read
from benchmarks.sets import SETS

PAGE, CROPS = "sent-guidance.md", "guidance_crops.jpg"
KODAK = "sent_guidance_kodak.csv"
HEAD = """# Sent text that guides pictures, beside other codecs
Made by `python -m benchmarks.pages.guidance`; do not edit. What it means:
[the study](../studies/sent-guidance.md), [how to use it](../use/text.md)

The figures are those of TextBoost (Wang et al., Figures 5 to 9) on pictures that can be had. Rows:
`guidance_SET.csv` in `benchmarks/results/`, measured by `python -m benchmarks.guidance SET`; bytes
are of whole streams, sent text included, and intervals of 95 % draw pictures. Boxes are those of
PP-OCRv6, which is also the device's reader; `english_g2` reads what they hold and is in no loop of
ours; Tesseract finds and reads by itself. A word is found where half of it overlaps (intersection
over union), and read where its letters and digits are equal too, whatever their case.

The paper's VTM cannot be had here: AVIF, an intra coder of AV1, stands in its place. `@0.5` is a
codec on pictures of half the size. `taco` is told no caption: what captions say does nothing
([its study](../studies/captions.md)). `roi` is a model with the device's lines 8 steps finer. The
paper's LPIPS and its MS-ILLM cannot be had. Few pictures say little: look at the intervals.
"""
RATES_SAY = f"At the paper's rates, {', '.join(map(str, RATES))} bits a pixel, by interpolation:"
ABLATION_SAYS = (
    f"Ablation (the paper's Figure 9): each measure at {RATE} bits a pixel, and by how much words "
    "are read more than of the backbone. A dash lies outside the rates that were measured."
)
REGIONS_SAY = (
    "Regions or letters (the paper's ROI trade-off): differences at equal bits, means over the "
    "rates that both spend."
)
STRINGS_SAY = "Whose strings are sent, at equal quality:"
TRUST_SAYS = (
    "Words sent with one wrong letter or digit: how many each reader reads so in the picture that "
    "is shown; what PP-OCRv6 reads in that place of the picture without what is drawn; of how many "
    "`tcsdk.read` calls what is seen there doubtful (`TextLine.trust`); and the words that are "
    "read as sent and not flagged, also as a share of all: a third is the most that was aimed at. "
    "The last column has lines that were sent as they were read and are flagged nevertheless."
)
KODAK_SAYS = (
    f"Kodak, `benchmarks/results/{KODAK}`, by `python -m benchmarks.studies.guidance_controls "
    "kodak`; the model that draws beside its backbone at the same quality."
)
CROPS_SAY = f"""
## Crops at equal bytes
By `python -m benchmarks.pages.guidance_crops`: each codec's finest picture of no more bytes than
the first's, or its smallest. Below each crop is what readers make of the line, with their
confidence.

![crops of all codecs at equal bytes](images/{CROPS})
"""


def sets_in(results: Path) -> dict[str, Rows]:
    """Set -> its rows, in the order of SETS.

    Raises:
        FileNotFoundError: None has been measured.
    """
    found = {name: read(results / f"{PREFIX}{name}.csv") for name in SETS}
    measured = {name: rows for name, rows in found.items() if rows}
    if not measured:
        raise FileNotFoundError(
            f"expected {PREFIX}SET.csv in {results}, found none; "
            "python -m benchmarks.guidance makes them"
        )
    return measured


def section(name: str, rows: Rows, trust: Rows, images: Path) -> Iterator[str]:
    """Yield what a set says; its plots are drawn into a folder."""
    head = f"{rows[0]['pictures']} pictures (digest {rows[0]['digest']})"
    yield f"\n## {name}\n{head}: `benchmarks/results/{PREFIX}{name}.csv`.\n"
    for figure, measures in FIGURES.items():
        drawn = images / f"{PREFIX}{name}_{figure}.png"
        if plot(rows, measures, drawn):
            yield f"\n![{figure} over rate, {name}](images/{drawn.name})\n"
    titled = (
        (RATES_SAY, rates_table(rows)),
        (ABLATION_SAYS, ablation_table(rows)),
        (REGIONS_SAY, regions_table(rows)),
        (STRINGS_SAY, strings_table(rows)),
        (TRUST_SAYS, trust_table(trust) if trust else ""),
        ("All points:", points_table(rows)),
    )
    for title, table in titled:
        if table:
            yield f"\n{prose(title)}\n\n{table}"


def kodak(rows: Rows) -> Iterator[str]:
    """Yield the table as it is."""
    if rows:
        columns = list(rows[0])
        yield f"\n## Pictures without text\n{prose(KODAK_SAYS)}\n\n"
        yield markdown(columns, [[row[c] for c in columns] for row in rows])


def page(results: Path, folder: Path) -> str:
    """Return the page of what has been measured; its plots are drawn into `images` of a folder.

    Raises:
        FileNotFoundError: Nothing has been.
    """
    parts = [HEAD]
    for name, rows in sets_in(results).items():
        trust = read(results / f"{PREFIX}{name}{TRUST}.csv")
        parts += section(name, rows, trust, folder / "images")
    parts += kodak(read(results / KODAK))
    if (folder / "images" / CROPS).exists():
        parts.append(CROPS_SAY)
    return "".join(parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--output", type=Path, default=PAGES / PAGE)
    args = parser.parse_args(arguments)
    replace_file(args.output, page(args.results, args.output.parent))
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
