"""Model folders that come in packages, ours or anybody's, found by an entry-point group.

A package offers models by naming itself in that group (packages/zoo does); its folder holds them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from tcsdk.model.manifest import MANIFEST

logger = logging.getLogger("tcsdk")

GROUP = "tcsdk.models"


def model_folders(place: Path) -> list[Path]:
    """Return the model folders directly within a folder, by name."""
    return sorted(file.parent for file in place.glob(f"*/{MANIFEST}"))


def package_folders() -> Iterator[Path]:
    """Yield the folders of the packages that offer models, by the names of their entry points.

    No package is imported. One that is not there is passed over, with a log line.
    """
    from importlib import metadata, util

    for point in sorted(metadata.entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        try:
            spec = util.find_spec(point.value)
        except (ImportError, ValueError):  # its parent is missing, or it is no name
            spec = None
        if spec is None or not spec.submodule_search_locations:
            logger.warning(
                "entry point %r of the group %r: expected a package with model folders, got %r",
                point.name,
                GROUP,
                point.value,
            )
            continue
        yield from map(Path, spec.submodule_search_locations)
