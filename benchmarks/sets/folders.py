"""Where pictures that are not rendered lie."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "TCSDK_DATA"
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"


@dataclass(frozen=True)
class Folders:
    """Folders outside the repository.

    Attributes:
        data: The project's shared data.
        photos: Photographs to render over, of which the held-out tenth is used; None for synthetic
            backgrounds alone (other pictures, and so other results).
        fonts: Fonts of the sets in other scripts and hands (`scripts.py`); None for none.
    """

    data: Path
    photos: Path | None
    fonts: Path | None = None

    @classmethod
    def from_options(cls, args: Namespace) -> Folders:
        """What the options say; photographs are the shared data's by default, if there."""
        usual = args.data / "train" / "photos"
        return cls(args.data, args.photos or (usual if usual.is_dir() else None), args.fonts)


def add_folder_options(parser: ArgumentParser) -> None:
    """Declare --data, --photos and --fonts."""
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get(VARIABLE, BESIDE)),
        help=f"the shared data folder (default: ${VARIABLE}, else %(default)s)",
    )
    parser.add_argument(
        "--photos",
        type=Path,
        help="backgrounds of rendered pictures (default: DATA/train/photos, else synthetic ones)",
    )
    parser.add_argument(
        "--fonts",
        type=Path,
        help="fonts of the sets chinese, japanese and hands, outside the system's folders",
    )
