"""How large sent text is best drawn: margins of the glyph atlas, and what readers then read.

    python -m benchmarks.studies.drawn_margins [--pictures 7] [--margins 45,43 70,55]

Streams are coded once a picture and shown with each atlas. Margins are 256ths of a line's height
that stay empty above its letters and before them. The scenes are not the first six, which
`benchmarks.guidance` judges. Rows go to benchmarks/results/drawn_margins.csv.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from PIL import Image

from benchmarks.guidance.models import Model
from benchmarks.paths import RESULTS, ROOT
from benchmarks.rate_accuracy.matching import Matches, Word, listed, match, match_places
from benchmarks.readers import READERS, cut
from benchmarks.sets import SETS, Folders, Picture
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.places import cut_words
from tcsdk.model.manifest import MANIFEST, write_manifest
from tcsdk.train.render.atlas import ATLAS, HEADER

Margins = tuple[int, int]
JUDGED = 6  # scenes of benchmarks.guidance
COLUMNS = ("margins", "pictures", "boxes", "ppocr", "english_g2")


def margins_of(text: str) -> Margins:
    """Read "ABOVE,BEFORE"."""
    above, before = map(int, text.split(","))
    return above, before


def with_margins(model: Path, margins: Margins, folder: Path) -> Path:
    """Write a drawing model into a folder, its codec beside it, and return where it lies."""
    manifest = json.loads((model / MANIFEST).read_text())
    made = folder / "-".join(map(str, margins)) / model.name
    shutil.copytree(model, made)
    backbone = model.parent / manifest["backbone"]
    (made.parent / backbone.name).symlink_to(backbone.resolve(), target_is_directory=True)
    atlas = (made / ATLAS).read_bytes()
    *first, _, _, beyond, count = HEADER.unpack_from(atlas)
    head = HEADER.pack(*first, *margins, beyond, count)
    (made / ATLAS).write_bytes(head + atlas[HEADER.size :])
    write_manifest(made, manifest, manifest["sha256"])
    return made


def judged(picture: Picture, shown: Model, stream: bytes) -> list[Matches]:
    """Match what is found and read in a picture as shown, in the order of COLUMNS."""
    pixels = shown.decoder.decode(stream)
    found = READERS["ppocr"]().read_page(pixels)
    crops = [cut(Image.fromarray(pixels), line.quad) for line in found]
    other = READERS["english_g2"]().read_lines(crops)

    def words(texts: Sequence[str]) -> list[Word]:
        lines = zip(texts, found, strict=True)
        whole = [word for text, line in lines for word in cut_words(text, line.quad)]
        return listed(whole, picture.unlisted)

    own = words([line.text for line in found])
    theirs = words([reading.text for reading in other])
    true = picture.words
    return [match_places(true, own), match(true, own), match(true, theirs)]


def f1(matches: Sequence[Matches]) -> float:
    """Return F1 of all words."""
    below = sum(m.true + m.found for m in matches)
    return 2 * sum(m.matched for m in matches) / below if below else 0.0


def main() -> None:
    """Measure, print and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "zoo" / "textboost")
    parser.add_argument("--pictures", type=int, default=7)
    parser.add_argument("--quality", type=int, default=32)
    parser.add_argument(
        "--margins", type=margins_of, nargs="+", default=[(45, 43), (58, 50), (70, 55), (80, 64)]
    )
    parser.add_argument("-o", "--output", type=Path, default=RESULTS / "drawn_margins.csv")
    add_folder_options(parser)
    args = parser.parse_args()
    scenes = SETS["scene"].make(JUDGED + args.pictures, Folders.from_options(args))
    pictures = list(islice(scenes, JUDGED, JUDGED + args.pictures))
    encoder = Model.find(str(args.model)).encoder
    streams = [encoder.encode(p.image, quality=args.quality, scale=1.0) for p in pictures]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for margins in args.margins:
            shown = Model.find(str(with_margins(args.model, margins, Path(folder))))
            pairs = zip(pictures, streams, strict=True)
            scores = map(f1, zip(*(judged(p, shown, s) for p, s in pairs), strict=True))
            cells = (f"{margins[0]},{margins[1]}", len(pictures), *(f"{x:.4f}" for x in scores))
            rows.append(dict(zip(COLUMNS, cells, strict=True)))
            print(rows[-1], flush=True)
    with args.output.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
