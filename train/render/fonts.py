"""Find the fonts that can write printable ASCII, and cut them into training and test families."""

from __future__ import annotations

import functools
import re
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageFont

from tcsdk.train.render.segments import SegmentFont

FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/share/texmf/fonts"),
    Path("/usr/local/share/fonts"),
)
FONT_PACKAGES = (
    "fonts-dejavu-core fonts-liberation2 fonts-open-sans fonts-roboto-unhinted fonts-lato "
    "fonts-noto-core fonts-inter fonts-hack fonts-ebgaramond fonts-texgyre fonts-comic-neue "
    "fonts-ocr-b"
)
ASCII = "".join(map(chr, range(33, 127)))
PROBE_PX = 40  # font size at which a face is examined
# Strokes thinner than half a pixel at 20 px, ornaments, key caps and outlined initials: they do not
# read as text.
UNREADABLE = re.compile(
    r"Thin|Hairline|ExtraLight|Ultra-?Light|LinBiolinum_K|LinLibertine_I\.|[Mm]ath|OCRBX"
    r"|CondLight|Emoji|Symbol|Dingbats|D050000L"
)
# Words that name a cut of a family, not another family.
CUT = re.compile(
    r"\b(Condensed|Cond|Display|Light|Extra|Medium|Semi ?bold|Bold|Black|Heavy|Italic|Oblique"
    r"|Slanted|Narrow|Wide|Half|Retina|Book|Regular|Demi|Roman|Upright|O|10|08|12|Two|Code|Slab|Cn)"
    r"\b"
)
# Families that share outlines with another one count as that one, else a test face would have been
# learnt from.
SAME_DESIGN = {
    "Liberation Sans": "Arimo",
    "Liberation Serif": "Tinos",
    "Liberation Mono": "Cousine",
    "FreeSans": "TeX Gyre Heros",
    "FreeSerif": "TeX Gyre Termes",
    "FreeMono": "TeX Gyre Cursor",
    "Nimbus": "TeX Gyre Termes",  # Nimbus Roman, and its sisters of fonts-urw-base35
    "Nimbus Sans": "TeX Gyre Heros",
    "Nimbus Mono PS": "TeX Gyre Cursor",
    "C059": "TeX Gyre Schola",
    "P052": "TeX Gyre Pagella",
    "URW Bookman": "TeX Gyre Bonum",
    "URW Gothic": "TeX Gyre Adventor",
    "Z003": "TeX Gyre Chorus",
    "Carlito": "Lato",
    "Hack": "DejaVu Sans Mono",
    "Noto Sans": "Open Sans",
    "CMU Typewriter Text Variable Width": "CMU Typewriter Text",
    "OCRABold": "OCRA",
    "OCRACondensed": "OCRA",
    "OCRAItalic": "OCRA",
}


@dataclass(frozen=True)
class Face:
    """One font file that can write all of printable ASCII.

    Args:
        path: the font file.
        family: name of its design, the unit of the training and test split.
        extent: ink height of "Hg" in units of the font size.
        x_height: ink height of "x" in units of the font size.
        caps_only: its small letters look like capitals, so text has to be written in capitals.
    """

    path: str
    family: str
    extent: float
    x_height: float
    caps_only: bool


# Displays, which no file holds: by the name that stands for a path, with their lean.
DISPLAYS = {"seven segments": 0.0, "seven segments, leaning": 0.1}


# A FreeType face may hold a file open: stay far below 1024 descriptors.
@functools.lru_cache(maxsize=128)
def load_font(path: str, size: int) -> ImageFont.FreeTypeFont | SegmentFont:
    """Open a font file at a size in pixels, without ligatures (two characters stay two shapes).

    A name of DISPLAYS in place of a path gives that display.
    """
    if path in DISPLAYS:
        return SegmentFont(size, DISPLAYS[path])
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def is_held_out(name: str) -> bool:
    """Say whether a name (font family, word, photograph) belongs to the tenth kept for testing."""
    return zlib.crc32(name.encode()) % 10 == 3


def _family_of(font: ImageFont.FreeTypeFont) -> str:
    name = CUT.sub("", font.getname()[0] or "").strip()
    name = " ".join(name.split())
    return SAME_DESIGN.get(name, name)


def _writes_ascii(font: ImageFont.FreeTypeFont) -> bool:
    missing = bytes(font.getmask("\uffff"))
    shapes = []
    for character in ASCII:
        shape = bytes(font.getmask(character))
        if not any(shape) or shape == missing:
            return False
        shapes.append(shape)
    return len(set(shapes)) >= 60  # a face of blanks or boxes repeats itself


# 600 faces take 1.3 s; both splits, and processes forked afterwards, ask for the same ones.
@functools.cache
def examine(path: Path) -> Face | None:
    """Open a font file and describe it, or return None where it cannot write printable ASCII."""
    try:
        font = ImageFont.truetype(str(path), PROBE_PX, layout_engine=ImageFont.Layout.BASIC)
        if not _writes_ascii(font):
            return None
    except (OSError, ValueError):
        return None
    top, bottom = font.getbbox("Hg", anchor="ls")[1::2]
    capital, small = (-font.getbbox(text, anchor="ls")[1] for text in ("HEN", "xen"))
    return Face(
        str(path),
        _family_of(font),
        (bottom - top) / PROBE_PX,
        small / PROBE_PX,
        small > 0.9 * capital,
    )


def find_families(split: str) -> tuple[tuple[Face, ...], ...]:
    """Collect the installed faces of a split, one tuple per family, in a fixed order.

    Args:
        split: "train" or "test".

    Raises:
        FileNotFoundError: no usable font is installed; the message names Debian packages that
            bring some.
    """
    families: defaultdict[str, list[Face]] = defaultdict(list)
    seen: set[str] = set()
    for folder in FONT_FOLDERS:
        for path in sorted(folder.rglob("*.[ot]tf")):
            if path.name in seen or UNREADABLE.search(path.name):
                continue
            seen.add(path.name)
            if (face := examine(path)) is not None:
                families[face.family].append(face)
    if not families:
        raise FileNotFoundError(
            f"expected fonts with Latin letters under {', '.join(map(str, FONT_FOLDERS))}, "
            f"found none; install some, for example: apt-get install {FONT_PACKAGES}"
        )
    held_out = {name for name in families if is_held_out(name)}
    names = sorted(held_out if split == "test" else families.keys() - held_out)
    return tuple(tuple(families[name]) for name in names)
