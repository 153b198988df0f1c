"""Readers by name, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from .ppocr import PPOCR
from .reading import Reader
from .tesseract import Tesseract

READERS: dict[str, Callable[[], Reader]] = {"ppocr": cache(PPOCR), "tesseract": cache(Tesseract)}
