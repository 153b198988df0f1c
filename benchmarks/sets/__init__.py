"""Test sets: pictures with text of known content and place."""

from .folders import Folders
from .picture import KnownLine, Picture
from .registry import SETS, PictureSet

__all__ = ["SETS", "Folders", "KnownLine", "Picture", "PictureSet"]
