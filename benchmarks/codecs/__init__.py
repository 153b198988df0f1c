"""Codecs under test: picture in, real file bytes out, picture back."""

from benchmarks.codecs.point import MissingToolError, Pixels, Point
from benchmarks.codecs.registry import PEERS, points

__all__ = ["PEERS", "MissingToolError", "Pixels", "Point", "points"]
