"""Pictures for docs/use/which-settings.md: each kind as it was, through tfic, and through AVIF.

    python -m benchmarks.pages.kinds docs/images/kinds

Every picture is drawn: the first of its layout that has a whole line, or a file of
examples/pictures. AVIF's is its finest file of no more bytes, or else its smallest.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import tcsdk
from benchmarks.codecs import PEERS, Pixels
from benchmarks.pages.crops import finest
from benchmarks.paths import LABEL, TYPICAL
from benchmarks.rate_accuracy.measures import alphanumerics
from tcsdk.train.render import Assets, render
from tcsdk.train.render.hard import display, hard_ground, number_plate
from tcsdk.train.render.layout import Layout, form, receipt, signs, single_code

ROW, MARGIN, MOST_HEIGHT = 20, 12, 192  # pixels of a caption, around the text, of a crop
QUALITY = 92  # of the JPEG files that the pages show
PALE, DARK, GRAY = (244, 245, 247), (36, 41, 47), (208, 213, 219)
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Kind:
    """One kind of picture.

    Attributes:
        picture: Draws it, (H, W, 3) uint8.
        request: What the page says to do with it.
        said: The same in words.
    """

    picture: Callable[[], Pixels]
    request: tcsdk.Request
    said: str


def drawn(layout: Layout, size: tuple[int, int] = (256, 512)) -> Callable[[], Pixels]:
    """The first picture of a layout that has a whole line."""

    def draw() -> Pixels:
        assets = Assets.load("test")
        for index in range(100):
            rng = np.random.default_rng((2026, index))
            sample = render(assets, rng, size, {layout: 1.0}, hard_ground)
            if sample.lines:
                return sample.image
        raise RuntimeError(f"expected a whole line in 100 pictures of {layout.__name__}")

    return draw


def screen() -> Pixels:
    """A window of settings, drawn sharply as screens are."""
    sheet = Image.new("RGB", (512, 256), PALE)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    draw.rectangle((0, 0, 511, 30), fill=DARK)
    draw.text((12, 7), "Network settings", PALE, font)
    rows = (
        ("Hostname", "gateway-17.example.net"),
        ("Address", "192.168.40.213 / 24"),
        ("Signal", "-71 dBm, channel 112"),
        ("Firmware", "4.8.1 (2026-10-02)"),
    )
    for line, (name, value) in enumerate(rows):
        y = 46 + 36 * line
        draw.text((20, y), name, DARK, font)
        draw.text((180, y), value, DARK, font)
        draw.line((16, y + 26, 496, y + 26), GRAY)
    draw.rounded_rectangle((396, 208, 492, 240), 6, fill=(26, 115, 190))
    draw.text((426, 215), "Apply", PALE, font)
    return np.asarray(sheet)


def label() -> Pixels:
    """The label of examples/pictures."""
    with Image.open(LABEL) as image:
        return np.asarray(image.convert("RGB"))


# The sheet that shows one picture several times.
QUALITIES = "qualities"
KINDS = {
    "meter": Kind(drawn(display), tcsdk.Request(quality=32), "quality 32"),
    "label": Kind(label, tcsdk.Request(max_bytes=1500), "1,500 bytes at most"),
    "plate": Kind(drawn(number_plate), tcsdk.Request(quality=24), "quality 24"),
    "sign": Kind(drawn(signs), tcsdk.Request(quality=24), "quality 24"),
    "code": Kind(drawn(single_code), tcsdk.Request(quality=40), "quality 40"),
    "receipt": Kind(drawn(receipt, (640, 448)), tcsdk.Request(quality=32), "quality 32"),
    "form": Kind(drawn(form, (384, 512)), tcsdk.Request(quality=32), "quality 32"),
    "screen": Kind(screen, tcsdk.Request(quality=40), "quality 40"),
}


def text_box(pixels: Pixels, lines: list[tcsdk.TextLine]) -> Box:
    """The part of a picture to show, (left, top, right, bottom): its upper lines."""
    height, width = pixels.shape[:2]
    tops = [float(line.polygon[:, 1].min()) for line in lines] or [0.0]
    bottoms = [float(line.polygon[:, 1].max()) for line in lines] or [float(height)]
    top = max(0, int(min(tops)) - MARGIN)
    return 0, top, width, min(height, top + MOST_HEIGHT, int(max(bottoms)) + MARGIN)


def agreement(original: list[tcsdk.TextLine], pixels: Pixels) -> str:
    """How many of the original's lines are read alike, letters and digits alone."""
    read = {alphanumerics(line.text) for line in tcsdk.read(pixels)}
    same = sum(alphanumerics(line.text) in read for line in original)
    lines = "line" if len(original) == 1 else "lines"
    return f"{same} of {len(original)} {lines} read as in the original"


def stacked(shown: Sequence[tuple[str, Pixels]], box: Box) -> Image.Image:
    """A part of several pictures, one below the other, each under its caption."""
    height = box[3] - box[1]
    sheet = Image.new("RGB", (box[2] - box[0], len(shown) * (height + ROW)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for row, (caption, picture) in enumerate(shown):
        top = row * (height + ROW)
        draw.text((2, top + 3), caption, "black", font)
        sheet.paste(Image.fromarray(picture).crop(box), (0, top + ROW))
    return sheet


def sheet_of(kind: Kind, encoder: tcsdk.Encoder) -> Image.Image:
    """Original, tfic and AVIF, one below the other, each under its caption."""
    pixels = kind.picture()
    lines = tcsdk.read(pixels)
    box = text_box(pixels, lines)
    data = next(encoder.encode_many([pixels], kind.request)).get()
    decoded = tcsdk.Decoder().decode(data)
    peer = finest(list(PEERS["avif"]()), pixels, len(data))
    held = "no more bytes" if peer.bytes <= len(data) else "its smallest"
    shown = (
        (f"original, {pixels.shape[1]}x{pixels.shape[0]}", pixels),
        (f"tfic, {kind.said}: {len(data):,} bytes, {agreement(lines, decoded)}", decoded),
        (f"AVIF, {held}: {peer.bytes:,} bytes, {agreement(lines, peer.pixels)}", peer.pixels),
    )
    return stacked(shown, box)


def qualities(encoder: tcsdk.Encoder) -> Image.Image:
    """The demo's picture at several qualities."""
    with Image.open(TYPICAL) as image:
        pixels = np.asarray(image.convert("RGB"))
    lines = tcsdk.read(pixels)
    shown = [("original", pixels)]
    for quality in (0, 16, 32, 63):
        data = encoder.encode(pixels, quality=quality)
        decoded = tcsdk.Decoder().decode(data)
        text = f"quality {quality}: {len(data):,} bytes, {agreement(lines, decoded)}"
        shown.append((text, decoded))
    return stacked(shown, text_box(pixels, lines))


def main() -> None:
    """Write a picture per kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("kinds", nargs="*", default=[*KINDS, QUALITIES])
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    encoder = tcsdk.Encoder("tfic-int8")
    for name in args.kinds:
        path = args.folder / f"{name}.jpg"
        sheet = sheet_of(KINDS[name], encoder) if name in KINDS else qualities(encoder)
        sheet.save(path, quality=QUALITY, optimize=True)
        print(f"wrote {path}, {path.stat().st_size:,} bytes", flush=True)


if __name__ == "__main__":
    main()
