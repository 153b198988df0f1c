"""The page of captions, from the rows of four measurements.

    python -m benchmarks.pages.captions

They are those of benchmarks.perception, benchmarks.studies.captions_trained and captions_simulated,
and benchmarks.speed.captions; one that has not been made has no part of the page.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.paths import PAGES, RESULTS
from benchmarks.perception.rows import FILE as PERCEPTION
from benchmarks.perception.rows import ORIGINAL, PARTS
from benchmarks.rate_accuracy.curves import bjontegaard
from benchmarks.rate_accuracy.rows import replace_file
from benchmarks.rate_accuracy.tables import markdown, number, prose
from benchmarks.record import read, value
from benchmarks.speed.captions import FILE as SPEED
from benchmarks.studies.captions import ALL
from benchmarks.studies.captions_simulated import COMPARISONS as SIMULATIONS
from benchmarks.studies.captions_trained import COMPARISONS

PAGE = "captions.md"
UNIT = "base-fp32"  # whose bytes are 100 %
Rows = Sequence[Mapping[str, str]]
# Measure -> its title, how it is written, and 1 where more of it is better, else -1.
TITLES = {
    "psnr": ("PSNR, dB", ".2f", 1),
    "ms_ssim": ("MS-SSIM", ".4f", 1),
    "ssimulacra2": ("SSIMULACRA2", ".1f", 1),
    "cvvdp": ("CVVDP, JOD", ".2f", 1),
    "distance": ("feature distance", ".3f", -1),
    "frechet": ("Frechet", ".0f", -1),
    "discrepancy": ("MMD", ".1f", -1),
}
SIMILAR = {"similarity": "own caption", "similarity_to_other": "another's"}
HEAD = """# Captions and perception
Made by `python -m benchmarks.pages.captions`; do not edit. What it means:
[the study](../studies/captions.md), [should I use it?](../use/captions.md)
"""
LOOKS = """
## How pictures look
Rows: `benchmarks/results/perception.csv`, measured by `python -m benchmarks.perception --joint
runs/joint --count COUNT`, for COUNT pictures of a set. Bytes are of whole files, measures are
against the picture that was encoded, means over pictures. SSIMULACRA2 and CVVDP (a full-HD screen
of 24 inches) are their authors' or a package's: `benchmarks/perception/peers.py`. Features are
EfficientNet-Lite0's: the *distance* is that of the training's loss; *Frechet* and *MMD* (a Gaussian
kernel of median width, in thousandths) compare all patches of 64x64 pixels of a set, each the mean
of the 112 features at 1/16. There is no LPIPS, FID or CMMD to be had, so none is called so; numbers
of sets of different sizes do not compare. *Own caption* is the cosine, in the joint map of pictures
and captions, of what was decoded with its caption, beside the next picture's: that map has learnt
of rendered scenes alone.
"""
EQUAL = f"""
Bytes against those of `{UNIT}` at equal measure, per cent; a dash has no range in common:

"""
TRAINED = """
## Trained with other captions
Rows: `benchmarks/results/captions_trained.csv`, measured by
`python -m benchmarks.studies.captions_trained RUNS`. Each net codes with the captions of its own
training, over another: fewer bytes are better than it. Intervals of 95 % draw pictures and, where
there are more than one, seeds.

"""
SIMULATED = """
## Simulated
Rows: `benchmarks/results/captions_simulated.csv`, measured by
`python -m benchmarks.studies.captions_simulated RUNS`: nets whose decoder learnt too, and nets that
are told otherwise than in their training (behind a colon). Bytes are what entropy models say, in
torch; intervals are as above.

"""
COST = """
## What a caption costs
Rows: `benchmarks/results/captions_speed.csv`, measured by
`python -m benchmarks.speed.captions zoo/taco`. Medians in milliseconds of calls in turn, a picture
of 256x512; *cpu* is the process's own time. The text encoder runs once per picture and is apart.

