"""How a spaCy model's folder says that captions are cut, as one file for the device."""

# ruff: noqa: RUF001  # signs that look like others are the matter

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path

from tcsdk.codec.spacy_ids import text_id
from tcsdk.codec.spacy_tokeniser import RULES
from tcsdk.models.text.spacy_folder import read_packed, spacy_net

TOKENISER, LOOKUPS = Path("tokenizer"), Path("vocab", "lookups.bin")
_THEIRS = {"prefix": "prefix_search", "suffix": "suffix_search", "infix": "infix_finditer"}
_ORTH, _NORM = 65, 67  # of a word of an exception: as it is written, and as it is read
# What every model of spaCy's reads as one sign or word (spacy.lang.norm_exceptions), whatever its
# folder says: norm -> what is read so.
_ALIKE = {
    "'s": "'S ’s ’S",
    "'": "’ ‘ ´ `",
    '"': "” “ '' `` ´´ „ » « ‘‘ ’’",
    "?": "？",
    "!": "！",
    ",": "，",
    ";": "；",
    ":": "：",
    ".": "。 ।",
    "...": "…",
    "-": "— – -- --- ——",
    "$": "€ £ ¥ ฿ US$ C$ A$ ₺ ₹ ৳ ₩ Mex$ ₣ E£",
}


def words_json(folder: Path) -> str:
    """Return a folder's rules, norms and tables as `tcsdk.codec.spacy_tokeniser` takes them.

    Args:
        folder: of a spaCy model, as of `tcsdk.models.text.spacy_folder.spacy_text_of`.

    Raises:
        FileNotFoundError: a file is missing.
        ModuleNotFoundError: `msgpack` is not installed.
        ValueError: a file is damaged or of another kind.
    """
    said, lookups = read_packed(folder / TOKENISER), read_packed(folder / LOOKUPS)
    if not said.get("faster_heuristics", True):  # then exceptions are looked for everywhere
        raise ValueError(f"{folder / TOKENISER}: expected faster_heuristics, got a model without")
    try:
        words = {
            "rules": {rule: said[_THEIRS.get(rule, f"{rule}_match")] for rule in RULES},
            "exceptions": {text: _parts(parts) for text, parts in said["exceptions"].items()},
            "norms": _norms() | lookups.get("lexeme_norm", {}),
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{folder / TOKENISER}: expected the rules of a spaCy tokeniser, got others: {error!r}"
        ) from error
    words["tables"] = [astuple(table) for table in spacy_net(folder).tables]
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


def _parts(parts: list[dict[int, str]]) -> list[tuple[str, str | None]]:
    return [(part[_ORTH], part.get(_NORM)) for part in parts]


def _norms() -> dict[int, str]:
    return {text_id(sign): norm for norm, signs in _ALIKE.items() for sign in signs.split()}
