"""Test sets: pictures with text of known content and place."""

from benchmarks.sets.folders import Folders
from benchmarks.sets.picture import KnownLine, Picture
from benchmarks.sets.registry import SETS, PictureSet

__all__ = ["SETS", "Folders", "KnownLine", "Picture", "PictureSet"]
