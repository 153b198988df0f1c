"""One row of results: an operating point on a set, as one reader sees it."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import get_type_hints

NAN = float("nan")
PER = 1000  # characters; what errors are counted per


@dataclass(frozen=True)
class Row:
    """Means over pictures; nan where something was not measured.

    Attributes:
        set, pictures, digest: The set, how many of its pictures, and the digest of their pixels.
        codec, version, setting: The operating point.
        reader: Who read; "" where nobody did.
        bytes, bpp: Of whole files.
        psnr, ms_ssim: Against the picture that was encoded, dB and 0..1.
        accuracy: Of known lines, the mean (TFIC's formula); _low and _high bound 95 %.
        gain: Accuracy above that of the picture itself, paired.
        erasures, insertions, substitutions: Per 1,000 characters of known lines.
        confident: Substitutions in lines of confidence >= 0.9, per 1,000 characters.
        misleading: Those where the original line had been read without a mistake.
        certain: Characters read with a confidence of their own >= 0.9, likewise; nan where the
            reader has none of single characters.
        mistaken: Wrong ones among 1,000 of those.
        figures_...: The same on lines of digits and codes, which are `figures_share` of all.
        figures_characters: How many they have.
        precision, recall, f1: Of words found and read.
        page_accuracy: Of the whole text in reading order.
    """

    set: str
    pictures: int
    digest: str
    codec: str
    version: str
    setting: str
    reader: str
    bytes: float
    bpp: float
    psnr: float = NAN
    ms_ssim: float = NAN
    accuracy: float = NAN
    accuracy_low: float = NAN
    accuracy_high: float = NAN
    gain: float = NAN
    gain_low: float = NAN
    gain_high: float = NAN
    erasures: float = NAN
    insertions: float = NAN
    substitutions: float = NAN
    confident: float = NAN
    misleading: float = NAN
    certain: float = NAN
    mistaken: float = NAN
    figures_share: float = NAN
    figures_characters: float = NAN
    figures_accuracy: float = NAN
    figures_erasures: float = NAN
    figures_insertions: float = NAN
    figures_substitutions: float = NAN
    figures_confident: float = NAN
    figures_confident_low: float = NAN
    figures_confident_high: float = NAN
    figures_misleading: float = NAN
    figures_certain: float = NAN
    figures_mistaken: float = NAN
    precision: float = NAN
    recall: float = NAN
    f1: float = NAN
    f1_low: float = NAN
    f1_high: float = NAN
    page_accuracy: float = NAN
    page_accuracy_low: float = NAN
    page_accuracy_high: float = NAN

    @property
    def quality(self) -> int:
        """The number in the setting of a model's point, such as 24 in "q24"."""
        return int(self.setting.removeprefix("q"))


def replace_file(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8", newline="")
    temporary.replace(path)


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write rows as CSV, floats with four digits after the point, "" for nan."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Row))
    writer.writerows([_cell(value) for value in asdict(row).values()] for row in rows)
    replace_file(path, text.getvalue())


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.4f}"
    return str(value)


def read_rows(path: Path) -> list[Row]:
    """Read what `write_rows` wrote.

    Raises:
        ValueError: The file has other columns.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        expected = [field.name for field in fields(Row)]
        if reader.fieldnames != expected:
            raise ValueError(
                f"{path}: expected the columns {', '.join(expected)}, "
                f"got {', '.join(reader.fieldnames or [])}; measure it again"
            )
        kinds = get_type_hints(Row)
        return [
            Row(
                **{
                    name: kinds[name](cell or NAN if kinds[name] is float else cell)
                    for name, cell in cells.items()
                }
            )
            for cells in reader
        ]
