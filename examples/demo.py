"""The main job on one picture: the smallest files that are still read, by tcsdk and by others.

python examples/demo.py [PICTURE] [--model tfic-int8] [--accuracy 0.95]

Each codec is searched for the smallest file in which OCR reads as much of the original's text as
asked for. At the same quality tcsdk then makes a stream that can be believed: lines verified one by
one, codes sent as text. What its receiver reads is printed, and outlined in the output: what is
verified in green, what is doubtful in red, what was sent in blue, all else in grey. Last, the line
with most figures is cut out and sent alone, in one packet of a radio.

The picture that it takes by itself is the median of the rendered test set, by AVIF's bytes over
tcsdk's: `python -m benchmarks.pages.demo_picture` chose it.
"""

from __future__ import annotations

import argparse
import difflib
import io
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import tcsdk

HERE = Path(__file__).parent
REPEATS = 5
GAP, CAPTION = 12, 24  # pixels between pictures, and above each
Pixels = NDArray[np.uint8]
Coder = Callable[[int], tuple[bytes, Pixels]]  # quality -> file, and the picture that it shows
COLOURS = {
    "verified": (0, 160, 60),
    "doubtful": (220, 30, 30),
    "sent": (30, 90, 220),
    "unverified": (130, 130, 130),
}
PACKET = 230  # bytes, as MeshCore, Meshtastic and LoRaWAN carry at once, more or less
MARGIN = 0.3  # of its height that is kept around a line cut out
HIGHEST = 95  # quality of the other codecs: what JPEG calls good for everything


def lines_of(pixels: Pixels) -> list[tcsdk.TextLine]:
    """All lines that the OCR finds, from the top."""
    return sorted(tcsdk.read(pixels), key=lambda line: float(line.polygon[:, 1].mean()))


def text_of(pixels: Pixels) -> str:
    """What they say, a line each."""
    return "\n".join(line.text for line in lines_of(pixels))


def edit_distance(a: str, b: str) -> int:
    """Fewest insertions, deletions and replacements that turn one text into the other."""
    row = list(range(len(b) + 1))  # distances of a's first characters to every start of b
    for i, one in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (one != other))
            diagonal, row[j] = row[j], best
    return row[-1]


def alphanumerics(text: str) -> str:
    """A text without what neither is a letter nor a digit."""
    return "".join(filter(str.isalnum, text))


def accuracy(truth: str, read: str) -> float:
    """TFIC's formula: 1 - edit distance / longer length, over alphanumerics."""
    a, b = alphanumerics(truth), alphanumerics(read)
    return 1.0 - edit_distance(a, b) / max(len(a), len(b), 1)


def marked(truth: str, recovered: str) -> list[str]:
    """Lines as they were recovered; those that the original does not say have its line behind.

    As for the accuracy, letters and digits alone count.
    """
    known = truth.splitlines()
    said = set(map(alphanumerics, known))
    lines = []
    for line in recovered.splitlines():
        nearest = difflib.get_close_matches(line, known, n=1, cutoff=0.0)
        wrong = f"   <- misread, the original says: {nearest[0] if nearest else 'nothing'}"
        lines.append(line if alphanumerics(line) in said else line + wrong)
    return lines


def milliseconds(call: Callable[[], object]) -> float:
    """Median duration of a call."""
    durations = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        durations.append((time.perf_counter() - start) * 1e3)
    return statistics.median(durations)


def coder_of_tcsdk(pixels: Pixels, encoder: tcsdk.Encoder, decoder: tcsdk.Decoder) -> Coder:
    """A picture's streams and what they decode to, by quality."""

    def code(quality: int) -> tuple[bytes, Pixels]:
        data = encoder.encode(pixels, quality=quality)
        return data, decoder.decode(data)

    return code


def coder_of_pillow(pixels: Pixels, form: str, **options: object) -> Coder:
    """A picture in another format, and what it decodes to, by quality."""

    def code(quality: int) -> tuple[bytes, Pixels]:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, form, quality=quality, **options)
        with Image.open(buffer) as image:
            return buffer.getvalue(), np.asarray(image.convert("RGB"))

    return code


def peers(pixels: Pixels) -> dict[str, Coder]:
    """The codecs to compare with that this Pillow has, each at its slow and small setting."""
    Image.init()
    coders = {"JPEG": coder_of_pillow(pixels, "JPEG", optimize=True, progressive=True)}
    if "WEBP" in Image.SAVE:
        coders["WebP"] = coder_of_pillow(pixels, "WEBP", method=6)
    if "AVIF" in Image.SAVE:
        coders["AVIF"] = coder_of_pillow(pixels, "AVIF", speed=4)
    return coders


@dataclass(frozen=True)
class Found:
    """The smallest file of a codec that is read well enough.

    Attributes:
        quality: The codec's own number.
        data: The file.
        pixels: What it shows, (H, W, 3) uint8.
        text: What the OCR reads in that.
        accuracy: How much it is of what the OCR reads in the original.
    """

    quality: int
    data: bytes
    pixels: Pixels
    text: str
    accuracy: float


def smallest(code: Coder, highest: int, truth: str, wanted: float) -> Found | None:
    """The smallest file that reads as well as wanted, by bisection; None if none does."""
    low, high, best = 0, highest, None
    while low <= high:
        middle = (low + high) // 2
        data, pixels = code(middle)
        text = text_of(pixels)
        reached = accuracy(truth, text)
        if reached >= wanted:
            best, high = Found(middle, data, pixels, text, reached), middle - 1
        else:
            low = middle + 1
    return best


