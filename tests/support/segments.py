"""Figures as displays show them, in seven bars."""

from PIL import Image, ImageDraw

# Bars of each figure: top, right above and below, bottom, left below and above, middle.
_BARS = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")
# Their ends in widths and half heights; they do not touch.
_ENDS = {
    "a": (0.1, 0, 0.9, 0),
    "b": (1, 0.1, 1, 0.9),
    "c": (1, 1.1, 1, 1.9),
    "d": (0.1, 2, 0.9, 2),
    "e": (0, 1.1, 0, 1.9),
    "f": (0, 0.1, 0, 0.9),
    "g": (0.1, 1, 0.9, 1),
}


def draw_segments(text: str, height: int = 80) -> Image.Image:
    """Draw figures, dark on the green of a liquid crystal display."""
    width, step, margin = 0.5 * height, 0.72 * height, 30
    size = (round(2 * margin + step * len(text)), height + 2 * margin)
    image = Image.new("RGB", size, (175, 185, 168))
    draw = ImageDraw.Draw(image)
    for place, character in enumerate(text):
        left = margin + place * step
        for x0, y0, x1, y1 in (_ENDS[bar] for bar in _BARS[int(character)]):
            ends = [(left + x * width, margin + y * height / 2) for x, y in ((x0, y0), (x1, y1))]
            draw.line(ends, fill=(20, 20, 20), width=round(0.12 * height))
    return image
