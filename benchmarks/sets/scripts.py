"""Rendered pictures of writing that no model has learnt: other scripts, and hands.

Their fonts lie in a folder of their own: installed ones would be found by training, and would move
what is learnt and what is tested. For `chinese` and `japanese` ask PP-OCRv6 alone
(`--readers ppocr`), which lacks 1 and 16 of the characters; Tesseract's English model has none.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.sets.folders import Folders
from benchmarks.sets.rendered import SPARSE, Maker, held_out, rendered
from tcsdk.train.render import Assets
from tcsdk.train.render.blocks import Block, fit_text, line_height, pick_pen
from tcsdk.train.render.fonts import examine
from tcsdk.train.render.layout import Layout, Page, Placed, anywhere
from tcsdk.train.render.text import number

LEAST_HEIGHT = 16.0  # pixels of a line; the strokes of smaller ones run together in the picture


def draw_characters(dice: random.Random, alphabet: Sequence[str]) -> str:
    """Draw two to ten characters of an alphabet; there are no words."""
    return "".join(dice.choices(alphabet, k=dice.randint(2, 10)))


def strewn_characters(page: Page) -> list[Placed]:
    """Strew one to four lines of characters, of which one in five is a number."""
    placed = []
    for _ in range(page.dice.randint(1, 4)):
        pen = pick_pen(page.dice, page.assets, line_height(page.dice, least=LEAST_HEIGHT))
        maker = number if page.dice.random() < 0.2 else draw_characters
        text, width = fit_text(page.dice, page.assets, pen, 0.9 * page.width, (maker,))
        if text:
            block = Block(width, pen.height)
            block.runs.append(pen.run(text, 0, pen.ascent))
            placed.append(anywhere(page, block, 0.0))
    return placed


def _rows(encoding: str, first: int, last: int) -> tuple[str, ...]:
    """Return the characters of some rows of 94 in a two-byte encoding of a national standard."""
    codes = (bytes((row, cell)) for row in range(first, last + 1) for cell in range(0xA1, 0xFF))
    return tuple(text for code in codes if (text := code.decode(encoding, errors="ignore")))


@dataclass(frozen=True)
class Script:
    """A kind of writing.

    Attributes:
        seed: Of the pictures.
        packages: Debian's, that bring the fonts.
        files: Names of the font files.
        alphabet: What is written; None for words and data as in the other sets.
        layouts: How it is arranged, with weights.
    """

    seed: int
    packages: str
    files: tuple[str, ...]
    alphabet: tuple[str, ...] | None
    layouts: Mapping[Layout, float]


SCRIPTS = {
    # The 3,755 most frequent characters (GB 2312, level 1).
    "chinese": Script(
        780,
        "fonts-arphic-gbsn00lp fonts-arphic-gkai00mp",
        ("gbsn00lp.ttf", "gkai00mp.ttf"),
        _rows("gb2312", 0xB0, 0xD7),
        {strewn_characters: 1.0},
    ),
    # Both syllabaries, eight times, so that a third of the characters are theirs, and the 2,965
    # kanji of JIS X 0208, level 1.
    "japanese": Script(
        781,
        "fonts-ipaexfont-gothic fonts-ipaexfont-mincho",
        ("ipaexg.ttf", "ipaexm.ttf"),
        _rows("euc_jp", 0xA4, 0xA5) * 8 + _rows("euc_jp", 0xB0, 0xCF),
        {strewn_characters: 1.0},
    ),
    # Fonts drawn after handwriting, which is more even than handwriting is.
    "hands": Script(
        782,
        "fonts-femkeklaver fonts-rufscript fonts-sjfonts",
        ("femkeklaver.ttf", "Rufscript010.ttf", "Delphine.ttf", "SteveHand.ttf"),
        None,
        SPARSE,
    ),
}


def assets_of(script: Script, folders: Folders) -> Assets:
    """The script's fonts and characters; photographs of the test split.

    Raises:
        FileNotFoundError: The folder of fonts is not named, or lacks one; the message says how to
            make it.
        ValueError: A font is of another kind.
    """
    paths = {} if folders.fonts is None else {p.name: p for p in folders.fonts.rglob("*.ttf")}
    missing = [name for name in script.files if name not in paths]
    if missing:
        raise FileNotFoundError(
            f"expected {', '.join(missing)} below the folder of --fonts, got {folders.fonts}; to "
            f"make one, in an empty folder: apt-get download {script.packages}; "
            "for f in *.deb; do dpkg -x $f .; done"
        )
    families = []
    for name in script.files:
        face = examine(paths[name])
        if face is None:
            raise ValueError(f"{paths[name]}: expected a font that writes printable ASCII too")
        families.append((face,))
    assets = held_out(folders.photos)
    words = assets.words if script.alphabet is None else script.alphabet
    return replace(assets, families=tuple(families), words=words)


def written(name: str) -> Maker:
    """A set of pictures in one of SCRIPTS."""
    script = SCRIPTS[name]
    return rendered(name, script.seed, script.layouts, lambda folders: assets_of(script, folders))
