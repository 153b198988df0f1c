"""Captions cut and looked up as a spaCy model does: by the rules and tables that its file says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tcsdk.codec.caption import Tokens
from tcsdk.codec.spacy_ids import ROWS
from tcsdk.codec.spacy_rows import ATTRIBUTES, Norms, Table, word_rows
from tcsdk.codec.spacy_words import Rule, Word, WordRules
from tcsdk.errors import ModelFileError
from tcsdk.model.captioned import CaptionedFolder

RULES = ("prefix", "suffix", "infix", "token", "url")


@dataclass(frozen=True)
class SpacyWords:
    """How a spaCy model sees a caption.

    Attributes:
        rules: That cut it.
        norms: Number of a text -> how it is read.
        tables: That words are looked up in.
    """

    rules: WordRules
    norms: Norms
    tables: tuple[Table, ...]

    @classmethod
    def parse(cls, text: str) -> SpacyWords:
        """Read a file of words.

        Args:
            text: JSON: `rules` and `exceptions` as of `WordRules`, `norms`, and `tables`, each an
                attribute, rows and a seed. tcsdk.models.text.spacy_folder makes it.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: It is none.
        """
        said: dict[str, Any] = json.loads(text)
        exceptions = {
            text: tuple(Word(part, norm) for part, norm in parts)
            for text, parts in said["exceptions"].items()
        }
        prefix, suffix, infix, token, url = (_rule(said["rules"][name]) for name in RULES)
        tables = tuple(Table(*table) for table in said["tables"])
        if not tables or any(table.attribute not in ATTRIBUTES for table in tables):
            raise ValueError(f"expected tables of {', '.join(ATTRIBUTES)}, got {said['tables']}")
        norms = {int(number): norm for number, norm in said["norms"].items()}
        return cls(WordRules(prefix, suffix, infix, token, url, exceptions), norms, tables)

    def tokens(self, caption: str, length: int) -> Tokens:
        """Cut a caption into the tokens of a text encoder: 1 and a row of all tables, many each.

        Args:
            caption: Any text.
            length: Tokens that are kept.
        """
        words = self.rules.words(caption)
        numbers = np.zeros((length, ROWS * len(self.tables)), np.int64)
        kept = words[:length]
        numbers[: len(kept)] = 1 + word_rows(kept, self.tables, self.norms)
        return Tokens(numbers, len(words))


def _rule(pattern: str | None) -> Rule:
    return None if pattern is None else re.compile(pattern)


def spacy_tokeniser(model: CaptionedFolder) -> Callable[[str], Tokens]:
    """Return what cuts captions as a spaCy model does.

    Args:
        model: The encoder's own files.

    Raises:
        ModelFileError: The manifest names no file, or the file is damaged.
    """
    text = model.read_vocabulary()
    try:
        words = SpacyWords.parse(text)
    except (ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        raise ModelFileError(
            f"{model.path}: expected rules of a spaCy model in {model.vocabulary}, got others "
            f"({error!r}): export the model again"
        ) from error
    return partial(words.tokens, length=model.tokens)
