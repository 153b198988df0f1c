"""A tiny spaCy model, and what spaCy makes of texts with it (tests/makers/make_spacy_model.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data" / "small-spacy"
WORDS = FOLDER / "words.json"  # its rules as devices take them
REFERENCE: list[dict[str, Any]] = json.loads(
    (FOLDER / "reference.json").read_text(encoding="utf-8")
)
