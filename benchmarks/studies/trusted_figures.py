"""Figures that a receiver is told to believe, as readers outside the loop see them.

    python -m benchmarks.studies.trusted_figures [--reader ocr] [--pictures 100] [--quality 8]

A judge counts the characters of digits and codes that it reads right on the original, at their
known places. Of those in lines that the stream calls verified it counts how many it reads as
another character there, and the same of all of them in the stream without verification. A judge
that ran the loop itself (PP-OCRv6 with --reader ocr) judges nothing; its row is printed apart.
Needs the [ocr] and [bench] extras, and the shared data for backgrounds (--data).
docs/studies/lines-raised.md has the results.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict

from PIL import Image
from rapidfuzz.distance import Levenshtein

import tcsdk
from benchmarks.codecs import Pixels
from benchmarks.rate_accuracy.measures import is_figures
from benchmarks.readers import READERS, available_readers, cut
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.picture import KnownLine, Picture
from benchmarks.studies.lines_raised import MODEL
from benchmarks.studies.lines_raised import READERS as LOOPS
from tcsdk.codec.sent_text import VERIFIED
from tcsdk.reading.overlaps import share_within
from tcsdk.reading.text import alphanumerics

WITHIN = 0.5  # of a known line in the place of one that was verified
OWN = {"ocr": "ppocr", "fast": ""}  # the judge that ran the loop


def others(truth: str, read: str) -> tuple[set[int], set[int]]:
    """Positions of a line's characters that were read as another one, and those not read right."""
    edits = Levenshtein.editops(alphanumerics(truth), alphanumerics(read))
    replaced = {edit.src_pos for edit in edits if edit.tag == "replace"}
    return replaced, replaced | {edit.src_pos for edit in edits if edit.tag == "delete"}


def said(judge: str, pixels: Pixels, lines: list[KnownLine]) -> list[str]:
    """What a judge reads at known places."""
    image = Image.fromarray(pixels)
    return [
        reading.text
        for reading in READERS[judge]().read_lines([cut(image, line.quad) for line in lines])
    ]


def judged(
    picture: Picture, plain: Pixels, checked: Pixels, text: tcsdk.SentText | None, judge: str
) -> Counter[str]:
    """Counts of one picture: characters, those not flagged, and wrong ones of each."""
    lines = [line for line in picture.lines if is_figures(line.text)]
    counts: Counter[str] = Counter()
    before, now, after = (said(judge, image, lines) for image in (picture.image, plain, checked))
    for line, original, unchecked, decoded in zip(lines, before, now, after, strict=True):
        _, missed = others(line.text, original)
        right = set(range(len(alphanumerics(line.text)))) - missed
        counts["characters"] += len(right)
        counts["wrong before"] += len(right & others(line.text, unchecked)[0])
        believed = any(
            said.state == VERIFIED
            and said.polygon is not None
            and share_within(line.quad, said.polygon) >= WITHIN
            for said in (text.lines if text else ())
        )
        if believed:
            counts["not flagged"] += len(right)
            counts["wrong"] += len(right & others(line.text, decoded)[0])
    return counts


def measured(reader: str, count: int, quality: int, folders: Folders) -> dict[str, Counter[str]]:
    """Counts of a set by judge."""
    plain = tcsdk.Encoder(MODEL, device="cpu", quality=quality)
    checked = tcsdk.Encoder(MODEL, device="cpu", quality=quality, verify=LOOPS[reader])
    decoder = tcsdk.Decoder("cpu", precision="int8")
    judges = available_readers(list(READERS), skip_missing=True)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for picture in SETS["rendered"].make(count, folders):
        if not any(is_figures(line.text) for line in picture.lines):
            continue
        data = checked.encode(picture.image)
        shown = [decoder.decode(each) for each in (plain.encode(picture.image), data)]
        for judge in judges:
            counts[judge] += judged(picture, *shown, tcsdk.inspect(data).text, judge)
    return counts


def table(counts: dict[str, Counter[str]], own: str) -> str:
    """A table in Markdown, a row for each judge."""
    rows = [
        "| judge | characters | not flagged | wrong of these, per 1,000 | of all, not verified |",
        "|---|---|---|---|---|",
    ]
    for judge, n in counts.items():
        name = f"({judge}, in the loop)" if judge == own else judge
        believed, wrong = n["not flagged"], n["wrong"]
        rows.append(
            f"| {name} | {n['characters']} | {believed / max(n['characters'], 1):.3f} "
            f"| {1000 * wrong / max(believed, 1):.1f} ({wrong}) "
            f"| {1000 * n['wrong before'] / max(n['characters'], 1):.1f} ({n['wrong before']}) |"
        )
    return "\n".join(rows)


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reader", choices=LOOPS, default="ocr")
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--quality", type=int, default=8)
    add_folder_options(parser)
    args = parser.parse_args()
    folders = Folders.from_options(args)
    print(table(measured(args.reader, args.pictures, args.quality, folders), OWN[args.reader]))


if __name__ == "__main__":
    main()