"""


def looks(rows: Rows) -> Iterator[str]:
    """Yield both tables of each set."""
    yield LOOKS
    for name in PARTS:
        own = sorted(
            (row for row in rows if row["set"] == name),
            key=lambda r: (r["codec"] != ORIGINAL, r["codec"], value(r, "bytes")),
        )
        if not own:
            continue
        yield f"\n### {name}\n{own[0]['pictures']} pictures (digest {own[0]['digest']}).\n\n"
        header = ["codec", "setting", "bytes", *(t for t, _, _ in TITLES.values())]
        lines = [
            [
                row["codec"],
                row["setting"],
                f"{value(row, 'bytes'):.0f}",
                *(number(value(row, m), form) for m, (_, form, _) in TITLES.items()),
                *(number(value(row, m), "+.3f") for m in SIMILAR),
            ]
            for row in own
        ]
        yield markdown([*header, *SIMILAR.values()], lines)
        yield EQUAL + at_equal(own)


def at_equal(rows: Rows) -> str:
    """A line per codec: bytes over UNIT's at equal measures."""

    def curve(codec: str, measure: str) -> list[tuple[float, float]]:
        sign = TITLES[measure][2]
        found = [(value(r, "bytes"), sign * value(r, measure)) for r in rows if r["codec"] == codec]
        return [(size, score) for size, score in found if score == score]

    codecs = dict.fromkeys(row["codec"] for row in rows if row["codec"] not in (ORIGINAL, UNIT))
    lines = [
        [c, *(number(bjontegaard(curve(c, m), curve(UNIT, m)), "+.0f") for m in TITLES)]
        for c in codecs
    ]
    return markdown(["codec", *(title for title, _, _ in TITLES.values())], lines)


def compared(said: str, rows: Rows) -> Iterator[str]:
    """Yield what is said of them, and a line per set and net, over all of the seeds that it has."""
    yield said
    whole = [row for row in rows if row["quality"] == ALL]
    measures = list(dict.fromkeys(row["measure"] for row in whole))
    found = {(r["pictures"], r["model"], r["over"], r["seeds"], r["measure"]): r for r in whole}
    most: dict[tuple[str, str, str], str] = {}
    for row in whole:
        key = row["pictures"], row["model"], row["over"]
        most[key] = max(most.get(key, ""), row["seeds"], key=len)
    titles = [m.replace("_", " ") for m in measures]
    lines = [
        [key[0], f"{key[1]} over {key[2]}", s, *(interval(found[(*key, s, m)]) for m in measures)]
        for key, s in most.items()
    ]
    yield markdown(["pictures", "nets", "seeds", *titles], lines)


def interval(row: Mapping[str, str]) -> str:
    """A difference with its interval and verdict."""
    values = (number(value(row, name), "+.2f") for name in ("difference", "low", "high"))
    difference, low, high = values
    return f"{difference} ({low} to {high}) {row['verdict']}".strip()


def cost(rows: Rows) -> Iterator[str]:
    """Yield the table as it is, and on what it was measured."""
    yield COST
    columns = [name for name in rows[0] if name != "machine"]
    yield markdown([c.replace("_", " ") for c in columns], [[r[c] for c in columns] for r in rows])
    yield "".join(
        f"\n{prose(said)}\n" for said in dict.fromkeys(r["machine"] for r in rows) if said
    )


PARTS_OF_PAGE: dict[str, Callable[[Rows], Iterator[str]]] = {
    PERCEPTION: looks,
    COMPARISONS: partial(compared, TRAINED),
    SIMULATIONS: partial(compared, SIMULATED),
    SPEED: cost,
}


def page(results: Path) -> str:
    """Return the page of what has been measured.

    Raises:
        FileNotFoundError: Nothing has been.
    """
    parts = [(make, read(results / name)) for name, make in PARTS_OF_PAGE.items()]
    if not any(rows for _, rows in parts):
        raise FileNotFoundError(
            f"expected one of {', '.join(PARTS_OF_PAGE)} in {results}, found none; "
            "python -m benchmarks.perception makes the first"
        )
    return HEAD + "".join(text for make, rows in parts if rows for text in make(rows))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--output", type=Path, default=PAGES / PAGE)
    args = parser.parse_args(arguments)
    replace_file(args.output, page(args.results))
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
