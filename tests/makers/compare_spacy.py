"""Compare what we make of texts with what spaCy made of them: words, numbers and vectors.

    python tests/makers/compare_spacy.py FOLDER [FILE]

FOLDER is of a spaCy model, FILE is by make_spacy_model.py, FOLDER/reference.json if none is given.
--words writes FOLDER/words.json, which an export of that folder would have. Needs [train].
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from tcsdk.codec.spacy_rows import ATTRIBUTES
from tcsdk.codec.spacy_tokeniser import SpacyWords
from tcsdk.models.text.spacy_folder import spacy_text_of
from tcsdk.models.text.spacy_rules import words_json


def main() -> None:
    """Print how many texts are cut or looked up otherwise, and how far vectors are apart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--words", action="store_true")
    args = parser.parse_args()
    file = args.file or args.folder / "reference.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    words_file = words_json(args.folder)
    if args.words:
        (args.folder / "words.json").write_text(words_file, encoding="utf-8")
    cutter = SpacyWords.parse(words_file)
    net = spacy_text_of(args.folder, max(len(row["words"]) for row in said))
    cut, looked, furthest, words = [], [], 0.0, 0
    for row in said:
        made = cutter.rules.words(row["text"])
        words += len(made)
        if [word.text for word in made] != row["words"]:
            cut.append(row["text"])
            continue
        asked = [ATTRIBUTES[table.attribute] for table in cutter.tables]
        if [[f(word, cutter.norms) for f in asked] for word in made] != row["numbers"]:
            looked.append(row["text"])
        numbers = cutter.tokens(row["text"], net.length).numbers
        states = net(torch.from_numpy(numbers).reshape(1, -1)).tokens[0, : len(made)].numpy()
        expected = np.array(row["vectors"], np.float32).reshape(states.shape)
        furthest = max(furthest, float(np.abs(states - expected).max(initial=0.0)))
    print(
        f"{len(said)} texts, {words} words: {len(cut)} cut otherwise, {len(looked)} looked up "
        f"otherwise, vectors at most {furthest:.1e} apart"
    )
    for text in (*cut, *looked):
        print(repr(text))


if __name__ == "__main__":
    main()
