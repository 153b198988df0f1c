"""Load what pictures are rendered from: fonts, words and photographs of one split."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tcsdk.train.render.fonts import Face, find_families, is_held_out
from tcsdk.train.render.written_photos import WRITTEN_PHOTOS

WORD_LISTS = (Path("/usr/share/dict/american-english"), Path("/usr/share/dict/british-english"))
PHOTO_SIDE = 1000  # pixels of the long side that are kept: 300 photographs then take about 600 MB
PHOTO_ENDINGS = frozenset({".webp", ".jpg", ".jpeg", ".png"})


@dataclass(frozen=True)
class Assets:
    """Fonts, words and photographs of the training or the test split.

    About a tenth of the font families, of the words and of the photographs is test only; the hash
    of a name decides, so the split is the same on every machine whatever is installed there.

    Args:
        families: faces that write printable ASCII, one tuple per family.
        words: dictionary words of printable ASCII.
        photos: decoded photographs, (H, W, 3) uint8; empty means synthetic backgrounds.
        names: of their files, in the same order.
    """

    families: tuple[tuple[Face, ...], ...]
    words: tuple[str, ...]
    photos: tuple[NDArray[np.uint8], ...]
    names: tuple[str, ...] = ()

    @classmethod
    def load(cls, split: str = "train", photos: Path | None = None) -> Assets:
        """Collect the installed fonts and words of a split, and its photographs without text.

        Args:
            split: "train" or "test".
            photos: folder of photographs (WebP, JPEG or PNG), or None for none.

        Raises:
            ValueError: the split is neither.
            FileNotFoundError: fonts or word lists are not installed, or the folder has no
                photograph.
        """
        if split not in ("train", "test"):
            raise ValueError(f"split must be 'train' or 'test', got {split!r}")
        paths = () if photos is None else _photo_paths(photos, split)
        loaded = tuple(map(_load_photo, paths))
        names = tuple(path.name for path in paths)
        return cls(find_families(split), _load_words(split), loaded, names)

    @property
    def fonts(self) -> list[Path]:
        """List the font files of the split."""
        return [Path(face.path) for family in self.families for face in family]

    def __repr__(self) -> str:
        families, words, photos = len(self.families), len(self.words), len(self.photos)
        return f"Assets(families={families}, words={words}, photos={photos})"


def _belongs(name: str, split: str) -> bool:
    return is_held_out(name) == (split == "test")


@functools.cache
def _load_words(split: str) -> tuple[str, ...]:
    words: set[str] = set()
    for path in WORD_LISTS:
        if path.is_file():
            words.update(path.read_text(encoding="utf-8").split())
    kept = sorted(
        w
        for w in words
        if w.isascii() and w.isalpha() and len(w) > 1 and _belongs(w.lower(), split)
    )
    if not kept:
        raise FileNotFoundError(
            f"expected word lists at {', '.join(map(str, WORD_LISTS))}, found none; "
            "apt-get install wamerican wbritish"
        )
    return tuple(kept)


def _photo_paths(folder: Path, split: str) -> tuple[Path, ...]:
    pictures = (path for path in folder.glob("*") if path.suffix.lower() in PHOTO_ENDINGS)
    paths = sorted(path for path in pictures if path.stem not in WRITTEN_PHOTOS)
    if not paths:
        raise FileNotFoundError(
            f"expected photographs in {folder}, found none; pass photos=None to do without"
        )
    return tuple(path for path in paths if _belongs(path.name, split))


def _load_photo(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        picture.draft("RGB", (PHOTO_SIDE, PHOTO_SIDE))
        coloured = picture.convert("RGB")
    coloured.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
    return np.asarray(coloured)
