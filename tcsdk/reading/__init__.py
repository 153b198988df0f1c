"""The text in pictures, and encoding that is checked by reading."""

from tcsdk.reading.lines import TextLine
from tcsdk.reading.ocr import read

__all__ = ["TextLine", "read"]
