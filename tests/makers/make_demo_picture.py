"""Draw examples/pictures/label.png: a label on a pump, as a cheap camera would see it.

    python tests/makers/make_demo_picture.py            (needs the font package fonts-dejavu-core)

Drawn by this script alone, so that the repository ships no photograph.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = Path("/usr/share/fonts/truetype/dejavu")
TARGET = Path(__file__).parents[2] / "examples" / "pictures" / "label.png"
SIZE = (512, 256)
LINES = (
    ("PUMP STATION 7", "DejaVuSans-Bold.ttf", 30, (24, 16)),
    ("Serial no. TX-4071-B", "DejaVuSans.ttf", 19, (24, 58)),
    ("Inlet pressure 3.62 bar", "DejaVuSans.ttf", 19, (24, 86)),
    ("00482176 m3", "DejaVuSansMono-Bold.ttf", 26, (24, 117)),
    ("Inspected 2026-11-03 by K. Lind", "DejaVuSerif.ttf", 15, (24, 156)),
)


def background(rng: np.random.Generator) -> Image.Image:
    """A painted metal wall with a lamp on it: a gradient, a pipe, coarse grain."""
    width, height = SIZE
    y, x = np.mgrid[0:height, 0:width]
    light = 1.1 - 0.8 * np.hypot((x - 130) / width, (y - 60) / height)
    pixels = np.array([96, 128, 120]) * light[..., None]
    pipe = np.clip(1 - np.abs((x - 470 - 0.08 * y) / 26.0), 0, 1)
    pixels += pipe[..., None] * np.array([110, 70, 30])
    grain = Image.fromarray(
        (rng.normal(128, 60, (height // 2, width // 2))).clip(0, 255).astype("uint8")
    )
    texture = np.asarray(grain.resize(SIZE, Image.Resampling.BICUBIC), np.float64) - 128
    return Image.fromarray((pixels + 0.16 * texture[..., None]).clip(0, 255).astype("uint8"))


def label() -> Image.Image:
    """The label itself, 400x190, with alpha."""
    plate = Image.new("RGBA", (400, 190), (0, 0, 0, 0))
    draw = ImageDraw.Draw(plate)
    draw.rounded_rectangle(
        (0, 0, 399, 189), 14, fill=(232, 228, 214, 255), outline=(70, 70, 66, 255), width=3
    )
    for text, font, size, place in LINES:
        draw.text(place, text, font=ImageFont.truetype(FONTS / font, size), fill=(38, 40, 48, 255))
    for corner in ((10, 10), (382, 10), (10, 172), (382, 172)):
        draw.ellipse((*corner, corner[0] + 8, corner[1] + 8), fill=(120, 118, 110, 255))
    return plate


def main() -> None:
    """Compose, degrade as a camera does, save."""
    rng = np.random.default_rng(7)
    picture = background(rng)
    plate = label().rotate(2.2, Image.Resampling.BICUBIC, expand=True)
    picture.paste(plate, (40, 24), plate)
    picture = picture.filter(ImageFilter.GaussianBlur(0.5))
    noisy = np.asarray(picture, np.float64) + rng.normal(0, 3.0, (SIZE[1], SIZE[0], 3))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noisy.clip(0, 255).astype("uint8")).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
