"""What a picture says: its lines of text."""

from tcsdk.reading.ocr import TextLine, read

__all__ = ["TextLine", "read"]
