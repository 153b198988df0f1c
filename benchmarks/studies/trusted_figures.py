"""Figures that a receiver is told to believe, as readers outside the loop see them.

    python -m benchmarks.studies.trusted_figures [--reader ocr] [--set rendered] [--pictures 100]

A judge counts the characters of digits and codes that it reads right on the original, at their
known places. Of those in lines that the stream calls verified it counts how many it reads as
another character there; of all of them the same in the stream without verification, and in an AVIF
file of the bytes of the verified stream. The same once more of lines of which the judge itself is
sure (a confidence of 0.9 or more), as a receiver would ask it. A judge that ran the loop itself
(PP-OCRv6 with --reader ocr) judges nothing; its row is printed apart. Figures that are sent as text
have a row with the errors of the reader that sends them. Pictures take the qualities in turn. Rows
go to benchmarks/results/trusted_figures_READER.csv; what is there is not measured again, and
`--pictures 0` prints the table alone. Needs the [ocr] and [bench] extras, and the shared data for
backgrounds (--data). docs/studies/trusted-figures.md has the results.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rapidfuzz.distance import Levenshtein

import tcsdk
from benchmarks.codecs import Pixels
from benchmarks.codecs.pillow import decode_file, pillow_point
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.known_lines import read_known
from benchmarks.rate_accuracy.measures import is_figures
from benchmarks.readers import READERS, Reading, available_readers
from benchmarks.record import read
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.picture import KnownLine, Picture
from benchmarks.studies.lines_raised import MODEL
from benchmarks.studies.lines_raised import READERS as LOOPS
from tcsdk.codec.sent_text import VERIFIED
from tcsdk.given_text import is_code
from tcsdk.reading.overlaps import share_within
from tcsdk.reading.text import alphanumerics

WITHIN = 0.5  # of a known line in the place of one that was verified or sent
OWN = {"ocr": "ppocr", "fast": ""}  # the judge that ran the loop
QUALITIES = (8, 16, 24)
HIGHEST_AVIF = 63
SENDER = "sender"
SURE = 0.9
COUNTED = ("characters", "believed", "wrong", "sure", "sure_wrong")
COLUMNS = ("set", "picture", "quality", "judge", "way", "bytes", *COUNTED, "mistakes")
# mistakes: what was drawn > what was read, of each line with a wrong character that is believed
Rows = Iterator[dict[str, object]]


def others(truth: str, read: str) -> tuple[set[int], set[int]]:
    """Positions of a line's characters that were read as another one, and those not read right."""
    edits = Levenshtein.editops(alphanumerics(truth), alphanumerics(read))
    replaced = {edit.src_pos for edit in edits if edit.tag == "replace"}
    return replaced, replaced | {edit.src_pos for edit in edits if edit.tag == "delete"}


def said(judge: str, pixels: Pixels, lines: Sequence[KnownLine]) -> list[Reading]:
    """What a judge reads at known places."""
    return read_known(READERS[judge](), lines, pixels)


@dataclass
class Counts:
    """What is counted of some lines.

    Attributes:
        characters: Those that the judge reads right on the original.
        believed: Those of them in lines that are not flagged.
        wrong: Those of these that are read as others.
        sure: Those that are believed, in lines of which the judge is sure.
        sure_wrong: Those of these that are read as others.
        mistakes: Lines with one of these, as drawn and as read.
    """

    characters: int = 0
    believed: int = 0
    wrong: int = 0
    sure: int = 0
    sure_wrong: int = 0
    mistakes: list[str] = field(default_factory=list)

    def add(self, truth: str, right: set[int], read: Reading, believed: bool) -> None:
        """Count a line in."""
        self.characters += len(right)
        if not believed:
            return
        wrong = right & others(truth, read.text)[0]
        self.believed += len(right)
        self.wrong += len(wrong)
        if read.confidence >= SURE:
            self.sure += len(right)
            self.sure_wrong += len(wrong)
        self.mistakes += [f"{truth} > {read.text}"] if wrong else []


def avif_of(pixels: Pixels, most: int) -> tuple[Pixels, int]:
    """The finest AVIF of at most so many bytes, decoded, and its size; else the smallest."""

    def made(quality: int) -> bytes:
        point = pillow_point("avif", "", "AVIF", "", quality=quality, speed=4, codec="aom")
        return point.encode(pixels)

    low, high = 0, HIGHEST_AVIF + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if len(made(middle)) <= most else (low, middle)
    data = made(low)
    return decode_file(data), len(data)