def sheet_of(pictures: dict[str, Pixels]) -> Image.Image:
    """Pictures of one size under their captions, two in a row."""
    height, width = next(iter(pictures.values())).shape[:2]
    across, down = width + GAP, height + CAPTION
    rows = -(-len(pictures) // 2)
    sheet = Image.new("RGB", (2 * across - GAP, rows * down), "white")
    draw = ImageDraw.Draw(sheet)
    for i, (caption, pixels) in enumerate(pictures.items()):
        left, top = i % 2 * across, i // 2 * down
        draw.text((left + 4, top + 6), caption, fill="black")
        sheet.paste(Image.fromarray(pixels), (left, top + CAPTION))
    return sheet


def outlined(pixels: Pixels, lines: list[tcsdk.TextLine]) -> Pixels:
    """A picture with its lines outlined in the colours of what they may be believed."""
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    for line in sorted(lines, key=lambda line: line.source == "sent"):  # over what is seen
        colour = COLOURS["sent" if line.source == "sent" else line.trust]
        corners = [tuple(corner) for corner in line.polygon.tolist()]
        if corners:
            draw.line([*corners, corners[0]], fill=colour, width=2)
    return np.asarray(image)


def believed(model: str, pixels: Pixels, quality: int) -> tuple[str, Pixels]:
    """Print what a receiver may believe of a verified stream; its caption, and it outlined."""
    encoder = tcsdk.Encoder(model, quality=quality, verify=True)
    data = encoder.encode(pixels, text="codes")
    lines = tcsdk.read(data)
    say("verified", f"{len(data):6,} bytes, codes sent as text; its receiver reads:")
    for line in lines:
        against = f", the other is {line.against!r}" if line.against else ""
        print(f"  {line.text!r}  [{line.source}, {line.trust}{against}]")
    caption = f"verified, codes sent, {len(data):,} bytes"
    return caption, outlined(tcsdk.decode(data), lines)


def one_packet(model: str, pixels: Pixels, lines: list[tcsdk.TextLine]) -> tuple[str, Pixels]:
    """Print what the line with most figures takes alone; its caption, and it on a white page."""
    line = max(lines, key=lambda each: sum(map(str.isdigit, each.text)))
    height, width = pixels.shape[:2]
    margin = round(MARGIN * float(np.ptp(line.polygon[:, 1])))
    left, top = np.maximum(line.polygon.min(0).astype(int) - margin, 0).tolist()
    right, bottom = np.minimum(line.polygon.max(0).astype(int) + margin, (width, height)).tolist()
    data = tcsdk.crop(
        pixels, (left, top, right - left, bottom - top), max_bytes=PACKET, model=model
    )
    shown = tcsdk.decode(data)
    say("a packet", f"{len(data):6,} bytes, the line {line.text!r} cut out; it is read as:")
    print("\n".join(f"  {each!r}" for each in text_of(shown).splitlines()))
    page = np.full_like(pixels, 255)
    page[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    return f"one line alone, {len(data):,} bytes", page


def say(topic: str, text: str) -> None:
    """Print a line as soon as it is known."""
    print(f"{topic:10} {text}", flush=True)


def compare(pixels: Pixels, truth: str, wanted: float, ours: Found) -> None:
    """Search the other codecs and print what each takes."""
    for peer, code in peers(pixels).items():
        found = smallest(code, HIGHEST, truth, wanted)
        if found is None:
            say(peer, "at no quality")
            continue
        size = f"{len(found.data):6,} bytes, {len(found.data) / len(ours.data):4.1f}x ours"
        say(peer, f"{size}, quality {found.quality}, accuracy {found.accuracy:.3f}")


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", nargs="?", type=Path, default=HERE / "pictures" / "typical.png")
    parser.add_argument("--model", default="tfic-int8")
    parser.add_argument("--accuracy", type=float, default=0.95, help="of the text, 0 to 1")
    parser.add_argument("--output", type=Path, default=Path("demo.png"))
    args = parser.parse_args()
    with Image.open(args.picture) as image:
        pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    say("picture", f"{args.picture.name}, {width}x{height}, raw {pixels.nbytes:,} bytes")
    lines = lines_of(pixels)
    truth = "\n".join(line.text for line in lines)
    encoder, decoder = tcsdk.Encoder(args.model), tcsdk.Decoder()
    print(f"the smallest files that keep {100 * args.accuracy:g} % of the text, each searched for:")
    ours = smallest(coder_of_tcsdk(pixels, encoder, decoder), 63, truth, args.accuracy)
    if ours is None:
        raise SystemExit(f"{encoder.model} keeps less at every quality")
    size = f"{len(ours.data):6,} bytes, {8 * len(ours.data) / (width * height):.3f} bpp"
    say(encoder.model, f"{size}, quality {ours.quality}, accuracy {ours.accuracy:.3f}")
    compare(pixels, truth, args.accuracy, ours)
    print(f"\ntext recovered from the {len(ours.data):,} bytes:")
    print("\n".join(f"  {line}" for line in marked(truth, ours.text)))
    encode_ms = milliseconds(lambda: encoder.encode(pixels, quality=ours.quality))
    decode_ms = milliseconds(lambda: decoder.decode(ours.data))
    read_ms = milliseconds(lambda: tcsdk.read(pixels))
    print()
    say("time", f"encode {encode_ms:.1f} ms, decode {decode_ms:.1f} ms, OCR {read_ms:.1f} ms")
    say("engine", str(encoder.engine))
    print()
    caption, shown = believed(args.model, pixels, ours.quality)
    pictures = {"original, PNG": pixels, f"{encoder.model}, {len(ours.data):,} bytes": ours.pixels}
    pictures[caption] = shown
    if lines:
        caption, shown = one_packet(args.model, pixels, lines)
        pictures[caption] = shown
    sheet_of(pictures).save(args.output, optimize=True)
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
