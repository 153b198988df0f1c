"""Render pictures of text with exact lines, quads and a text mask: what the codec learns from."""

from tcsdk.train.render.assets import Assets
from tcsdk.train.render.layout import LAYOUTS
from tcsdk.train.render.render import render
from tcsdk.train.render.sample import Line, Sample

__all__ = ["LAYOUTS", "Assets", "Line", "Sample", "render"]
