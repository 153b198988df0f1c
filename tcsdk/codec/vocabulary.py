"""Captions cut by a vocabulary of the model's: a tokenizer.json of the package `tokenizers`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tcsdk.codec.caption import Tokens
from tcsdk.distribution import install_extra
from tcsdk.errors import MissingRuntimeError, ModelFileError
from tcsdk.model.captioned import CaptionedFolder


def vocabulary_tokeniser(model: CaptionedFolder) -> Callable[[str], Tokens]:
    """Return what cuts captions as a model's vocabulary does.

    A token's number is its id in the vocabulary plus 1, so that 0 is no token.

    Args:
        model: The encoder's own files.

    Raises:
        MissingRuntimeError: The package `tokenizers` is not installed.
        ModelFileError: The manifest names no vocabulary, or the file is damaged.
    """
    text = model.read_vocabulary()
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingRuntimeError(
            f"tokenizers is needed to cut captions for {model.family} and cannot be imported "
            f"({error}): {install_extra('caption')}"
        ) from error
    try:
        cutter = Tokenizer.from_str(text)
    except Exception as error:  # the package raises bare ones
        raise ModelFileError(
            f"{model.path}: expected a tokenizer.json in {model.vocabulary}: {error}"
        ) from error
    cutter.no_padding()

    def cut(caption: str) -> Tokens:
        cutter.no_truncation()
        count = len(cutter.encode(caption).ids)
        cutter.enable_truncation(model.tokens)  # which keeps the marks of beginning and end
        ids = cutter.encode(caption).ids
        numbers = np.zeros(model.tokens, np.int64)
        numbers[: len(ids)] = np.asarray(ids, np.int64) + 1
        return Tokens(numbers, count)

    return cut
