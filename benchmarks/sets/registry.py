"""The test sets by name."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.sets.crowded import crowded_pictures
from benchmarks.sets.heights import large, of_one_height
from benchmarks.sets.rendered import DENSE, SPARSE, Maker, damaged, rendered
from benchmarks.sets.screens import screens
from benchmarks.sets.scripts import SCRIPTS, written
from benchmarks.sets.shared import shared
from benchmarks.sets.small import small_pictures
from tcsdk.train.recognition.figures import FIGURES

# How text is read: at its known places, or by finding it first.
KNOWN, PAGE = "known", "page"


@dataclass(frozen=True)
class PictureSet:
    """A test set.

    Attributes:
        make: Yields its first so many pictures.
        ways: Which ways of reading say something of it.
        caseless: Whether letters count as equal in either case, because transcripts have one.
        size: How many pictures are asked for where nobody says.
    """

    make: Maker
    ways: tuple[str, ...] = (KNOWN, PAGE)
    caseless: bool = False
    size: int = 600


SETS = {
    "rendered": PictureSet(rendered("rendered", 777, SPARSE)),
    "rendered-dense": PictureSet(rendered("dense", 778, DENSE)),
    "rendered-damaged": PictureSet(damaged("damaged", 779, SPARSE)),
    "figures": PictureSet(rendered("figures", 780, FIGURES), (KNOWN,)),
    "labels": PictureSet(
        rendered("labels", 784, SPARSE, size=(128, 256), most_lines=2), (KNOWN,), size=100
    ),
    "crowded": PictureSet(crowded_pictures),
    "small": PictureSet(small_pictures, size=100),
    "screens": PictureSet(screens, (KNOWN,), size=12),
    "heights": PictureSet(of_one_height, (KNOWN,), size=50),
    "large": PictureSet(large, (KNOWN,), size=8),
    "scene": PictureSet(shared("scene"), caseless=True),
    "doc": PictureSet(shared("doc"), caseless=True),
    "word": PictureSet(shared("word"), (KNOWN,), caseless=True),
    "natural": PictureSet(shared("natural"), ()),
} | {name: PictureSet(written(name), (KNOWN,), size=100) for name in SCRIPTS}
