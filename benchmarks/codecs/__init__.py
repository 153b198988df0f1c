"""Codecs under test: picture in, real file bytes out, picture back."""

from .point import MissingToolError, Pixels, Point
from .registry import PEERS, points

__all__ = ["PEERS", "MissingToolError", "Pixels", "Point", "points"]
