"""The text in pictures, and encoding that is checked by reading."""

from tcsdk.reading.ocr import TextLine, read

__all__ = ["TextLine", "read"]