@dataclass(frozen=True, eq=False)
class Ways:
    """One picture, in each of the ways in which its figures may arrive.

    Attributes:
        picture: The picture.
        plain, checked: Encode it without and with verification.
        quality: Of both.
    """

    picture: Picture
    plain: tcsdk.Encoder
    checked: tcsdk.Encoder
    quality: int

    @cached_property
    def lines(self) -> list[KnownLine]:
        """Its lines of digits and codes."""
        return [line for line in self.picture.lines if is_figures(line.text)]

    @cached_property
    def found(self) -> list[tcsdk.TextLine]:
        """What the sender's reader finds on the original."""
        return tcsdk.read(self.picture.image)

    @cached_property
    def shown(self) -> dict[str, tuple[Pixels, int, list[bool]]]:
        """By way: the pixels, the bytes, and which lines are not flagged."""
        decoder = tcsdk.Decoder("cpu", precision="int8")
        image, everything = self.picture.image, [True] * len(self.lines)
        plain = self.plain.encode(image, quality=self.quality)
        checked = self.checked.encode(image, quality=self.quality)
        avif, avif_bytes = avif_of(image, len(checked))
        text = tcsdk.inspect(checked).text
        believed = [bool(text) and self._is_verified(line, text) for line in self.lines]
        return {
            "verified": (decoder.decode(checked), len(checked), believed),
            "plain": (decoder.decode(plain), len(plain), everything),
            "avif": (avif, avif_bytes, everything),
        }

    def _is_verified(self, line: KnownLine, text: tcsdk.SentText) -> bool:
        states = [
            each.state
            for each in text.lines
            if each.polygon is not None and share_within(line.quad, each.polygon) >= WITHIN
        ]
        if states:
            return VERIFIED in states
        # Of the others the flag speaks: those that the sender's reader finds, there as here.
        return text.verified and any(
            share_within(line.quad, each.polygon) >= WITHIN for each in self.found
        )

    def judged(self, judge: str) -> Rows:
        """A row for each way, as a judge sees it."""
        before = said(judge, self.picture.image, self.lines)
        for way, (pixels, size, believed) in self.shown.items():
            counts = Counts()
            read = said(judge, pixels, self.lines)
            for line, original, now, ok in zip(self.lines, before, read, believed, strict=True):
                right = (
                    set(range(len(alphanumerics(line.text)))) - others(line.text, original.text)[1]
                )
                counts.add(line.text, right, now, ok)
            yield self._row(judge, way, size, counts)

    def sent(self) -> Rows:
        """The row of figures that are sent as text, as PP-OCRv6 reads them on the original."""
        found = [line for line in self.found if is_code(line.text)]
        size = len(self.plain.encode(self.picture.image, quality=self.quality, text=found))
        counts = Counts()
        for line in self.lines:
            here = [each for each in found if share_within(line.quad, each.polygon) >= WITHIN]
            everything = set(range(len(alphanumerics(line.text))))
            least = min((each.confidence for each in here), default=0.0)
            read = Reading("".join(each.text for each in here), least)
            counts.add(line.text, everything, read, bool(here))
        yield self._row(SENDER, "sent", size - self.shown["plain"][1], counts)

    def _row(self, judge: str, way: str, size: int, counts: Counts) -> dict[str, object]:
        return {
            "picture": self.picture.name,
            "quality": self.quality,
            "judge": judge,
            "way": way,
            "bytes": size,
            **{name: getattr(counts, name) for name in COUNTED},
            "mistakes": "; ".join(counts.mistakes),
        }


def measured(reader: str, pictures: Iterator[Picture], known: set[str]) -> Iterator[Rows]:
    """The rows of each picture that has figures and is not known."""
    plain = tcsdk.Encoder(MODEL, device="cpu")
    checked = tcsdk.Encoder(MODEL, device="cpu", verify=LOOPS[reader])
    judges = available_readers(list(READERS), skip_missing=True)
    for number, picture in enumerate(pictures):
        ways = Ways(picture, plain, checked, QUALITIES[number % len(QUALITIES)])
        if picture.name in known or not ways.lines:
            continue
        yield (row for judge in judges for row in ways.judged(judge))
        yield ways.sent()


def table(rows: Sequence[dict[str, str]], own: str) -> str:
    """A table in Markdown, a row for each judge and way."""
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        numbers = {name: int(row[name]) for name in ("bytes", *COUNTED)}
        sums[row["judge"], row["way"]].update({**numbers, "pictures": 1})
    lines = [
        "| judge | way | pictures | bytes, mean | characters | believed | wrong, per 1,000 "
        "| sure too | wrong, per 1,000 |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for (judge, way), n in sorted(sums.items()):
        name = f"({judge}, in the loop)" if judge == own and way == "verified" else judge
        lines.append(
            f"| {name} | {way} | {n['pictures']} | {n['bytes'] / n['pictures']:.0f} "
            f"| {n['characters']} | {n['believed'] / max(n['characters'], 1):.3f} "
            f"| {1000 * n['wrong'] / max(n['believed'], 1):.1f} ({n['wrong']}) "
            f"| {n['sure'] / max(n['characters'], 1):.3f} "
            f"| {1000 * n['sure_wrong'] / max(n['sure'], 1):.1f} ({n['sure_wrong']}) |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reader", choices=LOOPS, default="ocr")
    parser.add_argument("--set", choices=SETS, default="rendered")
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the record")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    file = args.results / f"trusted_figures_{args.reader}.csv"
    old = read(file)
    pictures = SETS[args.set].make(args.pictures, Folders.from_options(args))
    with file.open("a", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS, lineterminator="\n")
        if not old:
            writer.writeheader()
        known = {row["picture"] for row in old}
        for rows in measured(args.reader, pictures, known):
            writer.writerows([{"set": args.set, **row} for row in rows])
            opened.flush()
    by_set: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read(file):
        by_set[f"{row['set']}, quality {row['quality']}"].append(row)
        by_set[f"{row['set']}, all"].append(row)
    for name, some in sorted(by_set.items()):
        print(f"{name}\n\n{table(some, OWN[args.reader])}\n")


if __name__ == "__main__":
    main()
