"""The card of an encoder that is told captions, made of its manifest and of what was measured.

    python -m benchmarks.pages.caption_card zoo/taco    # after benchmarks.studies.captions

Its first line, sizes and table are made anew; what stands behind "## Notes" is kept.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.rows import replace_file
from benchmarks.studies.captions import ALL, AT_EQUAL, PAIRS
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.read import read_model_folder
from tcsdk.train.run.weights import load_origin

NOTES = "## Notes"
CARD = """# {family}
An encoder that is told what a picture shows, over [{backbone}](../{backbone}/card.md).
That codec decodes its streams, which are its own. Task `captioned`; {licence}.
{own:,} bytes of its own. [Should I use it?](../../docs/use/captions.md)

## Net
`{net}`: the codec's analysis with TACO's text adapter (Lee et al., 2024) at a reduced
width, for captions of up to {tokens} tokens of {channels} channels. Precisions: {precisions}.

## Training
`python -m tcsdk.train {recipe} --init zoo/{backbone} --photos PHOTOS`
{steps:,} steps, seed {seed}. All that decodes stands still.

## Measured
One trained encoder, captions exchanged, each picture with itself
(`python -m benchmarks.studies.captions`); 95 % intervals by bootstrap over pictures.

{table}

{notes}
"""
DEFAULT_NOTES = f"{NOTES}\nNone.\n"


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """The comparisons over all qualities, a row for each set and pair."""
    if not rows:
        return "Not measured yet."
    head = "| pictures | captions | " + " | ".join(m.removesuffix("_%") for m in AT_EQUAL) + " |"
    lines = [head.replace("_", " "), "|---|---|" + "---|" * len(AT_EQUAL)]
    found = {(r["pictures"], r["given"], r["over"], r["measure"]): r for r in rows}
    for pictures in sorted({row["pictures"] for row in rows}):
        for given, over in PAIRS:
            cells = [_cell(found[pictures, given, over, measure]) for measure in AT_EQUAL]
            lines.append(f"| {pictures} | {given} against {over} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: Mapping[str, str]) -> str:
    value, low, high = (float(row[name]) for name in ("difference", "low", "high"))
    return f"{value:+.2f} % ({low:+.2f} to {high:+.2f}, n {row['count']}): {row['verdict']}"


def card(folder: Path, results: Path) -> str:
    """Return the card of a model folder.

    Raises:
        ValueError: it is no encoder that takes captions.
    """
    model = read_model_folder(folder)
    if not isinstance(model, CaptionedCodec):
        raise ValueError(f"expected an encoder that takes captions at {folder}, got {model.family}")
    origin, rows = load_origin(folder), []
    if (results / "captions.csv").is_file():
        with (results / "captions.csv").open(newline="") as file:
            ids = {f"{model.family}-{precision}" for precision in model.precisions}
            rows = [r for r in csv.DictReader(file) if r["quality"] == ALL and r["model"] in ids]
    old = (folder / "card.md").read_text() if (folder / "card.md").is_file() else DEFAULT_NOTES
    notes = NOTES + old.partition(NOTES)[2] if NOTES in old else DEFAULT_NOTES
    return CARD.format(
        family=model.family,
        backbone=model.told.backbone,
        licence=model.licence,
        own=model.told.size,
        net=origin.net,
        tokens=model.told.tokens,
        channels=model.told.channels,
        precisions=", ".join(model.precisions),
        recipe=origin.recipe,
        steps=origin.steps,
        seed=origin.seed,
        table=table(rows),
        notes=notes.strip(),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--results", type=Path, default=RESULTS)
    args = parser.parse_args(arguments)
    replace_file(args.folder / "card.md", card(args.folder, args.results))


if __name__ == "__main__":
    main()
