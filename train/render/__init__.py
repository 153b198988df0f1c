"""Render pictures of text with exact lines, quads and a text mask: what the codec learns from."""

from .assets import Assets
from .layout import LAYOUTS
from .render import render
from .sample import Line, Sample

__all__ = ["LAYOUTS", "Assets", "Line", "Sample", "render"]
