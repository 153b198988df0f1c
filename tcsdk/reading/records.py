"""Lines of text as plain data, for JSON."""

from __future__ import annotations

from tcsdk.reading.lines import TextLine


def record_of(line: TextLine) -> dict[str, object]:
    """Return what is known of a line; numbers rounded to what they are worth."""
    return {
        "text": line.text,
        "confidence": round(line.confidence, 4),
        "confidences": [round(confidence, 4) for confidence in line.confidences],
        "polygon": line.polygon.round(1).tolist(),
        "source": line.source,
        "trust": line.trust,
        "against": line.against,
    }
