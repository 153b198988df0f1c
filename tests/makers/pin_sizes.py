"""Write tests/data/pinned.csv: bytes and accuracy of the demo picture, per model and quality.

    python tests/makers/pin_sizes.py          (needs the [cpu] and [ocr] extras)

Run it when a model or the format changes on purpose, and say why in the changelog: a difference
that nobody meant is a regression.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import tcsdk
from tcsdk.engines import processor_device
from tcsdk.model.find import list_codecs

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "examples" / "pictures" / "label.png"
TRUTH = PICTURE.with_suffix(".txt")
PINNED = ROOT / "tests" / "data" / "pinned.csv"
QUALITIES = (8, 24, 40, 56)


def main() -> None:
    """Encode, read, write the table."""
    sys.path.insert(0, str(ROOT / "examples"))
    from demo import accuracy, text_of

    truth = TRUTH.read_text()
    with PINNED.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("model", "quality", "bytes", "accuracy"))
        for folder in (model for model in list_codecs() if model.drawing is None):
            for precision, row in sorted(folder.precisions.items()):
                device = processor_device(row)
                encoder = tcsdk.Encoder(folder.family, precision=precision, device=device)
                decoder = tcsdk.Decoder(device, precision=precision)
                for quality in QUALITIES:
                    data = encoder.encode(PICTURE, quality=quality, scale=1.0)
                    reached = accuracy(truth, text_of(decoder.decode(data)))
                    writer.writerow((encoder.model, quality, len(data), f"{reached:.3f}"))


if __name__ == "__main__":
    main()
